package e2e

import (
	"io"
	"log/slog"
	"os"
	"path/filepath"
	"testing"
	"time"

	"google.golang.org/protobuf/proto"

	"mesos/actors"
	"mesos/actors/link"
	"mesos/actors/scheduler"
	"mesos/messages/ids"
	v1 "mesos/messages/mesos/v1"
	"mesos/messages/resources"
	"mesos/tests/cluster"
)

// framework is a scheduler in the test's own process that holds its offers.
type framework struct {
	t       *testing.T
	driver  *scheduler.Driver
	offers  chan *v1.Offer
	updates chan *v1.TaskStatus
}

func startFramework(t *testing.T, c *cluster.Cluster, name string) *framework {
	t.Helper()
	return startFrameworkAs(t, c, &v1.FrameworkInfo{User: proto.String("root"), Name: proto.String(name)})
}

func startFrameworkAs(t *testing.T, c *cluster.Cluster, info *v1.FrameworkInfo) *framework {
	t.Helper()
	quiet := slog.New(slog.NewTextHandler(io.Discard, nil))
	net, err := link.DialOnly("127.0.0.1", link.Options{Log: quiet})
	if err != nil {
		t.Fatal(err)
	}
	sys := actors.NewSystem(net, actors.WithLogger(quiet))
	t.Cleanup(sys.Shutdown)
	f := &framework{t: t, offers: make(chan *v1.Offer, 100), updates: make(chan *v1.TaskStatus, 100)}
	f.driver, err = scheduler.Start(sys, "scheduler(1)", scheduler.Config{
		Master: actors.UPID{ID: "master", Addr: c.Addr()}, Log: quiet,
		Framework: info,
	}, scheduler.Callbacks{
		Offers: func(_ *scheduler.Driver, offers []*v1.Offer) {
			for _, o := range offers {
				f.offers <- o
			}
		},
		Update: func(_ *scheduler.Driver, s *v1.TaskStatus) { f.updates <- s },
	})
	if err != nil {
		t.Fatal(err)
	}
	return f
}

// offer waits for the next offer and checks that it is what is expected.
func (f *framework) offer(want string) *v1.Offer {
	f.t.Helper()
	select {
	case o := <-f.offers:
		r, err := resources.FromProto(o.GetResources())
		if err != nil {
			f.t.Fatal(err)
		}
		if w := resources.MustParse(want); !r.Unallocate().Equal(w) {
			f.t.Fatalf("offered %v, want %v", r, w)
		}
		return o
	case <-time.After(patience):
		f.t.Fatal("no offer came")
	}
	return nil
}

// none checks that nothing is offered for a while.
func (f *framework) none(d time.Duration) {
	f.t.Helper()
	select {
	case o := <-f.offers:
		f.t.Fatalf("offered %v, want nothing", o.GetResources())
	case <-time.After(d):
	}
}

func (f *framework) launch(o *v1.Offer, filters *v1.Filters, tasks ...*v1.TaskInfo) {
	for _, t := range tasks {
		t.AgentId = o.AgentId
	}
	f.driver.Launch(o.GetId(), tasks, filters)
}

// state waits until every one of the tasks was in a state.
func (f *framework) state(want v1.TaskState, tasks ...string) {
	f.t.Helper()
	missing := map[string]bool{}
	for _, t := range tasks {
		missing[t] = true
	}
	deadline := time.After(patience)
	for len(missing) > 0 {
		select {
		case s := <-f.updates:
			if s.GetState() == want {
				delete(missing, s.GetTaskId().GetValue())
			}
		case <-deadline:
			f.t.Fatalf("tasks %v did not get to %v", missing, want)
		}
	}
}

func shellTask(id, command, res string) *v1.TaskInfo {
	return &v1.TaskInfo{
		Name: proto.String(id), TaskId: ids.Task(id), Resources: resources.MustParse(res).Proto(), Command: &v1.CommandInfo{Value: proto.String(command)},
	}
}

// The worked example of a resource offer: an agent of 4 cpus and 4096 MB is
// offered to framework 1, which takes 2 cpus, 1024 MB and 1 cpu, 2048 MB; what
// is left goes to framework 2 at once; what an ended task frees is offered again.
func TestOfferExample(t *testing.T) {
	t.Parallel()
	c := cluster.Start(t, cluster.Options{Agents: 1, Separate: true, Resources: "cpus:4;mem:4096;disk:0;ports:[31000-31000]"})
	one := startFramework(t, c, "one")
	all := one.offer("cpus:4;mem:4096;ports:[31000-31000]")
	two := startFramework(t, c, "two")
	two.none(2 * time.Second) // framework 1 holds it all

	file := filepath.Join(t.TempDir(), "go")
	one.launch(all, nil, shellTask("a", "while ! [ -e "+file+" ]; do sleep 0.1; done", "cpus:2;mem:1024"), shellTask("b", "sleep 600", "cpus:1;mem:2048;ports:[31000-31000]"))
	rest := two.offer("cpus:1;mem:1024")
	two.launch(rest, nil, shellTask("c", "sleep 600", "cpus:1;mem:1024"))
	one.state(v1.TaskState_TASK_RUNNING, "a")
	two.state(v1.TaskState_TASK_RUNNING, "c")
	if err := os.WriteFile(file, nil, 0o600); err != nil {
		t.Fatal(err)
	}
	one.state(v1.TaskState_TASK_FINISHED, "a")
	select {
	case o := <-one.offers:
		one.offers <- o
		one.offer("cpus:2;mem:1024")
	case o := <-two.offers:
		two.offers <- o
		two.offer("cpus:2;mem:1024")
	case <-time.After(patience):
		t.Fatal("what the ended task freed was not offered again")
	}
}

func TestKillWithGrace(t *testing.T) {
	t.Parallel()
	c := cluster.Start(t, cluster.Options{Agents: 1, Separate: true, Resources: "cpus:2;mem:512;disk:0;ports:[31000-31000]"})
	f := startFramework(t, c, "killer")
	o := f.offer("cpus:2;mem:512;ports:[31000-31000]")
	stubborn := shellTask("stubborn", `trap "" TERM; while :; do sleep 0.1; done`, "cpus:1;mem:64")
	stubborn.KillPolicy = &v1.KillPolicy{GracePeriod: &v1.DurationInfo{Nanoseconds: proto.Int64(int64(500 * time.Millisecond))}}
	f.launch(o, nil, stubborn, shellTask("meek", "sleep 600", "cpus:1;mem:64"))
	f.state(v1.TaskState_TASK_RUNNING, "stubborn", "meek")
	f.driver.Kill("stubborn", nil)
	f.driver.Kill("meek", nil)
	ended := map[string]*v1.TaskStatus{}
	for len(ended) < 2 {
		select {
		case s := <-f.updates:
			if s.GetState() == v1.TaskState_TASK_KILLED {
				ended[s.GetTaskId().GetValue()] = s
			}
		case <-time.After(patience):
			t.Fatalf("killed so far: %v, want both", ended)
		}
	}
	if got := ended["stubborn"].GetMessage(); got != "Command terminated with signal Killed" {
		t.Errorf("a task that ignores SIGTERM ended with %q, want SIGKILL after its grace period", got)
	}
	if got := ended["meek"].GetMessage(); got != "Command terminated with signal Terminated" {
		t.Errorf("a task that heeds SIGTERM ended with %q", got)
	}
}
