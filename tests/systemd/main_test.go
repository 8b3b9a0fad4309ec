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

// daemons are the programs that have units.
var daemons = []string{"mesos-master", "mesos-agent"}

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

// packing guards the folder that the package is put together in.
var packing sync.Mutex

// pack builds the Debian package of that version into dir.
func pack(t *testing.T, dir, version string) {
	t.Helper()
	packing.Lock()
	defer packing.Unlock()
	makeTarget(t, "deb", "DEB_VERSION="+version, "DEB="+filepath.Join(dir, version+".deb"))
}
