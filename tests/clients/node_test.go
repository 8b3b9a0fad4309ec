package clients

import (
	"context"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"mesos/tests/cluster"
)

// npmPackage makes a folder with our script and the packages that package-lock.json pins, checked by their hashes.
func npmPackage(t *testing.T) string {
	t.Helper()
	for _, program := range []string{"node", "npm"} {
		if _, err := exec.LookPath(program); err != nil {
			t.Skipf("the npm package mesos-framework needs %s: %v", program, err)
		}
	}
	dir := t.TempDir()
	for _, name := range []string{"package.json", "package-lock.json", ".npmrc", "run.js"} {
		b, err := os.ReadFile(filepath.Join("node", name))
		if err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(filepath.Join(dir, name), b, 0o644); err != nil {
			t.Fatal(err)
		}
	}
	npm := exec.CommandContext(t.Context(), "npm", "ci", "--prefer-offline", "--no-audit", "--no-fund", "--ignore-scripts")
	npm.Dir = dir
	if out, err := npm.CombinedOutput(); err != nil {
		t.Fatalf("npm ci: %v\n%s", err, out)
	}
	return dir
}

// TestMesosFramework runs tasks through the npm package mesos-framework until each has finished and the framework is
// torn down. The package speaks JSON and leaves every field that it does not set as null.
func TestMesosFramework(t *testing.T) {
	t.Parallel()
	dir := npmPackage(t)
	cl := cluster.Start(t, cluster.Options{Separate: true})
	host, port, err := net.SplitHostPort(cl.Addr())
	if err != nil {
		t.Fatal(err)
	}
	r := run(t, func(ctx context.Context) *exec.Cmd {
		cmd := exec.CommandContext(ctx, "node", "run.js", host, port, "3")
		cmd.Dir = dir
		cmd.Env = withoutHost(os.Environ())
		return cmd
	})
	if r.code != 0 {
		t.Errorf("exit code: got %d, want 0", r.code)
	}
	for line, want := range map[string]int{
		`SUBSCRIBED \S+`: 1, `UPDATE \S+ TASK_RUNNING`: 3, `UPDATE \S+ TASK_FINISHED`: 3, `TEARDOWN after 3 tasks`: 1,
	} {
		got := len(regexp.MustCompile(`(?m)^`+line+`$`).FindAllString(r.output, -1))
		if got < want { // an update may come twice
			t.Errorf("lines %q: got %d, want %d", line, got, want)
		}
	}
	if ids := frameworkIDs(t, cl); len(ids) != 0 {
		t.Errorf("frameworks after TEARDOWN: got %q, want none", ids)
	}
	if !inSandbox(t, cl, "hello from "+cl.IP()+"\n") {
		t.Errorf("no sandbox has a stdout that says hello from %s, the address in Offer.url", cl.IP())
	}
}

// withoutHost drops variables that the package would put into its FrameworkInfo.
func withoutHost(env []string) []string {
	return slices.DeleteFunc(slices.Clone(env), func(kv string) bool {
		return strings.HasPrefix(kv, "HOST=") || strings.HasPrefix(kv, "PORT0=")
	})
}
