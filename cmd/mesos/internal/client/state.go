package client

import (
	"slices"
	"strings"
	"time"
)

// State is what of /state the commands use. Times are seconds since 1970, 0 for never.
type State struct {
	Version    string      `json:"version"`
	Leader     string      `json:"leader"`
	Agents     []Agent     `json:"slaves"`
	Recovered  []Agent     `json:"recovered_slaves"` // of an earlier master, not back yet
	Frameworks []Framework `json:"frameworks"`
	Completed  []Framework `json:"completed_frameworks"`
}

// Resources are scalar sums (cpus, MB of mem and disk, gpus) and the ports as text.
type Resources struct {
	CPUs  float64 `json:"cpus"`
	Mem   float64 `json:"mem"`
	Disk  float64 `json:"disk"`
	GPUs  float64 `json:"gpus"`
	Ports string  `json:"ports"`
}

// Agent is one registered agent. Offered is what frameworks are thinking about.
type Agent struct {
	ID         string         `json:"id"`
	Hostname   string         `json:"hostname"`
	PID        string         `json:"pid"`
	Active     bool           `json:"active"`
	Version    string         `json:"version"`
	Attributes map[string]any `json:"attributes"`
	Resources  Resources      `json:"resources"`
	Used       Resources      `json:"used_resources"`
	Offered    Resources      `json:"offered_resources"`
	Registered float64        `json:"registered_time"`

	Deactivated bool   `json:"deactivated"`
	Drain       *Drain `json:"drain_info"` // nil if nobody asked for it
}

// Drain is how far an agent has come that is to be emptied: DRAINING or DRAINED.
type Drain struct {
	State string `json:"state"`
}

// Addr is the agent's host:port.
func (a *Agent) Addr() string {
	_, addr, _ := strings.Cut(a.PID, "@")
	return addr
}

// Framework is one framework with its tasks.
type Framework struct {
	ID           string    `json:"id"`
	Name         string    `json:"name"`
	WebUI        string    `json:"webui_url"`
	User         string    `json:"user"`
	Role         string    `json:"role"`  // of a framework that has one
	Roles        []string  `json:"roles"` // of one that may have several
	Active       bool      `json:"active"`
	Connected    bool      `json:"connected"`
	Recovered    bool      `json:"recovered"`
	Registered   float64   `json:"registered_time"`
	Unregistered float64   `json:"unregistered_time"`
	Used         Resources `json:"used_resources"`
	Tasks        []Task    `json:"tasks"`
	Unreachable  []Task    `json:"unreachable_tasks"`
	Ended        []Task    `json:"completed_tasks"`
	Offers       []Offer   `json:"offers"`
}

// Offer is one that the framework has not answered.
type Offer struct {
	ID         string    `json:"id"`
	AgentID    string    `json:"slave_id"`
	Resources  Resources `json:"resources"`
	Allocation struct {
		Role string `json:"role"`
	} `json:"allocation_info"`
}

// AllRoles is Roles or the one Role.
func (f *Framework) AllRoles() []string {
	if len(f.Roles) > 0 || f.Role == "" {
		return f.Roles
	}
	return []string{f.Role}
}

// Task is one task; Statuses are its states so far, oldest first.
type Task struct {
	ID          string    `json:"id"`
	Name        string    `json:"name"`
	FrameworkID string    `json:"framework_id"`
	ExecutorID  string    `json:"executor_id"`
	AgentID     string    `json:"slave_id"`
	State       string    `json:"state"`
	Role        string    `json:"role"`
	Resources   Resources `json:"resources"`
	Statuses    []Status  `json:"statuses"`
}

// Status is one state of a task.
type Status struct {
	State     string  `json:"state"`
	Timestamp float64 `json:"timestamp"`
	Container struct {
		ID       *ContainerID `json:"container_id"`
		Networks []struct {
			Addresses []struct {
				IP string `json:"ip_address"`
			} `json:"ip_addresses"`
		} `json:"network_infos"`
	} `json:"container_status"`
}

// Addresses are where the task's container is reached, as the newest status that knows tells.
func (t *Task) Addresses() (out []string) {
	for _, s := range slices.Backward(t.Statuses) {
		for _, n := range s.Container.Networks {
			for _, a := range n.Addresses {
				out = append(out, a.IP)
			}
		}
		if out != nil {
			break
		}
	}
	return out
}

// ContainerID is a container's id; Parent is what it is nested in.
type ContainerID struct {
	Value  string       `json:"value"`
	Parent *ContainerID `json:"parent"`
}

// Container is the newest that is known of a task; nil if none is.
func (t *Task) Container() *ContainerID {
	for i := len(t.Statuses) - 1; i >= 0; i-- {
		if id := t.Statuses[i].Container.ID; id != nil {
			return id
		}
	}
	return nil
}

// Find is the task of that framework and id, whether it runs or has ended; nil if there is none.
func (s *State) Find(frameworkID, id string) *Task {
	for _, f := range append(s.Frameworks[:len(s.Frameworks):len(s.Frameworks)], s.Completed...) {
		for _, list := range [][]Task{f.Tasks, f.Unreachable, f.Ended} {
			for i := range list {
				if list[i].ID == id && f.ID == frameworkID {
					return &list[i]
				}
			}
		}
	}
	return nil
}

// AgentOf is the agent that a task is or was on; nil if it is not registered.
func (s *State) AgentOf(t *Task) *Agent {
	for i := range s.Agents {
		if s.Agents[i].ID == t.AgentID {
			return &s.Agents[i]
		}
	}
	return nil
}

// Started is when the first status came, the zero time before.
func (t *Task) Started() time.Time {
	if len(t.Statuses) == 0 {
		return time.Time{}
	}
	return Time(t.Statuses[0].Timestamp)
}

// Time turns seconds since 1970 into a time; 0 is the zero time.
func Time(seconds float64) time.Time {
	if seconds == 0 {
		return time.Time{}
	}
	return time.UnixMicro(int64(seconds * 1e6))
}
