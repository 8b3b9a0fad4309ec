package simtest

import (
	"cmp"
	"fmt"
	"math/rand/v2"
	"os"
	"slices"
	"sync"
	"testing"
	"time"

	"google.golang.org/protobuf/proto"

	"mesos/actors/agent/oversubscription"
	"mesos/actors/allocator"
	"mesos/actors/master"
	v1 "mesos/messages/mesos/v1"
)

// chaos is an hour in the life of a cluster that is large, busy and unlucky: all that happens in it comes from one seed.
type chaos struct {
	c *Cluster
	r *rand.Rand
	f []*Framework

	tasks map[string]*Framework
	names []string // of the tasks, in the order of their launch
	down  map[any]bool
	left  map[*Framework]bool // torn down
	gone  []*Framework        // the same, in order
	// stopping are agents that are to die in a write.
	stopping   map[*Agent]bool
	later      []appointment
	halt       <-chan struct{} // closed when somebody is to crash between two steps
	victim     func()
	withdrawn  map[string]bool // agents that an operator put aside
	orders     sync.WaitGroup
	ordered    int                 // orders so far
	ids        map[*Agent]string   // that are known
	killed     map[string]*program // which leading master was told to kill a task
	ops        []operated
	stored     map[*Agent]stored // what operators made
	stores     []*Agent          // where, in order
	maintained maintained
	quiet      bool       // only single messages are lost
	mu         sync.Mutex // guards story: answers to operators come when they come
	story      []string
	turns      int    // so far
	lender     *moody // nil: nothing is lent
}

// appointment is what is to be done at a time.
type appointment struct {
	at time.Time
	f  func()
}

const (
	chaosMasters    = 5
	chaosAgents     = 50
	chaosFrameworks = 10
	chaosRoles      = 4
	chaosTrouble    = 40 * time.Minute // of the hour; then the cluster has the rest of it to recover
	chaosLends      = 3                // one seed of so many has agents that lend
	chaosGap        = 15 * time.Second // between two events, on average
	chaosFailover   = 15 * time.Minute // frameworks are never away for so long
)

// runChaos lives through one hour, and returns its history.
func runChaos(t *testing.T, seed uint64) (messages int, sum uint64) {
	t.Helper()
	r := rand.New(rand.NewPCG(seed, 1))
	o := Options{
		Referee: true, Masters: chaosMasters, Agents: chaosAgents, Seed: seed, Resources: "cpus:2;mem:1024;disk:1024;ports:[31000-31009]",
		Master: master.Config{
			AgentPingTimeout: time.Duration(60+r.IntN(60)) * time.Second, MaxAgentPingTimeouts: 2 + r.IntN(2),
			AgentReregisterTimeout: time.Duration(3+r.IntN(5)) * time.Minute, HeartbeatInterval: time.Minute,
			OfferTimeout: time.Duration(r.IntN(3)) * 20 * time.Second,
		},
		// Executors whose agent is away for long would ask for it all the time, and nothing else happen.
		ExecutorReregistrationTimeout: time.Duration(2+4*(seed%4)) * time.Second,
		Allocator:                     allocator.Options{},
	}
	var lender *moody
	if seed%chaosLends == 0 {
		lender = &moody{seed: seed << 8, cpus: 2}
		o.Estimator = func(a *Agent) oversubscription.Estimator { return lender.on(a) }
		o.QoS = func(a *Agent) oversubscription.Controller { return lender.on(a) }
		o.EstimatorInterval, o.QoSInterval = time.Minute, time.Minute
	}
	Run(t, o, func(c *Cluster) {
		x := &chaos{c: c, r: r, lender: lender, tasks: map[string]*Framework{}, down: map[any]bool{}, left: map[*Framework]bool{}, ids: map[*Agent]string{}, stopping: map[*Agent]bool{}, withdrawn: map[string]bool{},
			killed: map[string]*program{}, stored: map[*Agent]stored{}, maintained: maintained{starts: map[*Agent]time.Time{}}}
		defer x.tell()
		defer x.orders.Wait()
		x.begin()
		for end := time.Now().Add(chaosTrouble); time.Now().Before(end) && c.Violation() == nil; {
			x.turn()
		}
		if c.Violation() == nil {
			x.rest()
			x.check()
		}
		messages, sum = c.History()
	})
	return messages, sum
}

func (x *chaos) say(format string, args ...any) {
	x.mu.Lock()
	defer x.mu.Unlock()
	x.story = append(x.story, fmt.Sprintf("%9s ", time.Since(epoch).Round(time.Millisecond))+fmt.Sprintf(format, args...))
}

// tell prints the story of a run that failed.
func (x *chaos) tell() {
	if x.retold() {
		return
	}
	if x.c.T.Failed() || os.Getenv("SEED") != "" {
		messages, sum := x.c.History()
		x.say("%d messages in %d turns, %x", messages, x.c.stage.count, sum)
		for _, l := range x.story {
			x.c.T.Log(l)
		}
	}
}

// about is a random time with that mean.
func (x *chaos) about(mean time.Duration) time.Duration {
	return time.Duration(x.r.ExpFloat64() * float64(mean))
}

func (x *chaos) begin() {
	for _, a := range x.c.Agents {
		a.ExpectRefusal() // of one that is marked gone
	}
	slow := time.Duration(1+x.r.IntN(20)) * time.Millisecond
	delays := rand.New(rand.NewPCG(x.r.Uint64(), 3))
	x.c.Net.SetLatency(func(string, string) time.Duration {
		if delays.IntN(200) == 0 {
			return time.Duration(delays.Int64N(int64(2 * time.Second)))
		}
		return time.Duration(delays.Int64N(int64(slow)))
	})
	x.loseSome()
	for i := range chaosFrameworks {
		x.f = append(x.f, x.startFramework(fmt.Sprint("f", i), fmt.Sprint("role-", i%chaosRoles), i%3 == 0))
	}
	x.c.Advance(5 * time.Second)
}

func (x *chaos) startFramework(name, role string, hoards bool) *Framework {
	hoard := 0
	if hoards {
		hoard = 1 + x.r.IntN(3)
	}
	info := &v1.FrameworkInfo{
		FailoverTimeout: proto.Float64(chaosFailover.Seconds()), Checkpoint: proto.Bool(true), Roles: []string{role},
		Capabilities: []*v1.FrameworkInfo_Capability{
			{Type: v1.FrameworkInfo_Capability_PARTITION_AWARE.Enum()}, {Type: v1.FrameworkInfo_Capability_MULTI_ROLE.Enum()},
			{Type: v1.FrameworkInfo_Capability_RESERVATION_REFINEMENT.Enum()},
		},
	}
	if x.lender != nil {
		info = borrower(info)
	}
	return x.c.Framework(name, FrameworkOptions{Polite: true, Hoard: hoard, Info: info})
}

// in has f done when d has passed.
func (x *chaos) in(d time.Duration, f func()) {
	x.later = append(x.later, appointment{time.Now().Add(d), f})
	slices.SortStableFunc(x.later, func(a, b appointment) int { return cmp.Compare(a.at.UnixNano(), b.at.UnixNano()) })
}

// advance lets d pass, with all that is to be done meanwhile.
func (x *chaos) advance(d time.Duration) {
	end := time.Now().Add(d)
	for {
		x.watch()
		next := end
		if len(x.later) > 0 && x.later[0].at.Before(end) {
			next = x.later[0].at
		}
		if !x.sleepUntil(next) {
			continue
		}
		if next.Equal(end) {
			return
		}
		due := x.later[0]
		x.later = x.later[1:]
		due.f()
	}
}

// sleepUntil is false if somebody had to crash before.
func (x *chaos) sleepUntil(at time.Time) bool {
	if !at.After(time.Now()) {
		return true
	}
	t := time.NewTimer(time.Until(at))
	defer t.Stop()
	select {
	case <-t.C:
		return true
	case <-x.halt:
		x.halt = nil
		x.victim()
		return false
	}
}
