package systemd

import (
	"context"
	"fmt"
	"io"
	"log/slog"
	"os"
	"strings"
	"sync"

	"golang.org/x/sys/unix"
)

// Journal reports whether what is written to f goes to the journal: then
// JOURNAL_STREAM names its device and inode.
func Journal(f *os.File) bool {
	var stat unix.Stat_t
	if err := unix.Fstat(int(f.Fd()), &stat); err != nil {
		return false
	}
	return os.Getenv("JOURNAL_STREAM") == fmt.Sprintf("%d:%d", stat.Dev, stat.Ino)
}

// journalHandler writes each record as one line that begins with its priority, as
// the journal reads it, and without the time, which the journal adds.
type journalHandler struct {
	inner slog.Handler
	out   *prefixer
}

// prefixer puts the priority of the record under way before what is written.
type prefixer struct {
	mu     sync.Mutex
	prefix string
	to     io.Writer
}

// JournalHandler writes text lines for the journal to w, from the level up.
func JournalHandler(w io.Writer, level slog.Leveler) slog.Handler {
	out := &prefixer{to: w}
	return journalHandler{out: out, inner: slog.NewTextHandler(out, &slog.HandlerOptions{Level: level, ReplaceAttr: withoutTime})}
}

func withoutTime(groups []string, a slog.Attr) slog.Attr {
	if len(groups) == 0 && a.Key == slog.TimeKey && a.Value.Kind() == slog.KindTime {
		return slog.Attr{}
	}
	return a
}

func (h journalHandler) Enabled(ctx context.Context, l slog.Level) bool {
	return h.inner.Enabled(ctx, l)
}

func (h journalHandler) Handle(ctx context.Context, r slog.Record) error {
	h.out.mu.Lock()
	defer h.out.mu.Unlock()
	h.out.prefix = priority(r.Level)
	return h.inner.Handle(ctx, r)
}

func (h journalHandler) WithAttrs(attrs []slog.Attr) slog.Handler {
	return journalHandler{h.inner.WithAttrs(attrs), h.out}
}

func (h journalHandler) WithGroup(name string) slog.Handler {
	return journalHandler{h.inner.WithGroup(name), h.out}
}

// Write is called once for each record, with the lock of its Handle.
func (p *prefixer) Write(line []byte) (int, error) {
	var b strings.Builder
	b.Grow(len(p.prefix) + len(line))
	b.WriteString(p.prefix)
	b.Write(line)
	if _, err := io.WriteString(p.to, b.String()); err != nil {
		return 0, err
	}
	return len(line), nil
}

// priority is syslog's number of a level: debug 7, info 6, warning 4, error 3.
func priority(l slog.Level) string {
	switch {
	case l >= slog.LevelError:
		return "<3>"
	case l >= slog.LevelWarn:
		return "<4>"
	case l >= slog.LevelInfo:
		return "<6>"
	}
	return "<7>"
}
