package hosts

import (
	"cmp"
	"errors"
	"fmt"
	"maps"
	"os"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/anishathalye/porcupine"
)

// registryState is what a registry is between two requests. What leads by it is a
// session of one master; a session that led once never leads again.
type registryState struct {
	leader, client string
	deposed        string // sessions, each after a blank
	name           string
	index          uint64 // of the last write; 0: there is none
	rows           map[string]string
}

// registryModel says what may become of each request. A write takes place only if
// its session leads, if it comes from the master that the session is of, and after
// the write that it says. So a history that has an order by this model is one in
// which at most one master ever writes, the leader, and the next one reads all of it.
//
// A session may end unseen, so a leader may be followed, or refused, at any time.
// What was not answered is [settled] before.
var registryModel = porcupine.Model{
	Init: func() any { return registryState{} },
	Step: func(s, in, out any) (bool, any) { return s.(registryState).step(in.(request), out.(outcome)) },
	Equal: func(a, b any) bool {
		x, y := a.(registryState), b.(registryState)
		return x.leader == y.leader && x.client == y.client && x.deposed == y.deposed && x.name == y.name && x.index == y.index && maps.Equal(x.rows, y.rows)
	},
	DescribeOperation: func(in, out any) string {
		q, o := in.(request), out.(outcome)
		return fmt.Sprintf("%s %s session %.8s write %.8s after %d: %+v", q.client, q.verb, q.session, q.name, q.after, o)
	},
	DescribeState: func(s any) string {
		x := s.(registryState)
		return fmt.Sprintf("leader %s with %.8s, write %.8s at %d: %s", x.client, x.leader, x.name, x.index, text(x.rows))
	},
}

func (s registryState) step(q request, o outcome) (bool, registryState) {
	switch q.verb {
	case acquire:
		return s.acquire(q, o)
	case release:
		if s.leader == q.session {
			s = s.depose()
		}
		return true, s
	case write:
		return s.write(q, o)
	case readName:
		return !o.known || s.name == o.name && s.index == o.index, s
	}
	return !o.known || maps.Equal(s.rows, o.rows) || len(s.rows)+len(o.rows) == 0, s
}

func (s registryState) depose() registryState {
	if s.leader != "" {
		s.deposed += " " + s.leader
	}
	s.leader, s.client = "", ""
	return s
}

func (s registryState) acquire(q request, o outcome) (bool, registryState) {
	switch {
	case !o.done || s.leader == q.session:
		return true, s
	case strings.Contains(s.deposed+" ", " "+q.session+" "):
		return false, s
	}
	s = s.depose()
	s.leader, s.client = q.session, q.client
	return true, s
}

func (s registryState) write(q request, o outcome) (bool, registryState) {
	if !o.done {
		return true, s
	}
	if s.leader == "" || s.leader != q.session || s.client != q.client || s.index != q.after {
		return false, s
	}
	s.name, s.index, s.rows = q.name, o.index, maps.Clone(s.rows)
	if s.rows == nil {
		s.rows = map[string]string{}
	}
	for k, v := range q.rows {
		if s.rows[k] = v; v == "" {
			delete(s.rows, k)
		}
	}
	return true, s
}

// weight is a question to whoever serves the cluster, for the one weight that a
// writer sets again and again.
type weight struct {
	set   bool
	value int
}

// weightModel is a register: a read gives what was written last, whoever leads by then.
var weightModel = porcupine.Model{
	Init: func() any { return 0 },
	Step: func(s, in, out any) (bool, any) {
		if q := in.(weight); q.set {
			return true, q.value
		}
		return s == out, s
	},
	DescribeOperation: func(in, out any) string { return fmt.Sprintf("%+v: %v", in, out) },
}

// lawful fails the test unless a history has an order by the model.
func lawful(t testing.TB, what string, m porcupine.Model, history []porcupine.Operation) {
	t.Helper()
	result, info := porcupine.CheckOperationsVerbose(m, history, 5*time.Minute)
	if result == porcupine.Ok {
		return
	}
	t.Errorf("the history of %s (%d requests) has no lawful order: %s%s\n%s", what, len(history), result, picture(m, info), stuck(m, info, history))
}

// stuck tells the end of the longest lawful order of some of the requests, and those that come first of all others.
func stuck(m porcupine.Model, info porcupine.LinearizationInfo, history []porcupine.Operation) string {
	var longest []porcupine.Operation
	for _, part := range info.PartialLinearizationsOperations() {
		for _, order := range part {
			if len(order) > len(longest) {
				longest = order
			}
		}
	}
	var b strings.Builder
	tell := func(word string, op porcupine.Operation) {
		fmt.Fprintf(&b, "%s %.3f s to %.3f s: %.600s\n", word, time.Duration(op.Call).Seconds(), time.Duration(op.Return).Seconds(), m.DescribeOperation(op.Input, op.Output))
	}
	in, state := map[string]bool{}, m.Init()
	key := func(op porcupine.Operation) string { return fmt.Sprint(op.Call, op.Return, op.Input) }
	for i, op := range longest {
		in[key(op)] = true
		_, state = m.Step(state, op.Input, op.Output)
		if i >= len(longest)-8 {
			tell("in order:", op)
		}
	}
	fmt.Fprintf(&b, "state: %.600s\n", m.DescribeState(state))
	rest := slices.DeleteFunc(slices.Clone(history), func(op porcupine.Operation) bool { return in[key(op)] })
	slices.SortFunc(rest, func(a, b porcupine.Operation) int { return cmp.Compare(a.Call, b.Call) })
	for _, op := range rest[:min(8, len(rest))] {
		tell("no place:", op)
	}
	return b.String()
}

// picture keeps a drawing of a history if HOSTS_KEEP names a folder for it.
func picture(m porcupine.Model, info porcupine.LinearizationInfo) string {
	dir := os.Getenv("HOSTS_KEEP")
	if dir == "" {
		return "; HOSTS_KEEP=folder keeps a picture of it"
	}
	f, err := os.CreateTemp(dir, "history-*.html")
	if err == nil {
		err = errors.Join(porcupine.Visualize(m, info, f), f.Close())
	}
	if err != nil {
		return fmt.Sprintf("; picture: %v", err)
	}
	return "; picture: " + f.Name()
}
