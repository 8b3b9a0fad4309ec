package faults

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"

	v1 "mesos/messages/mesos/v1"
	"mesos/messages/states"
)

// record is all that is known of one task in the end.
type record struct {
	id       string
	executor string // "" for a command task
	fails    bool   // its command does, by itself
	killed   bool   // the scheduler wanted it killed
	struck   bool   // its executor was struck, or its agent's disk was full while it lived
	told     []*v1.TaskStatus
	marks    string // what it wrote: a line "start", a line "end"
}

// hear notes a status once.
func (r *record) hear(s *v1.TaskStatus) {
	for _, old := range r.told {
		if s.Uuid != nil && string(old.GetUuid()) == string(s.GetUuid()) {
			return
		}
	}
	r.told = append(r.told, s)
}

// over says that its end was told.
func (r *record) over() bool {
	for _, s := range r.told {
		if states.Terminal(s.GetState()) {
			return true
		}
	}
	return false
}

// rank orders the states that a task goes through; those that are only a word on its agent have none.
func rank(s v1.TaskState) int {
	switch s {
	case v1.TaskState_TASK_STAGING:
		return 1
	case v1.TaskState_TASK_STARTING:
		return 2
	case v1.TaskState_TASK_RUNNING:
		return 3
	case v1.TaskState_TASK_KILLING:
		return 4
	case v1.TaskState_TASK_UNREACHABLE:
		return 0
	}
	return 5
}

// judge holds what was told of a task against its marks and gives what is wrong.
func (r *record) judge() (wrong []string) {
	complain := func(format string, args ...any) { wrong = append(wrong, fmt.Sprintf(format, args...)) }
	starts, ends := strings.Count(r.marks, "start\n"), strings.Count(r.marks, "end\n")
	if starts > 1 || ends > starts {
		complain("it was started %d times and ended %d times", starts, ends)
	}
	var final *v1.TaskStatus
	highest := 0
	for _, s := range r.told {
		// An answer to a question has no uuid, and may be older than what it meets.
		if n := rank(s.GetState()); s.Uuid != nil && n > 0 && n < highest {
			complain("%s was told after a later state", s.GetState())
		} else if s.Uuid != nil {
			highest = max(highest, n)
		}
		if states.Terminal(s.GetState()) {
			if final != nil && final.GetState() != s.GetState() {
				complain("two ends were told: %s and %s", final.GetState(), s.GetState())
			}
			final = s
		}
	}
	if final == nil {
		return append(wrong, "its end was not told")
	}
	return append(wrong, r.judgeEnd(final, starts, ends)...)
}

func (r *record) judgeEnd(final *v1.TaskStatus, starts, ends int) (wrong []string) {
	complain := func(format string, args ...any) {
		wrong = append(wrong, fmt.Sprintf("%s (%s, %q): ", final.GetState(), final.GetReason(), final.GetMessage())+fmt.Sprintf(format, args...))
	}
	switch final.GetState() {
	case v1.TaskState_TASK_FINISHED:
		if ends != 1 {
			complain("its command ended %d times", ends)
		}
	case v1.TaskState_TASK_FAILED:
		if !r.fails && !r.struck {
			complain("nobody had struck it")
		}
	case v1.TaskState_TASK_KILLED:
		if !r.killed {
			complain("nobody wanted it killed")
		}
	case v1.TaskState_TASK_DROPPED, v1.TaskState_TASK_GONE, v1.TaskState_TASK_UNKNOWN:
		if starts != 0 {
			complain("its command was started %d times", starts)
		}
	default:
		complain("no end that can have been")
	}
	return wrong
}

// story is what happened to the task, for people.
func (r *record) story() string {
	var b strings.Builder
	fmt.Fprintf(&b, "%s (executor %q, fails %t, kill wanted %t, struck %t) wrote %q and was told", r.id, r.executor, r.fails, r.killed, r.struck, r.marks)
	for _, s := range r.told {
		fmt.Fprintf(&b, "\n    %s %s %s %q", s.GetState(), s.GetSource(), s.GetReason(), s.GetMessage())
	}
	return b.String()
}

// read fills in the marks from the folder that tasks write them to.
func (r *record) read(dir string) error {
	b, err := os.ReadFile(filepath.Join(dir, r.id))
	if err != nil && !os.IsNotExist(err) {
		return err
	}
	r.marks = string(b)
	return nil
}
