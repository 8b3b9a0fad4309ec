package cluster

import (
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"sync"
	"testing"

	"mesos/isolators/boot/early"
)

// Binary is the path of one of our programs. The programs come from the folder that MESOS_TEST_BIN names; without it
// they are built once per test run, those that run beside tasks as make builds them: static and small.
func Binary(t testing.TB, name string) string {
	t.Helper()
	dir, err := binaries()
	if err != nil {
		t.Fatal(err)
	}
	path := filepath.Join(dir, name)
	if _, err := os.Stat(path); err != nil {
		t.Fatalf("program %s: %v", name, err)
	}
	return path
}

// Example is the path of one of the examples.
func Example(t testing.TB, name string) string {
	t.Helper()
	dir, err := examples()
	if err != nil {
		t.Fatal(err)
	}
	return filepath.Join(dir, name)
}

var examples = sync.OnceValues(func() (string, error) {
	if dir := os.Getenv("MESOS_TEST_BIN"); dir != "" {
		dir = filepath.Join(dir, "examples")
		if _, err := os.Stat(dir); err == nil {
			return filepath.Abs(dir)
		}
	}
	return buildModule(".", append(os.Environ(), "CGO_ENABLED=0"), "./cmd/examples/...") // they run in images, too
})

var binaries = sync.OnceValues(func() (string, error) {
	if dir := os.Getenv("MESOS_TEST_BIN"); dir != "" {
		return filepath.Abs(dir)
	}
	root, err := Root()
	if err != nil {
		return "", err
	}
	tmp, err := Scratch()
	if err != nil {
		return "", err
	}
	dir := filepath.Join(tmp, "bin")
	if err := goBuild(root, os.Environ(), "-o", dir+"/", "./cmd/mesos", "./cmd/mesos-master", "./cmd/mesos-agent", "./cmd/marathon", "./cmd/chronos"); err != nil {
		return "", err
	}
	env := append(os.Environ(), "CGO_ENABLED=0")
	return dir, goBuild(root, env, "-o", dir+"/", "-ldflags=-s -w", "-ldflags=mesos/cmd/mesos-init=-s -w "+early.LinkerFlags(), "./cmd/mesos-docker-executor", "./cmd/mesos-executor", "./cmd/mesos-init", "./cmd/mesos-logger", "./cmd/mesos-oci", "./cmd/mesos-probe", "./cmd/mesos-shim")
})

func goBuild(dir string, env []string, args ...string) error {
	cmd := exec.Command("go", append([]string{"build"}, args...)...)
	cmd.Dir, cmd.Env = dir, env
	if out, err := cmd.CombinedOutput(); err != nil {
		return fmt.Errorf("go build %v: %w\n%s", args, err, out)
	}
	return nil
}

// BuildModule builds commands that the module in dir (relative to the repository) requires and returns the folder that
// they are in.
func BuildModule(dir string, commands ...string) (string, error) {
	return buildModule(dir, os.Environ(), commands...)
}

func buildModule(dir string, env []string, commands ...string) (string, error) {
	root, err := Root()
	if err != nil {
		return "", err
	}
	tmp, err := Scratch()
	if err != nil {
		return "", err
	}
	out := filepath.Join(tmp, filepath.Base(dir))
	if err := os.MkdirAll(out, 0o755); err != nil {
		return "", err
	}
	return out, goBuild(filepath.Join(root, dir), env, append([]string{"-o", out + "/"}, commands...)...)
}
