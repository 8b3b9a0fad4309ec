package consul

import (
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"os"
	"path/filepath"
	"runtime"
	"testing"

	"mesos/tests/cluster"
)

// Binary is the Consul server that `make consul` has built and cached, or that
// MESOS_TEST_CONSUL names, as make does. Tests without one are skipped: the build
// takes minutes, so nobody is made to wait for it who only says go test.
func Binary(t testing.TB) string {
	t.Helper()
	if path := os.Getenv("MESOS_TEST_CONSUL"); path != "" {
		return path
	}
	path, err := cached()
	if err != nil {
		t.Fatal(err)
	}
	if _, err := os.Stat(path); err != nil {
		t.Skipf("no Consul server: `make consul` builds it once, to %s", path)
	}
	return path
}

// cached is where the server of this module file belongs, as the Makefile says it.
func cached() (string, error) {
	root, err := cluster.Root()
	if err != nil {
		return "", err
	}
	sums, err := os.ReadFile(filepath.Join(root, "tests", "consul", "server", "go.sum"))
	if err != nil {
		return "", fmt.Errorf("module of the Consul server: %w", err)
	}
	dir, err := os.UserCacheDir()
	if err != nil {
		return "", fmt.Errorf("cache of the Consul server: %w", err)
	}
	sum := sha256.Sum256(sums)
	return filepath.Join(dir, "mesos-tests", "consul-"+runtime.GOARCH+"-"+hex.EncodeToString(sum[:6])), nil
}
