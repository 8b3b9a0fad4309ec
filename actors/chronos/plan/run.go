package plan

import (
	"fmt"
	"regexp"
	"strconv"
	"time"
)

// Kind is why there is a run.
type Kind string

// The kinds of runs.
const (
	Scheduled Kind = ""
	Manual    Kind = "run"   // started by hand
	After     Kind = "after" // after its parents
)

// Phase is how far a run is.
type Phase string

// The phases of a run; see the package comment.
const (
	Waiting     Phase = "waiting"
	Launched    Phase = "launched"
	Running     Phase = "running"
	Unreachable Phase = "unreachable"
	Reporting   Phase = "reporting"
	Ended       Phase = "ended"
)

// Outcome is how a run ended.
type Outcome string

// The outcomes of runs.
const (
	Success Outcome = "success"
	Failure Outcome = "failure"
	Killed  Outcome = "killed" // by a user
	Missed  Outcome = "missed" // it never began
)

// Run is one slot of a job.
type Run struct {
	Job       string    `json:"job"`
	Kind      Kind      `json:"kind,omitempty"`
	Due       time.Time `json:"due"`
	Arguments string    `json:"arguments,omitempty"` // of one that was started by hand
	Phase     Phase     `json:"phase"`
	NotBefore time.Time `json:"notBefore,omitzero"` // of the next try
	Attempt   int       `json:"attempt"`            // number of the present try, from 0
	Failures  int       `json:"failures,omitempty"`
	Begun     bool      `json:"begun,omitempty"` // a try was on an agent, or may have been
	Killing   bool      `json:"killing,omitempty"`
	Tries     []Try     `json:"tries,omitempty"`

	Reported *int  `json:"reported,omitempty"` // what an async job said of the present try
	Elements int64 `json:"elements,omitempty"`

	Outcome Outcome   `json:"outcome,omitempty"`
	Reason  string    `json:"reason,omitempty"`
	Ended   time.Time `json:"ended,omitzero"`
	// Until and Count are of a run that stands for several missed ones: the last slot, and how many there are.
	Until time.Time `json:"until,omitzero"`
	Count int       `json:"count,omitempty"`
}

// Try is one task of a run.
type Try struct {
	TaskID   string    `json:"taskId"`
	AgentID  string    `json:"agentId"`
	Host     string    `json:"host"`
	Launched time.Time `json:"launched"`
	Started  time.Time `json:"started,omitzero"`
	Ended    time.Time `json:"ended,omitzero"`
	State    string    `json:"state"` // as the cluster told it last
	Message  string    `json:"message,omitempty"`
}

// ID names the slot.
func (r *Run) ID() string { return slotID(r.Job, r.Due, r.Kind) }

func slotID(job string, due time.Time, kind Kind) string {
	return fmt.Sprintf("%s:%d:%s", job, due.UnixMilli(), kind)
}

// TaskID names the present try.
func (r *Run) TaskID() string {
	return fmt.Sprintf("ct:%d:%d:%s:%s", r.Due.UnixMilli(), r.Attempt, r.Job, r.Kind)
}

var taskIDs = regexp.MustCompile(`^ct:(-?\d+):(\d+):([\w.-]+):(\w*)$`)

// parseTaskID finds the slot and the number of a try; ok is false for a task that is none of ours.
func parseTaskID(id string) (slot string, attempt int, ok bool) {
	m := taskIDs.FindStringSubmatch(id)
	if m == nil {
		return "", 0, false
	}
	due, err := strconv.ParseInt(m[1], 10, 64)
	attempt, err2 := strconv.Atoi(m[2])
	return slotID(m[3], time.UnixMilli(due), Kind(m[4])), attempt, err == nil && err2 == nil
}

// present is the try that is under way, nil if none is.
func (r *Run) present() *Try {
	if r.Phase == Waiting || len(r.Tries) == 0 {
		return nil
	}
	return &r.Tries[len(r.Tries)-1]
}

// underWay says that the run may have a task, or had one and has not ended: no other run of a job that is not concurrent
// begins meanwhile.
func (r *Run) underWay() bool { return r.Phase != Waiting || r.Attempt > 0 }
