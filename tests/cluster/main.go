package cluster

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"sync"
	"testing"
)

var scratch string

// Main runs the tests of a package that starts clusters and returns the exit code. It owns the scratch directory that
// the programs are built into.
func Main(m *testing.M) int {
	dir, err := os.MkdirTemp("", "mesos-test-")
	if err != nil {
		fmt.Fprintln(os.Stderr, "scratch directory of the test run:", err)
		return 1
	}
	defer os.RemoveAll(dir)
	scratch = dir
	return m.Run()
}

// Scratch is a directory that lives as long as the test run. It is an error if TestMain does not go through Main.
func Scratch() (string, error) {
	if scratch == "" {
		return "", errors.New("package cluster: TestMain must be func TestMain(m *testing.M) { os.Exit(cluster.Main(m)) }")
	}
	return scratch, nil
}

// Root is the repository's root directory, found upward from the test's directory.
var Root = sync.OnceValues(func() (string, error) {
	dir, err := os.Getwd()
	if err != nil {
		return "", err
	}
	for {
		if _, err := os.Stat(filepath.Join(dir, "Makefile")); err == nil {
			return dir, nil
		}
		up := filepath.Dir(dir)
		if up == dir {
			return "", fmt.Errorf("no Makefile in any folder above the test")
		}
		dir = up
	}
})
