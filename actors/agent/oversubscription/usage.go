package oversubscription

import (
	"time"

	"mesos/messages/resources"
)

// Usage is a report of what runs on an agent and what it uses.
type Usage struct {
	At        time.Time
	Executors []Executor // that run, by framework and executor id
	Machine   Machine
}

// Executor is one executor with its tasks.
type Executor struct {
	FrameworkID, ExecutorID, ContainerID string
	// Allocated is what it and its tasks that are not over hold.
	Allocated resources.Resources
	Sample    Sample
}

// Lent says that it holds something that may be taken back.
func (e Executor) Lent() bool { return !e.Allocated.Revocable().IsEmpty() }

// Sample is what a container has used since it began. The zero value is of one that could not be measured.
type Sample struct {
	Measured  bool
	CPU       float64 // seconds of cpu time
	Throttled float64 // seconds that it was held back by its own limit
	Mem       uint64  // bytes that it has now
	Stalls    Stalls
}

// Machine is the whole machine. The zero value is of one that was not measured.
type Machine struct {
	CPUs          int
	Busy          float64 // seconds of cpu time that were used since the machine started
	Load5, Load15 float64 // average number of processes that wanted a cpu, of the last minutes
	Stalls        Stalls
}

// Stalls is how long, in seconds all together, something that could have worked waited for want of a resource.
type Stalls struct {
	Known           bool
	CPU, Memory, IO float64
}

// Lent is what executors hold that may be taken back.
func (u Usage) Lent() (sum resources.Resources) {
	for _, e := range u.Executors {
		sum = sum.Add(e.Allocated.Revocable().Unallocate())
	}
	return sum
}

// Estimator says how much may be lent.
type Estimator interface {
	// Oversubscribable is what may be offered, as revocable, beside what is lent already.
	Oversubscribable(Usage) resources.Resources
}

// Controller says who must go.
type Controller interface {
	Corrections(Usage) []Correction
}

// Correction ends one executor.
type Correction struct {
	FrameworkID, ExecutorID, ContainerID string
	Why                                  string // for people, as in "load of 5 minutes is 9.2, above 8"
}

func correct(e Executor, why string) Correction {
	return Correction{e.FrameworkID, e.ExecutorID, e.ContainerID, why}
}
