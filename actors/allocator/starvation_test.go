package allocator

import (
	"fmt"
	"testing"
	"time"

	"pgregory.net/rapid"
)

// TestNobodyStarves states the bound of the package comment: where offers are
// declined, each agent goes once round all hungry clients that can use it before
// anybody is offered it again, whatever the shares, weights and refusals are. So
// with n of them each is offered the agent in one of n cycles that fall within
// one allocation interval. A client that keeps its offers holds up nobody else.
func TestNobodyStarves(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		p, err := NewPolicy(rapid.SampledFrom([]string{"hierarchical", "priority"}).Draw(t, "policy"), PolicyOptions{})
		if err != nil {
			t.Fatal(err)
		}
		c := NewCore(Options{FilterGPUResources: true}, p)
		for _, role := range modelRoles {
			if err := c.SetWeight(role, rapid.SampledFrom([]float64{0.1, 1, 1, 30}).Draw(t, "weight")); err != nil {
				t.Fatal(err)
			}
		}
		agents := rapid.IntRange(1, 5).Draw(t, "agents")
		for i := range agents {
			total := "cpus:4;mem:512"
			if rapid.IntRange(0, 2).Draw(t, "gpus") == 0 {
				total += ";gpus:1"
			}
			c.AddAgent(Agent{ID: fmt.Sprint("S", i), Total: res(total), Remote: rapid.IntRange(0, 3).Draw(t, "remote") == 0}, nil)
		}
		n := rapid.IntRange(1, 12).Draw(t, "clients")
		keeps := map[string]bool{}
		for i := range n {
			f := Framework{ID: fmt.Sprint("f", i), Roles: []string{rapid.SampledFrom(modelRoles).Draw(t, "role")}}
			f.Capabilities.GPU, f.Capabilities.RegionAware = rapid.Bool().Draw(t, "gpu"), rapid.Bool().Draw(t, "region")
			keeps[f.ID] = rapid.IntRange(0, 5).Draw(t, "keeps") == 0
			c.AddFramework(f, true, nil)
			// Some start with a share.
			if rapid.Bool().Draw(t, "holds") {
				c.Allocated(f.ID, "S0", res("cpus:0.25;mem:16").Allocate(f.Roles[0]))
			}
		}
		offered := map[string]int{} // framework and agent
		taken := map[string]bool{}  // agents that somebody keeps
		now := start
		for range n {
			for _, o := range c.Allocate(now) {
				offered[o.FrameworkID+" "+o.AgentID]++
				if keeps[o.FrameworkID] {
					taken[o.AgentID] = true
					continue
				}
				refuse := rapid.SampledFrom([]float64{0, 0.5, 5, 3600}).Draw(t, "refuse")
				c.Recover(o.FrameworkID, o.AgentID, o.Resources, &Refuse{Seconds: refuse}, now)
			}
			now = now.Add(time.Second / time.Duration(n+1))
		}
		for _, cl := range c.byID {
			for _, a := range c.order {
				times := offered[cl.Framework+" "+a.ID]
				if suits := c.suits(a, cl) == Offerable; times > 1 || times == 0 && suits && !taken[a.ID] {
					t.Fatalf("%s was offered %s %d times in %d cycles", cl.Framework, a.ID, times, n)
				}
			}
		}
	})
}
