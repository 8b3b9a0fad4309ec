package e2e

import (
	"fmt"
	"io"
	"log/slog"
	"os/exec"
	"slices"
	"testing"
	"time"

	"google.golang.org/protobuf/proto"

	"mesos/actors"
	"mesos/actors/link"
	"mesos/actors/scheduler"
	"mesos/messages/ids"
	v1 "mesos/messages/mesos/v1"
	"mesos/messages/resources"
	"mesos/messages/states"
	"mesos/tests/cluster"
)

// BenchmarkTasks runs b.N tasks `true` through master, agent and executor, so
// many at a time, beside the rate at which this machine starts `sh -c true` at
// all. It reports tasks/s and the time from launch to TASK_RUNNING.
func BenchmarkTasks(b *testing.B) {
	b.Run("fork-exec-wait", func(b *testing.B) {
		for range b.N {
			if err := exec.Command("sh", "-c", "true").Run(); err != nil {
				b.Fatal(err)
			}
		}
		b.ReportMetric(float64(b.N)/b.Elapsed().Seconds(), "tasks/s")
	})
	for _, inFlight := range []int{1, 20, 200} {
		b.Run(fmt.Sprintf("in-flight-%d", inFlight), func(b *testing.B) { benchmarkTasks(b, inFlight) })
	}
}

// load keeps a number of tasks in flight.
type load struct {
	b                  *testing.B
	most               int
	launched, finished int
	offers             []*v1.Offer
	sent               map[string]time.Time
	latency            []time.Duration
	done               chan struct{}
}

func benchmarkTasks(b *testing.B, inFlight int) {
	c := cluster.Start(b, cluster.Options{Agents: 1, Resources: "cpus:100;mem:100000;disk:0;ports:[31000-31000]"})
	quiet := slog.New(slog.NewTextHandler(io.Discard, nil))
	net, err := link.DialOnly("127.0.0.1", link.Options{Log: quiet})
	if err != nil {
		b.Fatal(err)
	}
	sys := actors.NewSystem(net, actors.WithLogger(quiet))
	defer sys.Shutdown()
	l := &load{b: b, most: inFlight, sent: map[string]time.Time{}, done: make(chan struct{})}
	b.ResetTimer()
	_, err = scheduler.Start(sys, "scheduler(1)", scheduler.Config{
		Master: actors.UPID{ID: "master", Addr: c.Addr()}, Log: quiet,
		Framework: &v1.FrameworkInfo{User: proto.String("root"), Name: proto.String("bench")},
	}, scheduler.Callbacks{
		Offers: func(d *scheduler.Driver, offers []*v1.Offer) {
			l.offers = append(l.offers, offers...)
			l.pump(d)
		},
		Update: l.update,
	})
	if err != nil {
		b.Fatal(err)
	}
	<-l.done
	b.StopTimer()
	slices.Sort(l.latency)
	at := func(p float64) float64 { return l.latency[int(p*float64(len(l.latency)-1))].Seconds() * 1000 }
	b.ReportMetric(float64(b.N)/b.Elapsed().Seconds(), "tasks/s")
	b.ReportMetric(at(0.5), "ms-to-running-p50")
	b.ReportMetric(at(0.99), "ms-to-running-p99")
}

func (l *load) update(d *scheduler.Driver, s *v1.TaskStatus) {
	id := s.GetTaskId().GetValue()
	if at, ok := l.sent[id]; ok && s.GetState() == v1.TaskState_TASK_RUNNING {
		l.latency = append(l.latency, time.Since(at))
		delete(l.sent, id)
	}
	if !states.Terminal(s.GetState()) {
		return
	}
	if s.GetState() != v1.TaskState_TASK_FINISHED {
		l.b.Errorf("task %s ended in %v: %s", id, s.GetState(), s.GetMessage())
	}
	if l.finished++; l.finished == l.b.N {
		close(l.done)
		return
	}
	l.pump(d)
}

// pump launches what may be in flight on the offers at hand.
func (l *load) pump(d *scheduler.Driver) {
	n := min(l.most-(l.launched-l.finished), l.b.N-l.launched)
	if n <= 0 || len(l.offers) == 0 {
		return
	}
	o := l.offers[0]
	l.offers = l.offers[1:]
	var tasks []*v1.TaskInfo
	for range n {
		id := fmt.Sprintf("t%d", l.launched)
		l.launched++
		l.sent[id] = time.Now()
		tasks = append(tasks, &v1.TaskInfo{
			Name: proto.String(id), TaskId: ids.Task(id), AgentId: o.AgentId,
			Resources: resources.MustParse("cpus:0.1;mem:32").Proto(), Command: &v1.CommandInfo{Value: proto.String("true")},
		})
	}
	d.Launch(o.GetId(), tasks, scheduler.RefuseFor(0))
}
