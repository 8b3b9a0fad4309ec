package master

import (
	"context"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"slices"
	"sync"
	"testing"
	"time"

	"mesos/actors"
	"mesos/actors/httpapi"
	"mesos/actors/master/view"
	"mesos/messages/jsonwriter"
	v1 "mesos/messages/mesos/v1"
	masterv1 "mesos/messages/mesos/v1/master"
)

// A cluster as large as the one that Mesos was measured with, and ten times its agents.
const crowdAgents, crowdTasks = 1000, 20_000

// BenchmarkSnapshot is what one read costs the actor.
func BenchmarkSnapshot(b *testing.B) {
	s, of := crowd(b, crowdAgents, crowdTasks)
	pass := func(b *testing.B, change int) {
		s.do(b, func() { s.snapshot() })
		state := v1.TaskState_TASK_RUNNING
		for b.Loop() {
			b.StopTimer()
			if state == v1.TaskState_TASK_RUNNING {
				state = v1.TaskState_TASK_KILLING
			} else {
				state = v1.TaskState_TASK_RUNNING
			}
			s.do(b, func() {
				for i := range change {
					f := s.frameworks[of[i%len(of)]]
					id := fmt.Sprintf("web.%d", i)
					s.update(f.id, f.tasks[id].agentID, id, state)
				}
			})
			var took time.Duration
			b.StartTimer()
			s.do(b, func() {
				start := time.Now()
				s.snapshot()
				took = time.Since(start)
			})
			b.ReportMetric(float64(took.Microseconds()), "actor-µs")
		}
	}
	for _, change := range []int{0, 200, 2000} {
		b.Run(fmt.Sprintf("changed=%d", change), func(b *testing.B) { pass(b, change) })
	}
}

// BenchmarkEncode is what the readers' side of one read costs.
func BenchmarkEncode(b *testing.B) {
	s, _ := crowd(b, crowdAgents, crowdTasks)
	for _, c := range []struct {
		name  string
		write func(c *view.Cluster) int
	}{
		{"state", text(func(j *jsonwriter.Writer, c *view.Cluster) { c.State(j) })},
		{"state-summary", text(func(j *jsonwriter.Writer, c *view.Cluster) { c.Summary(j) })},
		{"GET_STATE/json", text(func(j *jsonwriter.Writer, c *view.Cluster) {
			view.WriteResponse(j, pictures[masterv1.Call_GET_STATE](c))
		})},
		{"GET_STATE/protobuf", func(c *view.Cluster) int {
			body, err := httpapi.Marshal(httpapi.Protobuf, pictures[masterv1.Call_GET_STATE](c))
			if err != nil {
				b.Fatal(err)
			}
			return len(body)
		}},
	} {
		b.Run(c.name, func(b *testing.B) {
			size := 0
			for b.Loop() {
				b.StopTimer()
				picture, err := s.Snapshot()
				if err != nil {
					b.Fatal(err)
				}
				b.StartTimer()
				size = c.write(picture)
			}
			b.SetBytes(int64(size))
		})
	}
}

func text(write func(*jsonwriter.Writer, *view.Cluster)) func(*view.Cluster) int {
	return func(c *view.Cluster) int {
		size := 0
		j := jsonwriter.To(func(p []byte) { size += len(p) })
		write(j, c)
		_ = j.Flush()
		return size
	}
}

// BenchmarkPolled is how long messages wait at the master while clients poll
// /state as fast as they are answered. Clients and master share the processors.
func BenchmarkPolled(b *testing.B) {
	s, of := crowd(b, crowdAgents, crowdTasks)
	server := httptest.NewServer(s.http)
	defer server.Close()
	for _, clients := range []int{0, 1, 50} {
		for _, zip := range []bool{false, true} {
			if clients == 0 && zip {
				continue
			}
			b.Run(fmt.Sprintf("clients=%d/gzip=%v", clients, zip), func(b *testing.B) { polled(b, s, of, server.URL, clients, zip) })
		}
	}
}

func polled(b *testing.B, s *standing, of []string, url string, clients int, zip bool) {
	ctx, stop := context.WithCancel(context.Background())
	var polling sync.WaitGroup
	var mu sync.Mutex
	answers := 0
	for range clients {
		polling.Go(func() {
			c := &http.Client{Transport: &http.Transport{DisableCompression: true}}
			defer c.CloseIdleConnections()
			for ctx.Err() == nil {
				r, err := http.NewRequestWithContext(ctx, http.MethodGet, url+"/state", nil)
				if err != nil {
					b.Error(err)
					return
				}
				if zip {
					r.Header.Set("Accept-Encoding", "gzip")
				}
				w, err := c.Do(r)
				if err != nil {
					continue // the end
				}
				n, err := io.Copy(io.Discard, w.Body)
				_ = w.Body.Close()
				if err == nil && n > 0 {
					mu.Lock()
					answers++
					mu.Unlock()
				}
			}
		})
	}
	// What is measured is a status update that is due every millisecond, from the moment when it is due: a sender that
	// gets no processor counts as waiting, too.
	const every = time.Millisecond
	var delays, queued []time.Duration
	start := time.Now()
	for i := 0; b.Loop(); i++ {
		due := start.Add(time.Duration(i) * every)
		time.Sleep(time.Until(due))
		sent := time.Now()
		handled, err := actors.Call(s.p, func() time.Time {
			now := time.Now()
			f := s.frameworks[of[i%len(of)]]
			id := fmt.Sprintf("web.%d", i%crowdTasks)
			if t := f.tasks[id]; t != nil {
				s.update(f.id, t.agentID, id, v1.TaskState_TASK_RUNNING)
			}
			return now
		})
		if err != nil {
			b.Fatal(err)
		}
		delays, queued = append(delays, handled.Sub(due)), append(queued, handled.Sub(sent))
	}
	took := time.Since(start)
	stop()
	polling.Wait()
	report := func(name string, d []time.Duration) {
		slices.Sort(d)
		for _, p := range []struct {
			name string
			at   float64
		}{{"p50", 0.5}, {"p99", 0.99}, {"max", 1}} {
			b.ReportMetric(d[int(p.at*float64(len(d)-1))].Seconds()*1000, p.name+"-"+name+"-ms")
		}
	}
	report("due", delays)
	report("queued", queued)
	b.ReportMetric(float64(answers)/took.Seconds(), "answers/s")
	b.ReportMetric(0, "ns/op")
}
