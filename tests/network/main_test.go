package network

import (
	"fmt"
	"os"
	"os/exec"
	"runtime"
	"syscall"
	"testing"

	"mesos/tests/cluster"
)

// stageEnv says what a run of this program is.
const (
	stageEnv    = "NETWORK_STAGE"
	stageInside = "inside" // the tests
	stageServe  = "serve"  // see serve
	stageAsk    = "ask"    // see ask
)

// machine is the address of what tests take for the agent's machine.
const machine = "10.91.0.1"

// The kernel takes the namespace of a program's first thread for that of the program:
// nothing here may change it.
func init() { runtime.LockOSThread() }

// TestMain runs the tests in namespaces of their own, which end with them. Where
// there can be none, the stage says why they skip.
func TestMain(m *testing.M) {
	switch os.Getenv(stageEnv) {
	case stageServe:
		os.Exit(serve())
	case stageAsk:
		os.Exit(ask())
	case stageInside:
		if err := cluster.Machine(machine); err != nil {
			fmt.Fprintln(os.Stderr, "network of the tests:", err)
			os.Exit(1)
		}
		os.Exit(cluster.Main(m))
	case "":
		os.Exit(outside(m))
	}
	os.Exit(cluster.Main(m))
}

func outside(m *testing.M) int {
	cmd := exec.Command("/proc/self/exe", os.Args[1:]...)
	cmd.Stdin, cmd.Stdout, cmd.Stderr = os.Stdin, os.Stdout, os.Stderr
	cmd.Env = append(os.Environ(), stageEnv+"="+stageInside)
	cmd.SysProcAttr = &syscall.SysProcAttr{Cloneflags: syscall.CLONE_NEWNS | syscall.CLONE_NEWNET, Pdeathsig: syscall.SIGKILL}
	if err := cmd.Start(); err != nil {
		os.Setenv(stageEnv, fmt.Sprintf("namespaces are needed, and root to make them: %v", err))
		return cluster.Main(m)
	}
	_ = cmd.Wait() // its state tells
	return cmd.ProcessState.ExitCode()
}

// need skips a test that is not inside.
func need(t testing.TB) {
	t.Helper()
	if s := os.Getenv(stageEnv); s != stageInside {
		t.Skip(s)
	}
	for _, program := range []string{"ip", "nft", "/usr/lib/cni/bridge", "/usr/lib/cni/portmap"} {
		if _, err := exec.LookPath(program); err != nil {
			t.Skipf("packages iproute2, nftables, iptables and containernetworking-plugins are needed: %v", err)
		}
	}
}
