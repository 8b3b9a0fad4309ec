package store

import (
	"mesos/messages/internalpb"
	v1 "mesos/messages/mesos/v1"
	agentv1 "mesos/messages/mesos/v1/agent"
)

// Agent is who the agent is.
type Agent struct {
	ID     string // as the master gave it
	BootID string // of the machine's run in which this was written
	Info   *v1.AgentInfo
}

// Process names a process beyond the life of its number: two of the same
// number differ in when they started.
type Process struct {
	PID     int    // 0: none was started, or it is not known
	Started uint64 // as /proc/PID/stat tells it: clock ticks since boot
}

// Executor is one executor that is not over.
type Executor struct {
	FrameworkID, ExecutorID, ContainerID string
	Command                              bool // made by the agent for one task
	Subscribed                           bool // at least once
	Untried                              bool // no task was ever sent to it, or is about to be
	Process                              Process
	Driver                               string // process id of its driver of version 0; "" for others
	Info                                 *v1.ExecutorInfo
	Container                            *v1.ContainerInfo // that the agent gave it since Info has none; nil: none
}

// Task is one task whose terminal update is not acknowledged.
type Task struct {
	ExecutorID  string
	FrameworkID string
	Sent        bool     // to its executor, or about to be: it may have run
	Group       []string // ids of the tasks of its group, itself among them; nil if it was launched alone
	Info        *v1.TaskInfo
}

// Container is one nested or standalone container that was not removed.
type Container struct {
	ID      string // the ids from the outermost container to its own, joined by dots
	Session bool   // it ends with the connection that launched it
	Process Process
	Launch  *agentv1.Call_LaunchContainer
}

// Update is a status update, known by a number that is higher than that of
// every earlier one.
type Update struct {
	Number       uint64
	Acknowledged bool
	// Update has nothing but ids and uuid when a later update of the task
	// is acknowledged, too.
	Update *internalpb.StatusUpdate
}

// State is all that a store holds. Updates are in the order of their numbers.
type State struct {
	Agent      *Agent // nil for an agent that never registered
	Frameworks []*v1.FrameworkInfo
	Executors  []Executor
	Tasks      []Task
	Updates    []Update
	Completed  []Completed // in the order of their ends
	// Resources are reservations and volumes that operations made. Those of
	// operations that are pending are among them.
	Resources  []*v1.Resource
	Operations []*v1.Operation
	Drain      *Drain      // nil if the agent does not drain
	Containers []Container // outer ones before those nested in them
	Providers  []Provider  // that were ever admitted, by their ids
}

// Empty says that there is nothing to recover.
func (s *State) Empty() bool { return s.Agent == nil }

// Waiting is the number of updates that are not acknowledged.
func (s *State) Waiting() (n int) {
	for _, u := range s.Updates {
		if !u.Acknowledged {
			n++
		}
	}
	return n
}
