package registry

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"slices"
	"strings"
	"testing"
	"testing/synctest"
	"time"
)

// moody is a store that notes its writes, and refuses those that it is told to.
type moody struct {
	*Memory
	limits Limits
	refuse []error // the next writes, in order
	writes []string
}

func (m *moody) Limits() Limits { return m.limits }

func (m *moody) Write(_ context.Context, rows []Row) error {
	if len(m.refuse) > 0 {
		err := m.refuse[0]
		m.refuse = m.refuse[1:]
		if err != nil {
			return err
		}
	}
	var text []string
	for _, r := range rows {
		text = append(text, r.Key+"="+string(r.Value))
	}
	m.writes = append(m.writes, strings.Join(text, " "))
	return nil
}

func TestWriter(t *testing.T) {
	full := errors.New("no room")
	for _, c := range []struct {
		name   string
		limits Limits
		refuse []error
		puts   []string // rows of each
		writes []string
		told   string // the numbers of the puts that were told durable
		lost   error
	}{
		{"together", ample, nil, []string{"a=1", "b=1 c=1"}, []string{"a=1 b=1 c=1"}, "01", nil},
		{"the last word counts, in its place", ample, nil, []string{"a=1 b=1", "a=2"}, []string{"b=1 a=2"}, "01", nil},
		{"so many rows", Limits{Rows: 2, Bytes: 9}, nil, []string{"a=1", "b=1", "c=1 d=1", "e=1 f=1 g=1"}, []string{"a=1 b=1", "c=1 d=1", "e=1 f=1", "g=1"}, "0123", nil},
		{"so many bytes", Limits{Rows: 9, Bytes: 9, Write: 3}, nil, []string{"a=12", "b=12"}, []string{"a=12", "b=12"}, "01", nil},
		{"no room for a while", ample, []error{full, full, full}, []string{"a=1"}, []string{"a=1"}, "0", nil},
		{"another leads", ample, []error{fmt.Errorf("write: %w", ErrDeposed)}, []string{"a=1"}, nil, "", ErrDeposed},
		{"closed", ample, []error{ErrClosed}, []string{"a=1"}, nil, "", ErrClosed},
		{"too large", Limits{Rows: 9, Bytes: 2}, nil, []string{"a=123"}, nil, "", ErrTooLarge},
	} {
		t.Run(c.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				m := &moody{Memory: OpenMemory(&Disk{}), limits: c.limits, refuse: c.refuse}
				var lost []error
				told := ""
				w := NewWriter(m, "a state", func(err error) { lost = append(lost, err) }, slog.New(slog.DiscardHandler))
				for k, text := range c.puts {
					var rows []Row
					for _, r := range strings.Fields(text) {
						key, value, _ := strings.Cut(r, "=")
						rows = append(rows, Row{Table: "t", Key: key, Value: []byte(value)})
					}
					w.Put(rows, func() { told += fmt.Sprint(k) })
				}
				w.Put(nil, nil)
				time.Sleep(time.Minute)
				w.Close()
				if !slices.Equal(m.writes, c.writes) {
					t.Errorf("got writes %q, want %q", m.writes, c.writes)
				}
				if told != c.told {
					t.Errorf("told durable: got %q, want %q", told, c.told)
				}
				if c.lost == nil && lost != nil || c.lost != nil && (len(lost) != 1 || !errors.Is(lost[0], c.lost)) {
					t.Errorf("lost: got %v, want %v once", lost, c.lost)
				}
			})
		})
	}
}

// A writer hears that another leads without a write, and writes what is queued when it is closed.
func TestWriterEnds(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		disk := &Disk{}
		lost := make(chan error, 1)
		w := NewWriter(OpenMemory(disk), "a state", func(err error) { lost <- err }, slog.New(slog.DiscardHandler))
		next := OpenMemory(disk)
		if err := <-lost; !errors.Is(err, ErrDeposed) {
			t.Errorf("got %v, want that it is deposed", err)
		}
		w.Close()
		w = NewWriter(next, "a state", func(err error) { t.Errorf("lost: %v", err) }, slog.New(slog.DiscardHandler))
		durable := false
		w.Put([]Row{{Table: "t", Key: "a", Value: []byte("1")}}, func() { durable = true })
		w.Close()
		if !durable {
			t.Error("what was put before Close is not durable")
		}
	})
}
