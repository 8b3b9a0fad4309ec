package systemd

import (
	"os"
	"os/exec"
	"path/filepath"
	"sync"
	"testing"

	"mesos/tests/cluster"
)

func TestMain(m *testing.M) {
	if dir := os.Getenv(frameworkEnv); dir != "" {
		runFramework(dir)
		return
	}
	os.Exit(cluster.Main(m))
}

// daemons are the programs that a machine of a cluster runs.
var daemons = []string{"mesos-master", "mesos-agent"}

// withUnits are all programs that have units.
var withUnits = append([]string{"marathon", "chronos"}, daemons...)

// makeTarget runs make at the root, with the programs that the tests use.
func makeTarget(t *testing.T, args ...string) {
	t.Helper()
	root, err := cluster.Root()
	if err != nil {
		t.Fatal(err)
	}
	bin := filepath.Dir(cluster.Binary(t, "mesos-agent"))
	cmd := exec.Command("make", append([]string{"--no-print-directory", "BUILD=", "BIN=" + bin}, args...)...)
	cmd.Dir = root
	if out, err := cmd.CombinedOutput(); err != nil {
		t.Fatalf("make %q: %v\n%s", args, err, out)
	}
}

// packed is the folder of the packages, once they are built.
var packed struct {
	sync.Mutex
	dir string
}

// packages builds the Debian package in two versions, once for all tests, as mesos_1.0.deb and 1.1.deb in the folder that
// it returns.
func packages(t *testing.T) string {
	t.Helper()
	packed.Lock()
	defer packed.Unlock()
	if packed.dir != "" {
		return packed.dir
	}
	scratch, err := cluster.Scratch()
	if err != nil {
		t.Fatal(err)
	}
	dir := filepath.Join(scratch, "packages")
	if err := os.MkdirAll(dir, 0o755); err != nil {
		t.Fatal(err)
	}
	makeTarget(t, "deb", "DEB_VERSION=1.0", "DEB="+dir+"/mesos_1.0.deb")
	makeTarget(t, "deb", "DEB_VERSION=1.1", "DEB="+dir+"/1.1.deb")
	packed.dir = dir
	return dir
}
