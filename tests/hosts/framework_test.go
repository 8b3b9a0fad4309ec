package hosts

import (
	"fmt"
	"log/slog"
	"sync"
	"testing"
	"time"

	"google.golang.org/protobuf/proto"

	"mesos/actors"
	"mesos/actors/link"
	"mesos/actors/scheduler"
	"mesos/messages/ids"
	v1 "mesos/messages/mesos/v1"
	schedulerv1 "mesos/messages/mesos/v1/scheduler"
	"mesos/messages/resources"
	"mesos/registry/consul"
)

const perTask = "cpus:0.1;mem:8"

// framework launches tasks once and holds every other offer, so that a new master's
// first ones are seen at once. It remembers what it is told.
type framework struct {
	driver *scheduler.Driver
	marks  string // folder where each task leaves a file, named as the task and its process

	mu       sync.Mutex
	tasks    int
	launched int
	states   map[string]v1.TaskState
	ended    []string             // tasks whose end was told, with the reason
	master   string               // that it is subscribed with, by id
	offered  map[string]time.Time // the first offers of each master
}

func startFramework(t testing.TB, ip, url string, tasks int) *framework {
	t.Helper()
	silent := slog.New(slog.DiscardHandler)
	net, err := link.DialOnly(ip, link.Options{Log: silent})
	if err != nil {
		t.Fatal(err)
	}
	sys := actors.NewSystem(net, actors.WithLogger(silent))
	t.Cleanup(sys.Shutdown)
	conf, err := consul.Parse(url)
	if err != nil {
		t.Fatal(err)
	}
	detector, err := consul.NewDetector(conf, silent)
	if err != nil {
		t.Fatal(err)
	}
	f := &framework{marks: t.TempDir(), tasks: tasks, states: map[string]v1.TaskState{}, offered: map[string]time.Time{}}
	f.driver, err = scheduler.Start(sys, "scheduler(1)", scheduler.Config{
		Detector: detector, Log: silent,
		Framework: &v1.FrameworkInfo{
			User: proto.String("root"), Name: proto.String("hosts"), FailoverTimeout: proto.Float64(3600), Checkpoint: proto.Bool(true),
			Capabilities: []*v1.FrameworkInfo_Capability{{Type: v1.FrameworkInfo_Capability_PARTITION_AWARE.Enum()}},
		},
	}, scheduler.Callbacks{Subscribed: f.subscribed, Offers: f.offers, Update: f.update})
	if err != nil {
		t.Fatal(err)
	}
	return f
}

func (f *framework) subscribed(_ *scheduler.Driver, e *schedulerv1.Event_Subscribed) {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.master = e.GetMasterInfo().GetId()
}

// offers launches what is missing, an equal part on each agent.
func (f *framework) offers(d *scheduler.Driver, offers []*v1.Offer) {
	f.mu.Lock()
	defer f.mu.Unlock()
	if _, known := f.offered[f.master]; !known {
		f.offered[f.master] = time.Now()
	}
	for _, o := range offers {
		var tasks []*v1.TaskInfo
		for len(tasks) < f.tasks/agents && f.launched < f.tasks {
			tasks = append(tasks, f.task(fmt.Sprintf("t%03d", f.launched), o.GetAgentId()))
			f.launched++
		}
		if tasks != nil {
			d.Launch(o.GetId(), tasks, scheduler.RefuseFor(0.1))
		}
	}
}

func (f *framework) task(id string, agent *v1.AgentID) *v1.TaskInfo {
	return &v1.TaskInfo{
		Name: proto.String(id), TaskId: ids.Task(id), AgentId: agent, Resources: resources.MustParse(perTask).Proto(),
		Command: &v1.CommandInfo{Value: proto.String(fmt.Sprintf("echo > %s/%s.$$; exec sleep 100000", f.marks, id))},
	}
}

func (f *framework) update(_ *scheduler.Driver, s *v1.TaskStatus) {
	f.mu.Lock()
	defer f.mu.Unlock()
	id := s.GetTaskId().GetValue()
	f.states[id] = s.GetState()
	if s.GetState() != v1.TaskState_TASK_STARTING && s.GetState() != v1.TaskState_TASK_RUNNING {
		f.ended = append(f.ended, fmt.Sprintf("%s: %v, %v: %s", id, s.GetState(), s.GetReason(), s.GetMessage()))
	}
}

// firstOffers waits until a master has made offers that led first after since, and
// says how long after since the first came.
func (f *framework) firstOffers(t testing.TB, since time.Time) (took time.Duration) {
	t.Helper()
	eventually(t, "offers of the new leader", func() string {
		f.mu.Lock()
		defer f.mu.Unlock()
		why := fmt.Sprintf("the framework is subscribed with %q", f.master)
		for _, at := range f.offered {
			if after := at.Sub(since); after > 0 && (why != "" || after < took) {
				took, why = after, ""
			}
		}
		return why
	})
	return took
}

// complaint is what the framework was told that must not be, "" if nothing.
func (f *framework) complaint() string {
	f.mu.Lock()
	defer f.mu.Unlock()
	if len(f.ended) > 0 {
		return fmt.Sprintf("the framework was told of %d ends: %v", len(f.ended), f.ended)
	}
	return ""
}
