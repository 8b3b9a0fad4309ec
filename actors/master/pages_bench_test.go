package master

import (
	"fmt"
	"net/http/httptest"
	"syscall"
	"testing"
	"time"

	"mesos/actors/master/live"
	v1 "mesos/messages/mesos/v1"
)

// BenchmarkPages is what open pages cost a master of a large cluster in which 200 tasks change in a second: the share
// of one processor that this program uses, its readers included. One second each.
func BenchmarkPages(b *testing.B) {
	s, of := crowd(b, crowdAgents, crowdTasks)
	server := httptest.NewServer(s.http)
	b.Cleanup(server.Close)
	healthy := false
	change := func() {
		healthy = !healthy
		state := v1.TaskState_TASK_RUNNING
		if healthy {
			state = v1.TaskState_TASK_KILLING
		}
		s.do(b, func() {
			for i := range 20 {
				f := s.frameworks[of[i%len(of)]]
				id := fmt.Sprintf("web.%d", i)
				s.update(f.id, f.tasks[id].agentID, id, state)
			}
		})
	}
	for _, readers := range []int{0, 1, 50} {
		b.Run(fmt.Sprintf("open=%d", readers), func(b *testing.B) {
			if readers > 0 {
				last := pageStateOf(b, server.URL).Last
				for range readers {
					p := openPage(b, server.URL, last)
					done := make(chan struct{})
					go func() {
						defer close(done)
						for p.events.Scan() { // as a browser takes it off the connection
						}
					}()
					b.Cleanup(func() { p.close(); <-done })
				}
			}
			before := processorTime(b)
			for b.Loop() {
				for range 10 {
					change()
					time.Sleep(100 * time.Millisecond)
				}
			}
			b.ReportMetric(100*(processorTime(b)-before).Seconds()/b.Elapsed().Seconds(), "cpu-%")
		})
	}
}

// processorTime is what this program has used of processors.
func processorTime(b *testing.B) time.Duration {
	var u syscall.Rusage
	if err := syscall.Getrusage(syscall.RUSAGE_SELF, &u); err != nil {
		b.Fatal(err)
	}
	return time.Duration(u.Utime.Nano() + u.Stime.Nano())
}

// BenchmarkPagesLook is one look for changes: what the master's actor and what the pages' actor do for it.
func BenchmarkPagesLook(b *testing.B) {
	s, _ := crowd(b, crowdAgents, crowdTasks)
	b.Run("actor", func(b *testing.B) {
		for b.Loop() {
			s.do(b, func() { s.snapshot() })
		}
	})
	b.Run("compare", func(b *testing.B) {
		c, err := s.Snapshot()
		if err != nil {
			b.Fatal(err)
		}
		book := live.NewBook()
		book.Update(c, nil)
		for b.Loop() {
			book.Update(c, nil)
		}
	})
}
