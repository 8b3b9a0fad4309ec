// Package life is an agent's way through the master: where it is, what may happen
// to it there, and where that leads. It is a table; the master keeps a [Book] of
// its agents and asks it before each step.
package life

import "fmt"

// State is where an agent is on its way, as the master knows it. Those that end in
// -ing wait for the registry: what they lead to is not true before it is durable.
type State uint8

// Where an agent can be.
const (
	Unknown            State = iota
	Recovering               // admitted by an earlier master, not back yet
	Admitting                // it registered for the first time
	Readmitting              // it registered again, from a master or a session before
	Registered               // the cluster counts on it
	MarkingUnreachable       // it did not answer, or did not come back in time
	Unreachable              // it may come back
	MarkingGone              // an operator gives it up
	Gone                     // it never comes back
	Removing                 // it left, or another took its place
)

var stateNames = [...]string{
	"unknown", "recovering", "admitting", "readmitting", "registered", "marking unreachable", "unreachable", "marking gone", "gone", "removing",
}

func (s State) String() string { return stateNames[s] }

// Turn is what happens to an agent.
type Turn uint8

// What can happen to it.
const (
	FoundAdmitted     Turn = iota // in the registry, by a new master
	FoundUnreachable              // likewise
	FoundGone                     // likewise
	Registers                     // for the first time
	Reregisters                   // with an id
	Admitted                      // durable
	Rejected                      // by the registry
	Lost                          // missed pings, or the time to come back
	MarkedUnreachable             // durable
	GivenUp                       // by an operator
	MarkedGone                    // durable
	Leaves                        // by its own word, or its address is another's now
	Removed                       // durable
	Pruned                        // the registry forgot it
)

var turnNames = [...]string{
	"found admitted", "found unreachable", "found gone", "registers", "re-registers", "admission durable", "rejected by the registry",
	"lost", "unreachability durable", "given up", "going durable", "leaves", "removal durable", "pruned",
}

func (t Turn) String() string { return turnNames[t] }

// ways is every step of an agent's way. What is not here is not done: a message
// that comes while the registry writes is absorbed, and its sender repeats it; an
// operator is told to wait.
var ways = map[State]map[Turn]State{
	Unknown: {
		FoundAdmitted: Recovering, FoundUnreachable: Unreachable, FoundGone: Gone,
		Registers: Admitting, Reregisters: Readmitting,
	},
	Recovering:         {Reregisters: Readmitting, Lost: MarkingUnreachable, GivenUp: MarkingGone},
	Admitting:          {Admitted: Registered, Rejected: Unknown},
	Readmitting:        {Admitted: Registered, Rejected: Unknown, FoundGone: Gone},
	Registered:         {Reregisters: Readmitting, Lost: MarkingUnreachable, GivenUp: MarkingGone, Leaves: Removing},
	MarkingUnreachable: {MarkedUnreachable: Unreachable},
	Unreachable:        {Reregisters: Readmitting, GivenUp: MarkingGone, Pruned: Unknown},
	MarkingGone:        {MarkedGone: Gone, Rejected: Unknown},
	Gone:               {Pruned: Unknown},
	Removing:           {Removed: Unknown},
}

// Book is where agents are, by their ids; those that are not in it are Unknown.
type Book map[string]State

// Of is where an agent is on its way.
func (b Book) Of(id string) State { return b[id] }

// Step takes an agent on its way, or says that it cannot go there now.
func (b Book) Step(id string, t Turn) bool {
	to, ok := ways[b[id]][t]
	switch {
	case !ok:
	case to == Unknown:
		delete(b, id)
	default:
		b[id] = to
	}
	return ok
}

// Must is a step that whoever takes it knows to be open; it panics otherwise.
func (b Book) Must(id string, t Turn) {
	if !b.Step(id, t) {
		panic(fmt.Sprintf("agent %s is %v and cannot be %v", id, b[id], t))
	}
}
