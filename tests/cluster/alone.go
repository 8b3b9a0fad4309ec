package cluster

import (
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"strings"
	"syscall"
	"testing"
)

// aloneEnv is set in the run of a test that Alone makes.
const aloneEnv = "CLUSTER_ALONE"

// Alone runs a test again in a network and mounts of its own, which end with it, and where what is taken for the machine has
// an address ([Machine]). It returns true in that run, and false when that is over: then the test is, too. Where there
// can be no namespaces the test is skipped.
func Alone(t *testing.T, ip string) bool {
	t.Helper()
	if os.Getenv(aloneEnv) != "" {
		if err := Machine(ip); err != nil {
			t.Fatal(err)
		}
		return true
	}
	// The kernel ends the run with this thread.
	runtime.LockOSThread()
	defer runtime.UnlockOSThread()
	cmd := exec.Command("/proc/self/exe", "-test.run=^"+t.Name()+"$", "-test.v", "-test.count=1")
	cmd.Env = append(os.Environ(), aloneEnv+"=1", "MESOS_TEST_BIN="+filepath.Dir(Binary(t, "mesos")))
	cmd.SysProcAttr = &syscall.SysProcAttr{Cloneflags: syscall.CLONE_NEWNS | syscall.CLONE_NEWNET, Pdeathsig: syscall.SIGKILL}
	out, err := cmd.CombinedOutput()
	switch {
	case cmd.Process == nil:
		t.Skipf("namespaces are needed, and root to make them: %v", err)
	case err != nil:
		t.Fatalf("%v\n%s", err, out)
	case strings.Contains(string(out), "--- SKIP: "+t.Name()):
		t.Skip(string(out))
	}
	t.Logf("%s", out)
	return false
}

// Machine gives the network namespace that this program is in what a machine has, with an address, and its mounts to it alone.
func Machine(ip string) error {
	if err := syscall.Mount("", "/", "", syscall.MS_REC|syscall.MS_PRIVATE, ""); err != nil {
		return err
	}
	for _, words := range []string{"link set lo up", "link add machine0 type bridge", "addr add " + ip + "/24 dev machine0", "link set machine0 up"} {
		if out, err := exec.Command("ip", strings.Fields(words)...).CombinedOutput(); err != nil {
			return fmt.Errorf("ip %s: %w: %s", words, err, out)
		}
	}
	return nil
}
