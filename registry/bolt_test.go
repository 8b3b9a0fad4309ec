package registry_test

import (
	"errors"
	"io/fs"
	"os"
	"strings"
	"testing"
	"time"

	"google.golang.org/protobuf/proto"

	"mesos/messages/ids"
	v1 "mesos/messages/mesos/v1"
	"mesos/registry"
	"mesos/registry/boltfile"
	"mesos/registry/storetest"
)

// filled is a work directory with a registry that has something in every table.
func filled(t testing.TB) string {
	t.Helper()
	dir := t.TempDir()
	s, err := registry.OpenBolt(dir)
	if err != nil {
		t.Fatal(err)
	}
	r, _ := storetest.Start(t, s, registry.Options{})
	fw := &v1.FrameworkInfo{Id: ids.Framework("f"), User: proto.String("u"), Name: proto.String("web")}
	for _, op := range []registry.Operation{
		registry.Admit(storetest.Info("a-S1")), registry.Admit(storetest.Info("a-S2")), registry.Admit(storetest.Info("a-S3")),
		registry.MarkUnreachable("a-S2", time.Unix(1000, 5)), registry.MarkGone("a-S3", time.Unix(2000, 0)),
		registry.Deactivate("a-S1"), registry.AwaitFailover(fw, time.Unix(3000, 0)),
		registry.UpdateWeights(&v1.WeightInfo{Role: proto.String("r"), Weight: proto.Float64(2.5)}),
	} {
		if err := storetest.Do(r, op); err != nil {
			t.Fatal(err)
		}
	}
	r.Close()
	if err := s.Close(); err != nil {
		t.Fatal(err)
	}
	return dir
}

func TestExportAndImport(t *testing.T) {
	dir, other := filled(t), t.TempDir()
	export := func(dir string) string {
		t.Helper()
		s, err := registry.CheckBolt(dir)
		if err != nil {
			t.Fatal(err)
		}
		text, err := s.Export()
		if err != nil {
			t.Fatal(err)
		}
		return string(text)
	}
	text := export(dir)
	s, err := registry.Import([]byte(text))
	if err != nil {
		t.Fatal(err)
	}
	if err := registry.ImportBolt(other, s); err != nil {
		t.Fatal(err)
	}
	if got := export(other); got != text {
		t.Errorf("after export and import:\n%s\nwant\n%s", got, text)
	}
	for _, want := range []string{"a-S1", "a-S2", "a-S3", `"weight": 2.5`, `"deactivated": true`, `"nanoseconds": 1000000000005`, `"name": "web"`} {
		if !strings.Contains(text, want) {
			t.Errorf("the export lacks %s:\n%s", want, text)
		}
	}
	if err := registry.ImportBolt(other, s); !errors.Is(err, fs.ErrExist) {
		t.Errorf("import over a registry: got %v, want ErrExist", err)
	}
}

func TestImportRefuses(t *testing.T) {
	agent := `{"info":{"id":{"value":"a-S1"},"hostname":"h"}}`
	for _, c := range []struct{ text, want string }{
		{`no JSON`, "want the JSON"},
		{`{"format":"mesos registry 9","registry":{}}`, `"mesos registry 9"`},
		{`{"format":"mesos registry 1","registry":{"slaves":{"slaves":[{}]}}}`, "info"},
		{`{"format":"mesos registry 1","registry":{"slaves":{"slaves":[` + agent + `,` + agent + `]}}}`, "twice"},
		{`{"format":"mesos registry 1","registry":{"slaves":{"slaves":[` + agent + `]},"gone":{"slaves":[{"id":{"value":"a-S1"},"timestamp":{"nanoseconds":1}}]}}}`, "agents and gone"},
		{`{"format":"mesos registry 1","registry":{},"frameworks":[{}]}`, "frameworks[0]"},
	} {
		if _, err := registry.Import([]byte(c.text)); err == nil || !strings.Contains(err.Error(), c.want) {
			t.Errorf("%s: got %v, want an error with %q", c.text, err, c.want)
		}
	}
}

func TestBoltRefuses(t *testing.T) {
	for _, c := range []struct {
		name  string
		spoil func(b []byte) []byte
		want  error
	}{
		{"cut short", func(b []byte) []byte { return b[:5000] }, boltfile.ErrDamaged},
		{"empty", func([]byte) []byte { return nil }, boltfile.ErrDamaged},
		{"text", func([]byte) []byte { return []byte(strings.Repeat("no registry\n", 1000)) }, boltfile.ErrForeign},
		{"another value", func(b []byte) []byte { return []byte(strings.ReplaceAll(string(b), "agent.test", "Agent.test")) }, boltfile.ErrDamaged},
	} {
		dir := filled(t)
		path := registry.Path(dir)
		whole, err := os.ReadFile(path)
		if err != nil {
			t.Fatal(err)
		}
		spoiled := c.spoil(whole)
		if err := os.WriteFile(path, spoiled, 0o600); err != nil {
			t.Fatal(err)
		}
		_, opened := registry.OpenBolt(dir)
		_, checked := registry.CheckBolt(dir)
		for _, err := range []error{opened, checked} {
			if !errors.Is(err, c.want) || !strings.Contains(err.Error(), path) {
				t.Errorf("%s: got %v, want %v with the file's name", c.name, err, c.want)
			}
		}
		if after, _ := os.ReadFile(path); string(after) != string(spoiled) {
			t.Errorf("%s: the refused file was changed", c.name)
		}
	}
}

func TestBoltInUse(t *testing.T) {
	dir := filled(t)
	s, err := registry.OpenBolt(dir)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := registry.OpenBolt(dir); !errors.Is(err, boltfile.ErrInUse) || !strings.Contains(err.Error(), "another master uses it") {
		t.Errorf("second master: got %v, want ErrInUse", err)
	}
	if _, err := registry.CheckBolt(dir); !errors.Is(err, boltfile.ErrInUse) {
		t.Errorf("check of a registry in use: got %v, want ErrInUse", err)
	}
	if err := s.Close(); err != nil {
		t.Fatal(err)
	}
	if _, err := registry.CheckBolt(t.TempDir()); !errors.Is(err, registry.ErrNone) {
		t.Errorf("no registry: got %v, want ErrNone", err)
	}
}

// What is forgotten is of the cluster; what operators set stays.
func TestForgetCluster(t *testing.T) {
	dir := filled(t)
	s, err := registry.OpenBolt(dir)
	if err != nil {
		t.Fatal(err)
	}
	if err := s.ForgetCluster(); err != nil {
		t.Fatal(err)
	}
	r, state := storetest.Start(t, s, registry.Options{})
	r.Close()
	if err := s.Close(); err != nil {
		t.Fatal(err)
	}
	again, err := registry.CheckBolt(dir)
	if err != nil {
		t.Fatal(err)
	}
	for _, got := range []*registry.State{state, again} {
		if got.Len(registry.Agents)+got.Len(registry.Unreachable)+got.Len(registry.Gone)+got.Len(registry.Frameworks) != 0 || got.Weight("r") != 2.5 {
			t.Errorf("got %d agents and weight %v, want none and 2.5", got.Len(registry.Agents), got.Weight("r"))
		}
	}
}
