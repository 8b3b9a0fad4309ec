package services

import (
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
)

func TestRead(t *testing.T) {
	for _, c := range []struct{ name, text, want, err string }{
		{"json", `{"id":"/web","cmd":"x"}`, "apps /web", ""},
		{"yaml", "id: web\ncmd: x\n", "apps /web", ""},
		{"several", "id: /a\ncmd: x\n---\nid: /b\ncontainers: [{name: c}]\n", "apps /a, pods /b", ""},
		{"a list", `[{"id":"/a"},{"id":"/g","groups":[]}]`, "apps /a, groups /g", ""},
		{"no id", `{"cmd":"x"}`, "", "the field id is missing"},
		{"nothing", "", "", "holds no definition"},
		{"no object", "- 1", "", "no object"},
		{"broken", "{", "", "yaml"},
	} {
		path := filepath.Join(t.TempDir(), "app")
		if err := os.WriteFile(path, []byte(c.text), 0o600); err != nil {
			t.Fatal(err)
		}
		list, err := Read(path, nil)
		if c.err != "" {
			if err == nil || !strings.Contains(err.Error(), c.err) {
				t.Errorf("%s: got %v, want an error with %q", c.name, err, c.err)
			}
			continue
		}
		var got []string
		for _, d := range list {
			got = append(got, d.Kind+" "+d.ID)
		}
		if text := strings.Join(got, ", "); err != nil || text != c.want {
			t.Errorf("%s: got %q, %v, want %q", c.name, text, err, c.want)
		}
	}
}

func TestDifference(t *testing.T) {
	got := Difference(map[string]any{"id": "/web", "instances": 3.0, "cmd": "x", "mem": 1.0}, map[string]any{"id": "web", "instances": 5, "cmd": "x", "cpus": 2})
	want := []string{"+ cpus: 2", "- instances: 3", "+ instances: 5"}
	if !slices.Equal(got, want) {
		t.Errorf("got %q, want %q", got, want)
	}
}
