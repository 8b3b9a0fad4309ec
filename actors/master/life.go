package master

import "fmt"

// life is where an agent is on its way, as the master knows it. Those that end in
// -ing wait for the registry: what they lead to is not true before it is durable.
type life uint8

const (
	lifeUnknown            life = iota
	lifeRecovering              // admitted by an earlier master, not back yet
	lifeAdmitting               // it registered for the first time
	lifeReadmitting             // it registered again, from a master or a session before
	lifeRegistered              // the cluster counts on it
	lifeMarkingUnreachable      // it did not answer, or did not come back in time
	lifeUnreachable             // it may come back
	lifeMarkingGone             // an operator gives it up
	lifeGone                    // it never comes back
	lifeRemoving                // it left, or another took its place
)

var lifeNames = [...]string{
	"unknown", "recovering", "admitting", "readmitting", "registered", "marking unreachable", "unreachable", "marking gone", "gone", "removing",
}

func (l life) String() string { return lifeNames[l] }

// turn is what happens to an agent.
type turn uint8

const (
	turnFoundAdmitted    turn = iota // in the registry, by a new master
	turnFoundUnreachable             // likewise
	turnFoundGone                    // likewise
	turnRegisters                    // for the first time
	turnReregisters                  // with an id
	turnAdmitted                     // durable
	turnRejected                     // by the registry
	turnLost                         // missed pings, or the time to come back
	turnUnreachable                  // durable
	turnGivenUp                      // by an operator
	turnGone                         // durable
	turnLeaves                       // by its own word, or its address is another's now
	turnRemoved                      // durable
	turnPruned                       // the registry forgot it
)

var turnNames = [...]string{
	"found admitted", "found unreachable", "found gone", "registers", "re-registers", "admission durable", "rejected by the registry",
	"lost", "unreachability durable", "given up", "going durable", "leaves", "removal durable", "pruned",
}

func (t turn) String() string { return turnNames[t] }

// lives is every step of an agent's way. What is not here is not done: a message
// that comes while the registry writes is absorbed, and its sender repeats it; an
// operator is told to wait.
var lives = map[life]map[turn]life{
	lifeUnknown: {
		turnFoundAdmitted: lifeRecovering, turnFoundUnreachable: lifeUnreachable, turnFoundGone: lifeGone,
		turnRegisters: lifeAdmitting, turnReregisters: lifeReadmitting,
	},
	lifeRecovering:         {turnReregisters: lifeReadmitting, turnLost: lifeMarkingUnreachable, turnGivenUp: lifeMarkingGone},
	lifeAdmitting:          {turnAdmitted: lifeRegistered, turnRejected: lifeUnknown},
	lifeReadmitting:        {turnAdmitted: lifeRegistered, turnRejected: lifeUnknown, turnFoundGone: lifeGone},
	lifeRegistered:         {turnReregisters: lifeReadmitting, turnLost: lifeMarkingUnreachable, turnGivenUp: lifeMarkingGone, turnLeaves: lifeRemoving},
	lifeMarkingUnreachable: {turnUnreachable: lifeUnreachable},
	lifeUnreachable:        {turnReregisters: lifeReadmitting, turnGivenUp: lifeMarkingGone, turnPruned: lifeUnknown},
	lifeMarkingGone:        {turnGone: lifeGone, turnRejected: lifeUnknown},
	lifeGone:               {turnPruned: lifeUnknown},
	lifeRemoving:           {turnRemoved: lifeUnknown},
}

// lifeOf is where an agent is on its way.
func (m *Master) lifeOf(id string) life { return m.lives[id] }

// step takes an agent on its way, or says that it cannot go there now.
func (m *Master) step(id string, t turn) bool {
	from := m.lives[id]
	to, ok := lives[from][t]
	if !ok {
		m.log.Debug("no step in an agent's life", "agent_id", id, "state", from.String(), "event", t.String())
		return false
	}
	if to == lifeUnknown {
		delete(m.lives, id)
	} else {
		m.lives[id] = to
	}
	return true
}

// must is a step that the master's own books promise.
func (m *Master) must(id string, t turn) {
	if !m.step(id, t) {
		panic(fmt.Sprintf("agent %s is %v and cannot be %v", id, m.lives[id], t))
	}
}
