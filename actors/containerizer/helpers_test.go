package containerizer

import (
	"os"
	"path/filepath"
	"testing"
	"time"

	"mesos/actors/fetcher"
	v1 "mesos/messages/mesos/v1"
)

func newPosix(t testing.TB) *Posix {
	t.Helper()
	f := fetcher.New(fetcher.Options{})
	p, err := NewPosix(Options{Fetcher: f, Isolation: isolation(t)})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		p.Close()
		f.Close()
	})
	return p
}

func shell(line string) *v1.CommandInfo { return &v1.CommandInfo{Value: &line} }

func program(value string, args ...string) *v1.CommandInfo {
	no := false
	return &v1.CommandInfo{Shell: &no, Value: &value, Arguments: args}
}

// config of a container whose sandbox is in the Mesos layout.
func config(t testing.TB, id string, c *v1.CommandInfo) Config {
	t.Helper()
	dir := filepath.Join(t.TempDir(), "runs", id)
	return Config{ContainerID: id, Sandbox: dir, Command: c, Environment: []string{
		"PATH=/usr/bin:/bin", "MESOS_SANDBOX=" + dir, "MESOS_DIRECTORY=" + dir,
	}}
}

func run(t *testing.T, p *Posix, c Config) Exit {
	t.Helper()
	if _, err := p.Launch(t.Context(), c); err != nil {
		t.Fatal(err)
	}
	e, ok := <-p.Wait(c.ContainerID)
	if !ok {
		t.Fatalf("got no exit of container %s, want one", c.ContainerID)
	}
	return e
}

func read(t testing.TB, elem ...string) string {
	t.Helper()
	b, err := os.ReadFile(filepath.Join(elem...))
	if err != nil {
		t.Fatal(err)
	}
	return string(b)
}

// eventually waits for a condition; how long a machine takes for it is not
// what tests are about.
func eventually(t testing.TB, cond func() bool) {
	t.Helper()
	for end := time.Now().Add(time.Minute); !cond(); time.Sleep(5 * time.Millisecond) {
		if time.Now().After(end) {
			t.Fatal("the condition did not come true within a minute")
		}
	}
}
