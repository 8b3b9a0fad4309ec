package daemon

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
)

func TestLogFile(t *testing.T) {
	dir := filepath.Join(t.TempDir(), "log")
	for run, word := range []string{"first", "second"} {
		f := MasterFlags()
		if err := f.SetAll(map[string]string{"log_dir": dir, "quiet": "true", "logging_level": "WARNING"}); err != nil {
			t.Fatal(err)
		}
		log, level, err := OpenLog(f, "mesos-master")
		if err != nil {
			t.Fatal(err)
		}
		log.Info("not shown", "run", run)
		log.Warn(word)
		level.Set(1, 0)
		if got, want := shownLog(f, "mesos-master"), filepath.Join(dir, "mesos-master.INFO"); got != want {
			t.Errorf("shown: got %s, want %s", got, want)
		}
	}
	text, err := os.ReadFile(filepath.Join(dir, "mesos-master.INFO"))
	if err != nil || strings.Count(string(text), "\n") != 2 || !strings.Contains(string(text), "msg=first") || !strings.Contains(string(text), "msg=second") {
		t.Errorf("got %q, %v, want what both runs warned of", text, err)
	}
	f := MasterFlags()
	if err := f.SetAll(map[string]string{"log_dir": filepath.Join(dir, "mesos-master.INFO")}); err != nil {
		t.Fatal(err)
	}
	if _, _, err := OpenLog(f, "mesos-master"); err == nil || !strings.Contains(err.Error(), "--log_dir") {
		t.Errorf("no directory: got %v, want an error that names the flag", err)
	}
}
