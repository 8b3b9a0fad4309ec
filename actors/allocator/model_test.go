package allocator

import (
	"fmt"
	"maps"
	"slices"
	"strings"
	"testing"
	"time"

	"pgregory.net/rapid"

	"mesos/messages/resources"
)

// TestModel drives the core and the naive model with the same random events and
// compares every offer. One check is 20 to 120 steps; 100 checks run by default,
// more with -rapid.checks=N.
func TestModel(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		o := Options{
			FilterGPUResources: rapid.Bool().Draw(t, "filter gpus"),
			FairShareExcluded:  rapid.SliceOfNDistinct(rapid.SampledFrom([]string{"mem", "gpus"}), 0, 1, rapid.ID).Draw(t, "excluded"),
		}
		policy := rapid.SampledFrom([]string{"hierarchical", "hierarchical ", "priority"}).Draw(t, "policy")
		p, err := NewPolicy(strings.TrimSpace(policy), PolicyOptions{FairShareExcluded: o.FairShareExcluded})
		if err != nil {
			t.Fatal(err)
		}
		d := &driver{t: t, c: NewCore(o, p), n: newNaive(o), now: start}
		d.n.strict = policy == "priority"
		for range rapid.IntRange(20, 120).Draw(t, "steps") {
			d.step()
		}
	})
}

// driver applies events to both.
type driver struct {
	t      *rapid.T
	c      *Core
	n      *naive
	now    time.Time
	agents int
}

var modelRoles = []string{"a", "a/b", "a/b/c", "a/d", "e", "*"}

// modelParts are what totals are put together from.
var modelParts = []resources.Resources{
	res("cpus:4;mem:512"), res("cpus:0.005"), res("mem:40.5"), res("gpus:1"), res("ports:[1-10]"),
	res("cpus(a):2"), res("mem(a/b):64;cpus(a/b):1"), res("cpus(e):1.5"),
	res(`[{"name":"cpus","type":"SCALAR","scalar":{"value":3},"revocable":{}}]`),
	res(`[{"name":"cpus","type":"SCALAR","scalar":{"value":1.25},
		"reservations":[{"type":"STATIC","role":"a"},{"type":"DYNAMIC","role":"a/b"}]}]`),
	res(`[{"name":"disk","type":"SCALAR","scalar":{"value":7},"shared":{},"reservations":[{"type":"STATIC","role":"a"}],
		"disk":{"persistence":{"id":"v"},"volume":{"container_path":"v","mode":"RW"}}}]`),
}

var modelMinimums = [][]resources.Quantities{
	{}, {quantities("cpus:3")}, {quantities("mem:100"), quantities("cpus:2;mem:10")}, {quantities("gpus:1")},
}

// modelConstraint wants agents on host h1.
var modelConstraint = &Constraint{groups: [][]predicate{{{
	selects: func(a *Agent) (attribute, bool) { return attribute{text: a.Hostname, isText: true}, true },
	holds:   func(s string) bool { return s == "h1" },
}}}}

func (d *driver) step() {
	events := map[string]func(){
		"add framework": d.addFramework, "update framework": d.updateFramework,
		"activate framework":   func() { d.activateFramework(true) },
		"deactivate framework": func() { d.activateFramework(false) },
		"remove framework":     d.removeFramework,
		"suppress":             d.suppress, "revive": d.revive,
		"add agent": d.addAgent, "update agent": d.updateAgent, "remove agent": d.removeAgent,
		"activate agent":   func() { d.activateAgent(true) },
		"deactivate agent": func() { d.activateAgent(false) },
		"recover":          d.recover, "recover 2": d.recover, "recover 3": d.recover, "recover 4": d.recover,
		"allocated": d.allocated,
		"weight":    d.weight, "quota": d.quota, "quota 2": d.quota,
		"await": d.await, "unavailable": d.unavailable, "answer": d.answerInverse, "answer 2": d.answerInverse,
		"sleep": d.sleep, "sleep 2": d.sleep,
	}
	if len(d.n.frameworks) < 3 {
		events["add framework 2"] = d.addFramework
	}
	if len(d.n.agents) < 2 {
		events["add agent 2"], events["add agent 3"] = d.addAgent, d.addAgent
	}
	name := rapid.SampledFrom(slices.Sorted(maps.Keys(events))).Draw(d.t, "event")
	events[name]()
	if rapid.IntRange(0, 3).Draw(d.t, "pass") > 0 {
		d.compare()
	}
	if err := d.c.Check(); err != nil {
		d.t.Fatalf("after %s: %v", name, err)
	}
}

func (d *driver) compare() {
	most := map[string]map[string]resources.Quantity{}
	for role, q := range d.n.quotas {
		most[role] = map[string]resources.Quantity{}
		for name, limit := range q.Limits {
			most[role][name] = max(limit, d.n.charged(role, name))
		}
	}
	got, want := d.c.Allocate(d.now), d.n.allocate(d.now)
	same := slices.EqualFunc(got, want, func(x, y Offer) bool {
		return x.FrameworkID == y.FrameworkID && x.Role == y.Role && x.AgentID == y.AgentID && x.Resources.Equal(y.Resources)
	})
	if !same {
		d.t.Fatalf("got offers\n%v\nwant\n%v", print(got), print(want))
	}
	var inverse []string
	for _, o := range d.c.InverseOffers(d.now) {
		inverse = append(inverse, o.FrameworkID+" "+o.AgentID)
	}
	if want := d.n.inverse(d.now); !slices.Equal(inverse, want) {
		d.t.Fatalf("got inverse offers %q, want %q", inverse, want)
	}
	for role, limits := range most {
		for name, limit := range limits {
			if used := d.n.charged(role, name); used > limit {
				d.t.Fatalf("%s of role %s: %v used, want at most %v", name, role, used, limit)
			}
		}
	}
	if again := d.c.Allocate(d.now); len(again) > 0 {
		d.t.Fatalf("a second pass at once offers\n%v", print(again))
	}
}

func print(offers []Offer) string {
	s := ""
	for _, o := range offers {
		s += fmt.Sprintf("  %s/%s %s %v\n", o.FrameworkID, o.Role, o.AgentID, o.Resources.Unallocate())
	}
	return s
}

func (d *driver) roles(label string) []string {
	return rapid.SliceOfNDistinct(rapid.SampledFrom(modelRoles), 0, 3, rapid.ID).Draw(d.t, label)
}

func (d *driver) drawFramework(id string) Framework {
	f := Framework{ID: id, Roles: d.roles("roles")}
	if rapid.IntRange(0, 4).Draw(d.t, "suppressed") == 0 {
		f.Suppressed = d.roles("suppressed roles")
	}
	f.Priority = float64(rapid.IntRange(-1, 1).Draw(d.t, "priority"))
	can := rapid.IntRange(0, 31).Draw(d.t, "capabilities")
	f.Capabilities = Capabilities{can&1 > 0, can&2 > 0, can&4 > 0, can&8 > 0, can&16 > 0}
	if rapid.IntRange(0, 3).Draw(d.t, "minimum") == 0 {
		f.MinAllocatable = map[string][]resources.Quantities{
			rapid.SampledFrom(modelRoles).Draw(d.t, "minimum in role"): rapid.SampledFrom(modelMinimums).Draw(d.t, "bundles"),
		}
	}
	if rapid.IntRange(0, 3).Draw(d.t, "constraint") == 0 {
		f.Constraints = map[string]*Constraint{rapid.SampledFrom(modelRoles).Draw(d.t, "constraint in role"): modelConstraint}
	}
	return f
}

// drawUsed is a part of an agent's total in a random role.
func (d *driver) drawUsed() resources.Resources {
	r := modelParts[rapid.IntRange(0, 5).Draw(d.t, "used")]
	return r.Allocate(rapid.SampledFrom(modelRoles).Draw(d.t, "used in role"))
}

func (d *driver) addFramework() {
	id := rapid.SampledFrom([]string{"f0", "f1", "f2", "f3", "f4", "f5"}).Draw(d.t, "framework")
	if d.n.frameworks[id] != nil {
		return
	}
	f := d.drawFramework(id)
	active := rapid.IntRange(0, 5).Draw(d.t, "active") > 0
	used := map[string]resources.Resources{}
	if len(d.n.agents) > 0 && rapid.IntRange(0, 4).Draw(d.t, "uses") == 0 {
		a := d.someAgent()
		used[a.ID] = d.drawUsed()
		for _, cl := range sortedClients(a.held) {
			if cl.Framework == id {
				d.n.unhold(a, cl, a.held[cl])
			}
		}
		d.n.hold(a, Client{id, onlyAllocation(used[a.ID])}, used[a.ID])
	}
	d.c.AddFramework(f, active, used)
	d.n.frameworks[id] = &naiveFramework{f, active}
}

func onlyAllocation(r resources.Resources) string {
	for e := range r.All() {
		return e.AllocationRole()
	}
	return ""
}

// someFramework is a random framework, nil if there is none.
func (d *driver) someFramework() *naiveFramework {
	if len(d.n.frameworks) == 0 {
		return nil
	}
	return d.n.frameworks[rapid.SampledFrom(sortedKeys(d.n.frameworks)).Draw(d.t, "framework")]
}

func (d *driver) updateFramework() {
	old := d.someFramework()
	if old == nil {
		return
	}
	f := d.drawFramework(old.ID)
	d.c.UpdateFramework(f)
	old.Framework = f
	d.n.dropFilters(func(x naiveFilter) bool {
		return x.client.Framework == f.ID && !slices.Contains(f.Roles, x.client.Role)
	})
	d.n.prune()
}

func (d *driver) activateFramework(active bool) {
	f := d.someFramework()
	if f == nil {
		return
	}
	f.active = active
	if active {
		d.c.ActivateFramework(f.ID)
		return
	}
	d.c.DeactivateFramework(f.ID)
	d.n.dropFilters(func(x naiveFilter) bool { return x.client.Framework == f.ID })
}

func (d *driver) removeFramework() {
	f := d.someFramework()
	if f == nil || rapid.Bool().Draw(d.t, "keep") {
		return
	}
	d.c.RemoveFramework(f.ID)
	for _, w := range d.n.windows {
		delete(w.out, f.ID)
		delete(w.until, f.ID)
	}
	delete(d.n.frameworks, f.ID)
	for _, a := range d.n.agents {
		maps.DeleteFunc(a.held, func(cl Client, _ resources.Resources) bool { return cl.Framework == f.ID })
	}
	d.n.dropFilters(func(x naiveFilter) bool { return x.client.Framework == f.ID })
	d.n.prune()
}

func (d *driver) suppress() {
	f := d.someFramework()
	if f == nil {
		return
	}
	roles := d.roles("suppress")
	d.c.Suppress(f.ID, roles)
	if len(roles) == 0 {
		roles = f.Roles
	}
	for _, role := range roles {
		if slices.Contains(f.Roles, role) {
			f.Suppressed = append(slices.Clone(f.Suppressed), role)
		}
	}
}

func (d *driver) revive() {
	f := d.someFramework()
	if f == nil {
		return
	}
	roles := d.roles("revive")
	d.c.Revive(f.ID, roles)
	in := func(role string) bool { return len(roles) == 0 || slices.Contains(roles, role) }
	f.Suppressed = slices.DeleteFunc(slices.Clone(f.Suppressed), in)
	d.n.dropFilters(func(x naiveFilter) bool { return x.client.Framework == f.ID && in(x.client.Role) })
}

func (d *driver) drawAgent(id string) Agent {
	a := Agent{ID: id, Hostname: rapid.SampledFrom([]string{"h1", "h2"}).Draw(d.t, "host"), Remote: rapid.IntRange(0, 5).Draw(d.t, "remote") == 0}
	for _, i := range rapid.SliceOfN(rapid.IntRange(0, len(modelParts)-1), 1, 5).Draw(d.t, "parts") {
		part := modelParts[i]
		if part.Shared().IsEmpty() || a.Total.Shared().IsEmpty() {
			a.Total = a.Total.Add(part)
		}
	}
	return a
}

func (d *driver) addAgent() {
	id := fmt.Sprint("S", d.agents)
	if d.agents > 0 && rapid.IntRange(0, 3).Draw(d.t, "again") == 0 {
		id = "S0"
	}
	if len(d.n.agents) > 6 || d.n.agent(id) != nil {
		return
	}
	d.agents++
	n := &naiveAgent{Agent: d.drawAgent(id), active: true, held: map[Client]resources.Resources{}}
	used := map[string]resources.Resources{}
	if rapid.IntRange(0, 3).Draw(d.t, "used") == 0 {
		r := d.drawUsed()
		framework := rapid.SampledFrom([]string{"f0", "f1", "f9"}).Draw(d.t, "used by")
		used[framework] = r
		d.n.agents = append(d.n.agents, n)
		d.n.hold(n, Client{framework, onlyAllocation(r)}, r)
	} else {
		d.n.agents = append(d.n.agents, n)
	}
	d.c.AddAgent(n.Agent, used)
}

func (d *driver) someAgent() *naiveAgent {
	if len(d.n.agents) == 0 {
		return nil
	}
	return d.n.agents[rapid.IntRange(0, len(d.n.agents)-1).Draw(d.t, "agent")]
}

func (d *driver) updateAgent() {
	if a := d.someAgent(); a != nil {
		a.Agent = d.drawAgent(a.ID)
		d.c.UpdateAgent(a.Agent)
	}
}

func (d *driver) activateAgent(active bool) {
	a := d.someAgent()
	if a == nil {
		return
	}
	a.active = active
	if active {
		d.c.ActivateAgent(a.ID)
	} else {
		d.c.DeactivateAgent(a.ID)
	}
}

func (d *driver) removeAgent() {
	a := d.someAgent()
	if a == nil || rapid.Bool().Draw(d.t, "keep") {
		return
	}
	d.c.RemoveAgent(a.ID)
	delete(d.n.windows, a.ID)
	d.n.agents = slices.DeleteFunc(d.n.agents, func(n *naiveAgent) bool { return n == a })
	d.n.dropFilters(func(x naiveFilter) bool { return x.agent == a.ID })
	d.n.prune()
}

// recover gives back a random part of what some client holds.
func (d *driver) recover() {
	a := d.someAgent()
	if a == nil || len(a.held) == 0 {
		return
	}
	cl := rapid.SampledFrom(sortedClients(a.held)).Draw(d.t, "client")
	r := a.held[cl]
	if rapid.IntRange(0, 2).Draw(d.t, "in part") == 0 {
		r = d.drawPart(r)
	}
	refuse := rapid.SampledFrom([]*Refuse{nil, {0}, {1.5}, {5}, {-1}, {60}, {1e9}}).Draw(d.t, "refuse")
	f := d.n.frameworks[cl.Framework]
	if f != nil && f.Capabilities.Shared && rapid.Bool().Draw(d.t, "with shared") {
		r = r.Add(a.Total.Shared().AllocatableTo(cl.Role))
	}
	d.c.Recover(cl.Framework, a.ID, r.Allocate(cl.Role), refuse, d.now)
	d.n.unhold(a, cl, r)
	if refuse != nil && f != nil && f.active && slices.Contains(f.Roles, cl.Role) && !r.IsEmpty() {
		d.n.filters = append(d.n.filters, naiveFilter{cl, a.ID, r, d.now.Add(refuse.duration(time.Second))})
	}
}

// drawPart takes some entries whole and some plain scalars in part.
func (d *driver) drawPart(r resources.Resources) resources.Resources {
	var part resources.Resources
	for i := range r.Len() {
		one := filterIndex(r, func(k int) bool { return k == i })
		switch rapid.IntRange(0, 2).Draw(d.t, "entry") {
		case 1:
			part = part.Add(one)
		case 2:
			for e := range one.All() {
				if q := e.Quantity(); q > 1 {
					part = part.Add(withQuantity(one, resources.Quantity(rapid.Int64Range(1, int64(q)).Draw(d.t, "amount"))))
				}
			}
		}
	}
	return part
}

func (d *driver) allocated() {
	a := d.someAgent()
	if a == nil || rapid.IntRange(0, 2).Draw(d.t, "skip") > 0 {
		return
	}
	r := d.drawUsed()
	d.c.Allocated("f0", a.ID, r)
	d.n.hold(a, Client{"f0", onlyAllocation(r)}, r)
}

func (d *driver) weight() {
	role := rapid.SampledFrom(modelRoles).Draw(d.t, "role")
	w := rapid.SampledFrom([]float64{0.5, 1, 2, 3.3}).Draw(d.t, "weight")
	d.n.weights[role] = w
	if err := d.c.SetWeight(role, w); err != nil {
		d.t.Fatal(err)
	}
}

func (d *driver) quota() {
	role := rapid.SampledFrom(modelRoles).Draw(d.t, "role")
	q := Quota{Limits: map[string]resources.Quantity{}, Guarantees: map[string]resources.Quantity{}}
	for _, name := range rapid.SliceOfNDistinct(rapid.SampledFrom([]string{"cpus", "mem"}), 0, 2, rapid.ID).Draw(d.t, "limited") {
		q.Limits[name] = resources.Quantity(rapid.SampledFrom([]int64{0, 2500, 6000, 700_000}).Draw(d.t, "limit"))
	}
	for _, name := range rapid.SliceOfNDistinct(rapid.SampledFrom([]string{"cpus", "mem"}), 0, 2, rapid.ID).Draw(d.t, "guaranteed") {
		g := resources.Quantity(rapid.SampledFrom([]int64{0, 1500, 3000, 9000, 300_000}).Draw(d.t, "guarantee"))
		if limit, ok := q.Limits[name]; ok {
			g = min(g, limit)
		}
		q.Guarantees[name] = g
	}
	if d.n.quotas[role] = q; q.isEmpty() {
		delete(d.n.quotas, role)
	}
	if err := d.c.SetQuota(role, q); err != nil {
		d.t.Fatal(err)
	}
}

func (d *driver) sleep() {
	if at, ok := d.c.NextDeadline(); ok && rapid.Bool().Draw(d.t, "to deadline") {
		if at.Before(d.now) {
			return // the next pass is due
		}
		// Nothing may be due before: both agree on the instant just before it.
		d.compare()
		d.now = at.Add(-1)
		if at.Equal(d.now) || d.now.Before(start) {
			d.now = at
		}
		d.compare()
		d.now = at
		return
	}
	d.now = d.now.Add(time.Duration(rapid.SampledFrom([]int64{1, 500, 1000, 5000, 60_000}).Draw(d.t, "ms")) * time.Millisecond)
}

func (d *driver) await() {
	expected := rapid.IntRange(0, 8).Draw(d.t, "expected agents")
	d.c.AwaitAgents(expected, d.now)
	d.n.waitFor, d.n.waitUntil = (expected*4+4)/5, d.now.Add(10*time.Minute)
}

func (d *driver) unavailable() {
	a := d.someAgent()
	if a == nil {
		return
	}
	if rapid.IntRange(0, 3).Draw(d.t, "back") == 0 {
		d.c.SetUnavailability(a.ID, nil)
		delete(d.n.windows, a.ID)
		return
	}
	old := d.n.windows[a.ID]
	hours := rapid.IntRange(1, 2).Draw(d.t, "hours")
	if old != nil && old.hours == hours {
		d.c.SetUnavailability(a.ID, &Unavailability{Start: start, Duration: time.Duration(hours) * time.Hour})
		return // nothing new
	}
	d.c.SetUnavailability(a.ID, &Unavailability{Start: start, Duration: time.Duration(hours) * time.Hour})
	d.n.windows[a.ID] = &naiveWindow{hours: hours, out: map[string]bool{}, until: map[string]time.Time{}}
}

// answerInverse answers an inverse offer that is out, or one that is not.
func (d *driver) answerInverse() {
	if len(d.n.windows) == 0 {
		return
	}
	id := rapid.SampledFrom(sortedKeys(d.n.windows)).Draw(d.t, "window")
	w := d.n.windows[id]
	framework := rapid.SampledFrom([]string{"f0", "f1", "f2", "f3"}).Draw(d.t, "asked")
	refuse := rapid.SampledFrom([]*Refuse{nil, {0}, {5}, {60}}).Draw(d.t, "refuse")
	d.c.UpdateInverseOffer(id, framework, Declined, refuse, d.now)
	if !w.out[framework] {
		return
	}
	w.out[framework], w.until[framework] = false, d.now
	if refuse != nil {
		w.until[framework] = d.now.Add(refuse.duration(time.Second))
	}
}
