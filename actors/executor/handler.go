package executor

import (
	"time"

	"google.golang.org/protobuf/proto"

	"mesos/actors/link"
	v1 "mesos/messages/mesos/v1"
	executorv1 "mesos/messages/mesos/v1/executor"
)

// Runtime is what a Driver lives on: an actor's process or a link.Loop. Delay's
// and Dispatch's functions run on the same goroutine as Receive and Exited.
type Runtime interface {
	Self() link.UPID
	Send(to link.UPID, m proto.Message)
	Link(to link.UPID)
	Delay(d time.Duration, f func()) (cancel func())
	Dispatch(f func())
}

// Handler is the executor proper. It is called on the Runtime's goroutine and
// must not block; what takes time goes elsewhere and comes back by Dispatch.
type Handler interface {
	// Subscribed: the agent is there, for the first time or again.
	Subscribed(d *Driver, s *executorv1.Event_Subscribed)
	// Launch must lead to updates with the task's states, by d.Update.
	Launch(d *Driver, t *v1.TaskInfo)
	// LaunchGroup tasks start all or none.
	LaunchGroup(d *Driver, g *v1.TaskGroupInfo)
	// Kill may come for tasks that never were or that have ended. The policy
	// is nil unless the kill overrides the task's own.
	Kill(d *Driver, id *v1.TaskID, p *v1.KillPolicy)
	// Message came from the scheduler.
	Message(d *Driver, data []byte)
	// Disconnected: the agent is away. Updates are kept for when it is back.
	Disconnected(d *Driver)
	// Shutdown comes once: end all tasks, tell their states, and leave when
	// d.WhenAcknowledged says so, at the latest after the grace period. The
	// agent may be gone already; then it says so at once.
	Shutdown(d *Driver)
}
