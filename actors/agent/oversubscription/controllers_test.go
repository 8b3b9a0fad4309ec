package oversubscription

import (
	"strings"
	"testing"
	"time"

	"mesos/messages/resources"
)

func whom(list []Correction) string {
	var ids []string
	for _, c := range list {
		ids = append(ids, c.ContainerID)
	}
	return strings.Join(ids, " ")
}

func TestLoad(t *testing.T) {
	c, err := NewController("org_apache_mesos_LoadQoSController", Parameters{"load_threshold_5min": "8", "load_threshold_15min": "4"})
	if err != nil {
		t.Fatal(err)
	}
	all := []Executor{
		{ContainerID: "own", Allocated: resources.MustParse("cpus:1")}, {ContainerID: "lent-1", Allocated: lent("cpus:1")},
		{ContainerID: "lent-2", Allocated: lent("mem:32").Add(resources.MustParse("cpus:1"))},
	}
	for _, x := range []struct {
		m    Machine
		want string
	}{{Machine{Load5: 8, Load15: 4}, ""}, {Machine{Load5: 8.1}, "lent-1 lent-2"}, {Machine{Load15: 4.1}, "lent-1 lent-2"}} {
		if got := whom(c.Corrections(Usage{Machine: x.m, Executors: all})); got != x.want {
			t.Errorf("%+v: got %q, want %q", x.m, got, x.want)
		}
	}
}

// pressed is a machine of one task of its own and two that were lent something, seen every second.
type pressed struct {
	c   *Pressure
	now time.Time
	own Sample
	one Sample
	two Sample
	all Stalls
	off bool // containers tell no stalls
}

func (w *pressed) second() string {
	w.now = w.now.Add(time.Second)
	samples := []Sample{w.own, w.one, w.two}
	u := Usage{At: w.now, Machine: Machine{Stalls: w.all}}
	for i, id := range []string{"own", "one", "two"} {
		s := samples[i]
		s.Measured, s.Stalls.Known = true, !w.off
		e := Executor{ContainerID: id, ExecutorID: id, FrameworkID: "f", Allocated: lent("cpus:1"), Sample: s}
		if id == "own" {
			e.Allocated = resources.MustParse("cpus:1")
		}
		u.Executors = append(u.Executors, e)
	}
	return whom(w.c.Corrections(u))
}

func TestPressure(t *testing.T) {
	for _, x := range []struct {
		name string
		tick func(w *pressed) // what a second does
		want string           // who goes after the first window, and again after the second
	}{
		{"none", func(*pressed) {}, ""},
		{"cpu", func(w *pressed) { w.own.Stalls.CPU += 0.5; w.one.CPU += 0.2; w.two.CPU += 0.7 }, "two"},
		{"cpu, a little", func(w *pressed) { w.own.Stalls.CPU += 0.2; w.two.CPU++ }, ""},
		{"of what is lent", func(w *pressed) { w.one.Stalls.CPU++; w.two.CPU++ }, ""},
		{"its own limit", func(w *pressed) { w.own.Stalls.CPU += 0.5; w.own.Throttled += 0.4 }, ""},
		{"memory", func(w *pressed) { w.own.Stalls.Memory += 0.2; w.one.Mem = 9; w.two.CPU++ }, "one"},
		{"io", func(w *pressed) { w.own.Stalls.IO += 0.5; w.one.Stalls.IO += 0.6; w.two.Stalls.IO += 0.4 }, "one"},
		{"machine", func(w *pressed) { w.off, w.all.Known = true, true; w.all.CPU += 0.5; w.one.CPU++ }, "one"},
		{"unknown", func(w *pressed) { w.off = true; w.one.CPU++ }, ""},
	} {
		t.Run(x.name, func(t *testing.T) {
			c, err := NewPressure(Parameters{"window": "3secs"})
			if err != nil {
				t.Fatal(err)
			}
			w := &pressed{c: c, now: time.Unix(1000, 0)}
			for n := range 8 {
				x.tick(w)
				want := ""
				if n == 3 || n == 6 { // one for each window, the first of which begins with the first second
					want = x.want
				}
				if got := w.second(); got != want {
					t.Errorf("second %d: got %q, want %q", n, got, want)
				}
			}
		})
	}
}

func TestPressureSaysWhy(t *testing.T) {
	c, err := NewPressure(nil)
	if err != nil {
		t.Fatal(err)
	}
	w := &pressed{c: c, now: time.Unix(1000, 0)}
	var list []Correction
	for range 6 {
		w.own.Stalls.CPU += 0.5
		w.now = w.now.Add(time.Second)
		s, own := w.one, w.own
		s.Measured, own.Measured, own.Stalls.Known = true, true, true
		list = c.Corrections(Usage{At: w.now, Executors: []Executor{
			{FrameworkID: "f", ExecutorID: "db", ContainerID: "a", Allocated: resources.MustParse("cpus:1"), Sample: own},
			{FrameworkID: "g", ExecutorID: "batch", ContainerID: "b", Allocated: lent("cpus:1"), Sample: s},
		}})
	}
	if len(list) != 1 || list[0].Why != "executor db of framework f waited for cpu in 50% of the last 5.0 s" || list[0].FrameworkID != "g" || list[0].ExecutorID != "batch" {
		t.Errorf("got %+v, want that batch goes for what db waited", list)
	}
}
