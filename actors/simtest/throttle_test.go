package simtest

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"google.golang.org/protobuf/proto"

	"mesos/actors/master"
	v1 "mesos/messages/mesos/v1"
)

// of is a framework whose role is named after its principal.
func of(principal string) *v1.FrameworkInfo {
	info := aware()
	info.Principal, info.Role = proto.String(principal), proto.String(principal)
	return info
}

func limits(qps float64, capacity uint64) master.Config {
	return master.Config{RateLimits: &v1.RateLimits{Limits: []*v1.RateLimit{{Principal: proto.String("slow"), Qps: proto.Float64(qps), Capacity: proto.Uint64(capacity)}}}}
}

// Calls beyond a principal's rate wait their turn, in order, and hold nobody
// else's up.
func TestRateLimitHoldsCallsBack(t *testing.T) {
	// Each has resources that the other cannot be offered.
	apart := "cpus(slow):1;mem(slow):32;cpus(fast):1;mem(fast):32"
	Run(t, Options{Agents: 1, Resources: apart, Master: limits(1, 100)}, func(c *Cluster) {
		slow := c.Framework("slow", FrameworkOptions{Info: of("slow"), HoldOffer: true})
		c.Advance(2 * time.Second)
		start := time.Now()
		for range 20 {
			slow.Driver().Revive()
		}
		slow.Driver().Reconcile() // behind twenty others
		slow.Launch("t", "true", "cpus(slow):1;mem(slow):32")
		fast := c.Framework("fast", FrameworkOptions{Info: of("fast")})
		fast.Launch("u", "true", "cpus(fast):1;mem(fast):32")
		c.Until(5*time.Second, "the other principal's task to be over", fast.In("u", finished))
		c.Until(time.Minute, "the task to be over", slow.In("t", finished))
		if took := time.Since(start); took < 20*time.Second {
			t.Errorf("a launch behind 20 calls took %v at 1 call a second, want 20 s at least", took)
		}
		c.Check()
	})
}

func TestRateLimitOverflow(t *testing.T) {
	Run(t, Options{Agents: 1, Master: limits(1, 3)}, func(c *Cluster) {
		f := c.Framework("slow", FrameworkOptions{Info: of("slow")})
		c.Advance(5 * time.Second)
		for range 6 {
			f.Driver().Revive()
		}
		c.Until(time.Minute, "the error", func() bool { return f.Err() != nil })
		if got := fmt.Sprint(f.Err()); !strings.Contains(got, `"slow"`) || !strings.Contains(got, "REVIVE") {
			t.Errorf("got error %q, want one that names the principal and the call", got)
		}
	})
}
