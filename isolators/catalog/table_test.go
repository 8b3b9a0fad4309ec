package catalog

import (
	"maps"
	"os"
	"slices"
	"strings"
	"testing"

	"mesos/isolators/network"
	"mesos/isolators/posix"
)

// How containers that others make have an isolator, as the table of the README says it.
const (
	named     = "named"
	inAnyCase = "always"
	none      = "—"
)

// What those who make cgroups mind by themselves (package cgroups, Foreign and Amounts; an engine).
var (
	byPrograms = map[string]string{"cgroups/cpu": inAnyCase, "cgroups/mem": inAnyCase, posix.CPU: inAnyCase, posix.Mem: inAnyCase, "cgroups/all": named, "cgroups/pids": named, "cgroups/blkio": named, "cgroups/devices": named, "cgroups/perf_event": named}
	byEngine   = map[string]string{"cgroups/cpu": inAnyCase, "cgroups/mem": inAnyCase, posix.CPU: inAnyCase, posix.Mem: inAnyCase, "cgroups/all": named, "cgroups/pids": named, "cgroups/blkio": named, "cgroups/devices": inAnyCase}
)

// TestTable holds the table of who has which isolator to the code.
func TestTable(t *testing.T) {
	text, err := os.ReadFile("../README.md")
	if err != nil {
		t.Fatal(err)
	}
	programs, engine := maps.Clone(byPrograms), maps.Clone(byEngine)
	for _, name := range byGroup() {
		programs[name], engine[name] = named, named
	}
	for _, name := range slices.Concat(madeBy, network.Names(), []string{gpus}) {
		programs[name] = named
	}
	for _, name := range slices.Concat(always, within) {
		programs[name] = inAnyCase
	}
	for _, name := range append(madeByEngine, gpus) {
		engine[name] = named
	}
	var seen []string
	_, table, _ := strings.Cut(string(text), "| isolator | oci, lxc | docker |\n|---|---|---|\n")
	table, _, _ = strings.Cut(table, "\n\n")
	for line := range strings.Lines(table) {
		cells := strings.Split(strings.Trim(strings.TrimSpace(line), "|"), "|")
		if len(cells) != 3 {
			t.Fatalf("row %q: want three cells", line)
		}
		for i := range cells {
			cells[i] = strings.TrimSpace(cells[i])
		}
		for name := range strings.SplitSeq(cells[0], ", ") {
			name = strings.Trim(name, "`")
			seen = append(seen, name)
			if slices.Contains(notByPrograms, name) && cells[1] != none || slices.Contains(notByEngine, name) && cells[2] != none {
				t.Errorf("%s: the table says %s and %s, and agents that containers go without", name, cells[1], cells[2])
			}
			if want := or(programs[name]); cells[1] != want {
				t.Errorf("%s in containers of OCI runtimes and LXC: the table says %s, the code %s", name, cells[1], want)
			}
			if want := or(engine[name]); cells[2] != want && (cells[2] != "engine" || want != none) {
				t.Errorf("%s in containers of an engine: the table says %s, the code %s", name, cells[2], want)
			}
		}
	}
	slices.Sort(seen)
	if want := Names(); !slices.Equal(seen, want) {
		t.Errorf("names: got %v, want %v", seen, want)
	}
}

func or(how string) string {
	if how == "" {
		return none
	}
	return how
}

func TestLacking(t *testing.T) {
	const list = "cgroups/mem,linux/nnp,namespaces/user"
	if got, want := Lacking(list, true), []string{"linux/nnp", "namespaces/user"}; !slices.Equal(got, want) {
		t.Errorf("by an engine: got %v, want %v", got, want)
	}
	if got, want := Lacking(list, false), []string{"namespaces/user"}; !slices.Equal(got, want) {
		t.Errorf("by programs: got %v, want %v", got, want)
	}
}
