package explain

import (
	"slices"
	"strings"
	"testing"
	"time"

	"google.golang.org/protobuf/proto"

	"mesos/actors/allocator"
	"mesos/actors/master/view"
	"mesos/messages/ids"
	v1 "mesos/messages/mesos/v1"
	"mesos/messages/resources"
)

var now = time.Date(2026, 5, 4, 12, 0, 0, 0, time.UTC)

// cluster is one of two agents and two frameworks, of which one hoards.
func cluster() *Cluster {
	agent := func(id, host string) *view.Agent {
		return &view.Agent{ID: id, Info: &v1.AgentInfo{Id: ids.Agent(id), Hostname: proto.String(host)}}
	}
	framework := func(id, name, role string, offers ...view.Offer) *view.Framework {
		return &view.Framework{ID: id, Info: &v1.FrameworkInfo{Name: proto.String(name)}, Roles: []string{role}, Active: true, Offers: offers}
	}
	held := resources.MustParse("cpus:2;mem:512").Allocate("b")
	return From(&view.Cluster{
		Agents: []*view.Agent{agent("S0", "h0"), agent("S1", "h1")},
		Frameworks: []*view.Framework{
			framework("F0", "web", "a/b", view.Offer{ID: "O1", FrameworkID: "F0", AgentID: "S1", Role: "a/b", Made: now.Add(-3 * time.Second), Resources: held}),
			framework("F1", "greedy", "b", view.Offer{ID: "O0", FrameworkID: "F1", AgentID: "S0", Role: "b", Made: now.Add(-90 * time.Second), Resources: held}),
		},
		Weights: map[string]float64{"a": 2.5},
	}, now)
}

func quantities(text string) resources.Quantities {
	q, err := resources.ParseQuantities(text)
	if err != nil {
		panic(err)
	}
	return q
}

func expect(t *testing.T, got, want []string) {
	t.Helper()
	if !slices.Equal(got, want) {
		t.Errorf("got:\n%s\nwant:\n%s", strings.Join(got, "\n"), strings.Join(want, "\n"))
	}
}

const hoarding = "hoarder: framework greedy (F1) has left 1 offers unanswered, the oldest for 1m30s: 2 cpus, 512 MB mem"

func TestFramework(t *testing.T) {
	said := []allocator.Explanation{{
		FrameworkID: "F0", Role: "a/b", Offers: 2, LastOffer: now.Add(-3 * time.Second), Holding: 1, Share: 0.25, Minimum: []resources.Quantities{quantities("cpus:0.01")},
		Reasons: []allocator.ReasonCount{
			{Reason: allocator.Filtered, Agents: 3, AgentID: "S0", Until: now.Add(time.Minute)},
			{Reason: allocator.QuotaLimit, Agents: 2, AgentID: "S0", Roles: []string{"a"}},
			{Reason: allocator.Headroom, Agents: 1, AgentID: "S0", Roles: []string{"prod", "ops"}},
			{Reason: allocator.Suppressed, Agents: 1, AgentID: "S0"},
			{Reason: allocator.Unwanted, Agents: 1, AgentID: "S0"},
			{Reason: allocator.AnothersTurn, Agents: 7, AgentID: "S1", Roles: []string{"b"}, Missing: quantities("cpus:0.5")},
		},
	}}
	x, ok := cluster().Framework("F0", said, map[string]float64{"b": 0.5})
	if !ok {
		t.Fatal("the framework is not known")
	}
	expect(t, x.Summary, []string{
		"framework web (F0)",
		"role a/b: offered something 2 times so far, last at 2026-05-04T11:59:57Z; share 25.0 %, holds something of 1 agent",
		"  1 of its offers unanswered, the oldest for 3s (agent h1)",
		"  3 agents: the framework refused it, the first refusal ends at 2026-05-04T12:01:00Z",
		"  2 agents: a quota limit leaves no room, that of role a",
		"  1 agent: what is free is kept for what other roles are guaranteed: role prod, ops",
		"  1 agent: the framework wants no offers",
		"  1 agent: the framework's offer constraints exclude it",
		"  7 agents: what it has is offered to or used by others, in role b (share 50.0 %); this role's share is 25.0 %; nearest is h1, which lacks 0.5 cpus",
		hoarding,
	})
	if r := x.Roles[0]; len(r.Outstanding) != 1 || r.Outstanding[0].Age != 3 || r.WhyNotMore[5].Missing["cpus"] != 0.5 || r.Needs[0]["cpus"] != 0.01 {
		t.Errorf("the figures are %+v", r)
	}
	if _, ok := cluster().Framework("nobody", nil, nil); ok {
		t.Error("a framework that is not there was explained")
	}
}

func TestPause(t *testing.T) {
	p := allocator.Pause{On: true, Needed: 8, Here: 3, Until: now.Add(time.Minute)}
	x, _ := cluster().Framework("F1", []allocator.Explanation{{FrameworkID: "F1", Role: "b", Pause: p, Suppressed: true}}, nil)
	expect(t, x.Summary, []string{
		"framework greedy (F1)",
		"nothing is offered to anybody yet: since quotas are set, this new master waits for 8 agents to come back (3 are here), at most until 2026-05-04T12:01:00Z",
		"role b: never offered anything; share 0.0 %, holds something of 0 agents",
		"  it wants no offers (SUPPRESS): REVIVE brings them back",
		"  1 of its offers unanswered, the oldest for 1m30s (agent h0)",
		"  there are no agents",
	})
}

func TestRole(t *testing.T) {
	cpus := func(n float64) map[string]resources.Quantity {
		return map[string]resources.Quantity{"cpus": resources.FromFloat(n)}
	}
	x := cluster().Role(allocator.RoleExplanation{Role: "a", Share: 0.25, Filters: 4, Hungry: 1, Suppressed: 2, Limits: cpus(3), Guarantees: cpus(2), Charged: cpus(3), Lacks: cpus(0)})
	expect(t, x.Summary, []string{
		"role a: weight 2.5, share 25.0 %; frameworks: 1 want offers, 2 suppressed, 0 not connected",
		"1 of its offers unanswered, the oldest for 3s",
		"4 refusals of its frameworks hold",
		"quota limit of cpus: 3 of 3 are taken: nothing more is offered",
		"quota guarantee of cpus: it has 3 of 2",
		hoarding,
	})
}

func TestAgent(t *testing.T) {
	c := cluster()
	x := c.Agent(allocator.AgentExplanation{
		AgentID: c.FindAgent("h0"), Active: true, Total: resources.MustParse("cpus:4;mem:1024"), Available: resources.MustParse("cpus:1;mem:512"),
		Holders: []allocator.Holder{{FrameworkID: "F1", Role: "b", Resources: resources.MustParse("cpus:3;mem:512")}},
		Reasons: []allocator.ClientCount{{Reason: allocator.Filtered, Clients: 2, FrameworkID: "F0", Role: "a/b", Until: now}},
	})
	expect(t, x.Summary, []string{
		"agent h0 (S0): 1 cpus, 512 MB mem free of 4 cpus, 1024 MB mem",
		"framework greedy in role b has 3 cpus, 512 MB mem, of which 2 cpus, 512 MB mem are offers unanswered for 1m30s",
		"not offered to 2: the framework refused it until 2026-05-04T12:00:00Z (such as framework web in role a/b)",
	})
}

func TestRequest(t *testing.T) {
	miss := func(id, lacks, detail string) []allocator.Miss {
		m := allocator.Miss{AgentID: id, Detail: detail}
		if lacks != "" {
			m.Missing = quantities(lacks)
		}
		return []allocator.Miss{m}
	}
	x := cluster().Request(allocator.Request{Role: "b", Quantities: quantities("cpus:4;mem:8192")}, allocator.RequestExplanation{
		Fits: 1, FitsOn: []string{"S0"}, Obstacles: []allocator.Obstacle{
			{Why: allocator.Insufficient, Agents: 12, Nearest: miss("S1", "cpus:0.5", "a")},
			{Why: allocator.Attributes, Agents: 1, Nearest: miss("S1", "", "rack")},
			{Why: allocator.LimitOfQuota, Agents: 1, Nearest: miss("S1", "cpus:1", "b")},
			{Why: allocator.RefusedForNow, Agents: 1, Nearest: miss("S1", "", "12:03:10")},
		},
	})
	expect(t, x.Summary, []string{
		"4 cpus, 8192 MB mem for role b fits now on 1 of 16 agents: h0",
		"12 agents: too little is free, the rest is offered or used; nearest is h1, which lacks 0.5 cpus (roles that have it: a)",
		"1 agent: the attribute rack is another one, or missing",
		"1 agent: free, but the quota limit of role b leaves too little; nearest is h1, which lacks 1 cpus",
		"1 agent: refused by the framework, the first until 12:03:10 UTC",
		hoarding,
	})
}
