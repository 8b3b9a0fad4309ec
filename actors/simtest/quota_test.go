package simtest

import (
	"fmt"
	"math/rand/v2"
	"net/http"
	"os"
	"strconv"
	"testing"
	"time"

	"google.golang.org/protobuf/proto"

	"mesos/actors/allocator"
	"mesos/actors/master"
	v1 "mesos/messages/mesos/v1"
	"mesos/messages/resources"
)

// quotas changes quotas at random while programs fail and tasks run, from one
// seed. Faults are short, so that no agent is ever given up: what a role uses is
// always known to the master, or waited for.
type quotas struct {
	*nemesis
	limit   map[string]float64 // cpus, as the last answer said; a role that is not there has none
	allowed map[string]float64 // cpus that the role may be charged with: the limit, or what it had when that was set
}

var quotaRoles = []string{"web", "web/a", "db"}

// change sets or removes the limit of a role, and a guarantee below it.
func (q *quotas) change() {
	if q.noMaster || q.numbers().Total.Get("cpus") != 12000 {
		return // what runs on agents that are away would be charged to a new limit later
	}
	role := quotaRoles[q.r.IntN(len(quotaRoles))]
	if q.r.IntN(4) == 0 {
		code, text := q.c.Ask(http.MethodPost, "/api/v1", fmt.Sprintf(`{"type":"REMOVE_QUOTA","remove_quota":{"role":%q}}`, role))
		q.say("the quota of %s is removed: %d %s", role, code, text)
		if _, had := q.limit[role]; had != (code == http.StatusOK) {
			q.c.T.Errorf("removal of the quota of %s: got %d %q; it had one: %v", role, code, text, had)
		}
		if code == http.StatusOK {
			delete(q.limit, role)
			delete(q.allowed, role)
		}
		return
	}
	limit := float64(q.r.IntN(12)) / 2
	code, text := q.c.Ask(http.MethodPost, "/api/v1", fmt.Sprintf(
		`{"type":"UPDATE_QUOTA","update_quota":{"force":%v,"quota_configs":[{"role":%q,"limits":{"cpus":{"value":%v}},"guarantees":{"cpus":{"value":%v}}}]}}`,
		q.r.IntN(2) == 0, role, limit, limit*float64(q.r.IntN(2))))
	q.say("limit of %s to be %v cpus: %d %s", role, limit, code, text)
	switch code {
	case http.StatusOK:
		x := q.explain(role)
		q.limit[role], q.allowed[role] = limit, max(limit, x.Charged["cpus"].Float(), q.runs(role))
	case http.StatusBadRequest: // it does not go with the others, or the role uses more
	default:
		q.c.T.Errorf("limit of %s: got %d %q, want 200 or 400", role, code, text)
	}
}

func (q *quotas) explain(role string) allocator.RoleExplanation {
	told := make(chan allocator.RoleExplanation, 1)
	q.c.alloc.ExplainRole(role, func(x allocator.RoleExplanation, _ bool) { told <- x })
	return <-told
}

func (q *quotas) numbers() allocator.Numbers {
	told := make(chan allocator.Numbers, 1)
	q.c.alloc.Numbers(func(n allocator.Numbers) { told <- n })
	return <-told
}

// kept checks what must hold at every moment: no role holds more than it may, by
// the allocator's books and by the containers that there are.
func (q *quotas) kept() {
	if q.noMaster {
		return
	}
	q.c.Check()
	for role := range q.limit {
		x := q.explain(role)
		if got := x.Charged["cpus"].Float(); got > q.allowed[role] {
			q.c.T.Errorf("role %s is charged %v cpus, at most %v are allowed: its limit is %v", role, got, q.allowed[role], q.limit[role])
		}
		if got := x.Limits["cpus"]; got != resources.FromFloat(q.limit[role]) {
			q.c.T.Errorf("role %s is limited to %v cpus, want %v", role, got, q.limit[role])
		}
		if got := q.runs(role); got > q.allowed[role] {
			q.c.T.Errorf("containers of role %s hold %v cpus, at most %v are allowed: its limit is %v", role, got, q.allowed[role], q.limit[role])
		}
	}
}

// runs is how many cpus the containers of a role hold. Each task takes half a cpu.
func (q *quotas) runs(role string) (cpus float64) {
	for id, f := range q.tasks {
		own := f.info.GetRole()
		if own == role || resources.IsStrictSubrole(own, role) {
			cpus += 0.5 * float64(q.c.Runs(id))
		}
	}
	return cpus
}

// launch wants a task of half a cpu in one of the roles.
func (q *quotas) launch() {
	f, id := q.f[q.r.IntN(len(q.f))], fmt.Sprintf("t%d", len(q.tasks))
	command := []string{"true", "sleep 5", "sleep 60", "forever"}[q.r.IntN(4)]
	q.say("%s wants %s: %s", f.info.GetName(), id, command)
	q.tasks[id] = f
	f.Launch(id, command, "cpus:0.5;mem:32")
}

func (q *quotas) step() {
	switch q.r.IntN(9) {
	case 0, 1, 2:
		q.launch()
	case 3:
		q.kill()
	case 4, 5:
		q.change()
	case 6:
		q.masterFails()
	case 7:
		a := q.c.Agents[q.r.IntN(len(q.c.Agents))]
		q.say("agent %s restarts", a.Addr())
		a.Crash()
		a.Start()
	case 8:
		a := q.c.Agents[q.r.IntN(len(q.c.Agents))]
		q.say("master and %s are parted for a moment", a.Addr())
		heal := q.c.Net.Partition([]string{masterAddr}, []string{a.Addr()})
		q.c.Advance(time.Duration(q.r.IntN(3000)) * time.Millisecond)
		heal()
	}
	q.kept()
	q.c.Advance(time.Duration(q.r.ExpFloat64() * float64(2*time.Second)))
	q.kept()
}

func runQuotas(t *testing.T, seed uint64) {
	// Limits split agents between frameworks, which then wait for each other's part.
	Run(t, Options{Agents: 3, Master: master.Config{OfferTimeout: 10 * time.Second}}, func(c *Cluster) {
		n := &nemesis{c: c, r: rand.New(rand.NewPCG(seed, 2)), tasks: map[string]*Framework{}, down: map[*Agent]bool{}, away: map[*Framework]bool{}}
		q := &quotas{n, map[string]float64{}, map[string]float64{}}
		for _, role := range []string{"web/a", "web/b", "db", "other"} {
			info := aware()
			info.Role = proto.String(role)
			n.f = append(n.f, c.Framework(role, FrameworkOptions{Info: info}))
		}
		c.Advance(time.Second)
		for range 60 {
			q.step()
			if t.Failed() {
				break
			}
		}
		n.rest()
		c.Advance(time.Minute)
		q.kept()
		for role := range q.limit { // then everything can run
			if code, text := c.Ask(http.MethodDelete, "/quota/"+role, ""); code != http.StatusOK {
				t.Errorf("DELETE /quota/%s: got %d %q, want 200", role, code, text)
			}
		}
		q.limit = map[string]float64{}
		for _, f := range n.f { // gives back the parts of agents that they keep from each other
			f.Crash()
		}
		for _, f := range n.f {
			f.Start()
		}
		c.Advance(10 * time.Minute)
		n.check()
		if t.Failed() {
			for _, f := range n.f {
				_, why := c.Ask(http.MethodGet, "/explain/framework/"+f.info.GetId().GetValue(), "")
				t.Log(f.info.GetName(), why)
			}
		}
	})
}

// SEED=n replays one run; SEEDS=n runs so many. Invariant: quota limits are never
// exceeded, whatever fails while they change.
func TestQuotasUnderFaults(t *testing.T) {
	if s := os.Getenv("SEED"); s != "" {
		seed, err := strconv.ParseUint(s, 10, 64)
		if err != nil {
			t.Fatal(err)
		}
		runQuotas(t, seed)
		return
	}
	seeds := 15
	if n, err := strconv.Atoi(os.Getenv("SEEDS")); err == nil {
		seeds = n
	}
	for seed := range seeds {
		t.Run(fmt.Sprint("seed=", seed), func(t *testing.T) { runQuotas(t, uint64(seed)) })
	}
}

// A framework leaves the role in which its task runs, then its scheduler, the
// master and the agent fail: the task stays charged to the old role to its end
// (MESOS-10194).
func TestRoleLeftWhileTaskRuns(t *testing.T) {
	Run(t, Options{Agents: 1}, func(c *Cluster) {
		info := aware()
		info.Role = proto.String("old")
		f := c.Framework("f", FrameworkOptions{Info: info})
		f.Launch("t", "forever", "cpus:1;mem:32")
		c.Until(time.Minute, "the task to run", func() bool { return f.Last("t").GetState() == v1.TaskState_TASK_RUNNING })
		f.Crash()
		f.info.Role = proto.String("new")
		f.Start()
		c.Advance(10 * time.Second)
		held := func(role string) resources.Quantity {
			told := make(chan allocator.Numbers, 1)
			c.alloc.Numbers(func(n allocator.Numbers) { told <- n })
			return (<-told).Quotas[role].Held.Get("cpus")
		}
		limit := `{"type":"UPDATE_QUOTA","update_quota":{"force":true,"quota_configs":[{"role":"old","limits":{"cpus":{"value":1}}},{"role":"new","limits":{"cpus":{"value":2}}}]}}`
		if code, text := c.Ask(http.MethodPost, "/api/v1", limit); code != http.StatusOK {
			t.Fatalf("UPDATE_QUOTA: got %d %q, want 200", code, text)
		}
		for _, fault := range []func(){func() {}, c.Agents[0].Crash, c.CrashMaster} {
			fault()
			if c.Agents[0].program.dead.Load() {
				c.Agents[0].Start()
			}
			if c.master.dead.Load() {
				c.StartMaster()
			}
			c.Advance(time.Minute)
			c.Check()
			if got := held("old"); got != 1000 {
				t.Errorf("the role that was left holds %v cpus, want 1", got)
			}
			if got := held("new"); got > 2000 {
				t.Errorf("the new role holds %v cpus, want at most 2", got)
			}
		}
		f.Driver().Kill("t", nil)
		c.Until(time.Minute, "the task to end", func() bool { return f.Over("t") })
		c.Advance(10 * time.Second)
		c.Check()
		if got := held("old"); got != 0 {
			t.Errorf("when the task is over the role that was left holds %v cpus, want none", got)
		}
	})
}
