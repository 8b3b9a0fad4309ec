package repo

import (
	"slices"
	"strings"
	"testing"
)

// layers says which of our top-level folders each one may import, besides itself. Imports point downward only: what
// travels knows nobody, what acts knows what travels, and the programs know all.
var layers = map[string][]string{
	"messages":  {},
	"isolators": {"messages"},
	"registry":  {"messages"},
	"webui":     {}, // pages to embed, no logic
	"actors":    {"isolators", "registry", "webui", "messages"},
	"cmd":       {"actors", "isolators", "registry", "webui", "messages"},
	"tests":     {"cmd", "actors", "isolators", "registry", "webui", "messages"},
}

// layer is the top-level folder of one of our packages, "" for a package that is not ours.
func layer(pkg string) string {
	if !within(pkg, "mesos") {
		return ""
	}
	name, _, _ := strings.Cut(strings.TrimPrefix(pkg, "mesos/"), "/")
	return name
}

// upward is the reason why from must not import to, or "".
func upward(from, to string) string {
	f, t := layer(from), layer(to)
	allowed, known := layers[f]
	switch {
	case !known:
		return f + " is no folder of the design; see layers"
	case t == "" || t == f || slices.Contains(allowed, t):
		return ""
	}
	return f + " may import only " + strings.Join(append([]string{f}, allowed...), ", ")
}

func TestImportsPointDownward(t *testing.T) {
	for _, f := range goFiles(t) {
		for _, imp := range f.imports() {
			if why := upward(f.pkg, imp); why != "" {
				t.Errorf("%s imports %s: %s", f.path, imp, why)
			}
		}
	}
}

func TestUpward(t *testing.T) {
	for _, c := range []struct {
		from, to string
		ok       bool
	}{
		{"mesos/messages/resources", "mesos/messages/mesos/v1", true},
		{"mesos/messages", "mesos/actors", false},
		{"mesos/messages", "google.golang.org/protobuf/proto", true},
		{"mesos/registry", "mesos/isolators", false},
		{"mesos/actors/master", "mesos/actors", true},
		{"mesos/actors", "mesos/cmd/internal/version", false},
		{"mesos/cmd/mesos", "mesos/actors/master", true},
		{"mesos/cmd/mesos", "mesos/tests/cluster", false},
		{"mesos/tests/clients", "mesos/cmd/internal/version", true},
		{"mesos/stray", "fmt", false},
	} {
		if got := upward(c.from, c.to) == ""; got != c.ok {
			t.Errorf("%s imports %s: allowed: got %v, want %v", c.from, c.to, got, c.ok)
		}
	}
}
