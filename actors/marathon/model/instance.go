package model

import (
	"encoding/json"
	"fmt"
	"maps"
	"slices"
)

// Condition is where an instance is in its life.
type Condition string

// The conditions. An instance whose tasks are over is not kept.
const (
	Provisioned Condition = "Provisioned" // on its way to an agent
	Staging     Condition = "Staging"
	Starting    Condition = "Starting"
	Running     Condition = "Running"
	Unreached   Condition = "Unreachable"
	Killing     Condition = "Killing"
	Suspended   Condition = "Reserved" // has its volumes, and no task
)

// Task is one task of an instance. It is kept as it was last told.
type Task struct {
	ID        string    `json:"id"`
	Container string    `json:"container,omitempty"` // its name in a pod
	State     string    `json:"state"`               // of Mesos; "" before anything was told
	Since     Timestamp `json:"since"`               // in this state
	Staged    Timestamp `json:"staged"`
	Started   Timestamp `json:"started"` // running first
	Message   string    `json:"message,omitempty"`
	Healthy   *bool     `json:"healthy,omitempty"` // by its executor; nil: nothing was said
	Over      bool      `json:"over,omitempty"`
	IPs       []string  `json:"ips,omitempty"`
}

// Instance is one running copy of a spec. Those in the hands of package marathon
// are changed by it alone.
type Instance struct {
	ID         string            `json:"id"`
	Spec       string            `json:"spec"`    // its id
	Version    Timestamp         `json:"version"` // of the spec
	Config     Timestamp         `json:"config"`  // of the spec
	AgentID    string            `json:"agent"`
	Host       string            `json:"host"`
	Attributes map[string]string `json:"attributes,omitempty"`
	Region     string            `json:"region,omitempty"`
	Zone       string            `json:"zone,omitempty"`
	Role       string            `json:"role,omitempty"`
	Ports      []int             `json:"ports,omitempty"` // of the agent, in the order of the definition; 0: none
	Tasks      []Task            `json:"tasks"`
	Created    Timestamp         `json:"created"`
	Attempt    int               `json:"attempt,omitempty"`  // of the launches of a resident instance
	Resident   bool              `json:"resident,omitempty"` // has volumes that outlive its task
	Claim      *Claim            `json:"claim,omitempty"`    // of a resident one
	Doomed     bool              `json:"doomed,omitempty"`   // is to be killed, and not to be replaced by itself
	Why        string            `json:"why,omitempty"`      // it is doomed
	Wipe       bool              `json:"wipe,omitempty"`     // its volumes go with it
	WasReady   bool              `json:"ready,omitempty"`    // it was well once, which survives marathon

	// What follows is not kept.
	Health  []Health  `json:"-"` // one for each health check that marathon makes
	Readied bool      `json:"-"` // the readiness check succeeded
	Killed  Timestamp `json:"-"` // when its tasks were last asked to end
}

// Health is what a health check of marathon found.
type Health struct {
	Known        bool
	Alive        bool
	Failures     int
	FirstSuccess Timestamp
	LastSuccess  Timestamp
	LastFailure  Timestamp
	Cause        string
}

// Condition is that of the task that is furthest behind.
func (i *Instance) Condition() Condition {
	rank := map[Condition]int{Unreached: 5, Provisioned: 4, Staging: 3, Starting: 2, Running: 1}
	worst, live := Running, false
	for _, t := range i.Tasks {
		if t.Over {
			continue
		}
		live = true
		if c := t.condition(); rank[c] > rank[worst] {
			worst = c
		}
	}
	switch {
	case !live && i.Resident:
		return Suspended
	case i.Doomed && worst != Unreached:
		return Killing
	}
	return worst
}

func (t *Task) condition() Condition {
	switch t.State {
	case "":
		return Provisioned
	case "TASK_STAGING":
		return Staging
	case "TASK_STARTING":
		return Starting
	case "TASK_UNREACHABLE", "TASK_LOST":
		return Unreached
	}
	return Running
}

// Since is when the instance's newest state began.
func (i *Instance) Since() Timestamp {
	since := i.Created
	for _, t := range i.Tasks {
		if t.Since.After(since) {
			since = t.Since
		}
	}
	return since
}

// Started is when the last of its tasks ran, zero if one did not.
func (i *Instance) Started() Timestamp {
	var at Timestamp
	for _, t := range i.Tasks {
		if t.Started.IsZero() {
			return Timestamp{}
		}
		if t.Started.After(at) {
			at = t.Started
		}
	}
	return at
}

// Over says that all of its tasks ended.
func (i *Instance) Over() bool {
	for _, t := range i.Tasks {
		if !t.Over {
			return false
		}
	}
	return true
}

// Healthy says what is known of its health: nil where nothing is.
func (i *Instance) Healthy() *bool {
	var known, bad bool
	for _, t := range i.Tasks {
		if t.Healthy != nil {
			known, bad = true, bad || !*t.Healthy
		}
	}
	for _, h := range i.Health {
		if h.Known {
			known, bad = true, bad || !h.Alive
		}
	}
	if !known {
		return nil
	}
	well := !bad
	return &well
}

// Ready says that the instance does its work: it runs, and is well as far as it is
// checked. One that was well before marathon started anew is, until it is known otherwise.
func (i *Instance) Ready(checked, readiness bool) bool {
	if i.Condition() != Running || i.Doomed {
		return false
	}
	if h := i.Healthy(); checked && (h == nil && !i.WasReady || h != nil && !*h) {
		return false
	}
	for _, h := range i.Health {
		if !h.Known && !i.WasReady {
			return false
		}
	}
	return !readiness || i.Readied || i.WasReady
}

// Clone is a copy that may be changed.
func (i *Instance) Clone() *Instance {
	c := *i
	c.Tasks, c.Health, c.Ports = slices.Clone(i.Tasks), slices.Clone(i.Health), slices.Clone(i.Ports)
	c.Attributes = maps.Clone(i.Attributes)
	if i.Claim != nil {
		claim := *i.Claim // its volumes never change
		c.Claim = &claim
	}
	return &c
}

// Marshal is the form in which an instance is kept.
func (i *Instance) Marshal() ([]byte, error) {
	b, err := json.Marshal(i)
	if err != nil {
		return nil, fmt.Errorf("instance %s: %w", i.ID, err)
	}
	return b, nil
}
