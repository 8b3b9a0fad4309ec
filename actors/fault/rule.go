package fault

import (
	"fmt"
	"iter"
	"strings"
	"time"
)

// Action is what a rule does to a message.
type Action uint8

// The actions.
const (
	Drop      Action = iota // the message is lost
	Delay                   // it goes on later, maybe after others that were sent later
	Duplicate               // it goes on, and once more
	Hold                    // it waits until Release
	Corrupt                 // one bit of its encoding is turned over; what cannot be decoded then is lost
	Partition               // all between two groups of programs is lost
	Crash                   // a program ends, and unless After is set the message is lost with it
	Hangup                  // the session of sender and receiver ends; all that is under way is lost with it
)

var actionNames = []string{"drop", "delay", "duplicate", "hold", "corrupt", "partition", "crash", "hangup"}

// String is the action's name in the text form.
func (a Action) String() string { return actionNames[a] }

// Direction says from which side of a program's boundary a rule sees messages.
type Direction uint8

// The directions.
const (
	Both Direction = iota
	Out            // messages that an actor of the program sends
	In             // messages that come from the network
)

var directionNames = []string{"both", "out", "in"}

// String is the direction's name in the text form.
func (d Direction) String() string { return directionNames[d] }

// Side says which program a crash ends.
type Side uint8

// The sides.
const (
	Here     Side = iota // the one at which the message is seen
	Sender               // the one that sends the message
	Receiver             // the one that gets it
)

var sideNames = []string{"", "sender", "receiver"}

// String is the side's name in the text form, "" for Here.
func (s Side) String() string { return sideNames[s] }

// Rule is one fault. Patterns may hold * for any text and ? for one character; an empty one matches everything.
type Rule struct {
	Action    Action
	From, To  string   // patterns of an actor, like "slave(1)@10.0.0.7:5051" or "master@*"
	Message   string   // pattern of the message: full name, name, or name and type ("Call.ACCEPT")
	A, B      []string // of a Partition: patterns of addresses, "10.0.0.7:5051"; no B: everybody else
	OneWay    bool     // of a Partition: only what goes from A to B
	Hangup    bool     // of a Partition: sessions across it end after HangupTime, on both sides
	Direction Direction

	Wait        time.Duration // of a Delay; at least
	Jitter      time.Duration // of a Delay; up to so much more, at random
	InOrder     bool          // of a Delay: what the same program sends to the same one meanwhile waits, too
	Skip        int           // so many messages that match pass first
	Count       int           // then it is done to so many; 0: to all
	Probability float64       // of being done; 0 is 1
	Wipe        bool          // of a Crash: the disk is lost, too
	Of          Side          // of a Crash: whose
	After       bool          // of a Crash: the message goes on, and the program ends when it was sent or handled
	Restart     time.Duration // of a Crash: until the program is started again, where something can; 0: as it is usual there
}

// String is the rule as [Parse] reads it.
func (r Rule) String() string {
	var b strings.Builder
	b.WriteString(r.Action.String())
	if r.Action == Delay {
		fmt.Fprintf(&b, " %v", r.Wait)
	}
	word := func(key, value string) {
		if value != "" {
			fmt.Fprintf(&b, " %s=%s", key, value)
		}
	}
	number := func(key string, n int) {
		if n != 0 {
			fmt.Fprintf(&b, " %s=%d", key, n)
		}
	}
	word("a", strings.Join(r.A, ","))
	word("b", strings.Join(r.B, ","))
	word("from", r.From)
	word("to", r.To)
	word("message", r.Message)
	if r.Direction != Both {
		word("direction", r.Direction.String())
	}
	if r.Jitter != 0 {
		word("jitter", r.Jitter.String())
	}
	number("skip", r.Skip)
	number("count", r.Count)
	if r.Probability != 0 {
		fmt.Fprintf(&b, " probability=%v", r.Probability)
	}
	word("of", r.Of.String())
	if r.Restart != 0 {
		word("restart", r.Restart.String())
	}
	for name, set := range r.switches() {
		if *set {
			b.WriteString(" " + name)
		}
	}
	return b.String()
}

// switches are the words that stand alone.
func (r *Rule) switches() iter.Seq2[string, *bool] {
	return func(yield func(string, *bool) bool) {
		_ = yield("oneway", &r.OneWay) && yield("hangup", &r.Hangup) && yield("inorder", &r.InOrder) && yield("wipe", &r.Wipe) && yield("after", &r.After)
	}
}

// Check says what is wrong with a rule, naming the field and what would be right.
func (r Rule) Check() error {
	switch {
	case int(r.Action) >= len(actionNames):
		return fmt.Errorf("action %d: must be one of %s", r.Action, strings.Join(actionNames, ", "))
	case int(r.Direction) >= len(directionNames):
		return fmt.Errorf("direction %d: must be one of %s", r.Direction, strings.Join(directionNames, ", "))
	case r.Action == Partition && len(r.A) == 0:
		return fmt.Errorf("partition: a is missing: give the addresses of one side, like a=10.0.0.1:5050")
	case int(r.Of) >= len(sideNames):
		return fmt.Errorf("of %d: must be one of sender, receiver", r.Of)
	case r.Action != Partition && (len(r.A) > 0 || len(r.B) > 0 || r.OneWay || r.Hangup):
		return fmt.Errorf("%s: a, b, oneway and hangup are for partitions: use from and to", r.Action)
	case r.Action == Delay && r.Wait <= 0:
		return fmt.Errorf("delay: %v is no time to wait: give one, like delay 3s", r.Wait)
	case r.Action != Delay && r.Jitter != 0:
		return fmt.Errorf("%s: jitter is for delays", r.Action)
	case r.Action != Delay && r.InOrder:
		return fmt.Errorf("%s: inorder is for delays", r.Action)
	case r.Action != Crash && r.Wipe:
		return fmt.Errorf("%s: wipe is for crashes", r.Action)
	case r.Action != Crash && (r.Of != Here || r.After || r.Restart != 0):
		return fmt.Errorf("%s: of, after and restart are for crashes", r.Action)
	case r.Restart < 0:
		return fmt.Errorf("restart: %v is negative", r.Restart)
	case r.Jitter < 0:
		return fmt.Errorf("jitter: %v is negative", r.Jitter)
	case r.Skip < 0 || r.Count < 0:
		return fmt.Errorf("skip %d, count %d: must not be negative", r.Skip, r.Count)
	case !(r.Probability >= 0 && r.Probability <= 1):
		return fmt.Errorf("probability: %v is not between 0 and 1", r.Probability)
	}
	return nil
}
