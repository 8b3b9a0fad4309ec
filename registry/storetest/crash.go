package storetest

import (
	"context"
	"errors"
	"testing"
	"time"

	"mesos/registry"
)

// breaking is a store whose master dies at one of its writes: before it or after,
// and in both cases without being told.
type breaking struct {
	registry.Store
	left  int
	after bool
}

var errDied = errors.New("the master died here")

func (b *breaking) Write(ctx context.Context, rows []registry.Row) error {
	b.left--
	if b.left > 0 {
		return b.Store.Write(ctx, rows)
	}
	if b.left == 0 && b.after {
		if err := b.Store.Write(ctx, rows); err != nil {
			return err
		}
	}
	return errors.Join(registry.ErrClosed, errDied)
}

// life is what is done to one agent in turn, each with what must hold afterwards.
var life = []struct {
	op    registry.Operation
	table registry.Table // where the agent is, "" if nowhere
}{
	{registry.Admit(Info("a-S1")), registry.Agents},
	{registry.MarkUnreachable("a-S1", time.Unix(1, 0)), registry.Unreachable},
	{registry.Readmit(Info("a-S1")), registry.Agents},
	{registry.MarkUnreachable("a-S1", time.Unix(2, 0)), registry.Unreachable},
	{registry.MarkGone("a-S1", time.Unix(3, 0)), registry.Gone},
	{registry.Prune(time.Unix(100, 0), registry.Limit{Age: time.Second, Count: 10}, 10), ""},
}

// Wherever a master dies, between or during any two writes, the next one finds
// the state before the operation or after it, and at least what was told.
func crashAtEveryWrite(t *testing.T, open Open) {
	for n := 1; n <= len(life); n++ {
		for _, after := range []bool{false, true} {
			crashAt(t, open, n, after)
		}
	}
}

func crashAt(t *testing.T, open Open, n int, after bool) {
	s := open(t)
	b := &breaking{Store: s, left: n, after: after}
	r, _ := Start(t, b, registry.Options{})
	told := 0
	for _, step := range life {
		if err := Do(r, step.op); err != nil {
			if !errors.Is(err, registry.ErrClosed) {
				t.Errorf("write %d, after %v: got %v, want ErrClosed", n, after, err)
			}
			break
		}
		told++
	}
	r.Close()
	shut(t, s)
	if told != n-1 {
		t.Errorf("write %d, after %v: %d operations were told durable, want %d", n, after, told, n-1)
	}
	s = open(t)
	defer shut(t, s)
	r, state := Start(t, s, registry.Options{})
	defer r.Close()
	if err := state.Check(); err != nil {
		t.Errorf("write %d, after %v: %v", n, after, err)
	}
	at := told
	if after {
		at++
	}
	var where registry.Table
	if at > 0 {
		where = life[at-1].table
	}
	for _, table := range []registry.Table{registry.Agents, registry.Unreachable, registry.Gone} {
		if got := state.Len(table) == 1; got != (table == where) {
			t.Errorf("write %d, after %v: the agent is in %s: %v, want it in %q", n, after, table, got, where)
		}
	}
	// The next life begins empty.
	for _, table := range []registry.Table{registry.Agents, registry.Unreachable, registry.Gone} {
		for _, key := range state.Keys(table) {
			write(t, s, registry.Row{Table: string(table), Key: key})
		}
	}
}
