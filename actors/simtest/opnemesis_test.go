package simtest

import (
	"fmt"
	"math/rand/v2"
	"os"
	"strconv"
	"testing"
	"time"

	"google.golang.org/protobuf/proto"

	"mesos/actors/scheduler"
	v1 "mesos/messages/mesos/v1"
	"mesos/messages/resources"
)

// opNemesis is the nemesis with frameworks that reserve, create and destroy at random.
type opNemesis struct {
	*nemesis
	ops map[string]*Framework
}

// use does something with what a framework is offered.
func (n *opNemesis) use(f *Framework) {
	held := f.Held()
	if n.away[f] || len(held) == 0 {
		return
	}
	o := held[n.r.IntN(len(held))]
	list := o.GetResources()
	if len(list) == 0 {
		return
	}
	var ops []*v1.Offer_Operation
	for range 1 + n.r.IntN(3) {
		id := ""
		if n.r.IntN(4) > 0 {
			id = fmt.Sprintf("o%d", len(n.ops))
			n.ops[id] = f
		}
		ops = append(ops, n.operation(id, proto.CloneOf(list[n.r.IntN(len(list))])))
	}
	if n.r.IntN(3) == 0 {
		id := fmt.Sprintf("t%d", len(n.tasks))
		n.tasks[id] = f
		ops = append(ops, scheduler.LaunchTasks(taskOn(o, id, "sleep 5")))
	}
	n.say("%s: %d operations on %s", f.info.GetName(), len(ops), o.GetAgentId().GetValue())
	f.Accept(o, ops...)
}

// operation is a random one on a resource; it need not be possible.
func (n *opNemesis) operation(id string, r *v1.Resource) *v1.Offer_Operation {
	r.AllocationInfo = nil
	isVolume := r.Disk.GetPersistence() != nil
	if r.Scalar != nil && !isVolume {
		r.Scalar = &v1.Value_Scalar{Value: proto.Float64(r.Scalar.GetValue() / float64(1+n.r.IntN(3)))}
	}
	switch {
	case isVolume && n.r.IntN(3) == 0:
		return scheduler.ShrinkVolume(id, r, 1)
	case isVolume:
		return scheduler.Destroy(id, r)
	case len(r.Reservations) == 0:
		r.Reservations = reservedDisk(1).Reservations
		return scheduler.Reserve(id, r)
	case r.GetName() == "disk" && n.r.IntN(3) > 0:
		r.Disk = volumeOf(1, fmt.Sprintf("v%d", n.r.IntN(5))).Disk
		return scheduler.Create(id, r)
	}
	return scheduler.Unreserve(id, r)
}

func runOpNemesis(t *testing.T, seed uint64) {
	Run(t, Options{Agents: 2, Resources: "cpus:4;mem:4096;disk:10240"}, func(c *Cluster) {
		n := &opNemesis{
			&nemesis{c: c, r: rand.New(rand.NewPCG(seed, 2)), tasks: map[string]*Framework{}, down: map[*Agent]bool{}, away: map[*Framework]bool{}},
			map[string]*Framework{},
		}
		for _, name := range []string{"one", "two"} {
			n.f = append(n.f, c.Framework(name, storing()))
		}
		c.Advance(time.Second)
		for range 60 {
			switch n.r.IntN(12) {
			case 0:
				n.agentFails()
			case 1:
				n.masterFails()
			case 2:
				n.partition()
			case 3:
				if len(n.heals) > 0 {
					n.heals[0]()
					n.heals = n.heals[1:]
				}
			case 4:
				a := c.Agents[n.r.IntN(len(c.Agents))]
				full := n.r.IntN(2) == 0
				n.say("the disk of %s is full: %v", a.Addr(), full)
				a.Volumes.Full(full)
			default:
				n.use(n.f[n.r.IntN(len(n.f))])
			}
			c.Advance(time.Duration(n.r.ExpFloat64() * float64(2*time.Second)))
		}
		for _, a := range c.Agents {
			a.Volumes.Full(false)
		}
		n.rest()
		clear(n.away)
		c.Advance(30 * time.Minute)
		n.checkOperations()
	})
}

func (n *opNemesis) checkOperations() {
	t := n.c.T
	agree(n.c, "in the end")
	for _, a := range n.c.Agents {
		if got, want := n.c.Has(a).Quantities().String(), resources.MustParse("cpus:4;mem:4096;disk:10240").Quantities().String(); got != want {
			t.Errorf("agent %s has %s, want %s", a.Addr(), got, want)
		}
	}
	for id, f := range n.ops {
		ends := map[v1.OperationState]bool{}
		for _, s := range f.OperationStates(id) {
			if s != v1.OperationState_OPERATION_UNREACHABLE && s != v1.OperationState_OPERATION_PENDING {
				ends[s] = true
			}
		}
		if len(ends) > 1 {
			t.Errorf("operation %s was told %v, want one end", id, f.OperationStates(id))
		}
	}
	if t.Failed() {
		for _, l := range n.story {
			t.Log(l)
		}
	}
}

// SEED=n replays one run; SEEDS=n runs so many.
func TestOperationNemesis(t *testing.T) {
	if s := os.Getenv("SEED"); s != "" {
		seed, err := strconv.ParseUint(s, 10, 64)
		if err != nil {
			t.Fatal(err)
		}
		runOpNemesis(t, seed)
		return
	}
	seeds := 20
	if s, err := strconv.Atoi(os.Getenv("SEEDS")); err == nil {
		seeds = s
	}
	for seed := range seeds {
		t.Run(fmt.Sprint("seed=", seed), func(t *testing.T) { runOpNemesis(t, uint64(seed)) })
	}
}
