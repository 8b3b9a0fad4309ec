package hosts

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

// stageEnv says how far a run of this program is on its way into its namespaces.
const (
	stageEnv    = "HOSTS_STAGE"
	stageInit   = "init"   // process 1 of the namespace
	stageInside = "inside" // the tests
	stageClock  = "clock"  // see tellTime
)

// The kernel takes the namespace of a program's first thread for that of the program,
// and Go never ends that thread: no goroutine that enters another one may get it.
func init() { runtime.LockOSThread() }

// TestMain runs the tests as a child of process 1 of a process namespace. When that
// ends the kernel ends all others, and with them go their networks and mounts.
func TestMain(m *testing.M) {
	switch os.Getenv(stageEnv) {
	case "":
		os.Exit(outside(m))
	case stageInit:
		os.Exit(first())
	case stageClock:
		os.Exit(tellTime())
	}
	os.Exit(cluster.Main(m))
}

// outside starts process 1, and looks after it that nothing is left. Where there can
// be no namespaces the tests are run as they are, and the stage says why they skip.
func outside(m *testing.M) int {
	dir, err := os.MkdirTemp("", "mh-") // short: unix sockets below it must fit in 108 bytes
	if err != nil {
		fmt.Fprintln(os.Stderr, "directory of the tests:", err)
		return 1
	}
	defer os.RemoveAll(dir)
	cmd := stage(stageInit)
	cmd.Env = append(cmd.Env, "TMPDIR="+dir)
	cmd.SysProcAttr = &syscall.SysProcAttr{
		Cloneflags: syscall.CLONE_NEWNS | syscall.CLONE_NEWNET | syscall.CLONE_NEWPID, Pdeathsig: syscall.SIGKILL,
	}
	// The parent-death signal is tied to the thread, which lasts: see init.
	if err := cmd.Start(); err != nil {
		os.Setenv(stageEnv, fmt.Sprintf("namespaces are needed, and root to make them: %v", err))
		return cluster.Main(m)
	}
	code := exitCode(cmd.Wait())
	if code != 0 {
		removeGroups(dir) // the tests may have been killed before they could
	}
	if left := cleaned(dir); left != nil {
		fmt.Fprintln(os.Stderr, "the tests left behind:", left)
		return max(code, 1)
	}
	return code
}

// stage is this program again.
func stage(name string) *exec.Cmd {
	cmd := exec.Command("/proc/self/exe", os.Args[1:]...)
	cmd.Stdin, cmd.Stdout, cmd.Stderr = os.Stdin, os.Stdout, os.Stderr
	cmd.Env = append(os.Environ(), stageEnv+"="+name)
	return cmd
}

// first is process 1: it waits for the tests, and for whatever becomes an orphan.
func first() int {
	err := syscall.Mount("", "/", "", syscall.MS_REC|syscall.MS_PRIVATE, "")
	if err == nil {
		err = syscall.Mount("proc", "/proc", "proc", 0, "")
	}
	cmd := stage(stageInside)
	if err == nil {
		err = cmd.Start()
	}
	if err != nil {
		fmt.Fprintln(os.Stderr, "namespaces of the tests:", err)
		return 1
	}
	for {
		var status syscall.WaitStatus
		pid, err := syscall.Wait4(-1, &status, 0, nil)
		switch {
		case err == syscall.EINTR:
		case err != nil:
			fmt.Fprintln(os.Stderr, "wait for the tests:", err)
			return 1
		case pid == cmd.Process.Pid && status.Exited():
			return status.ExitStatus()
		case pid == cmd.Process.Pid:
			fmt.Fprintln(os.Stderr, "the tests were ended by", status.Signal())
			return 1
		}
	}
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

// needNamespaces skips a test that is not inside.
func needNamespaces(t testing.TB) {
	t.Helper()
	if s := os.Getenv(stageEnv); s != stageInside {
		t.Skip(s)
	}
	if _, err := exec.LookPath("ip"); err != nil {
		t.Skipf("the program ip of iproute2 is needed: %v", err)
	}
}
