package mutations

import (
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"
)

// The simulator finds every bug. MUTATIONS=all tries all, MUTATIONS=NAME,NAME some; without it two are tried, which
// everything finds, so that this cannot rot.
func TestMutations(t *testing.T) {
	root, err := filepath.Abs("../..")
	if err != nil {
		t.Fatal(err)
	}
	all, err := Load("bugs")
	if err != nil {
		t.Fatal(err)
	}
	if len(all) < 25 {
		t.Errorf("got %d bugs, want 25 at least", len(all))
	}
	wanted := os.Getenv("MUTATIONS")
	if wanted == "" {
		wanted = "ended-task-keeps-resources,ack-before-it-is-durable"
	}
	if wanted == "all" {
		t.Run("none", func(t *testing.T) {
			v, err := Hunt(t.Context(), root, t.TempDir(), Mutation{})
			if err != nil || v.By != "" {
				t.Fatalf("without a bug: found by %q, %v, want nothing:\n%s", v.By, err, v.Text[max(0, len(v.Text)-4000):])
			}
		})
	}
	fmt.Println("bug | found by | after how many seeds | time")
	known := map[string]bool{}
	for _, m := range all {
		known[m.Name] = true
		if wanted != "all" && !slices.Contains(strings.Split(wanted, ","), m.Name) {
			continue
		}
		t.Run(m.Name, func(t *testing.T) {
			v, err := Hunt(t.Context(), root, t.TempDir(), m)
			switch {
			case err != nil:
				t.Fatal(err)
			case v.By == "":
				t.Errorf("%s: %s: nothing found it, after %d seeds and %v", m.Name, m.Bug, v.Seeds, v.Took.Round(time.Second))
			}
			fmt.Printf("%s | %s | %d | %v\n", m.Name, v.By, v.Seeds, v.Took.Round(time.Second))
		})
	}
	if wanted == "all" {
		return
	}
	for name := range strings.SplitSeq(wanted, ",") {
		if !known[name] {
			t.Errorf("MUTATIONS names %q: there is no such bug in bugs/", name)
		}
	}
}

func TestParse(t *testing.T) {
	m, err := parse("file: a.go\nbug: it forgets\n--- old\nif x {\n}\n--- new\nif y {\n}\n")
	if want := (Mutation{File: "a.go", Bug: "it forgets", Old: "if x {\n}", New: "if y {\n}"}); err != nil || m != want {
		t.Errorf("got %+v, %v, want %+v", m, err, want)
	}
	for _, text := range []string{"", "file: a.go\n", "file: a.go\nbug: b\n--- old\nx\n", "bug: b\nfile: a.go\n--- old\nx\n--- new\ny\n"} {
		if m, err := parse(text); err == nil {
			t.Errorf("%q: got %+v, want an error", text, m)
		}
	}
}
