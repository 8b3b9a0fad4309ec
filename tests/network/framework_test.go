package network

import (
	"fmt"
	"log/slog"
	"sync"
	"testing"

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

// framework launches what it is given with the next offer.
type framework struct {
	t      testing.TB
	driver *scheduler.Driver

	mu     sync.Mutex
	offers []*v1.Offer // unused
	told   map[string][]*v1.TaskStatus
}

func startFramework(t testing.TB, c *cluster.Cluster) *framework {
	t.Helper()
	silent := slog.New(slog.DiscardHandler)
	net, err := link.DialOnly(machine, link.Options{Log: silent})
	if err != nil {
		t.Fatal(err)
	}
	sys := actors.NewSystem(net, actors.WithLogger(silent))
	t.Cleanup(sys.Shutdown)
	f := &framework{t: t, told: map[string][]*v1.TaskStatus{}}
	f.driver, err = scheduler.Start(sys, "scheduler(1)", scheduler.Config{
		Master: actors.UPID{ID: "master", Addr: c.Addr()}, Log: silent,
		Framework: &v1.FrameworkInfo{User: new("root"), Name: new("net"), FailoverTimeout: proto.Float64(600), Checkpoint: new(true)},
	}, scheduler.Callbacks{
		Offers: func(_ *scheduler.Driver, offers []*v1.Offer) {
			f.mu.Lock()
			defer f.mu.Unlock()
			f.offers = append(f.offers, offers...)
		},
		Rescinded: func(_ *scheduler.Driver, id *v1.OfferID) { f.drop(id) },
		Update: func(_ *scheduler.Driver, s *v1.TaskStatus) {
			f.mu.Lock()
			defer f.mu.Unlock()
			f.told[s.GetTaskId().GetValue()] = append(f.told[s.GetTaskId().GetValue()], s)
		},
	})
	if err != nil {
		t.Fatal(err)
	}
	return f
}

func (f *framework) drop(id *v1.OfferID) {
	f.mu.Lock()
	defer f.mu.Unlock()
	for i, o := range f.offers {
		if o.GetId().GetValue() == id.GetValue() {
			f.offers = append(f.offers[:i:i], f.offers[i+1:]...)
			return
		}
	}
}

// offer waits for one, which is used up.
func (f *framework) offer() (o *v1.Offer) {
	f.t.Helper()
	eventually(f.t, "an offer", func() bool {
		f.mu.Lock()
		defer f.mu.Unlock()
		if len(f.offers) > 0 {
			o, f.offers = f.offers[0], f.offers[1:]
		}
		return o != nil
	})
	return o
}

// launch launches tasks; what is left of the offer is offered again.
func (f *framework) launch(tasks ...*v1.TaskInfo) {
	f.t.Helper()
	o := f.offer()
	for _, t := range tasks {
		t.AgentId = o.GetAgentId()
	}
	f.driver.Launch(o.GetId(), tasks, &v1.Filters{RefuseSeconds: proto.Float64(0)})
}

// running waits until a task runs, and gives the status that tells it.
func (f *framework) running(task string) *v1.TaskStatus {
	f.t.Helper()
	return f.state(task, func(s v1.TaskState) bool { return s == v1.TaskState_TASK_RUNNING })
}

// over waits for the end of a task.
func (f *framework) over(task string) *v1.TaskStatus {
	f.t.Helper()
	return f.state(task, states.Terminal)
}

func (f *framework) state(task string, is func(v1.TaskState) bool) (found *v1.TaskStatus) {
	f.t.Helper()
	eventually(f.t, "the state of task "+task, func() bool {
		f.mu.Lock()
		defer f.mu.Unlock()
		for _, s := range f.told[task] {
			if is(s.GetState()) {
				found = s
				return true
			}
			if states.Terminal(s.GetState()) {
				f.t.Fatalf("task %s ended: %v", task, s)
			}
		}
		return false
	})
	return found
}

// task is a small one in a network, "" for that of the machine, with a port of the machine
// that leads to its port 80, 0 for none.
func task(name, network string, c *v1.CommandInfo, port uint32) *v1.TaskInfo {
	text := "cpus:0.1;mem:64"
	info := &v1.NetworkInfo{Labels: &v1.Labels{Labels: []*v1.Label{{Key: new("who"), Value: &name}}}}
	if network != "" {
		info.Name = &network
	}
	if port > 0 {
		text += fmt.Sprintf(";ports:[%d-%d]", port, port)
		info.PortMappings = []*v1.NetworkInfo_PortMapping{{HostPort: &port, ContainerPort: proto.Uint32(80)}}
	}
	return &v1.TaskInfo{Name: &name, TaskId: ids.Task(name), Command: c, Resources: resources.MustParse(text).Proto(), Container: &v1.ContainerInfo{
		Type: v1.ContainerInfo_MESOS.Enum(), NetworkInfos: []*v1.NetworkInfo{info},
	}}
}
