package store

import (
	"fmt"
	"sync"
	"testing"

	v1 "mesos/messages/mesos/v1"
)

// Durable updates through one agent's store, of so many tasks at a time: each
// task has its next update when the last is durable. fsyncs are two a commit:
// the pages, then the page that makes them count.
func BenchmarkDurableUpdates(b *testing.B) {
	for _, tasks := range []int{1, 10, 100, 1000, 5000} {
		b.Run(fmt.Sprintf("tasks=%d", tasks), func(b *testing.B) {
			s, err := Open(b.TempDir(), quiet)
			if err != nil {
				b.Fatal(err)
			}
			defer s.Close()
			var wg sync.WaitGroup
			b.ResetTimer()
			for t := range min(tasks, b.N) {
				u := update(fmt.Sprint("task-", t), "0123456789abcdef", v1.TaskState_TASK_RUNNING)
				var next func(i int)
				next = func(i int) {
					if i >= b.N {
						wg.Done()
						return
					}
					s.Commit(func() { next(i + tasks) }, PutUpdate(uint64(i), u))
				}
				wg.Add(1)
				next(t)
			}
			wg.Wait()
			b.StopTimer()
			st := s.Stats()
			b.ReportMetric(float64(b.N)/b.Elapsed().Seconds(), "updates/s")
			b.ReportMetric(2*float64(st.Commits)/float64(b.N), "fsyncs/update")
			b.ReportMetric(0, "ns/op")
		})
	}
}

// The whole life of an update: kept, acknowledged, and forgotten when its task is over.
func BenchmarkUpdatesKeptAndForgotten(b *testing.B) {
	s, err := Open(b.TempDir(), quiet)
	if err != nil {
		b.Fatal(err)
	}
	defer s.Close()
	const batch = 1000
	for i := 0; i < b.N; i += batch {
		for n := i; n < min(i+batch, b.N); n++ {
			u := update("task", "0123456789abcdef", v1.TaskState_TASK_RUNNING)
			s.Commit(nil, PutUpdate(uint64(n), u))
			s.Commit(nil, PutAcknowledged(uint64(n), u))
			if n >= batch {
				s.Commit(nil, DeleteUpdate(uint64(n-batch)))
			}
		}
		durable(s)
	}
	b.ReportMetric(float64(b.N)/b.Elapsed().Seconds(), "updates/s")
	b.ReportMetric(2*float64(s.Stats().Commits)/float64(b.N), "fsyncs/update")
	b.ReportMetric(0, "ns/op")
}
