package allocator

import (
	"slices"
	"strings"
	"testing"
	"time"

	"mesos/messages/resources"
)

// An audit names what has changed, and finds books that are not in order.
func TestAudit(t *testing.T) {
	policy, err := NewPolicy("hierarchical", PolicyOptions{})
	if err != nil {
		t.Fatal(err)
	}
	c := NewCore(Options{}, policy)
	c.StartAudit()
	c.AddAgent(Agent{ID: "a", Total: resources.MustParse("cpus:4;mem:1024")}, nil)
	c.AddFramework(Framework{ID: "f", Roles: []string{"web"}}, true, nil)
	if touched, err := c.Audit(); err != nil || !slices.Equal(touched, []string{"a"}) {
		t.Errorf("a new agent: got %v, %v, want [a]", touched, err)
	}
	if touched, err := c.Audit(); err != nil || len(touched) > 0 {
		t.Errorf("nothing has changed: got %v, %v, want nothing", touched, err)
	}
	if got := c.Allocate(time.Unix(0, 0)); len(got) != 1 {
		t.Fatalf("got %d offers, want 1", len(got))
	}
	if touched, err := c.Audit(); err != nil || !slices.Equal(touched, []string{"a"}) {
		t.Errorf("an offer: got %v, %v, want [a]", touched, err)
	}
	if held, known := c.Held("a", nil); !known || !held.Of("f").Equal(resources.MustParse("cpus:4;mem:1024")) {
		t.Errorf("got %v of a held, want all of it by f", held)
	}
	a := c.agents["a"]
	a.available = resources.MustParse("cpus:1") // what the framework holds
	c.touch(a)
	if _, err := c.Audit(); err == nil || !strings.Contains(err.Error(), "is not the total") {
		t.Errorf("resources that are there twice: got %v, want an error", err)
	}
	a.available = resources.Resources{}
	if err := c.SetQuota("web", Quota{Limits: map[string]resources.Quantity{"cpus": 1000}}); err != nil {
		t.Fatal(err)
	}
	c.auditOffer(a, c.clients[Client{Framework: "f", Role: "web"}], resources.MustParse("cpus:1"))
	if _, err := c.Audit(); err == nil || !strings.Contains(err.Error(), "the limit is 1") {
		t.Errorf("an offer beyond a limit: got %v, want an error", err)
	}
}
