package network

import (
	"fmt"
	"os"
	"os/exec"
	"runtime"
	"syscall"
	"testing"

	"github.com/vishvananda/netlink"
	"go.uber.org/goleak"
)

// insideEnv is set, to "1" or why not, where the tests run in namespaces of their own.
const insideEnv = "MESOS_NETWORK_TEST"

// The kernel takes the namespace of a program's first thread for that of the program:
// no goroutine that changes its own may get it.
func init() { runtime.LockOSThread() }

// TestMain runs the tests in namespaces of their own, so that no interface, rule or
// mount of the machine can be touched.
func TestMain(m *testing.M) {
	if os.Getenv(insideEnv) != "" {
		goleak.VerifyTestMain(m)
		return
	}
	cmd := exec.Command("/proc/self/exe", os.Args[1:]...)
	cmd.Stdin, cmd.Stdout, cmd.Stderr = os.Stdin, os.Stdout, os.Stderr
	cmd.Env = append(os.Environ(), insideEnv+"=1")
	cmd.SysProcAttr = &syscall.SysProcAttr{Cloneflags: syscall.CLONE_NEWNS | syscall.CLONE_NEWNET, Pdeathsig: syscall.SIGKILL}
	err := cmd.Start()
	if err != nil {
		os.Setenv(insideEnv, fmt.Sprintf("namespaces are needed, and root to make them: %v", err))
		goleak.VerifyTestMain(m)
		return
	}
	_ = cmd.Wait() // what it has to say is in its state
	os.Exit(cmd.ProcessState.ExitCode())
}

// need skips a test that has no namespaces of its own.
func need(t testing.TB) {
	t.Helper()
	if why := os.Getenv(insideEnv); why != "1" {
		t.Skip(why)
	}
	if err := syscall.Mount("", "/", "", syscall.MS_REC|syscall.MS_PRIVATE, ""); err != nil {
		t.Fatal(err)
	}
	lo, err := netlink.LinkByName("lo")
	if err == nil {
		err = netlink.LinkSetUp(lo)
	}
	if err != nil {
		t.Fatal(err)
	}
}
