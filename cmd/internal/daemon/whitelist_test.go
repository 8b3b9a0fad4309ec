package daemon

import (
	"log/slog"
	"maps"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"
)

func TestWhitelistFile(t *testing.T) {
	path := filepath.Join(t.TempDir(), "hosts")
	write := func(text string) {
		t.Helper()
		if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	for _, all := range []string{"", "*"} {
		if got, err := readWhitelist(all); got != nil || err != nil {
			t.Errorf("%q: got %v, %v, want every host", all, got, err)
		}
	}
	if _, err := readWhitelist(path); err == nil || !strings.Contains(err.Error(), "--whitelist") {
		t.Errorf("no file: got %v, want an error that names the flag", err)
	}
	write("a\n\n  b.example  \n")
	first, err := readWhitelist(path)
	if want := map[string]bool{"a": true, "b.example": true}; err != nil || !maps.Equal(first, want) {
		t.Fatalf("got %v, %v, want %v", first, err, want)
	}
	synctest.Test(t, func(t *testing.T) {
		var told []map[string]bool
		stop := make(chan struct{})
		var wg sync.WaitGroup
		wg.Go(func() {
			followWhitelist(path, first, func(h map[string]bool) { told = append(told, h) }, stop, slog.New(slog.DiscardHandler))
		})
		pass := func() {
			time.Sleep(whitelistInterval)
			synctest.Wait()
		}
		pass()
		write("c\n")
		pass()
		if err := os.Remove(path); err != nil {
			t.Fatal(err)
		}
		pass()
		write("")
		pass()
		close(stop)
		wg.Wait()
		if len(told) != 2 || !maps.Equal(told[0], map[string]bool{"c": true}) || told[1] == nil || len(told[1]) != 0 {
			t.Errorf("told %v, want c, and then nobody", told)
		}
	})
}
