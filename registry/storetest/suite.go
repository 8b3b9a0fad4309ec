package storetest

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"testing"
	"time"

	"mesos/registry"
)

// Open opens the store that keeps what earlier openings of the same test kept. The
// one before was closed, or its master died.
type Open func(t *testing.T) registry.Store

// Run runs the suite. open is called with the test of each part for an opener of
// its own, which begins empty.
func Run(t *testing.T, open func(t *testing.T) Open) {
	for name, part := range map[string]func(*testing.T, Open){
		"keeps rows": keepsRows, "writes all": writesAll, "order": keepsOrder, "registrar": registrarSurvives,
		"every write": crashAtEveryWrite, "after close": afterClose, "large batches": largeBatches,
	} {
		t.Run(name, func(t *testing.T) { part(t, open(t)) })
	}
}

func rows(t *testing.T, s registry.Store) map[string]string {
	t.Helper()
	out := map[string]string{}
	if err := s.Load(context.Background(), func(r registry.Row) error {
		out[r.Table+"/"+r.Key] = string(r.Value)
		return nil
	}); err != nil {
		t.Fatal(err)
	}
	return out
}

func write(t *testing.T, s registry.Store, rows ...registry.Row) {
	t.Helper()
	if err := s.Write(context.Background(), rows); err != nil {
		t.Fatal(err)
	}
}

func shut(t *testing.T, s registry.Store) {
	t.Helper()
	if err := s.Close(); err != nil {
		t.Error(err)
	}
}

func want(t *testing.T, s registry.Store, want map[string]string) {
	t.Helper()
	if got := rows(t, s); !maps.Equal(got, want) {
		t.Errorf("got rows %q, want %q", got, want)
	}
}

// agent is the bytes of a row that stores which look at rows accept.
func agent(t *testing.T, id string) registry.Row {
	t.Helper()
	r, err := registry.EncodeAgent(Info(id))
	if err != nil {
		t.Fatal(err)
	}
	return r
}

func keepsRows(t *testing.T, open Open) {
	s := open(t)
	want(t, s, map[string]string{})
	one, two := agent(t, "a-S1"), agent(t, "a-S2")
	write(t, s, one, two)
	write(t, s, registry.Row{Table: string(registry.Agents), Key: "a-S1"}, registry.Row{Table: string(registry.Agents), Key: "never was"})
	shut(t, s)
	s = open(t)
	defer shut(t, s)
	want(t, s, map[string]string{"agents/a-S2": string(two.Value)})
}

// All rows of a write are there, or none.
func writesAll(t *testing.T, open Open) {
	s := open(t)
	var batch []registry.Row
	all := map[string]string{}
	for i := range min(1000, s.Limits().Rows) {
		r := agent(t, fmt.Sprintf("a-S%d", i))
		batch = append(batch, r)
		all["agents/"+r.Key] = string(r.Value)
	}
	write(t, s, batch...)
	shut(t, s)
	s = open(t)
	defer shut(t, s)
	want(t, s, all)
}

// The last word on a row counts, over many writes.
func keepsOrder(t *testing.T, open Open) {
	s := open(t)
	var last registry.Row
	for i := range 20 {
		info := Info("a-S1")
		info.Hostname = ptr(fmt.Sprintf("host-%d", i))
		r, err := registry.EncodeAgent(info)
		if err != nil {
			t.Fatal(err)
		}
		write(t, s, r)
		last = r
	}
	shut(t, s)
	s = open(t)
	defer shut(t, s)
	want(t, s, map[string]string{"agents/a-S1": string(last.Value)})
}

func afterClose(t *testing.T, open Open) {
	s := open(t)
	shut(t, s)
	if err := s.Write(context.Background(), []registry.Row{agent(t, "a-S1")}); err == nil {
		t.Error("a write after Close was taken")
	}
	s = open(t)
	defer shut(t, s)
	want(t, s, map[string]string{})
}

// A registrar finds again what it was told is durable.
func registrarSurvives(t *testing.T, open Open) {
	s := open(t)
	r, state := Start(t, s, registry.Options{})
	if !state.Empty() {
		t.Error("a new store is not empty")
	}
	at := time.Unix(1000, 0)
	for _, step := range []struct {
		op   registry.Operation
		want error
	}{
		{registry.Admit(Info("a-S1")), nil},
		{registry.Admit(Info("a-S2")), nil},
		{registry.Admit(Info("a-S3")), nil},
		{registry.MarkUnreachable("a-S1", at), nil},
		{registry.MarkGone("a-S2", at), nil},
		{registry.Admit(Info("a-S2")), registry.ErrGone},
		{registry.Readmit(Info("a-S2")), registry.ErrGone},
		{registry.MarkUnreachable("a-S9", at), registry.ErrNotAdmitted},
		{registry.Readmit(Info("a-S1")), nil},
		{registry.Remove("a-S3"), nil},
	} {
		if err := Do(r, step.op); !errors.Is(err, step.want) {
			t.Fatalf("got %v, want %v", err, step.want)
		}
	}
	r.Close()
	shut(t, s)
	s = open(t)
	defer shut(t, s)
	r, state = Start(t, s, registry.Options{})
	defer r.Close()
	if state.Agent("a-S1") == nil || state.Gone("a-S2") == nil || state.Len(registry.Agents) != 1 || state.Len(registry.Unreachable) != 0 {
		t.Errorf("after a restart: agents %v, unreachable %v, gone %v", state.Keys(registry.Agents), state.Keys(registry.Unreachable), state.Keys(registry.Gone))
	}
}

// few is a store that writes no more than so many rows at once.
type few struct {
	registry.Store
	rows int
}

func (f few) Limits() registry.Limits {
	l := f.Store.Limits()
	l.Rows = min(l.Rows, f.rows)
	return l
}

// More operations than one write holds are written in order, each as a whole.
func largeBatches(t *testing.T, open Open) {
	s := few{open(t), 50}
	r, _ := Start(t, s, registry.Options{})
	const n = 500
	told := 0
	done := make(chan struct{})
	for i := range n {
		r.Apply(registry.Admit(Info(fmt.Sprintf("a-S%d", i))), func(err error) {
			if err != nil {
				t.Error(err)
			}
			if told++; told == n {
				close(done)
			}
		})
	}
	<-done
	stats := r.Stats()
	r.Close()
	shut(t, s)
	if most := uint64(s.Limits().Rows); stats.Rows != n || stats.Writes < n/most {
		t.Errorf("%d operations made %d rows in %d writes, want all rows and %d a write at most", n, stats.Rows, stats.Writes, most)
	}
	s = few{open(t), 50}
	defer shut(t, s)
	if got := len(rows(t, s)); got != n {
		t.Errorf("%d agents are kept, want %d", got, n)
	}
}
