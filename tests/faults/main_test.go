package faults

import (
	"errors"
	"fmt"
	"os"
	"os/exec"
	"runtime"
	"syscall"
	"testing"

	"mesos/tests/cluster"
)

const insideEnv = "FAULTS_INSIDE"

// TestMain runs the tests in a mount namespace of their own, so that no mount of theirs outlives them, however they
// end. Where that is not allowed they run as they are, and insideEnv says why no disk can be filled.
func TestMain(m *testing.M) {
	if len(os.Args) == 2 && os.Args[1] == executorArg {
		os.Exit(runExecutor())
	}
	if os.Getenv(insideEnv) != "" {
		os.Exit(cluster.Main(m))
	}
	cmd := exec.Command("/proc/self/exe", os.Args[1:]...)
	cmd.Stdin, cmd.Stdout, cmd.Stderr = os.Stdin, os.Stdout, os.Stderr
	cmd.Env = append(os.Environ(), insideEnv+"=mounts")
	runtime.LockOSThread() // the parent-death signal is tied to it
	cmd.SysProcAttr = &syscall.SysProcAttr{Unshareflags: syscall.CLONE_NEWNS, Pdeathsig: syscall.SIGKILL}
	if err := cmd.Start(); err != nil {
		os.Setenv(insideEnv, fmt.Sprintf("a mount namespace is needed: %v", err))
		os.Exit(cluster.Main(m))
	}
	os.Exit(exitCode(cmd.Wait()))
}

func exitCode(err error) int {
	var ended *exec.ExitError
	switch {
	case err == nil:
		return 0
	case errors.As(err, &ended) && ended.ExitCode() > 0:
		return ended.ExitCode()
	}
	fmt.Fprintln(os.Stderr, "the tests:", err)
	return 1
}
