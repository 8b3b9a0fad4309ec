package repo

import (
	"bytes"
	"go/format"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
)

// maxLines bounds a file that a person wrote: beyond it a file holds more than one idea.
const maxLines = 600

func TestFileSizes(t *testing.T) {
	generated := map[string]bool{}
	for _, f := range goFiles(t) {
		generated[f.path] = f.generated
	}
	for _, s := range sources(t) {
		if !slices.Contains([]string{".go", ".js", ".ts", ".css", ".html", ".sh"}, filepath.Ext(s.path)) || generated[s.path] {
			continue
		}
		if n := bytes.Count(s.text, []byte("\n")); n > maxLines {
			t.Errorf("%s has %d lines, want at most %d: one concept a file", s.path, n, maxLines)
		}
	}
}

func TestFormatted(t *testing.T) {
	for _, f := range goFiles(t) {
		want, err := format.Source(f.text)
		if err != nil {
			t.Fatal(err)
		}
		if !bytes.Equal(want, f.text) {
			t.Errorf("%s is not formatted: run gofmt -w on it", f.path)
		}
	}
}

// TestFolders wants the folders of the design, each with a README, and no other.
func TestFolders(t *testing.T) {
	entries, err := os.ReadDir(root)
	if err != nil {
		t.Fatal(err)
	}
	found := map[string]bool{}
	for _, e := range entries {
		name := e.Name()
		if !e.IsDir() || strings.HasPrefix(name, ".") || skipped[name] {
			continue
		}
		found[name] = true
		if _, designed := layers[name]; !designed {
			t.Errorf("folder %s is not part of the design; see layers", name)
		}
		if _, err := os.Stat(filepath.Join(root, name, "README.md")); err != nil {
			t.Errorf("folder %s tells a newcomer nothing: %v", name, err)
		}
	}
	for name := range layers {
		if !found[name] {
			t.Errorf("folder %s of the design is missing", name)
		}
	}
}

// elsewhere matches what only exists on somebody's machine: home and work folders, and the addresses that package
// registries give to downloads. The pieces are joined here so that the pattern does not match its own source.
var elsewhere = regexp.MustCompile(`(^|[\s"'` + "`" + `(=:])/(` + strings.Join([]string{"work", "root", "home", "Users"}, "|") + `)/` +
	`|registry\.` + `npmjs\.` + `|proxy\.` + `golang\.` + `|deb\.` + `debian\.`)

func TestNoMachinePaths(t *testing.T) {
	checkout, err := filepath.Abs(root)
	if err != nil {
		t.Fatal(err)
	}
	for _, s := range sources(t) {
		for i, line := range bytes.Split(s.text, []byte("\n")) {
			if elsewhere.Match(line) || len(checkout) > 1 && bytes.Contains(line, []byte(checkout+"/")) {
				t.Errorf("%s:%d names a place on somebody's machine: %.100s", s.path, i+1, bytes.TrimSpace(line))
			}
		}
	}
}

func TestElsewhere(t *testing.T) {
	for text, want := range map[string]bool{
		"/" + "work/x":                           true,
		`"` + "/" + `home/me/mesos"`:             true,
		"see /tmp/mesos/sandbox":                 false,
		"a/" + "work/dir":                        false,
		"https://registry." + "npmjs.org/lodash": true,
	} {
		if got := elsewhere.MatchString(text); got != want {
			t.Errorf("%q: got %v, want %v", text, got, want)
		}
	}
}

func TestMakeTargetsAreExplained(t *testing.T) {
	text, err := os.ReadFile(filepath.Join(root, "Makefile"))
	if err != nil {
		t.Fatal(err)
	}
	phony := regexp.MustCompile(`(?m)^\.PHONY: (\S+)$`).FindAllSubmatch(text, -1)
	if len(phony) == 0 {
		t.Fatal("no .PHONY line in the Makefile")
	}
	for _, m := range phony {
		if explained := regexp.MustCompile(`(?m)^` + string(m[1]) + `:.*## \S`); !explained.Match(text) {
			t.Errorf("target %s has no \"## explanation\" for make help", m[1])
		}
	}
}
