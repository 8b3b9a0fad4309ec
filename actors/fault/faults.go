package fault

import (
	"cmp"
	"fmt"
	"math/rand/v2"
	"slices"
	"sync"
	"time"

	"google.golang.org/protobuf/proto"

	"mesos/actors"
)

// Options say what Faults use of the world. The zero value is for a program of its own.
type Options struct {
	Random rand.Source                     // of probabilities, jitter and damage; nil: the program's
	Now    func() time.Time                // nil: time.Now
	After  func(d time.Duration, f func()) // runs f later; nil: time.AfterFunc
	// Crash ends the program at addr, and starts it again if it can. nil: rules that crash are refused.
	Crash func(addr string, c CrashHow)
	// Harness: Crash can end every program, start it again and lose its disk. Otherwise it ends the program that it is
	// in and nothing more, and rules that ask for more are refused.
	Harness bool
	// Hangup ends the session between two programs, and Part those of a partition, with all that goes over it until heal;
	// nil: what SetSessions gives is used.
	Hangup func(a, b string)
	Part   func(crosses func(from, to string) bool) (heal func())
	// EveryEnd: the filter stands before all programs at once, so that each message between two is seen twice. A rule
	// then sees it where it is sent, unless its direction is In.
	EveryEnd bool
	// Changed is told of every change of the rules, with all of them as text; nil: nobody.
	Changed func(rules []string)
	Keep    int // events of the timeline; 0: 10,000
}

// Faults are rules, and what they did. Its methods may be called from any goroutine.
type Faults struct {
	o Options

	mu     sync.Mutex
	random *rand.Rand
	last   int
	rules  []*active // the first that acts on a message decides
	expect []*watch
	line   timeline

	sessions Sessions // nil: none were given yet
}

// active is a rule in force.
type active struct {
	id         int
	rule       Rule
	seen, done int
	held       []held
	only       func(actors.Envelope) bool // beyond the rule; nil: all
	heal       func()                     // ends a partition that ends sessions; nil for others
	late       map[route][]held           // what waits behind a message that is delayed in order
}

type held struct {
	e    actors.Envelope
	pass func(actors.Envelope)
}

// Status is a rule in force and what it did.
type Status struct {
	ID   int    `json:"id"`
	Rule string `json:"rule"`
	Seen int    `json:"seen"` // messages that matched
	Done int    `json:"done"` // messages that it acted on
	Held int    `json:"held"` // of a hold: messages that wait
}

// New returns Faults without rules.
func New(o Options) *Faults {
	if o.Random == nil {
		o.Random = rand.NewPCG(rand.Uint64(), rand.Uint64())
	}
	if o.Now == nil {
		o.Now = time.Now
	}
	if o.After == nil {
		o.After = func(d time.Duration, f func()) { time.AfterFunc(d, f) }
	}
	return &Faults{o: o, random: rand.New(o.Random), line: timeline{keep: cmp.Or(o.Keep, 10000)}}
}

// Add puts rules in force, after those that are, and returns their ids. If one is wrong none is added.
func (f *Faults) Add(rules ...Rule) ([]int, error) {
	for _, r := range rules {
		if err := r.Check(); err != nil {
			return nil, err
		}
		if err := f.can(r); err != nil {
			return nil, err
		}
		if err := known(r.Message); err != nil {
			return nil, err
		}
	}
	defer f.changed()
	f.mu.Lock()
	var ids []int
	var parts []*active
	for _, r := range rules {
		f.last++
		a := &active{id: f.last, rule: r}
		f.rules = append(f.rules, a)
		ids = append(ids, f.last)
		if r.Hangup {
			parts = append(parts, a)
		}
	}
	f.mu.Unlock()
	for _, a := range parts {
		f.part(a)
	}
	return ids, nil
}

// can says why a rule cannot be carried out here.
func (f *Faults) can(r Rule) error {
	switch {
	case r.Action == Crash && f.o.Crash == nil:
		return fmt.Errorf("crash: this program cannot be crashed by a rule: use kill -9")
	case f.o.Harness:
	case r.Wipe:
		return fmt.Errorf("crash: wipe: this program cannot lose its disk by a rule: leave wipe out")
	case r.Restart != 0:
		return fmt.Errorf("crash: restart: nothing in this program can start it again: leave restart out; systemd or whoever started it does")
	case r.Of == Sender && r.Direction == In, r.Of == Receiver && r.Direction == Out:
		return fmt.Errorf("crash: of=%s direction=%s: this program can end only itself: add the rule to the other program", r.Of, r.Direction)
	}
	return nil
}

// Remove takes a rule out of force; what it holds goes on. It returns false if there is no such rule.
func (f *Faults) Remove(id int) bool {
	f.mu.Lock()
	i := slices.IndexFunc(f.rules, func(a *active) bool { return a.id == id })
	if i < 0 {
		f.mu.Unlock()
		return false
	}
	a := f.rules[i]
	f.rules = slices.Delete(f.rules, i, i+1)
	f.mu.Unlock()
	f.changed()
	f.end(a)
	return true
}

// end lets go what a rule that is out of force kept.
func (f *Faults) end(a *active) {
	if a.heal != nil {
		a.heal()
	}
	f.let(a, false)
}

// Clear takes all rules out of force; what they hold goes on.
func (f *Faults) Clear() {
	f.mu.Lock()
	all := f.rules
	f.rules = nil
	f.mu.Unlock()
	f.changed()
	for _, a := range all {
		f.end(a)
	}
}

// Release lets go on what a rule holds; the rule stays in force. With reversed, the newest goes first. It returns how
// many there were, -1 if there is no such rule.
func (f *Faults) Release(id int, reversed bool) int {
	f.mu.Lock()
	i := slices.IndexFunc(f.rules, func(a *active) bool { return a.id == id })
	if i < 0 {
		f.mu.Unlock()
		return -1
	}
	a := f.rules[i]
	f.mu.Unlock()
	return f.let(a, reversed)
}

func (f *Faults) let(a *active, reversed bool) int {
	f.mu.Lock()
	all := a.held
	a.held = nil
	if reversed {
		slices.Reverse(all)
	}
	for _, h := range all {
		f.note(h.e, fmt.Sprintf("released by %d", a.id))
	}
	f.mu.Unlock()
	for _, h := range all {
		h.pass(h.e)
	}
	return len(all)
}

// Rules are the rules in force, in the order in which they are asked.
func (f *Faults) Rules() []Status {
	f.mu.Lock()
	defer f.mu.Unlock()
	out := make([]Status, 0, len(f.rules))
	for _, a := range f.rules {
		out = append(out, Status{a.id, a.rule.String(), a.seen, a.done, len(a.held)})
	}
	return out
}

func (f *Faults) changed() {
	if f.o.Changed == nil {
		return
	}
	var text []string
	for _, s := range f.Rules() {
		text = append(text, s.Rule)
	}
	f.o.Changed(text)
}

// Filter is an actors.Filter.
func (f *Faults) Filter(e actors.Envelope, pass func(actors.Envelope)) {
	f.mu.Lock()
	a := f.decide(e)
	what := ""
	var act func()
	if a == nil {
		act = func() { pass(e) }
	} else {
		act, what = f.act(a, e, pass)
	}
	if a != nil || !f.o.EveryEnd || !e.Incoming {
		f.note(e, what)
	}
	f.meet(e)
	f.mu.Unlock()
	act()
}

// decide is the rule that acts on e, nil for none. f.mu is held.
func (f *Faults) decide(e actors.Envelope) *active {
	for _, a := range f.rules {
		r := &a.rule
		if a.behind(e, f.o.EveryEnd) {
			return a
		}
		if !f.matches(r, e) || a.only != nil && !a.only(e) {
			continue
		}
		a.seen++
		if a.seen <= r.Skip || r.Count > 0 && a.done >= r.Count {
			continue
		}
		if r.Probability > 0 && f.random.Float64() >= r.Probability {
			continue
		}
		a.done++
		return a
	}
	return nil
}

// act returns what is to be done with a message, without f.mu, and how that is called. f.mu is held.
func (f *Faults) act(a *active, e actors.Envelope, pass func(actors.Envelope)) (do func(), what string) {
	switch a.rule.Action {
	case Delay:
		if a.behind(e, f.o.EveryEnd) {
			r := routeOf(e)
			a.late[r] = append(a.late[r], held{e, pass})
			return func() {}, fmt.Sprintf("waits behind what is delayed by %d", a.id)
		}
		d := a.rule.Wait
		if a.rule.Jitter > 0 {
			d += time.Duration(f.random.Int64N(int64(a.rule.Jitter)))
		}
		if a.rule.InOrder {
			return f.delayRoute(a, e, pass, d), fmt.Sprintf("delayed %v in order by %d", d, a.id)
		}
		return func() { f.o.After(d, func() { pass(e) }) }, fmt.Sprintf("delayed %v by %d", d, a.id)
	case Duplicate:
		return func() { pass(e); pass(e) }, fmt.Sprintf("doubled by %d", a.id)
	case Hold:
		a.held = append(a.held, held{e, pass})
		return func() {}, fmt.Sprintf("held by %d", a.id)
	case Corrupt:
		if f.damage(&e) {
			return func() { pass(e) }, fmt.Sprintf("corrupted by %d", a.id)
		}
		return func() {}, fmt.Sprintf("corrupted beyond reading by %d", a.id)
	case Crash:
		return f.crash(a, e, pass)
	case Hangup:
		return func() { f.hangup(e) }, fmt.Sprintf("lost with its session by %d", a.id)
	}
	return func() {}, fmt.Sprintf("dropped by %d", a.id) // Drop and Partition
}

// damage turns one bit of a message over; false if nobody can read it any more. f.mu is held.
func (f *Faults) damage(e *actors.Envelope) bool {
	body, err := proto.MarshalOptions{Deterministic: true}.Marshal(e.Message)
	if err != nil || len(body) == 0 {
		return err == nil
	}
	body[f.random.IntN(len(body))] ^= 1 << f.random.IntN(8)
	m := e.Message.ProtoReflect().New().Interface()
	if proto.Unmarshal(body, m) != nil {
		return false
	}
	e.Message = m
	return true
}
