package program

import (
	"mesos/isolators"
	v1 "mesos/messages/mesos/v1"
)

// why asks the Maker why a container ended, if it can tell.
func (r *Runtime) why(b *Bundle) string {
	if f, can := r.o.Maker.(Failer); can {
		return f.Failed(b)
	}
	return ""
}

// failure tells that a container was ended by what made it.
func failure(why string) isolators.Limitation {
	return isolators.Limitation{Reason: v1.TaskStatus_REASON_EXECUTOR_TERMINATED, Message: "The container's runtime failed: " + why}
}
