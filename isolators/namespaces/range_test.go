package namespaces

import (
	"os"
	"path/filepath"
	"testing"
)

func TestParseRange(t *testing.T) {
	for text, want := range map[string]Range{
		"100000:65536": {100000, 100000, 65536}, "1:1": {1, 1, 1},
		"": {}, "100000": {}, "0:65536": {}, "-1:5": {}, "5:0": {}, "a:b": {}, "4294967290:10": {}, "1:2:3": {},
	} {
		got, err := ParseRange(text)
		if got != want || (err == nil) != (want.Size > 0) {
			t.Errorf("%q: got %+v, %v, want %+v", text, got, err, want)
		}
	}
}

func TestSystemRange(t *testing.T) {
	dir := t.TempDir()
	put := func(name, text string) {
		t.Helper()
		if err := os.WriteFile(filepath.Join(dir, name), []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	if _, err := SystemRange(dir, "root"); err == nil {
		t.Error("without files: got no error")
	}
	put("subuid", "# a comment\nmesos:100:7\nroot:200000:65536\nroot:1:1\n")
	put("subgid", "root:300000:1000\nbroken\n")
	got, err := SystemRange(dir, "mesos", "root")
	if want := (Range{200000, 300000, 1000}); err != nil || got != want {
		t.Errorf("got %+v, %v, want %+v: that of who has both", got, err, want)
	}
	if _, err := SystemRange(dir, "mesos"); err == nil {
		t.Error("users alone: got no error")
	}
}
