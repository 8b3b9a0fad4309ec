package plan

import (
	"fmt"
	"testing"

	"mesos/actors/marathon/model"
)

// An instance that has volumes and no task is not there, but is not forgotten either; one that is about to get its
// volumes is on its way.
func TestDecideAboutResidents(t *testing.T) {
	s := spec(t, 1, `,"container":{"type":"MESOS","volumes":[{"containerPath":"data","mode":"RW","persistent":{"size":1}}]}`)
	resident := func(held bool, footprint string, change func(i *model.Instance)) *model.Instance {
		i := instance(0, 1, "TASK_RUNNING")
		i.Resident, i.Claim = true, &model.Claim{Footprint: footprint, Held: held}
		change(i)
		return i
	}
	sleeps := func(i *model.Instance) { i.Tasks[0].Over = true }
	for _, c := range []struct {
		name    string
		spec    *model.Spec
		i       *model.Instance
		launch  int
		expunge bool
		done    bool
	}{
		{"runs", s, resident(true, s.Footprint(), func(*model.Instance) {}), 0, false, true},
		{"sleeps", s, resident(true, s.Footprint(), sleeps), 1, false, false},
		{"claims", s, resident(false, s.Footprint(), sleeps), 0, false, false},
		{"sleeps on what is of no use", s, resident(true, "other", sleeps), 1, true, false},
		{"sleeps and is wiped", s, resident(true, s.Footprint(), func(i *model.Instance) { sleeps(i); i.Wipe = true }), 1, true, false},
		{"sleeps and is not wanted", nil, resident(true, s.Footprint(), sleeps), 0, true, true},
		{"doomed and unreachable", s, resident(true, s.Footprint(), func(i *model.Instance) { i.Doomed, i.Tasks[0].State = true, "TASK_UNREACHABLE" }), 0, false, false},
		{"doomed", s, resident(true, s.Footprint(), func(i *model.Instance) { i.Doomed = true }), 0, false, false},
		{"doomed and wiped", s, resident(true, s.Footprint(), func(i *model.Instance) { i.Doomed, i.Wipe = true, true }), 1, false, false},
		{"doomed, wiped and unreachable", s, resident(true, s.Footprint(), func(i *model.Instance) {
			i.Doomed, i.Wipe, i.Tasks[0].State = true, true, "TASK_UNREACHABLE"
		}), 1, true, false},
	} {
		d := Decide(Goal{Spec: c.spec, Want: 1}, []*model.Instance{c.i}, t0)
		if got, want := fmt.Sprint(d.Launch, len(d.Expunge) == 1, d.Done), fmt.Sprint(c.launch, c.expunge, c.done); got != want || len(d.Kill) > 0 {
			t.Errorf("%s: got launch, expunge, done %s and kills %v, want %s and none", c.name, got, d.Kill, want)
		}
	}
}
