package systemd

import (
	"bytes"
	"fmt"
	"log/slog"
	"os"
	"path/filepath"
	"testing"

	"golang.org/x/sys/unix"
)

func TestJournalLines(t *testing.T) {
	var out bytes.Buffer
	level := &slog.LevelVar{}
	log := slog.New(JournalHandler(&out, level))
	log.Debug("unseen")
	log.Info("one", "time", 3)
	log.With("agent_id", "a-0").Warn("two\nlines")
	log.WithGroup("g").Error("three", "time", 4)
	level.Set(slog.LevelDebug)
	log.Debug("four")
	want := "<6>level=INFO msg=one time=3\n" +
		"<4>level=WARN msg=\"two\\nlines\" agent_id=a-0\n" +
		"<3>level=ERROR msg=three g.time=4\n" +
		"<7>level=DEBUG msg=four\n"
	if got := out.String(); got != want {
		t.Errorf("got\n%s\nwant\n%s", got, want)
	}
}

func TestJournal(t *testing.T) {
	f, err := os.Create(filepath.Join(t.TempDir(), "stream"))
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	var stat unix.Stat_t
	if err := unix.Fstat(int(f.Fd()), &stat); err != nil {
		t.Fatal(err)
	}
	for stream, want := range map[string]bool{
		"":                                       false,
		fmt.Sprintf("%d:%d", stat.Dev, stat.Ino): true,
		fmt.Sprintf("%d:%d", stat.Dev, stat.Ino+1): false,
	} {
		t.Setenv("JOURNAL_STREAM", stream)
		if got := Journal(f); got != want {
			t.Errorf("JOURNAL_STREAM=%q: got %v, want %v", stream, got, want)
		}
	}
}
