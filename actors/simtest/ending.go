package simtest

import (
	"slices"

	v1 "mesos/messages/mesos/v1"
	"mesos/messages/states"
)

// ending is how a task ended, as its framework heard.
//
// Who asks for a task that is over is answered that it is gone, which says nothing of how: after a known end that is no second
// one, and before the word of the agent that comes late it is none that stands, unless the task had finished.
type ending struct {
	told  []v1.TaskState // more than one: they contradict each other
	asked bool           // the one is only an answer
}

// hear takes in what the framework is told, and reports whether that contradicts what it was told before.
func (e *ending) hear(s *v1.TaskStatus) bool {
	state := s.GetState()
	if !states.Terminal(state) {
		return false
	}
	asked := s.GetUuid() == nil && s.GetReason() == v1.TaskStatus_REASON_RECONCILIATION &&
		(state == v1.TaskState_TASK_GONE || state == v1.TaskState_TASK_GONE_BY_OPERATOR)
	switch {
	case len(e.told) == 0:
		e.told, e.asked = []v1.TaskState{state}, asked
	case asked || slices.Contains(e.told, state):
	case e.asked && state != v1.TaskState_TASK_FINISHED:
		e.told[0], e.asked = state, false
	default:
		e.told = append(e.told, state)
		return true
	}
	return false
}
