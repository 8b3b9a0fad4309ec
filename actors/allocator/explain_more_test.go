package allocator

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	"mesos/messages/resources"
)

// busy is a cluster with something to explain.
func busy(t *testing.T) *world {
	w := newWorld(t, Options{})
	w.guarantee("prod", "cpus:6")
	w.quota("batch", "cpus:3")
	w.framework("b1", "batch/x")
	w.framework("p1", "prod")
	w.framework("q1", "quiet")
	w.c.Suppress("p1", nil)
	w.c.Suppress("q1", nil)
	for i, attributes := range []string{"rack:a", "rack:a", "rack:b", ""} {
		a := Agent{ID: fmt.Sprint("S", i), Total: res("cpus:4;mem:1024")}
		if attributes != "" {
			a.Attributes, _ = resources.ParseAttributes(attributes)
		}
		w.c.AddAgent(a, nil)
	}
	return w
}

func TestExplainNamesRoles(t *testing.T) {
	w := busy(t)
	w.framework("z1", "z")
	// b1 takes its 3 cpus of S0, z1 what is left beyond prod's 6.
	w.expect("b1/batch/x S0 cpus:3;mem:1024", "z1/z S0 cpus:1", "z1/z S1 cpus:4;mem:1024", "b1/batch/x S2 mem:1024", "z1/z S2 cpus:2", "z1/z S3 mem:1024")
	reasons := func(framework, role string) string {
		x, ok := w.c.Explain(framework, role)
		if !ok {
			t.Fatalf("%s is unknown", framework)
		}
		var out []string
		for _, r := range x.Reasons {
			out = append(out, fmt.Sprint(r.Reason, " ", r.Agents, " ", strings.Join(r.Roles, ",")))
		}
		return strings.Join(out, "; ")
	}
	if got, want := reasons("b1", "batch/x"), "quota limit 2 batch; another's turn 2 batch/x,z"; got != want {
		t.Errorf("b1: got %q, want %q", got, want)
	}
	if got, want := reasons("z1", "z"), "headroom 2 prod; another's turn 2 batch/x,z"; got != want {
		t.Errorf("z1: got %q, want %q", got, want)
	}
	if x, _ := w.c.Explain("b1", "batch/x"); x.Share != 0.5 {
		t.Errorf("got share %v of batch/x, want 2 of 4 GB of memory", x.Share)
	}
}

func TestExplainRole(t *testing.T) {
	w := busy(t)
	w.allocate()
	x, ok := w.c.ExplainRole("prod")
	if !ok || x.Suppressed != 1 || x.Hungry != 0 || x.Guarantees["cpus"] != 6000 || x.Lacks["cpus"] != 6000 {
		t.Errorf("prod: got %+v, %v, want one suppressed framework and 6 cpus lacking", x, ok)
	}
	x, ok = w.c.ExplainRole("batch")
	if !ok || x.Hungry != 1 || x.Limits["cpus"] != 3000 || x.Charged["cpus"] != 3000 {
		t.Errorf("batch: got %+v, %v, want one hungry framework and 3 of 3 cpus charged", x, ok)
	}
	if _, ok := w.c.ExplainRole("nobody"); ok {
		t.Error("got an explanation of a role that is not there")
	}
}

func TestExplainAgent(t *testing.T) {
	w := busy(t)
	o := w.allocate()[0]
	w.decline(o, 60)
	w.c.SetUnavailability("S0", &Unavailability{Start: start})
	w.allocate()
	x, ok := w.c.ExplainAgent("S0")
	if !ok || !x.Active || x.Filters != 1 || x.Unavailability == nil || !x.Available.Equal(res("cpus:4;mem:1024")) {
		t.Fatalf("got %+v, %v, want an active agent with one filter, all available", x, ok)
	}
	got := map[Reason]string{}
	for _, r := range x.Reasons {
		got[r.Reason] = fmt.Sprint(r.Clients, " ", r.FrameworkID)
	}
	if got[Filtered] != "1 b1" || got[Suppressed] != "2 p1" || len(got) != 2 {
		t.Errorf("got %v, want b1 filtered and p1 and q1 suppressed", got)
	}
	if x, _ := w.c.ExplainAgent("S1"); len(x.Holders) != 1 || x.Holders[0].FrameworkID != "b1" {
		t.Errorf("got holders %v of S1, want b1", x.Holders)
	}
	if _, ok := w.c.ExplainAgent("S9"); ok {
		t.Error("got an explanation of an agent that is not there")
	}
}

func TestExplainRequest(t *testing.T) {
	w := busy(t)
	w.allocate() // b1 holds 3 cpus and the memory of S0, the memory of all others
	w.c.DeactivateAgent("S3")
	for _, tt := range []struct {
		r    Request
		fits string
		want []string // reason, agents, detail and what the nearest misses
	}{
		{Request{Role: "prod", Quantities: quantities("cpus:4")}, "S1 S2", []string{"inactive agent 1", "insufficient 1 batch/x cpus:3"}},
		{Request{Role: "prod", Quantities: quantities("cpus:4"), Attributes: map[string]string{"rack": "b"}}, "S2", []string{"inactive agent 0", "attribute 3 rack"}},
		{Request{Role: "z", Quantities: quantities("cpus:4")}, "", []string{"inactive agent 1", "insufficient 1 batch/x cpus:3", "headroom 2 prod cpus:1"}},
		{Request{Role: "batch/y", Quantities: quantities("cpus:2")}, "", []string{"inactive agent 1", "insufficient 1 batch/x cpus:1", "quota limit 2 batch cpus:2"}},
		{Request{Role: "prod", Quantities: quantities("cpus:5")}, "", []string{"too small 4 cpus:1"}},
		{Request{FrameworkID: "q1", Role: "quiet", Quantities: quantities("cpus:0.5")}, "S0 S1 S2", []string{"inactive agent 1"}},
	} {
		x := w.c.ExplainRequest(tt.r)
		var got []string
		for _, o := range x.Obstacles {
			parts := []string{o.Why.String(), fmt.Sprint(o.Agents), o.Nearest[0].Detail, o.Nearest[0].Missing.String()}
			got = append(got, strings.Join(slices.DeleteFunc(parts, func(s string) bool { return s == "" || s == "{}" }), " "))
		}
		slices.Sort(got)
		want := slices.DeleteFunc(slices.Clone(tt.want), func(s string) bool { return strings.HasSuffix(s, " 0") })
		slices.Sort(want)
		if fits := strings.Join(x.FitsOn, " "); fits != tt.fits || !slices.Equal(got, want) {
			t.Errorf("%v: fits on %q, obstacles %q; want %q, %q", tt.r, fits, got, tt.fits, want)
		}
	}
}

// What the framework itself was offered and has not answered is not in its way.
func TestExplainRequestCountsOwnOffers(t *testing.T) {
	w := newWorld(t, Options{})
	w.quota("a", "cpus:2")
	w.framework("f", "a")
	w.agent("S0", "cpus:4;mem:1024")
	w.expect("f/a S0 cpus:2;mem:1024")
	need := Request{FrameworkID: "f", Role: "a", Quantities: mustQuantities("cpus:2;mem:512")}
	if x := w.c.ExplainRequest(need); x.Fits != 0 || len(x.Obstacles) != 1 || x.Obstacles[0].Why != Insufficient {
		t.Errorf("without its offers: got %+v, want too little free", x)
	}
	need.Offered = map[string]resources.Resources{"S0": res("cpus:2;mem:1024").Allocate("a")}
	if x := w.c.ExplainRequest(need); x.Fits != 1 {
		t.Errorf("with its offers: got %+v, want that it fits", x)
	}
	need.Quantities = mustQuantities("cpus:3;mem:512")
	if x := w.c.ExplainRequest(need); x.Fits != 0 || x.Obstacles[0].Why != LimitOfQuota || x.Obstacles[0].Nearest[0].Missing.Get("cpus") != 1000 {
		t.Errorf("more than the limit: got %+v, want the limit, and 1 cpu missing", x)
	}
	if n := w.c.Numbers(); n.Held.Get("cpus") != 2000 || n.Total.Get("cpus") != 4000 || n.Quotas["a"].Held.Get("mem") != 1024000 || n.Roles["a"].Share != 1 {
		t.Errorf("got numbers %+v, want 2 of 4 cpus held, all of the memory by the role", n)
	}
}
