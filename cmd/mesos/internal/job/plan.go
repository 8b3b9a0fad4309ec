package job

import (
	"fmt"

	"google.golang.org/protobuf/proto"

	"mesos/messages/ids"
	v1 "mesos/messages/mesos/v1"
	"mesos/messages/resources"
	"mesos/messages/states"
)

// phase is how far an instance has come. It only moves forward, but for a launch that is tried again.
type phase int

const (
	waiting  phase = iota // for an offer
	launched              // its task was sent
	ended                 // its task's last status is there
	over                  // its output is written as well, or it never was launched
)

// instance is one of the job's tasks.
type instance struct {
	number    int
	tries     int // launches that the cluster undid before the task existed
	phase     phase
	taskID    string
	agentID   string
	agentHost string
	sandbox   string // URL prefix of its files
	state     v1.TaskState
	last      *v1.TaskStatus
}

// plan decides what the job does; it is told what happens and keeps count.
type plan struct {
	o         *Options
	unique    string // of this job, in all its task ids
	command   *v1.CommandInfo
	instances []*instance
	byTask    map[string]*instance
	stopping  bool       // no more launches: the job was interrupted or ran too long
	largest   *offerSeen // that did not fit
}

// offerSeen remembers an offer that was too small.
type offerSeen struct {
	host       string
	quantities resources.Resources
}

func newPlan(o *Options, unique string) *plan {
	p := &plan{o: o, unique: unique, command: o.Command(), byTask: map[string]*instance{}}
	for n := range o.tasks() {
		p.instances = append(p.instances, &instance{number: n})
	}
	return p
}

func (p *plan) taskID(i *instance) string {
	id := p.o.idPrefix() + "-" + p.unique
	if len(p.instances) > 1 {
		id += fmt.Sprintf(".%d", i.number)
	}
	if i.tries > 0 {
		id += fmt.Sprintf("-try%d", i.tries+1)
	}
	return id
}

// launch is what to do with an offer: the tasks to run on it, or none.
type launch struct {
	offer    *v1.Offer
	tasks    []*v1.TaskInfo
	executor *v1.ExecutorInfo // of the tasks as one group; nil if each is for itself
}

// takeOffer fills an offer with waiting instances.
func (p *plan) takeOffer(offer *v1.Offer) (launch, error) {
	l := launch{offer: offer}
	left, err := resources.FromProto(offer.GetResources())
	if err != nil {
		return l, fmt.Errorf("offer %s: %w", offer.GetId().GetValue(), err)
	}
	if p.stopping {
		return l, nil
	}
	if p.o.Pod {
		return p.takePod(l, left), nil
	}
	for _, i := range p.instances {
		if i.phase != waiting {
			continue
		}
		part, fits := pick(left, p.o.need())
		if !fits {
			break
		}
		left = left.Sub(part)
		l.tasks = append(l.tasks, p.start(i, offer, part))
	}
	if len(l.tasks) == 0 && p.count(waiting) > 0 {
		p.tooSmall(offer, left)
	}
	return l, nil
}

func (p *plan) tooSmall(offer *v1.Offer, r resources.Resources) {
	if p.largest == nil || bigger(r, p.largest.quantities) {
		p.largest = &offerSeen{offer.GetHostname(), r}
	}
}

// bigger orders offers by how near they come: cpus first, as these are short most often.
func bigger(a, b resources.Resources) bool {
	if a.CPUs() != b.CPUs() {
		return a.CPUs() > b.CPUs()
	}
	return a.Mem() > b.Mem()
}

func (p *plan) start(i *instance, offer *v1.Offer, r resources.Resources) *v1.TaskInfo {
	i.phase, i.taskID, i.state = launched, p.taskID(i), v1.TaskState_TASK_STAGING
	i.agentID, i.agentHost = offer.GetAgentId().GetValue(), offer.GetHostname()
	i.sandbox = p.sandboxOf(i, offer)
	p.byTask[i.taskID] = i
	return &v1.TaskInfo{
		Name: proto.String(p.o.Name), TaskId: ids.Task(i.taskID), AgentId: offer.GetAgentId(), Command: p.commandOf(i), Resources: r.Proto(),
		Container: p.o.shared(),
	}
}

// change is what a status means for its instance.
type change struct {
	instance *instance
	news     bool // its state is another than before
	running  bool // its sandbox is there
	ended    bool // it was its last
	again    bool // the launch never took place; the instance waits for another offer
}

// update takes a status. One of a task that is not, or no longer, the job's changes nothing.
func (p *plan) update(s *v1.TaskStatus) change {
	i := p.byTask[s.GetTaskId().GetValue()]
	if i == nil || i.phase != launched {
		return change{}
	}
	c := change{instance: i, news: s.GetState() != i.state}
	i.state, i.last = s.GetState(), s
	switch {
	case neverLaunched(s) && !p.stopping:
		delete(p.byTask, i.taskID)
		i.phase, i.taskID = waiting, ""
		i.tries++
		c.again = true
	case states.Terminal(s.GetState()):
		i.phase, c.ended = ended, true
	default:
		c.running = s.GetState() != v1.TaskState_TASK_STAGING
	}
	return c
}

// neverLaunched tells of an offer that was gone when it was accepted: nothing ran, so trying again is safe.
func neverLaunched(s *v1.TaskStatus) bool {
	lost := s.GetState() == v1.TaskState_TASK_LOST || s.GetState() == v1.TaskState_TASK_DROPPED
	return lost && s.GetReason() == v1.TaskStatus_REASON_INVALID_OFFERS
}

// stop ends the launching; it returns the instances that must be killed.
func (p *plan) stop() []*instance {
	p.stopping = true
	var live []*instance
	for _, i := range p.instances {
		switch i.phase {
		case waiting:
			i.phase = over
		case launched:
			live = append(live, i)
		}
	}
	return live
}

func (p *plan) count(ph phase) int {
	n := 0
	for _, i := range p.instances {
		if i.phase == ph {
			n++
		}
	}
	return n
}

func (p *plan) done() bool { return p.count(over) == len(p.instances) }

// exitCode is that of the first instance that did not end well, 0 if all did. Of
// a pod, those that were killed because of others come after these.
func (p *plan) exitCode() int {
	for _, i := range p.instances {
		if p.o.Pod && i.last.GetState() == v1.TaskState_TASK_FAILED {
			return ExitCode(i.last)
		}
	}
	for _, i := range p.instances {
		if i.last == nil {
			return ExitFailed
		}
		if code := ExitCode(i.last); code != 0 {
			return code
		}
	}
	return 0
}
