package main

import (
	"reflect"
	"testing"

	"mesos/cmd/mesos/internal/client"
)

func TestFindAgent(t *testing.T) {
	s := &client.State{Agents: []client.Agent{{ID: "m-S1"}, {ID: "m-S10"}}, Recovered: []client.Agent{{ID: "n-S0"}}}
	for name, want := range map[string]string{"m-S1": "m-S1", "m-S10": "m-S10", "n": "n-S0", "away-S3": "away-S3", "m-S": "", "S10": "m-S10"} {
		if got, err := findAgent(s, name); got != want || (err == nil) != (want != "") {
			t.Errorf("%q: got %q, %v, want %q", name, got, err, want)
		}
	}
}

func TestDrainProgress(t *testing.T) {
	tasks := []client.Framework{{Tasks: []client.Task{{AgentID: "a"}, {AgentID: "b"}, {AgentID: "a"}}}}
	with := func(d *client.Drain) *client.State {
		return &client.State{Agents: []client.Agent{{ID: "a", Drain: d}}, Frameworks: tasks}
	}
	for _, c := range []struct {
		name string
		s    *client.State
		gone bool
		want string
		over bool
	}{
		{"draining", with(&client.Drain{State: "DRAINING"}), false, "a drains: 2 tasks left", false},
		{"drained", with(&client.Drain{State: "DRAINED"}), false, "a is drained", true},
		{"drained, not gone yet", with(&client.Drain{State: "DRAINED"}), true, "a drains: 2 tasks left", false},
		{"gone", &client.State{}, true, "a is drained and gone", true},
		{"away", &client.State{}, false, "a is away: the drain goes on when it is back", false},
		{"taken back", with(nil), false, "a does not drain any more: somebody reactivated it", true},
	} {
		if got, over := drainProgress(c.s, "a", c.gone); got != c.want || over != c.over {
			t.Errorf("%s: got %q, %v, want %q, %v", c.name, got, over, c.want, c.over)
		}
	}
}

func TestParseMachine(t *testing.T) {
	for text, want := range map[string]machineID{
		"node7/10.0.0.7": {"node7", "10.0.0.7"}, "n/::1": {"n", "::1"}, "node7": {}, "node7/": {}, "/10.0.0.7": {}, "node7/ten": {}, "": {},
	} {
		if got, err := parseMachine(text); got != want || (err == nil) != (want != machineID{}) {
			t.Errorf("%q: got %v, %v, want %v", text, got, err, want)
		}
	}
}

func TestScheduleRemove(t *testing.T) {
	a, b, c := machineID{"a", "1"}, machineID{"b", "2"}, machineID{"c", "3"}
	s := schedule{Windows: []window{{Machines: []machineID{a, b}}, {Machines: []machineID{c}}}}
	s.remove([]machineID{a, c})
	if want := []window{{Machines: []machineID{b}}}; !reflect.DeepEqual(s.Windows, want) {
		t.Errorf("got %v, want %v", s.Windows, want)
	}
}
