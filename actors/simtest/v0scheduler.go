package simtest

import (
	"slices"
	"sync"
	"time"

	"google.golang.org/protobuf/proto"

	"mesos/actors"
	"mesos/messages/ids"
	"mesos/messages/internalpb"
	v1 "mesos/messages/mesos/v1"
	"mesos/messages/resources"
	"mesos/messages/states"
)

// V0Framework is a scheduler on a driver of version 0: it registers until it is answered, and again when its connection
// to the master ends.
type V0Framework struct {
	c       *Cluster
	program *program
	p       *actors.Process
	info    *v1.FrameworkInfo

	// on the actor
	failover   bool // said when it registers with an id
	registered bool
	tries      int

	mu      sync.Mutex // guards what follows, and info for those who are not the actor
	want    []*v1.TaskInfo
	history map[string][]v1.TaskState
	seen    map[string]bool
	heard   []string // names of the messages that are not offers or updates
	errors  []string
	said    []string
	agent   map[string]*v1.AgentID
	pids    map[string]string // agent id → process id
}

// V0Framework starts one. With an id in info it re-registers; failover: as a new instance.
func (c *Cluster) V0Framework(info *v1.FrameworkInfo, failover bool) *V0Framework {
	c.T.Helper()
	info = proto.CloneOf(info)
	info.User, info.Name = proto.String("root"), proto.String("v0")
	f := &V0Framework{
		c: c, info: info, failover: failover, history: map[string][]v1.TaskState{}, seen: map[string]bool{},
		agent: map[string]*v1.AgentID{}, pids: map[string]string{}, program: c.newProgram(c.host(30000)),
	}
	f.program.again = f.again
	if _, err := f.program.sys.SpawnReady("scheduler(1)", f); err != nil {
		c.T.Fatal(err)
	}
	return f
}

// Init installs the driver's handlers.
func (f *V0Framework) Init(p *actors.Process) {
	f.p = p
	actors.Install(p, func(_ actors.UPID, m *internalpb.FrameworkRegisteredMessage) { f.answered(m, m.GetFrameworkId()) })
	actors.Install(p, func(_ actors.UPID, m *internalpb.FrameworkReregisteredMessage) { f.answered(m, m.GetFrameworkId()) })
	actors.Install(p, f.offered)
	actors.Install(p, f.updated)
	actors.Install(p, func(_ actors.UPID, m *internalpb.FrameworkErrorMessage) {
		f.note(func() { f.errors = append(f.errors, m.GetMessage()) })
		f.registered = true // a driver stops
		f.tries++
	})
	actors.Install(p, func(_ actors.UPID, m *internalpb.ExecutorToFrameworkMessage) {
		f.note(func() { f.said = append(f.said, string(m.GetData())) })
	})
	p.OnMessage(func(_ actors.UPID, m proto.Message) {
		f.note(func() { f.heard = append(f.heard, string(m.ProtoReflect().Descriptor().Name())) })
	})
	p.OnExited(func(string) {
		if len(f.Errors()) == 0 {
			f.register()
		}
	})
	f.register()
}

func (f *V0Framework) note(change func()) {
	f.mu.Lock()
	defer f.mu.Unlock()
	change()
}

// register tries until it is answered.
func (f *V0Framework) register() {
	f.registered = false
	f.tries++
	f.try(f.tries)
}

func (f *V0Framework) try(n int) {
	if f.registered || f.tries != n {
		return
	}
	f.p.Link(f.c.Master())
	if f.info.Id == nil {
		f.p.Send(f.c.Master(), &internalpb.RegisterFrameworkMessage{Framework: f.info})
	} else {
		f.p.Send(f.c.Master(), &internalpb.ReregisterFrameworkMessage{Framework: f.info, Failover: proto.Bool(f.failover)})
	}
	f.p.Delay(time.Second, func() { f.try(n) })
}

func (f *V0Framework) answered(m proto.Message, id *v1.FrameworkID) {
	f.note(func() {
		f.heard = append(f.heard, string(m.ProtoReflect().Descriptor().Name()))
		info := proto.CloneOf(f.info)
		info.Id = id
		f.info = info
	})
	f.registered, f.failover = true, false
}

// offered launches what is wanted on the first offer, and declines the others.
func (f *V0Framework) offered(_ actors.UPID, m *internalpb.ResourceOffersMessage) {
	if !f.registered {
		return
	}
	for i, o := range m.GetOffers() {
		launch := &internalpb.LaunchTasksMessage{
			FrameworkId: f.info.Id, OfferIds: []*v1.OfferID{o.GetId()}, Filters: &v1.Filters{RefuseSeconds: proto.Float64(0)},
		}
		f.note(func() {
			f.pids[o.GetAgentId().GetValue()] = m.GetPids()[i]
			for _, t := range f.want {
				t.AgentId = o.GetAgentId()
				f.agent[t.GetTaskId().GetValue()] = o.GetAgentId()
			}
			launch.Tasks, f.want = f.want, nil
		})
		f.p.Send(f.c.Master(), launch)
	}
}

func (f *V0Framework) updated(_ actors.UPID, m *internalpb.StatusUpdateMessage) {
	u := m.GetUpdate()
	id := u.GetStatus().GetTaskId()
	f.note(func() {
		if len(u.GetUuid()) == 0 || !f.seen[string(u.GetUuid())+id.GetValue()] {
			f.history[id.GetValue()] = append(f.history[id.GetValue()], u.GetStatus().GetState())
		}
		f.seen[string(u.GetUuid())+id.GetValue()] = true
	})
	if len(u.GetUuid()) > 0 && m.GetPid() != "" {
		f.p.Send(f.c.Master(), &internalpb.StatusUpdateAcknowledgementMessage{
			SlaveId: u.GetSlaveId(), FrameworkId: f.info.Id, TaskId: id, Uuid: u.GetUuid(),
		})
	}
}

// Launch wants a task on an executor of version 0 of its own.
func (f *V0Framework) Launch(id, command string) {
	t := &v1.TaskInfo{
		Name: proto.String(id), TaskId: ids.Task(id), Resources: resources.MustParse("cpus:0.5;mem:32").Proto(),
		Executor: &v1.ExecutorInfo{
			ExecutorId: ids.Executor(id), Resources: resources.MustParse("cpus:0.1;mem:32").Proto(),
			Command: &v1.CommandInfo{Value: proto.String(V0Command)},
		},
		Labels: &v1.Labels{Labels: []*v1.Label{{Key: proto.String("model"), Value: proto.String(command)}}},
	}
	f.note(func() { f.want = append(f.want, t) })
}

// Tell sends a message to the master in the driver's name.
func (f *V0Framework) Tell(m proto.Message) { f.p.Send(f.c.Master(), m) }

// States are a task's, each update once.
func (f *V0Framework) States(id string) []v1.TaskState {
	f.mu.Lock()
	defer f.mu.Unlock()
	return append([]v1.TaskState(nil), f.history[id]...)
}

// Over tells whether the last state of a task is terminal.
func (f *V0Framework) Over(id string) bool {
	h := f.States(id)
	return len(h) > 0 && states.Terminal(h[len(h)-1])
}

// Info is the framework as it is registered.
func (f *V0Framework) Info() *v1.FrameworkInfo {
	f.mu.Lock()
	defer f.mu.Unlock()
	return f.info
}

// AgentOf is where a task was launched: the agent's id, and its process id as the offer told it.
func (f *V0Framework) AgentOf(task string) (*v1.AgentID, string) {
	f.mu.Lock()
	defer f.mu.Unlock()
	return f.agent[task], f.pids[f.agent[task].GetValue()]
}

// Said tells whether an executor sent that message.
func (f *V0Framework) Said(text string) bool {
	f.mu.Lock()
	defer f.mu.Unlock()
	return slices.Contains(f.said, text)
}

// Heard counts the messages of a name, but not offers and updates.
func (f *V0Framework) Heard(name string) (n int) {
	f.mu.Lock()
	defer f.mu.Unlock()
	for _, h := range f.heard {
		if h == name {
			n++
		}
	}
	return n
}

// Errors are the errors that the master told.
func (f *V0Framework) Errors() []string {
	f.mu.Lock()
	defer f.mu.Unlock()
	return append([]string(nil), f.errors...)
}
