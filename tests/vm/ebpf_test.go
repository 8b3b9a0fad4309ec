package vm

import (
	"os"
	"os/exec"
	"path/filepath"
	"testing"
)

// TestEBPF runs tests of isolators/ebpf, one for each kind of figure, on Debian's kernel, which is older than most and has all of cgroup v2.
func TestEBPF(t *testing.T) {
	t.Parallel()
	tests := filepath.Join(t.TempDir(), "ebpf.test")
	build := exec.Command("go", "test", "-c", "-o", tests, "mesos/isolators/ebpf")
	build.Env = append(os.Environ(), "CGO_ENABLED=0")
	if out, err := build.CombinedOutput(); err != nil {
		t.Fatalf("tests of isolators/ebpf: %v: %s", err, out)
	}
	r := Run(t, Job{
		Bare: true, CPUs: 2, Files: map[string]string{"/opt/ebpf.test": tests},
		Script: `
			modprobe loop
			mount -t bpf bpf /sys/fs/bpf
			cd /tmp && /opt/ebpf.test -test.v -test.run 'TestUDP|TestDrops|TestDirectIO|TestProcesses|TestOOM|TestPorts'`,
	})
	if r.Code != 0 {
		t.Errorf("got code %d and output %s", r.Code, r.Output)
	}
}
