package consul

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"mesos/registry"
	"mesos/registry/consul"
	"mesos/registry/storetest"
	"mesos/tests/cluster"
)

// mesos runs the command line.
func mesos(t *testing.T, args ...string) (code int, output string) {
	t.Helper()
	c := exec.Command(cluster.Binary(t, "mesos"), args...)
	text, err := c.CombinedOutput()
	var exit *exec.ExitError
	if err != nil && !errors.As(err, &exit) {
		t.Fatal(err)
	}
	return c.ProcessState.ExitCode(), string(text)
}

// The commands that look after a registry, on one in Consul, and from a file to it.
func TestRegistryCommands(t *testing.T) {
	s := startServers(t, 1)
	c := cluster.Start(t, cluster.Options{Separate: true, Masters: 1, Consul: s.URL})
	exported, again := filepath.Join(t.TempDir(), "one.json"), filepath.Join(t.TempDir(), "two.json")
	other, dir := s.URL+"2", t.TempDir()
	for _, step := range []struct {
		args []string
		code int
		want string
	}{
		{[]string{"verify", "--consul", s.URL}, 0, "is whole"}, // while its master leads
		{[]string{"show", "--consul", s.URL}, 0, c.IP()},
		{[]string{"show", "--consul", s.URL, "-o", "json"}, 0, `"file": "` + s.URL + `"`},
		{[]string{"export", "--consul", s.URL, "--file", exported}, 0, ""},
		{[]string{"import", "--consul", s.URL, "--file", exported}, 1, "a master leads: stop every master of the cluster first: master@" + c.Addr()},
		{[]string{"verify", "--consul", other}, 1, "no registry of a master"},
		{[]string{"import", "--consul", other, "--file", exported}, 0, other + " holds 1 agents"},
		{[]string{"import", "--consul", other, "--file", exported}, 1, "there is a registry"},
		{[]string{"export", "--consul", other, "--file", again}, 0, ""},
		{[]string{"import", "--work_dir", dir, "--file", again}, 0, "1 agents"}, // and back to a single master's
		{[]string{"show", "--work_dir", dir}, 0, c.IP()},
		{[]string{"show"}, 2, "--consul"},
		{[]string{"show", "--work_dir", dir, "--consul", other}, 2, "--consul"},
		{[]string{"show", "--consul", "consul://a"}, 2, "consul://host:port"},
	} {
		if code, text := mesos(t, append([]string{"registry"}, step.args...)...); code != step.code || !strings.Contains(text, step.want) {
			t.Errorf("registry %v: exit %d, %q, want %d and %q", step.args, code, text, step.code, step.want)
		}
	}
	// A master leads on what was imported.
	store := lead(t, contender(t, other), "m")
	defer store.Close()
	if _, state := storetest.Start(t, store, registry.Options{}); state.Len(registry.Agents) != 1 {
		t.Errorf("agents that a master finds: got %d, want 1", state.Len(registry.Agents))
	}
}

// Many agents are more than one write; an import that is cut off is refused by masters
// and readers until it is done again.
func TestImportIsWholeOrRefused(t *testing.T) {
	s := startServers(t, 1)
	ops, state := 200, registry.NewState()
	mem := registry.NewMemory()
	r, _ := storetest.Start(t, mem, registry.Options{})
	told := make(chan error, ops)
	for i := range ops {
		r.Apply(registry.Admit(storetest.Info(fmt.Sprintf("a-S%d", i))), func(err error) { told <- err })
	}
	for range ops {
		if err := <-told; err != nil {
			t.Fatal(err)
		}
	}
	r.View(func(s *registry.State, err error) { state = s; told <- err })
	if err := <-told; err != nil {
		t.Fatal(err)
	}
	r.Close()

	conf := config(t, s.URL)
	ctx, cancel := context.WithTimeout(t.Context(), patience)
	defer cancel()
	if err := consul.Import(ctx, conf, state, quiet); err != nil {
		t.Fatal(err)
	}
	got, err := consul.Read(ctx, conf)
	if err != nil || got.Len(registry.Agents) != ops {
		t.Fatalf("got %v, %v, want %d agents", got, err, ops)
	}
	// As if it had been killed before its last write.
	put := func(method, key, value string) {
		t.Helper()
		req, err := http.NewRequest(method, "http://"+s.All[0].Addr+"/v1/kv/mesos/"+key, strings.NewReader(value))
		if err != nil {
			t.Fatal(err)
		}
		resp, err := client.Do(req)
		if err != nil || resp.StatusCode != http.StatusOK {
			t.Fatal(resp, err)
		}
		resp.Body.Close()
	}
	put(http.MethodPut, "registry/importing/unfinished", "1")
	put(http.MethodDelete, "registry/agents/a-S7", "")
	put(http.MethodPut, "registry/weights/left", "x")
	if _, err := consul.Read(ctx, conf); err == nil || !strings.Contains(err.Error(), "not finished") {
		t.Errorf("an unfinished import is read: got %v, want an error that says so", err)
	}
	store := lead(t, contender(t, s.URL), "m")
	if err := store.Load(ctx, func(registry.Row) error { return nil }); err == nil || !strings.Contains(err.Error(), "not finished") {
		t.Errorf("a master reads an unfinished import: got %v, want an error that says so", err)
	}
	if err := consul.Import(ctx, conf, state, quiet); !errors.Is(err, consul.ErrLed) {
		t.Errorf("an import while a master leads: got %v, want %v", err, consul.ErrLed)
	}
	if err := store.Close(); err != nil {
		t.Fatal(err)
	}
	if err := consul.Import(ctx, conf, state, quiet); err != nil {
		t.Fatal(err)
	}
	if got, err := consul.Read(ctx, conf); err != nil || got.Len(registry.Agents) != ops || got.Len(registry.Weights) != 0 {
		t.Errorf("the import done again: got %v, %v, want %d agents and no weights", got, err, ops)
	}
}
