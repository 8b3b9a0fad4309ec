package simtest

import (
	"sync"
	"time"

	"google.golang.org/protobuf/proto"

	"mesos/actors/authentication"
	"mesos/actors/scheduler"
	"mesos/messages/ids"
	v1 "mesos/messages/mesos/v1"
	schedulerv1 "mesos/messages/mesos/v1/scheduler"
	"mesos/messages/resources"
	"mesos/messages/states"
)

// FrameworkOptions vary a framework; the zero value is a plain one.
type FrameworkOptions struct {
	Info      *v1.FrameworkInfo // user and name are filled in
	HoldOffer bool              // neither accept nor decline on its own
	ManualAck bool
	Polite    bool // wants no offers while it has nothing to launch, and holds none that does not fit
	Hoard     int  // so many offers it holds all the same

	Credential *authentication.Credential // what it authenticates with; nil: with nothing
}

// Framework is a scheduler that launches what it is told to on the first offer
// that fits, and remembers all it hears.
type Framework struct {
	c       *Cluster
	opts    FrameworkOptions
	program *program
	driver  *scheduler.Driver

	mu       sync.Mutex
	want     []*v1.TaskInfo
	pods     []wantedPod
	Offers   []*v1.Offer       // held, newest last
	launched map[string]string // agent by task: what a framework keeps in its own database
	history  map[string][]*v1.TaskStatus
	lost     []*schedulerv1.Event_Failure
	said     []*schedulerv1.Event_Message
	err      error

	operations map[string][]*v1.OperationStatus

	inverse          []*v1.InverseOffer
	inverseRescinded []*v1.OfferID

	info *v1.FrameworkInfo
}

// Framework starts a scheduler on a program of its own.
func (c *Cluster) Framework(name string, o FrameworkOptions) *Framework {
	c.T.Helper()
	info := &v1.FrameworkInfo{}
	if o.Info != nil {
		info = proto.CloneOf(o.Info)
	}
	info.User, info.Name = proto.String("root"), proto.String(name)
	f := &Framework{c: c, opts: o, info: info, history: map[string][]*v1.TaskStatus{}, launched: map[string]string{}}
	f.Start()
	return f
}

// Start starts the scheduler's program, the first time or after a crash; then
// it subscribes under the framework id that it had.
func (f *Framework) Start() {
	f.c.T.Helper()
	f.program = f.c.newProgram(f.c.host(20000))
	f.program.again = f.again
	running := f.notOver()
	var err error
	f.driver, err = scheduler.Start(f.program.sys, "scheduler(1)", scheduler.Config{Master: f.c.Master(), Detector: f.c.detector(f.program.addr), Framework: f.info, Log: f.c.log, ManualAck: f.opts.ManualAck, Tasks: running, SuppressedRoles: f.suppressed(), Credential: f.opts.Credential}, scheduler.Callbacks{
		Subscribed: func(d *scheduler.Driver, _ *schedulerv1.Event_Subscribed) {
			f.mu.Lock()
			defer f.mu.Unlock()
			f.info.Id = ids.Framework(d.FrameworkID())
			f.Offers = nil
			if f.opts.Polite && !f.idle() {
				d.Revive()
			}
		},
		Offers:    f.offered,
		Rescinded: f.rescinded,
		Operation: f.operation,
		InverseOffers: func(_ *scheduler.Driver, offers []*v1.InverseOffer) {
			f.mu.Lock()
			defer f.mu.Unlock()
			f.inverse = append(f.inverse, offers...)
		},
		InverseRescinded: func(_ *scheduler.Driver, id *v1.OfferID) {
			f.mu.Lock()
			defer f.mu.Unlock()
			f.inverseRescinded = append(f.inverseRescinded, id)
		},
		Update: func(_ *scheduler.Driver, s *v1.TaskStatus) {
			f.c.referee.update(f.info.GetName(), s)
			f.mu.Lock()
			defer f.mu.Unlock()
			f.history[s.GetTaskId().GetValue()] = append(f.history[s.GetTaskId().GetValue()], s)
		},
		Message: func(_ *scheduler.Driver, m *schedulerv1.Event_Message) {
			f.mu.Lock()
			defer f.mu.Unlock()
			f.said = append(f.said, m)
		},
		Failure: func(_ *scheduler.Driver, e *schedulerv1.Event_Failure) {
			f.mu.Lock()
			defer f.mu.Unlock()
			f.lost = append(f.lost, e)
		},
		Error: func(_ *scheduler.Driver, err error) {
			f.mu.Lock()
			defer f.mu.Unlock()
			f.err = err
		},
	})
	if err != nil {
		f.c.T.Fatal(err)
	}
}

// notOver is what was launched and not told to have ended.
func (f *Framework) notOver() map[string]string {
	f.mu.Lock()
	defer f.mu.Unlock()
	running := map[string]string{}
	for id, agent := range f.launched {
		if h := f.history[id]; len(h) == 0 || !states.Terminal(h[len(h)-1].GetState()) {
			running[id] = agent
		}
	}
	return running
}

// ID is the id that the framework got, "" before it was subscribed.
func (f *Framework) ID() string {
	f.mu.Lock()
	defer f.mu.Unlock()
	return f.info.GetId().GetValue()
}

// agentOf is the id of the agent on which a task was launched, "" if it was not.
func (f *Framework) agentOf(task string) string {
	f.mu.Lock()
	defer f.mu.Unlock()
	return f.launched[task]
}

// Crash ends the scheduler's program.
func (f *Framework) Crash() { f.c.crash(f.program) }

// Driver is the scheduler's driver.
func (f *Framework) Driver() *scheduler.Driver { return f.driver }

// Launch wants a modelled command to run on the given resources.
func (f *Framework) Launch(id, command, res string) {
	f.LaunchTask(&v1.TaskInfo{
		Name: proto.String(id), TaskId: ids.Task(id), Resources: resources.MustParse(res).Proto(),
		Command: &v1.CommandInfo{Value: proto.String(command)},
	})
}

// LaunchTask wants a task to run; the agent id is filled in.
func (f *Framework) LaunchTask(t *v1.TaskInfo) {
	f.mu.Lock()
	idle := f.idle()
	f.want = append(f.want, t)
	f.mu.Unlock()
	f.hunger(idle)
	f.driver.Dispatch(func() { f.serve(f.driver) })
}

func (f *Framework) offered(d *scheduler.Driver, offers []*v1.Offer) {
	f.mu.Lock()
	f.Offers = append(f.Offers, offers...)
	f.mu.Unlock()
	f.serve(d)
}

func (f *Framework) rescinded(_ *scheduler.Driver, id *v1.OfferID) {
	f.mu.Lock()
	defer f.mu.Unlock()
	for i, o := range f.Offers {
		if o.GetId().GetValue() == id.GetValue() {
			f.Offers = append(f.Offers[:i:i], f.Offers[i+1:]...)
			return
		}
	}
}

// serve uses the offers at hand for the tasks that wait.
func (f *Framework) serve(d *scheduler.Driver) {
	f.mu.Lock()
	defer f.mu.Unlock()
	var kept []*v1.Offer
	var declined []*v1.OfferID
	needs := map[*v1.TaskInfo]resources.Resources{} // each is read once, not again for each offer
	for _, o := range f.Offers {
		var left resources.Resources
		if len(f.want)+len(f.pods) > 0 { // else nobody asks what it is of
			r, err := resources.FromProto(o.GetResources())
			if err != nil {
				f.c.T.Errorf("offer %s has bad resources: %v", o.GetId().GetValue(), err)
				continue
			}
			left = r.Unallocate()
		}
		var used bool
		if left, used = f.servePod(d, o, left); used {
			continue
		}
		var fit, rest []*v1.TaskInfo
		for _, t := range f.want {
			need, read := needs[t]
			if !read {
				var err error
				if need, err = resources.FromProto(t.GetResources()); err != nil {
					rest = append(rest, t)
					continue
				}
				needs[t] = need
			}
			if left.Contains(need) {
				left = left.Sub(need)
				t.AgentId = o.GetAgentId()
				fit = append(fit, t)
			} else {
				rest = append(rest, t)
			}
		}
		f.want = rest
		switch {
		case len(fit) > 0:
			for _, t := range fit {
				f.launched[t.GetTaskId().GetValue()] = t.GetAgentId().GetValue()
			}
			f.c.referee.launched(f.info, fit...)
			d.Launch(o.GetId(), fit, scheduler.RefuseFor(0))
		case len(kept) < f.opts.Hoard:
			kept = append(kept, o)
		case f.opts.Polite:
			declined = append(declined, o.GetId())
		case f.opts.HoldOffer || len(f.want)+len(f.pods) > 0:
			kept = append(kept, o)
		default:
			d.Decline(scheduler.RefuseFor(5), o.GetId())
		}
	}
	f.Offers = kept
	if len(declined) > 0 {
		d.Decline(scheduler.RefuseFor(modesty.Seconds()), declined...)
	}
	f.beModest(d)
}

// LetGo gives back the offers that are held, and has the framework hold none from now on.
func (f *Framework) LetGo() {
	f.mu.Lock()
	f.opts.Hoard = 0
	f.mu.Unlock()
	f.driver.Dispatch(func() { f.serve(f.driver) })
}

// modesty is how long a polite framework refuses what it has no use for.
const modesty = time.Minute

// idle says that nothing waits for an offer. mu is held.
func (f *Framework) idle() bool { return len(f.want)+len(f.pods) == 0 }

// hunger asks for offers, unless a polite framework has asked already.
func (f *Framework) hunger(wasIdle bool) {
	if wasIdle || !f.opts.Polite {
		f.driver.Revive()
	}
}

// beModest asks for no more offers if a polite framework wants nothing. mu is held.
func (f *Framework) beModest(d *scheduler.Driver) {
	if f.opts.Polite && f.idle() {
		d.Suppress()
	}
}

// suppressed are the roles that a polite framework subscribes without: it says when it wants offers.
func (f *Framework) suppressed() []string {
	if !f.opts.Polite {
		return nil
	}
	return f.info.GetRoles()
}

// States are the states that were told of a task, in order.
func (f *Framework) States(id string) (out []v1.TaskState) {
	f.mu.Lock()
	defer f.mu.Unlock()
	for _, s := range f.history[id] {
		out = append(out, s.GetState())
	}
	return out
}

// Deliveries is how often an update of a task came that its agent wants to have
// acknowledged.
func (f *Framework) Deliveries(id string) (n int) {
	f.mu.Lock()
	defer f.mu.Unlock()
	for _, s := range f.history[id] {
		if s.Uuid != nil {
			n++
		}
	}
	return n
}

// Updates are those updates in order; one that was told again is there once.
func (f *Framework) Updates(id string) (out []*v1.TaskStatus) {
	f.mu.Lock()
	defer f.mu.Unlock()
	seen := map[string]bool{}
	for _, s := range f.history[id] {
		if u := string(s.GetUuid()); u != "" && !seen[u] {
			seen[u] = true
			out = append(out, s)
		}
	}
	return out
}

// Last is the newest status of a task, nil if none came.
func (f *Framework) Last(id string) *v1.TaskStatus {
	f.mu.Lock()
	defer f.mu.Unlock()
	if h := f.history[id]; len(h) > 0 {
		return h[len(h)-1]
	}
	return nil
}

// Over says that a task's newest state is terminal.
func (f *Framework) Over(id string) bool {
	s := f.Last(id)
	return s != nil && states.Terminal(s.GetState())
}

// In says that a task's newest state is s.
func (f *Framework) In(id string, s v1.TaskState) func() bool {
	return func() bool { l := f.Last(id); return l != nil && l.GetState() == s }
}

// Err is why the master refused the framework, nil if it did not.
func (f *Framework) Err() error {
	f.mu.Lock()
	defer f.mu.Unlock()
	return f.err
}

// Held are the offers that the framework holds.
func (f *Framework) Held() []*v1.Offer {
	f.mu.Lock()
	defer f.mu.Unlock()
	return append([]*v1.Offer(nil), f.Offers...)
}

// Inverse are the inverse offers that came, answered or not.
func (f *Framework) Inverse() []*v1.InverseOffer {
	f.mu.Lock()
	defer f.mu.Unlock()
	return append([]*v1.InverseOffer(nil), f.inverse...)
}

// InverseRescinded are those that were taken back.
func (f *Framework) InverseRescinded() []*v1.OfferID {
	f.mu.Lock()
	defer f.mu.Unlock()
	return append([]*v1.OfferID(nil), f.inverseRescinded...)
}

// Failures are the losses of agents and executors that were told.
func (f *Framework) Failures() []*schedulerv1.Event_Failure {
	f.mu.Lock()
	defer f.mu.Unlock()
	return append([]*schedulerv1.Event_Failure(nil), f.lost...)
}

// Messages are what executors sent.
func (f *Framework) Messages() []*schedulerv1.Event_Message {
	f.mu.Lock()
	defer f.mu.Unlock()
	return append([]*schedulerv1.Event_Message(nil), f.said...)
}

// Forget drops the held offers from the framework's books only.
func (f *Framework) Forget() {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.Offers = nil
}

// Wants says that a task still waits for an offer.
func (f *Framework) Wants(id string) bool {
	f.mu.Lock()
	defer f.mu.Unlock()
	for _, t := range f.want {
		if t.GetTaskId().GetValue() == id {
			return true
		}
	}
	for _, p := range f.pods {
		for _, t := range p.tasks {
			if t.GetTaskId().GetValue() == id {
				return true
			}
		}
	}
	return false
}

// Endings counts the ways in which a task was told to have ended that contradict each other; see ending.
func (f *Framework) Endings(id string) int {
	f.mu.Lock()
	defer f.mu.Unlock()
	var e ending
	for _, s := range f.history[id] {
		e.hear(s)
	}
	return len(e.told)
}
