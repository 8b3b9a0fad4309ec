package master

import (
	"slices"
	"time"

	"google.golang.org/protobuf/proto"

	"mesos/actors"
	"mesos/actors/master/view"
	"mesos/messages/ids"
	v1 "mesos/messages/mesos/v1"
	"mesos/messages/resources"
	"mesos/messages/states"
)

// framework is one subscriber and what it holds.
type framework struct {
	id     string
	info   *v1.FrameworkInfo // replaced as a whole, never changed
	caps   capabilities
	roles  []string
	wishes wishes
	conn   Conn   // nil while disconnected
	pid    string // of an actor driver, for /state
	active bool   // gets offers
	// suppressed are roles without offers, for readers; replaced as a whole
	suppressed map[string]bool
	counts     *view.Counts
	removed    bool // torn down or timed out; kept until its tasks are gone from the agents
	// recovered: known only from agents or the registry so far, after a master restart
	recovered bool
	kept      bool // the registry has its failover deadline

	registered, reregistered, unregistered time.Time

	tasks       map[string]*task
	completed   ring[*task]
	unreachable ring[*task]
	executors   map[string]map[string]*executor // agent id → executor id
	offers      map[string]*offer
	offered     resources.Recent[[]*v1.Resource] // as messages that are not to be changed
	inverse     map[string]*inverseOffer
	operations  operations

	pastCompleted, pastUnreachable past // of completed and unreachable, for snapshots

	cancelFailover  func()
	cancelHeartbeat func()
}

func (f *framework) send(e *event) {
	if f.conn != nil {
		f.conn.Send(e)
		f.counts.Event(e.GetType())
	}
}

// takeUnreachable takes the tasks of an agent from those that are out of reach.
func (f *framework) takeUnreachable(agentID string) (taken []*task) {
	of := func(t *task) bool { return t.agentID == agentID }
	for _, t := range f.unreachable.values {
		if of(t) {
			taken = append(taken, t)
		}
	}
	if taken != nil {
		f.unreachable.removeFunc(of)
	}
	return taken
}

// agent is one registered agent.
type agent struct {
	id           string
	run          int // counts admissions of agents; the allocator's offers of an earlier one are void
	upid         actors.UPID
	place        place
	info         *v1.AgentInfo // with resources; replaced as a whole
	version      string
	capabilities []v1.AgentInfo_Capability_Type
	total        resources.Resources

	resourceVersion string // uuid of what it last told of its own resources
	providers       map[string]*provider
	operations      operations
	reported        bool         // its operations, in its first report since this master knows it
	acknowledged    ring[string] // uuids of its operations that were, the newest; a late report may have them still

	unavailable *v1.Unavailability // by the maintenance schedule; nil if it is not in it

	connected    bool
	session      int // counts registrations, so that late pings of an old one are ignored
	registered   time.Time
	reregistered time.Time

	tasks     map[string]map[string]*task     // framework id → task id
	executors map[string]map[string]*executor // framework id → executor id
	offers    map[string]*offer
	inverse   map[string]*inverseOffer
	full      bool // it has as many executors as it may have, when it was last looked

	missedPings int
	cancelPing  func()
}

// offer is resources of one agent held out to one framework for one role.
type offer struct {
	id, frameworkID, agentID, role string
	resources                      resources.Resources // allocated to role
	made                           time.Time
	cancelTimeout                  func()
}

// executor is a custom executor that tasks of its framework run in. Command
// executors belong to the agent alone.
type executor struct {
	info      *v1.ExecutorInfo
	resources resources.Resources
}

// task is one task from its launch until its terminal update is acknowledged.
// A copy of the struct is a consistent picture: what it points to never changes.
type task struct {
	id, frameworkID, agentID string
	executorID               string   // "" for command tasks
	desc                     *v1.Task // what does not change: name, labels, container, …
	resources                resources.Resources

	state       v1.TaskState // newest that the agent knows
	statusState v1.TaskState // newest that was sent to the framework
	statusUUID  []byte
	statuses    []*v1.TaskStatus // one per state change, the newest of each run of equal states
	killPolicy  *v1.KillPolicy
	killWanted  bool
	// preemptedFor is the framework that the task is killed for, "" if for none
	preemptedFor string
	freed        bool       // its resources went back to the allocator
	seen         *view.Task // as the last snapshot shows it
	way          way
}

func newTask(f *framework, info *v1.TaskInfo, res resources.Resources) *task {
	t := &task{
		id: info.GetTaskId().GetValue(), frameworkID: f.id, agentID: info.GetAgentId().GetValue(),
		executorID: info.GetExecutor().GetExecutorId().GetValue(),
		resources:  res,
		state:      v1.TaskState_TASK_STAGING, statusState: v1.TaskState_TASK_STAGING,
	}
	command := info.GetCommand()
	if command == nil {
		command = info.GetExecutor().GetCommand()
	}
	t.desc = &v1.Task{
		Name: info.Name, TaskId: info.TaskId, FrameworkId: ids.Framework(f.id), AgentId: info.AgentId,
		Resources: res.Proto(), Labels: info.Labels, Discovery: info.Discovery, Container: info.Container,
		HealthCheck: info.HealthCheck, KillPolicy: info.KillPolicy, Limits: info.Limits,
		User:  command.User, // a launched task has a command of its own or of its executor
		State: v1.TaskState_TASK_STAGING.Enum(),
	}
	if t.executorID != "" {
		t.desc.ExecutorId = ids.Executor(t.executorID)
	}
	return t
}

// recoveredTask is a task learned from an agent's re-registration.
func recoveredTask(desc *v1.Task) (*task, error) {
	res, err := resources.FromProto(desc.GetResources())
	if err != nil {
		return nil, err
	}
	t := &task{
		id: desc.GetTaskId().GetValue(), frameworkID: desc.GetFrameworkId().GetValue(), agentID: desc.GetAgentId().GetValue(),
		executorID: desc.GetExecutorId().GetValue(), resources: res,
		state: desc.GetState(), statusState: desc.GetState(), statuses: desc.GetStatuses(),
	}
	if desc.StatusUpdateState != nil {
		t.statusState, t.statusUUID = desc.GetStatusUpdateState(), desc.GetStatusUpdateUuid()
	}
	t.desc = proto.CloneOf(desc)
	t.desc.Statuses = nil
	return t, nil
}

// stateBefore is the newest state that was told before s.
func (t *task) stateBefore(s v1.TaskState) v1.TaskState {
	for _, told := range slices.Backward(t.statuses) {
		if told.GetState() != s {
			return told.GetState()
		}
	}
	return v1.TaskState_TASK_STAGING
}

// observe records a status. Earlier statuses stay as they are, for snapshots.
func (t *task) observe(s *v1.TaskStatus) {
	if n := len(t.statuses); n > 0 && t.statuses[n-1].GetState() == s.GetState() {
		t.statuses = append(slices.Clone(t.statuses[:n-1]), s)
		return
	}
	t.statuses = append(t.statuses[:len(t.statuses):len(t.statuses)], s)
}

// lastStatus is the newest status; one made of the state alone if that is newer.
func (t *task) lastStatus() *v1.TaskStatus {
	if n := len(t.statuses); n > 0 && t.statuses[n-1].GetState() == t.state {
		return t.statuses[n-1]
	}
	return &v1.TaskStatus{State: t.state.Enum()}
}

func (t *task) terminal() bool { return states.Terminal(t.state) }

func put[V any](m map[string]map[string]V, a, b string, v V) {
	if m[a] == nil {
		m[a] = map[string]V{}
	}
	m[a][b] = v
}

func remove[V any](m map[string]map[string]V, a, b string) {
	delete(m[a], b)
	if len(m[a]) == 0 {
		delete(m, a)
	}
}

// ring keeps the newest max values.
type ring[T any] struct {
	max    int
	values []T
}

func (r *ring[T]) add(v T) {
	if r.max <= 0 {
		return
	}
	if len(r.values) >= r.max {
		// A fresh array every max values keeps the cost per add constant
		// and leaves snapshots of the old slice alone.
		r.values = slices.Clone(r.values[len(r.values)-r.max+1:])
	}
	r.values = append(r.values, v)
}

func (r *ring[T]) removeFunc(drop func(T) bool) {
	r.values = slices.DeleteFunc(slices.Clone(r.values), drop)
}
