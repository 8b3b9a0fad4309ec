package webui

import (
	"io/fs"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
)

// unsafe matches ways to turn text into markup or code. Names, ids and messages come from users of the cluster.
var unsafe = regexp.MustCompile(`innerHTML|outerHTML|insertAdjacentHTML|document\.write|DOMParser|setHTML|\beval\(|new Function|createContextualFragment|[iI]nnerHTML`)

func TestTextIsNeverMarkup(t *testing.T) {
	read := 0
	err := filepath.WalkDir("src", func(p string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() {
			return err
		}
		text, err := os.ReadFile(p)
		if err != nil {
			return err
		}
		read++
		if found := unsafe.FindAll(text, -1); found != nil {
			t.Errorf("%s has %q: text of the cluster must only become text nodes", p, found)
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	if read < 20 {
		t.Errorf("read %d files of src, want all of them", read)
	}
	for bad, want := range map[string]bool{`e.innerHTML = x`: true, `<p dangerouslySetInnerHTML={x}>`: true, `e.textContent = x`: false} {
		if got := unsafe.MatchString(bad); got != want {
			t.Errorf("%s: found unsafe: got %v, want %v", bad, got, want)
		}
	}
}

// TestLockNamesNoMachine wants the lock file to hold what is built from and by which checksum, not from where.
func TestLockNamesNoMachine(t *testing.T) {
	lock, err := os.ReadFile("package-lock.json")
	if err != nil {
		t.Fatal(err)
	}
	if strings.Contains(string(lock), `"resolved"`) {
		t.Error("package-lock.json names addresses to load from: npm's setting omit-lockfile-registry-resolved in .npmrc leaves them out")
	}
	if !strings.Contains(string(lock), `"integrity"`) {
		t.Error("package-lock.json has no checksums")
	}
}
