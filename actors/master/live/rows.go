package live

import (
	"time"

	"mesos/actors/master/view"
	v1 "mesos/messages/mesos/v1"
	"mesos/messages/resources"
	"mesos/messages/states"
)

// Amounts are of the four resources that pages draw: cpus and gpus in pieces,
// mem and disk in MB.
type Amounts struct {
	CPUs float64 `json:"cpus,omitempty"`
	Mem  float64 `json:"mem,omitempty"`
	Disk float64 `json:"disk,omitempty"`
	GPUs float64 `json:"gpus,omitempty"`
}

// sum is Amounts while they are added up, exactly.
type sum [4]resources.Quantity

func (s *sum) add(r resources.Resources) {
	for e := range r.All() {
		if e.Type() != v1.Value_SCALAR {
			continue
		}
		switch e.Name() {
		case "cpus":
			s[0] += e.Quantity()
		case "mem":
			s[1] += e.Quantity()
		case "disk":
			s[2] += e.Quantity()
		case "gpus":
			s[3] += e.Quantity()
		}
	}
}

func (s *sum) amounts() Amounts {
	return Amounts{s[0].Float(), s[1].Float(), s[2].Float(), s[3].Float()}
}

func amountsOf(r resources.Resources) Amounts {
	var s sum
	s.add(r)
	return s.amounts()
}

// Task is one task. Times are seconds since 1970, 0 for what has not happened.
type Task struct {
	ID        string  `json:"id"`
	Name      string  `json:"name"`
	Framework string  `json:"framework"`
	Agent     string  `json:"agent"`
	Executor  string  `json:"executor,omitempty"`
	Role      string  `json:"role"`
	State     string  `json:"state"`
	Res       Amounts `json:"res"`
	Holds     bool    `json:"holds,omitempty"` // its resources count as used
	Past      bool    `json:"past,omitempty"`  // history: ended and acknowledged, or unreachable
	Started   float64 `json:"started,omitempty"`
	Since     float64 `json:"since,omitempty"` // of its newest state
	Healthy   *bool   `json:"healthy,omitempty"`
	Message   string  `json:"message,omitempty"` // why it is in that state
}

// maxMessage bounds the message of a row, in bytes. The page of the task reads the whole one.
const maxMessage = 160

func taskRow(t *view.Task, past bool) Task {
	row := Task{
		ID: t.ID, Name: t.Desc.GetName(), Framework: t.FrameworkID, Agent: t.AgentID, Executor: t.ExecutorID, Role: t.Role(),
		State: t.State.String(), Res: amountsOf(t.Resources), Holds: !past && !t.Freed, Past: past,
	}
	for _, s := range t.Statuses {
		if s.GetState() == v1.TaskState_TASK_RUNNING && row.Started == 0 {
			row.Started = s.GetTimestamp()
		}
	}
	if n := len(t.Statuses); n > 0 {
		last := t.Statuses[n-1]
		row.Since, row.Message = last.GetTimestamp(), last.GetMessage()
		if len(row.Message) > maxMessage {
			row.Message = row.Message[:maxMessage]
		}
		if !states.Terminal(t.State) {
			row.Healthy = last.Healthy
		}
	}
	return row
}

// Agent is one registered agent.
type Agent struct {
	ID         string             `json:"id"`
	Hostname   string             `json:"hostname"`
	PID        string             `json:"pid"`
	Version    string             `json:"version"`
	State      string             `json:"state"` // active, disconnected, deactivated, draining, drained
	MarkGone   bool               `json:"mark_gone,omitempty"`
	Res        Amounts            `json:"res"`
	Ports      string             `json:"ports,omitempty"`
	Reserved   map[string]Amounts `json:"reserved,omitempty"` // by role
	Attributes map[string]string  `json:"attributes,omitempty"`
	Region     string             `json:"region,omitempty"`
	Zone       string             `json:"zone,omitempty"`
	Registered float64            `json:"registered"`
	Down       *Window            `json:"down,omitempty"` // by the maintenance schedule
}

// Window is a time in which a machine is down. Seconds 0 means that nobody knows its end.
type Window struct {
	From    float64 `json:"from"`
	Seconds float64 `json:"seconds,omitempty"`
}

func agentRow(a *view.Agent) Agent {
	fault := a.Info.GetDomain().GetFaultDomain()
	row := Agent{
		ID: a.ID, Hostname: a.Info.GetHostname(), PID: a.PID, Version: a.Version, State: agentState(a), MarkGone: a.Drain.GetConfig().GetMarkGone(),
		Res: amountsOf(a.Total), Ports: portsOf(a.Total), Region: fault.GetRegion().GetName(), Zone: fault.GetZone().GetName(),
		Registered: stamp(later(a.Registered, a.Reregistered)), Down: window(a.Unavailable),
	}
	for role, r := range a.Total.Reservations() {
		if row.Reserved == nil {
			row.Reserved = map[string]Amounts{}
		}
		row.Reserved[role] = amountsOf(r)
	}
	for _, x := range a.Info.GetAttributes() {
		if row.Attributes == nil {
			row.Attributes = map[string]string{}
		}
		row.Attributes[x.GetName()] = attributeText(x)
	}
	return row
}

func agentState(a *view.Agent) string {
	switch {
	case a.Drain.GetState() == v1.DrainState_DRAINED:
		return "drained"
	case a.Drain != nil:
		return "draining"
	case a.Deactivated:
		return "deactivated"
	case !a.Active:
		return "disconnected"
	}
	return "active"
}

func window(u *v1.Unavailability) *Window {
	if u == nil {
		return nil
	}
	return &Window{float64(u.GetStart().GetNanoseconds()) / 1e9, float64(u.GetDuration().GetNanoseconds()) / 1e9}
}

func stamp(t time.Time) float64 {
	if t.IsZero() {
		return 0
	}
	return float64(t.UnixMilli()) / 1e3
}

func later(a, b time.Time) time.Time {
	if b.After(a) {
		return b
	}
	return a
}
