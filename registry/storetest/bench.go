package storetest

import (
	"fmt"
	"sync/atomic"
	"testing"
	"time"

	"mesos/registry"
)

// BenchmarkAgents admits n agents to an empty store, recovers them as a new master
// does, and removes them. Operations are asked for as fast as they are taken; a rate
// is until the last is durable. fresh gives what opens an empty store, and opens it
// again.
func BenchmarkAgents(b *testing.B, n int, fresh func() func() registry.Store) {
	var admit, recover, remove time.Duration
	var bytes, writes float64
	for b.Loop() {
		a := lifeOf(b, fresh(), n)
		admit, recover, remove = admit+a.admit, recover+a.recover, remove+a.remove
		bytes, writes = a.bytes, a.writes
	}
	rate := func(d time.Duration) float64 { return float64(n*b.N) / d.Seconds() }
	b.ReportMetric(rate(admit), "admitted/s")
	b.ReportMetric(recover.Seconds()*1000/float64(b.N), "recover-ms")
	b.ReportMetric(rate(remove), "removed/s")
	b.ReportMetric(bytes/float64(n), "B/agent")
	b.ReportMetric(writes, "admit-writes")
}

type figures struct {
	admit, recover, remove time.Duration
	bytes, writes          float64
}

func lifeOf(b *testing.B, open func() registry.Store, n int) (f figures) {
	ids := make([]registry.Operation, n)
	gone := make([]registry.Operation, n)
	for i := range n {
		id := fmt.Sprintf("681ffe35-aa7c-4ff4-9cf8-0d35788031e2-S%d", i)
		ids[i], gone[i] = registry.Admit(Info(id)), registry.Remove(id)
	}
	session := func(ops []registry.Operation, want int) (started, took time.Duration, st registry.Stats) {
		begin := time.Now()
		s := open()
		r, state := Start(b, s, registry.Options{})
		started = time.Since(begin)
		if got := state.Len(registry.Agents); got != want {
			b.Fatalf("%d agents were recovered, want %d", got, want)
		}
		begin = time.Now()
		all(b, r, ops)
		took, st = time.Since(begin), r.Stats()
		r.Close()
		if err := s.Close(); err != nil {
			b.Fatal(err)
		}
		return started, took, st
	}
	_, admit, st := session(ids, 0)
	recovered, remove, _ := session(gone, n)
	return figures{admit, recovered, remove, float64(st.Bytes), float64(st.Writes)}
}

// all applies operations and waits for the last.
func all(b *testing.B, r *registry.Registrar, ops []registry.Operation) {
	left := atomic.Int64{}
	left.Store(int64(len(ops)))
	done := make(chan struct{})
	for _, op := range ops {
		r.Apply(op, func(err error) {
			if err != nil {
				b.Error(err)
			}
			if left.Add(-1) == 0 {
				close(done)
			}
		})
	}
	<-done
}
