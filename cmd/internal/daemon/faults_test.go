package daemon

import (
	"bytes"
	"log/slog"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

func TestOpenFaults(t *testing.T) {
	dir := t.TempDir()
	write := func(name, text string) string {
		path := filepath.Join(dir, name)
		if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
		return path
	}
	var said bytes.Buffer
	log := slog.New(slog.NewTextHandler(&said, nil))
	if f, err := openFaults("", log); f != nil || err != nil || faultHandler(f) != nil || said.Len() > 0 {
		t.Errorf("without the flag: got %v, %v, said %q: want nothing at all", f, err, said.String())
	}
	f, err := openFaults(write("good", "drop message=PongSlaveMessage count=1\n"), log)
	if err != nil || len(f.Rules()) != 1 {
		t.Fatalf("got %v, %v, want one rule", f, err)
	}
	if !strings.Contains(said.String(), "level=ERROR") || !strings.Contains(said.String(), "FAULT INJECTION IS ON") {
		t.Errorf("said %q, want it loud", said.String())
	}
	for name, want := range map[string]string{
		write("bad", "lose\n"):          "bad: fault rules, line 1",
		write("wipe", "crash wipe\n"):   "wipe",
		filepath.Join(dir, "not there"): "no such file",
	} {
		if _, err := openFaults(name, log); err == nil || !strings.Contains(err.Error(), want) || !strings.Contains(err.Error(), "--fault_rules") {
			t.Errorf("%s: got %v, want an error of the flag with %q", name, err, want)
		}
	}
}
