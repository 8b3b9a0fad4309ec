package simtest

import (
	"fmt"
	"regexp"
	"slices"
	"strings"

	"mesos/actors/fault"
)

// point is a place in a protocol where something can go wrong: a message, or a durable write.
type point struct {
	message, from, to string // its kind and the ids of its actors; empty for a write
	disk              string // whose write it is: agent or master
	n                 int    // the n-th such message or write since the protocol began, from 0
}

func (p point) String() string {
	if p.disk != "" {
		return fmt.Sprintf("%s's write %d", p.disk, p.n+1)
	}
	return fmt.Sprintf("%s %s>%s #%d", p.message, role(p.from), role(p.to), p.n+1)
}

// role is an actor's id for people.
func role(id string) string {
	name, _, _ := strings.Cut(id, "(")
	if name == "slave" {
		return "agent"
	}
	return name
}

// trouble is what goes wrong at a message: a rule without the words that say at which.
type trouble struct{ name, rule string }

// messageTroubles are tried at every message. It is lost with its session, and delayed with all that follows it, as
// networks do: they lose none alone, and keep order.
var messageTroubles = []trouble{
	{"lost", "hangup"},
	{"delayed", "delay 3s inorder"},
	{"doubled", "duplicate"},
	{"sender dies before", "crash of=sender"},
	{"sender dies after", "crash of=sender after"},
	{"receiver dies before", "crash of=receiver"},
	{"receiver dies after", "crash of=receiver after"},
}

// writeTroubles are tried at every write.
var writeTroubles = []trouble{{"crash before", ""}, {"crash after", "after"}}

// droppedAlone is tried at messages that their senders repeat of themselves, as the tables of master and agent say.
var droppedAlone = trouble{"dropped", "drop"}

var saidAgain = regexp.MustCompile(`^(Register|Reregister|SlaveRegistered|SlaveReregistered|Ping|Pong)SlaveMessage|^StatusUpdate|` +
	`OperationStatus|OPERATION_STATUS|^Call.(SUBSCRIBE|ACKNOWLEDGE)|^Event.(SUBSCRIBED|ACKNOWLEDGED)|^Event.UPDATE`)

func (p point) troubles() []trouble {
	switch {
	case p.disk != "":
		return writeTroubles
	case saidAgain.MatchString(p.message):
		return append(slices.Clone(messageTroubles), droppedAlone)
	}
	return messageTroubles
}

// arm sets the trouble up. fired tells later whether the run came to it.
func (x *trial) arm(p point, what trouble) (fired func() bool) {
	switch p.disk {
	case "agent":
		x.armed = func() { x.a.Disk.StopAt(p.n+1, what.rule == "after") }
		x.armed()
		return func() bool { return x.stops["agent"] > 0 }
	case "master":
		x.c.Registry.StopAt(p.n+1, what.rule == "after")
		return func() bool { return x.stops["master"] > 0 }
	}
	x.c.rule(fmt.Sprintf("%s message=%s from=%s@* to=%s@* skip=%d count=1", what.rule, p.message, p.from, p.to, p.n))
	return func() bool {
		for _, s := range x.c.Faults().Rules() {
			return s.Done == 1
		}
		return false
	}
}

// pointsOf are the messages of a timeline in their order, and then the writes.
func pointsOf(events []fault.Event, agentWrites, masterWrites int) (out []point) {
	seen := map[point]int{}
	for _, e := range events {
		from, _, _ := strings.Cut(e.From, "@")
		to, _, _ := strings.Cut(e.To, "@")
		p := point{message: e.Message, from: from, to: to}
		p.n = seen[p]
		seen[point{message: e.Message, from: from, to: to}]++
		out = append(out, p)
	}
	for n := range agentWrites {
		out = append(out, point{disk: "agent", n: n})
	}
	for n := range masterWrites {
		out = append(out, point{disk: "master", n: n})
	}
	return out
}
