package plan

import (
	"fmt"
	"math"
	"strings"
	"testing"
	"time"

	"pgregory.net/rapid"

	"mesos/actors/marathon/model"
)

var t0 = time.Unix(1_000_000, 0)

func spec(t interface{ Fatal(...any) }, config int, fields string) *model.Spec {
	a, err := model.DecodeApp([]byte(`{"id":"/web","cmd":"x"`+fields+`}`), model.Root, "")
	if err != nil {
		t.Fatal(err)
	}
	at := model.At(time.Unix(int64(config), 0))
	return (&model.Spec{App: a}).WithVersion(at, model.VersionInfo{LastScalingAt: at, LastConfigChangeAt: at})
}

// instance makes one by a word: its state, and the number of its configuration.
func instance(n, config int, state string) *model.Instance {
	i := &model.Instance{
		ID: fmt.Sprintf("i%02d", n), Spec: "/web", Config: model.At(time.Unix(int64(config), 0)), Created: model.At(t0.Add(time.Duration(n) * time.Second)),
		Tasks: []model.Task{{ID: fmt.Sprintf("t%d", n), State: state, Since: model.At(t0), Started: model.At(t0)}},
	}
	return i
}

// parse reads "1R 1S 2R" as instances: configuration, and Running, Staging, Unreachable, or K for one that is killed.
func parse(text string) (out []*model.Instance) {
	for n, w := range strings.Fields(text) {
		var config int
		var letter string
		_, _ = fmt.Sscanf(w, "%d%s", &config, &letter) // the texts of this test
		i := instance(n, config, map[string]string{"R": "TASK_RUNNING", "S": "TASK_STAGING", "U": "TASK_UNREACHABLE", "K": "TASK_RUNNING"}[letter])
		i.Doomed = letter == "K"
		out = append(out, i)
	}
	return out
}

func TestDecide(t *testing.T) {
	for _, c := range []struct {
		name, fields, there string
		want                int
		upgrading           bool
		canary              int
		launch              int
		kill                string
		done                bool
	}{
		{name: "nothing there", want: 3, launch: 3},
		{name: "all there", there: "1R 1R 1R", want: 3, done: true},
		{name: "one starts", there: "1R 1R 1S", want: 3},
		{name: "too many: the youngest goes", there: "1R 1R 1R", want: 2, kill: "i02"},
		{name: "too many: the oldest goes", fields: `,"killSelection":"OLDEST_FIRST"`, there: "1R 1R 1R", want: 2, kill: "i00"},
		{name: "too many: what does not run goes first", there: "1S 1R 1R", want: 2, kill: "i00"},
		{name: "suspended", there: "1R 1R", want: 0, kill: "i01 i00"},
		{name: "being killed counts for nothing", there: "1R 1K", want: 1},
		{name: "upgrade begins with as many again", there: "1R 1R", want: 2, upgrading: true, launch: 2},
		{name: "an old one goes for each new one", there: "1R 1R 2R 2S", want: 2, upgrading: true, kill: "i01"},
		{name: "done", there: "2R 2R", want: 2, upgrading: true, done: true},
		{name: "not done while an old one ends", there: "2R 2R 1K", want: 2, upgrading: true},
		{name: "in place: half goes first", fields: `,"upgradeStrategy":{"minimumHealthCapacity":0.5,"maximumOverCapacity":0}`, there: "1R 1R 1R 1R", want: 4, upgrading: true, kill: "i03 i02"},
		{name: "in place: then new ones come", fields: `,"upgradeStrategy":{"minimumHealthCapacity":0.5,"maximumOverCapacity":0}`, there: "1R 1R", want: 4, upgrading: true, launch: 2},
		{name: "neither less nor more: one more", fields: `,"upgradeStrategy":{"minimumHealthCapacity":1,"maximumOverCapacity":0}`, there: "1R 1R", want: 2, upgrading: true, launch: 1},
		{name: "old ones that do not run go at once", there: "1S 1S", want: 2, upgrading: true, launch: 2, kill: "i01 i00"},
		{name: "canary", there: "1R 1R 1R", want: 3, upgrading: true, canary: 1, launch: 1},
		{name: "canary runs", there: "1R 1R 1R 2R", want: 3, upgrading: true, canary: 1, kill: "i02"},
		{name: "canary waits", there: "1R 1R 2R", want: 3, upgrading: true, canary: 1},
		{name: "smaller at once", there: "1R 1R 1R 1R", want: 1, upgrading: true, kill: "i03 i02 i01"},
	} {
		config := 1
		if c.upgrading {
			config = 2
		}
		s := spec(t, config, c.fields)
		d := Decide(Goal{Spec: s, Want: c.want, Upgrading: c.upgrading, Canary: c.canary}, parse(c.there), t0)
		var kill []string
		for _, k := range d.Kill {
			kill = append(kill, k.ID)
		}
		if got := strings.Join(kill, " "); d.Launch != c.launch || got != c.kill || d.Done != c.done {
			t.Errorf("%s: got launch %d, kill %q, done %v; want %d, %q, %v", c.name, d.Launch, got, d.Done, c.launch, c.kill, c.done)
		}
	}
}

func TestNotWanted(t *testing.T) {
	d := Decide(Goal{}, parse("1R 1U"), t0)
	if len(d.Kill) != 1 || len(d.Expunge) != 1 || d.Done {
		t.Errorf("got %+v, want one killed, one given up, and not done", d)
	}
	if d := Decide(Goal{}, nil, t0); !d.Done {
		t.Error("nothing wanted, nothing there: want done")
	}
}

func TestUnreachable(t *testing.T) {
	s := spec(t, 1, `,"unreachableStrategy":{"inactiveAfterSeconds":10,"expungeAfterSeconds":30}`)
	for _, c := range []struct {
		after           int
		launch, expunge int
		wake            int
	}{{5, 0, 0, 10}, {10, 1, 0, 30}, {29, 1, 0, 30}, {30, 1, 1, 0}} {
		d := Decide(Goal{Spec: s, Want: 2}, parse("1U 1R"), t0.Add(time.Duration(c.after)*time.Second))
		var wake time.Time
		if c.wake > 0 {
			wake = t0.Add(time.Duration(c.wake) * time.Second)
		}
		if d.Launch != c.launch || len(d.Expunge) != c.expunge || !d.Wake.Equal(wake) {
			t.Errorf("after %d s: got %+v, want launch %d, given up %d, look again at %d s", c.after, d, c.launch, c.expunge, c.wake)
		}
	}
	forever := spec(t, 1, `,"unreachableStrategy":"disabled"`)
	if d := Decide(Goal{Spec: forever, Want: 2}, parse("1R 1U"), t0.Add(time.Hour)); d.Launch != 0 || d.Expunge != nil {
		t.Errorf("disabled: got %+v, want nothing to be done", d)
	}
}

func TestVictimsLeaveGroupsEven(t *testing.T) {
	s := spec(t, 1, `,"constraints":[["rack","GROUP_BY"]]`)
	list := parse("1R 1R 1R 1R 1R")
	for n, rack := range []string{"a", "a", "a", "b", "b"} {
		list[n].Attributes = map[string]string{"rack": rack}
	}
	left := map[string]int{"a": 3, "b": 2}
	for _, v := range Victims(s, list, 3, func(*model.Instance) bool { return true }) {
		left[v.Attributes["rack"]]--
	}
	if left["a"] != 1 || left["b"] != 1 {
		t.Errorf("left on the racks: got %v, want one each", left)
	}
}

// TestUpgradesKeepTheirBounds lets upgrades run with instances that become ready,
// fail and end in any order: never are fewer ready than the strategy allows by
// what was decided, nor more there, and at the end all is new.
func TestUpgradesKeepTheirBounds(t *testing.T) {
	rapid.Check(t, func(r *rapid.T) {
		n := rapid.IntRange(0, 12).Draw(r, "instances")
		s := spec(r, 2, fmt.Sprintf(`,"upgradeStrategy":{"minimumHealthCapacity":%v,"maximumOverCapacity":%v}`,
			rapid.SampledFrom([]float64{0, 0.3, 0.5, 1}).Draw(r, "least"), rapid.SampledFrom([]float64{0, 0.2, 1}).Draw(r, "over")))
		var there []*model.Instance
		next := 0
		for range rapid.IntRange(0, 14).Draw(r, "old") {
			there = append(there, instance(next, 1, "TASK_RUNNING"))
			next++
		}
		u := s.Upgrade()
		least := int(math.Ceil(float64(n)*u.MinimumHealthCapacity - 1e-9))
		most := n + max(1, int(float64(n)*u.MaximumOverCapacity+1e-9))
		for round := range 400 {
			d := Decide(Goal{Spec: s, Want: n, Upgrading: true}, there, t0)
			if d.Done {
				for _, i := range there {
					if i.Config != s.Config() {
						r.Fatalf("done, and %s is old", i.ID)
					}
				}
				if len(there) != n {
					r.Fatalf("done with %d instances, want %d", len(there), n)
				}
				return
			}
			ready := 0
			for _, i := range there {
				if !i.Doomed && i.Condition() == model.Running {
					ready++
				}
			}
			killed := 0
			for _, k := range d.Kill {
				for _, i := range there {
					if i.ID == k.ID {
						if i.Condition() == model.Running {
							killed++
						}
						i.Doomed = true
					}
				}
			}
			if killed > 0 && ready-killed < least {
				r.Fatalf("%d of %d ready ones are killed, %d must stay", killed, ready, least)
			}
			if d.Launch > 0 && len(there)+d.Launch > most {
				r.Fatalf("%d there, %d launched, %d allowed", len(there), d.Launch, most)
			}
			for range d.Launch {
				there = append(there, instance(next, 2, "TASK_STAGING"))
				next++
			}
			there = step(r, there, round < 100)
		}
		r.Fatalf("not done after 400 rounds: %d there", len(there))
	})
}

// step lets something happen: killed ones end, new ones run, and with faults some fail.
func step(r *rapid.T, there []*model.Instance, faults bool) (out []*model.Instance) {
	for _, i := range there {
		what := rapid.IntRange(0, 9).Draw(r, "what")
		switch {
		case i.Doomed && what < 5, faults && what == 9:
			continue
		case i.Tasks[0].State == "TASK_STAGING" && what < 5:
			i.Tasks[0].State = "TASK_RUNNING"
		}
		out = append(out, i)
	}
	return out
}

func TestSteps(t *testing.T) {
	make := func(id string, config, version int, deps string) *model.Spec {
		a, err := model.DecodeApp([]byte(fmt.Sprintf(`{"id":%q,"cmd":"x","dependencies":[%s]}`, id, deps)), model.Root, "")
		if err != nil {
			t.Fatal(err)
		}
		at := func(n int) model.Timestamp { return model.At(time.Unix(int64(n), 0)) }
		return (&model.Spec{App: a}).WithVersion(at(version), model.VersionInfo{LastScalingAt: at(version), LastConfigChangeAt: at(config)})
	}
	set := func(list ...*model.Spec) map[string]*model.Spec {
		out := map[string]*model.Spec{}
		for _, s := range list {
			out[s.ID()] = s
		}
		return out
	}
	before := set(make("/gone", 1, 1, ""), make("/db", 1, 1, ""), make("/same", 1, 1, ""), make("/s/scaled", 1, 1, ""))
	after := set(make("/db", 2, 2, ""), make("/same", 1, 1, ""), make("/s/scaled", 1, 2, `"/db"`), make("/new", 2, 2, `"/s"`), make("/mixed", 1, 1, `"/new"`))
	steps, err := Steps(before, after, nil, map[string]bool{"/mixed": true})
	if err != nil {
		t.Fatal(err)
	}
	var got []string
	for _, s := range steps {
		var names []string
		for _, a := range s.Actions {
			names = append(names, a.Name()+" "+a.ID)
		}
		got = append(got, strings.Join(names, ", "))
	}
	want := "StopApplication /gone | StartApplication /new | RestartApplication /db | ScaleApplication /s/scaled | ScaleApplication /new | RestartApplication /mixed"
	if text := strings.Join(got, " | "); text != want {
		t.Errorf("got\n%s\nwant\n%s", text, want)
	}
	if _, err := Steps(nil, set(make("/a", 1, 1, `"/b"`), make("/b", 1, 1, `"/a"`)), nil, nil); err == nil || !strings.Contains(err.Error(), "cycle") {
		t.Errorf("a cycle: got %v", err)
	}
	groups := map[string]*model.Group{"/x": {ID: "/x", Dependencies: []string{"/y"}}}
	steps, err = Steps(nil, set(make("/x/a", 1, 1, ""), make("/y/b", 1, 1, "")), groups, nil)
	if err != nil || len(steps) != 3 || steps[1].Actions[0].ID != "/y/b" {
		t.Errorf("a group that depends on another: got %v, %v", steps, err)
	}
}

func TestBackoff(t *testing.T) {
	s := spec(t, 1, `,"backoffSeconds":2,"backoffFactor":3,"maxLaunchDelaySeconds":20`)
	var b Backoff
	for _, want := range []int{2, 6, 18, 20, 20} {
		b = b.Failed(s, 0, t0)
		if got := int(b.Left(t0).Seconds()); got != want {
			t.Errorf("got a delay of %d s, want %d", got, want)
		}
	}
	if b = b.Failed(s, 2*time.Minute, t0); b.Delay != 2*time.Second {
		t.Errorf("after two minutes: got %v, want 2s", b.Delay)
	}
}
