package oversubscription

import (
	"strings"
	"testing"
	"time"

	"mesos/messages/resources"
)

func lent(text string) resources.Resources { return resources.MustParse(text).Revoked() }

func TestFixed(t *testing.T) {
	f, err := NewEstimator("org_apache_mesos_FixedResourceEstimator", Parameters{"resources": "cpus:4;mem:512"})
	if err != nil {
		t.Fatal(err)
	}
	for _, x := range []struct{ held, want string }{
		{"", "cpus{REV}:4; mem{REV}:512"},
		{"cpus:1;mem:512", "cpus{REV}:3"},
		{"cpus:5;mem:100", "mem{REV}:412"},
	} {
		u := Usage{Executors: []Executor{{Allocated: resources.MustParse("cpus:2;mem:100")}}}
		if x.held != "" {
			u.Executors = append(u.Executors, Executor{Allocated: lent(x.held).Allocate("web")})
		}
		if got := f.Oversubscribable(u).String(); got != x.want {
			t.Errorf("with %q lent: got %s, want %s", x.held, got, x.want)
		}
	}
}

// slackWorld reports every 10 seconds of one task of 4 cpus and 1000 MB and one that has 1 lent cpu.
type slackWorld struct {
	s          *Slack
	now        time.Time
	own, other float64
}

func (w *slackWorld) report(ownCPUs, lentCPUs, busy float64, mb uint64) resources.Resources {
	const seconds = 10
	w.now = w.now.Add(seconds * time.Second)
	w.own, w.other = w.own+ownCPUs*seconds, w.other+lentCPUs*seconds
	return w.s.Oversubscribable(Usage{At: w.now, Machine: Machine{CPUs: 8, Busy: busy}, Executors: []Executor{
		{ContainerID: "a", Allocated: resources.MustParse("cpus:4;mem:1000"), Sample: Sample{Measured: true, CPU: w.own, Mem: mb << 20}},
		{ContainerID: "b", Allocated: lent("cpus:1"), Sample: Sample{Measured: true, CPU: w.other, Mem: 1 << 20}},
	}})
}

func TestSlack(t *testing.T) {
	s, err := NewSlack(Parameters{"names": "cpus,mem", "share": "0.5", "window": "2"})
	if err != nil {
		t.Fatal(err)
	}
	w := &slackWorld{s: s, now: time.Unix(1000, 0)}
	for i, x := range []struct {
		own, lent, busy float64
		mb              uint64
		want            string
	}{
		{1, 1, 0, 400, "{}"},                           // nothing to compare with
		{1, 1, 20, 400, "{}"},                          // the window is not full
		{1, 1, 40, 400, "cpus{REV}:0.5; mem{REV}:288"}, // 3 cpus and 600 MB left, of which half, less what is lent
		{3, 0, 70, 400, "mem{REV}:288"},                // 1 cpu left: 0.5, and 1 is lent
		{1, 0, 80, 936, "mem{REV}:32"},                 // the busiest time of the window counts
		{1, 0, 90, 936, "cpus{REV}:0.5; mem{REV}:32"},
		{1, 0, 155, 400, "mem{REV}:32"}, // what is not Mesos's leaves 1.5 cpus of the machine
	} {
		if got := w.report(x.own, x.lent, x.busy, x.mb).String(); got != x.want {
			t.Errorf("report %d: got %s, want %s", i, got, x.want)
		}
	}
}

// A container that was not there before, or cannot be measured, uses all that it has.
func TestSlackOfTheNew(t *testing.T) {
	s, err := NewSlack(Parameters{"window": "1"})
	if err != nil {
		t.Fatal(err)
	}
	at := func(second int64, list ...Executor) string {
		return s.Oversubscribable(Usage{At: time.Unix(second, 0), Executors: list}).String()
	}
	idle := Executor{ContainerID: "a", Allocated: resources.MustParse("cpus:5"), Sample: Sample{Measured: true}}
	fresh, unknown := idle, idle
	fresh.ContainerID, unknown.ContainerID, unknown.Sample = "b", "c", Sample{}
	at(1, idle, unknown)
	if got, want := at(2, idle, fresh, unknown), "cpus{REV}:4"; got != want {
		t.Errorf("got %s, want %s of the one that is known", got, want)
	}
	if got, want := at(3, idle, fresh, unknown), "cpus{REV}:8"; got != want {
		t.Errorf("got %s, want %s of the two that are known by then", got, want)
	}
}

func TestBadChoices(t *testing.T) {
	for _, x := range []struct {
		kind, name string
		p          Parameters
		want       string
	}{
		{"estimator", "best", nil, `"best" is not one of fixed, load, noop, org_apache_mesos_FixedResourceEstimator`},
		{"estimator", "fixed", nil, "fixed: parameter resources must be set"},
		{"estimator", "fixed", Parameters{"resources": "cpus(web):1"}, "not reserved"},
		{"estimator", "fixed", Parameters{"resources": "cpus"}, "parameter resources"},
		{"estimator", "fixed", Parameters{"resources": "cpus:1", "size": "2"}, `no parameter "size"`},
		{"estimator", "load", Parameters{"names": "disk"}, "want cpus, or cpus,mem"},
		{"estimator", "load", Parameters{"share": "1.5"}, `share "1.5"`},
		{"estimator", "load", Parameters{"window": "2.5"}, "window 2.5"},
		{"controller", "mean", nil, `"mean" is not one of load, noop, org_apache_mesos_LoadQoSController, pressure`},
		{"controller", "load", nil, "load_threshold_5min or load_threshold_15min must be set"},
		{"controller", "load", Parameters{"load_threshold_5min": "-1"}, `load_threshold_5min "-1"`},
		{"controller", "load", Parameters{"load_threshold_5min": "NaN"}, `load_threshold_5min "NaN"`},
		{"controller", "pressure", Parameters{"cpu": "2"}, `cpu "2"`},
		{"controller", "pressure", Parameters{"window": "soon"}, `window "soon"`},
	} {
		var err error
		if x.kind == "estimator" {
			_, err = NewEstimator(x.name, x.p)
		} else {
			_, err = NewController(x.name, x.p)
		}
		if err == nil || !strings.Contains(err.Error(), x.want) {
			t.Errorf("%s %s %v: got %v, want %q in it", x.kind, x.name, x.p, err, x.want)
		}
	}
	for _, name := range []string{"", "noop"} {
		e, err := NewEstimator(name, nil)
		c, err2 := NewController(name, nil)
		if e != nil || c != nil || err != nil || err2 != nil {
			t.Errorf("%q: got %v, %v, %v, %v, want none of each", name, e, c, err, err2)
		}
	}
}
