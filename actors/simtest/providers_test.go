package simtest

import (
	"fmt"
	"math/rand/v2"
	"slices"
	"testing"
	"time"

	"google.golang.org/protobuf/proto"

	"mesos/actors/allocator"
	"mesos/actors/scheduler"
	v1 "mesos/messages/mesos/v1"
	schedulerv1 "mesos/messages/mesos/v1/scheduler"
	"mesos/messages/resources"
)

// diskOffers is a cluster in which disk space alone is worth an offer.
func diskOffers() Options {
	return Options{Allocator: allocator.Options{MinAllocatable: []resources.Quantities{resources.MustParse("disk:1").Quantities()}}}
}

// pooled starts a cluster whose agent has a pool of 1000 MB, and a framework.
func pooled(c *Cluster) (*Agent, *Pool, *Framework) {
	a := c.AddAgent("")
	p := a.AddPool("p", 1000)
	a.Crash()
	c.Advance(time.Second)
	a.Start()
	return a, p, c.Framework("db", storing())
}

// awaitProvided waits for offers of what a provider has that keep accepts, and gives it with one of the offers.
func (f *Framework) awaitProvided(what string, keep func(r resources.Resource) bool) (*v1.Offer, *v1.Resource) {
	f.c.T.Helper()
	var found *v1.Offer
	var res *v1.Resource
	f.c.Until(5*time.Minute, what, func() bool {
		for _, o := range f.Held() {
			for e := range listed(f.c.T, o.GetResources()...).Provided().All() {
				if keep(e) {
					found, res = o, listed(f.c.T, o.GetResources()...).Filter(func(x resources.Resource) bool { return x.String() == e.String() }).Unallocate().Proto()[0]
				}
			}
		}
		return found != nil
	})
	return found, res
}

// storage waits for that much of a pool of which nothing was made.
func (f *Framework) storage(mb float64) (*v1.Offer, *v1.Resource) {
	f.c.T.Helper()
	o, r := f.awaitProvided(fmt.Sprintf("%v MB of storage", mb), func(r resources.Resource) bool {
		return r.Disk().GetSource().GetType() == v1.Resource_DiskInfo_Source_RAW && !r.IsReserved() && r.Quantity() >= resources.FromFloat(mb)
	})
	r.Scalar.Value = proto.Float64(mb)
	return o, r
}

func (f *Framework) disk(reserved, volume bool) (*v1.Offer, *v1.Resource) {
	f.c.T.Helper()
	return f.awaitProvided(fmt.Sprintf("a disk, reserved %v, volume %v", reserved, volume), func(r resources.Resource) bool {
		return r.Disk().GetSource().GetMount() != nil && r.IsReserved() == reserved && (r.PersistenceID() != "") == volume
	})
}

func reservedTo(r *v1.Resource, role string) *v1.Resource {
	r = proto.CloneOf(r)
	r.Reservations = []*v1.Resource_ReservationInfo{{Type: v1.Resource_ReservationInfo_DYNAMIC.Enum(), Role: &role}}
	return r
}

func asVolume(r *v1.Resource, id string) *v1.Resource {
	r = proto.CloneOf(r)
	r.Disk.Persistence = &v1.Resource_DiskInfo_Persistence{Id: &id}
	r.Disk.Volume = &v1.Volume{Mode: v1.Volume_RW.Enum(), ContainerPath: proto.String("data")}
	return r
}

const toMount = v1.Resource_DiskInfo_Source_MOUNT

// makeVolume makes a disk of the pool and a volume on it, and gives an offer of it.
func makeVolume(c *Cluster, f *Framework) (*v1.Offer, *v1.Resource) {
	c.T.Helper()
	o, raw := f.storage(100)
	f.Accept(o, scheduler.CreateDisk("disk", raw, toMount))
	c.Until(time.Minute, "the disk", f.Operated("disk", opFinished))
	o, disk := f.disk(false, false)
	own := reservedTo(disk, "web")
	f.Accept(o, scheduler.Reserve("r", own), scheduler.Create("v", asVolume(own, "data")))
	c.Until(time.Minute, "the volume", func() bool { return f.Operated("r", opFinished)() && f.Operated("v", opFinished)() })
	return f.disk(true, true)
}

// unmake makes storage of the volume and its disk.
func unmake(c *Cluster, f *Framework) {
	c.T.Helper()
	o, volume := f.disk(true, true)
	f.Accept(o, scheduler.Destroy("d", volume))
	o, own := f.disk(true, false)
	f.Accept(o, scheduler.Unreserve("u", own))
	o, disk := f.disk(false, false)
	f.Accept(o, scheduler.DestroyDisk("dd", disk))
	c.Until(time.Minute, "the end of the disk", f.Operated("dd", opFinished))
	f.storage(1000)
}

// The life of a disk: made of storage, reserved, used by a task while its
// provider, the master and the agent come and go, and storage again.
func TestProvidersDisk(t *testing.T) {
	Run(t, diskOffers(), func(c *Cluster) {
		a, p, f := pooled(c)
		o, volume := makeVolume(c, f)
		if got, want := len(p.Disks()), 1; got != want {
			t.Errorf("%d disks are on the machine, want %d", got, want)
		}
		f.Accept(o, scheduler.LaunchTasks(taskOn(o, "t", "forever", volume)))
		c.Until(time.Minute, "the task to run", f.In("t", running))
		c.Check()
		p.Flap()
		c.Advance(10 * time.Second)
		c.Check()
		c.CrashMaster()
		c.Advance(time.Second)
		c.StartMaster()
		f.storage(900)
		c.Check()
		a.Crash()
		c.Advance(time.Second)
		a.Start()
		c.Advance(time.Minute)
		if got := f.Last("t").GetState(); got != running {
			t.Errorf("the task is %v, want that it still runs", got)
		}
		f.storage(900)
		f.Driver().Kill("t", nil)
		c.Until(time.Minute, "the task to end", func() bool { return f.Over("t") })
		unmake(c, f)
		if got := p.Disks(); len(got) > 0 {
			t.Errorf("disks %v are left, want none", got)
		}
		c.Check()
	})
}

// While its provider is away nothing of it is offered, and what is sent to it is dropped.
func TestProviderAway(t *testing.T) {
	Run(t, diskOffers(), func(c *Cluster) {
		_, p, f := pooled(c)
		o, raw := f.storage(1000)
		p.Flap()
		f.Accept(o, scheduler.CreateDisk("disk", raw, toMount))
		c.Until(time.Minute, "the operation to be dropped", func() bool {
			s := f.Operation("disk").GetState()
			return s == opDropped || s == opError
		})
		f.storage(1000) // it is back, and nothing was lost
		c.Check()
	})
}

// An operation that fails gives back what it took; one on what a failed one was to make does not harm.
func TestProviderFails(t *testing.T) {
	Run(t, diskOffers(), func(c *Cluster) {
		_, p, f := pooled(c)
		p.Full(true)
		o, raw := f.storage(1000)
		half := proto.CloneOf(raw)
		half.Scalar.Value = proto.Float64(500)
		f.Accept(o, scheduler.CreateDisk("disk", half, toMount))
		c.Until(time.Minute, "the failure", f.Operated("disk", opFailed))
		f.storage(1000)
		p.Full(false)
		o, _ = f.storage(1000)
		f.Accept(o, scheduler.Reserve("r", reservedTo(half, "web")), scheduler.Reserve("much", reservedTo(raw, "web")))
		c.Until(time.Minute, "both", func() bool { return f.Operated("r", opFinished)() && f.Operated("much", opError)() })
		c.Check()
		if got := f.OperationStates("disk"); !slices.Equal(got, []v1.OperationState{opFailed}) {
			t.Errorf("the disk was told %v, want OPERATION_FAILED once", got)
		}
	})
}

// While a disk is being made nobody has what it is made of, whichever master leads.
func TestProviderSlowly(t *testing.T) {
	Run(t, diskOffers(), func(c *Cluster) {
		a, p, f := pooled(c)
		p.Slow(5 * time.Minute)
		o, raw := f.storage(1000)
		f.Accept(o, scheduler.CreateDisk("disk", raw, toMount))
		c.Advance(time.Second)
		if got := c.Has(a).Provided(); !got.IsEmpty() {
			t.Errorf("while the disk is being made the master has %v of the provider, want nothing", got)
		}
		c.CrashMaster()
		c.Advance(time.Second)
		c.StartMaster()
		c.Advance(time.Minute)
		if got := c.Has(a).Provided(); !got.IsEmpty() {
			t.Errorf("while the disk is being made the next master has %v of the provider, want nothing", got)
		}
		c.Until(10*time.Minute, "the disk", f.Operated("disk", opFinished))
		f.disk(false, false)
		c.Check()
	})
}

// What a provider fails to do that everybody counted on is undone everywhere.
func TestProviderUndoes(t *testing.T) {
	Run(t, diskOffers(), func(c *Cluster) {
		_, p, f := pooled(c)
		o, raw := f.storage(100)
		f.Accept(o, scheduler.CreateDisk("disk", raw, toMount))
		o, disk := f.disk(false, false)
		own := reservedTo(disk, "web")
		p.Full(true)
		f.Accept(o, scheduler.Reserve("r", own), scheduler.Create("v", asVolume(own, "data")), scheduler.LaunchTasks(taskOn(o, "t", "true", asVolume(own, "data"))))
		c.Until(time.Minute, "the failure", f.Operated("v", opFailed))
		f.disk(true, false)
		c.Check()
	})
}

// Wherever the pool's program dies, each operation ends once, and all agree.
func TestProviderCrashAtEveryStep(t *testing.T) {
	for n := 1; ; n++ {
		crashed := false
		Run(t, diskOffers(), func(c *Cluster) {
			_, p, f := pooled(c)
			f.storage(1000)
			p.CrashAtSave(n)
			o, raw := f.storage(100)
			f.Accept(o, scheduler.Reserve("r", reservedTo(raw, "web")), scheduler.CreateDisk("disk", reservedTo(raw, "web"), toMount))
			over := func(id string) func() bool {
				return func() bool {
					s := f.Operation(id)
					return s != nil && s.GetState() != v1.OperationState_OPERATION_PENDING
				}
			}
			c.Until(5*time.Minute, fmt.Sprintf("crash %d: the ends of the operations", n), func() bool { return over("r")() && over("disk")() })
			c.Advance(time.Minute)
			c.Check()
			crashed = p.Crashed()
			for _, id := range []string{"r", "disk"} {
				if got := slices.Compact(f.OperationStates(id)); len(got) != 1 {
					t.Errorf("crash %d: operation %s was told %v, want one end", n, id, got)
				}
			}
			want := 0
			if f.Operated("disk", opFinished)() {
				want = 1
			}
			if got := len(p.Disks()); got < want {
				t.Errorf("crash %d: %d disks, want %d", n, got, want)
			}
			total := resources.Quantity(0)
			for e := range c.Has(c.Agents[0]).Provided().All() {
				total += e.Quantity()
			}
			if total != resources.FromFloat(1000) {
				t.Errorf("crash %d: the pool has %v MB, want 1000", n, total)
			}
		})
		if !crashed {
			if n < 5 {
				t.Errorf("two operations took %d writes, want 4 at least", n-1)
			}
			return
		}
	}
}

// A provider that comes and goes all the time, with operations and tasks on what
// it has, partitions, an agent and a master that die now and then: in the end all
// operations are over, and nothing was lost or made up.
func TestProviderFlaps(t *testing.T) {
	for seed := range uint64(8) {
		t.Run(fmt.Sprint("seed ", seed), func(t *testing.T) {
			Run(t, diskOffers(), func(c *Cluster) { providerFlaps(t, c, rand.New(rand.NewPCG(seed, 0))) })
		})
	}
}

func providerFlaps(t *testing.T, c *Cluster, r *rand.Rand) {
	a, p, f := pooled(c)
	f.storage(1000)
	tried := 0
	for range 50 {
		if held := f.Held(); len(held) > 0 {
			o := held[r.IntN(len(held))]
			var ops []*v1.Offer_Operation
			for e := range listed(t, o.GetResources()...).Provided().All() {
				tried++
				ops = append(ops, something(t, r, o, e, tried)...)
			}
			f.Accept(o, ops...)
		}
		heal := func() {}
		switch r.IntN(10) {
		case 0, 1, 2:
			p.Flap()
		case 3:
			p.Crash()
		case 4:
			p.CrashAtSave(1 + r.IntN(4))
		case 5:
			p.Full(true)
		case 6:
			heal = c.Net.PartitionOneWay([]string{masterAddr}, []string{a.Addr()})
		case 7:
			heal = c.Net.PartitionOneWay([]string{a.Addr()}, []string{masterAddr})
		case 8:
			a.Crash()
			c.Advance(time.Second)
			a.Start()
		case 9:
			c.CrashMaster()
			c.Advance(time.Second)
			c.StartMaster()
		}
		c.Advance(time.Duration(r.IntN(5000)) * time.Millisecond)
		heal()
		p.Full(false)
		c.Check()
	}
	if tried < 20 {
		t.Errorf("%d operations were tried, want 20 at least", tried)
	}
	p.CrashAtSave(0) // from now on all stays up
	c.Advance(5 * time.Minute)
	c.Check()
	f.Driver().ReconcileOperations()
	c.Advance(time.Minute)
	for n := 1; n <= tried; n++ {
		if s := f.Operation(fmt.Sprint("op-", n)); s != nil && s.GetState() == v1.OperationState_OPERATION_PENDING {
			t.Errorf("operation op-%d never ended", n)
		}
	}
	sum := resources.Quantity(0)
	for e := range c.Has(a).Provided().All() {
		sum += e.Quantity()
	}
	if sum != resources.FromFloat(1000) {
		t.Errorf("the pool has %v MB, want 1000: %v", sum, c.Has(a).Provided())
	}
	mounts := 0
	for e := range c.Has(a).Provided().All() {
		if e.Disk().GetSource().GetMount() != nil {
			mounts++
		}
	}
	if got := len(p.Disks()); got != mounts {
		t.Errorf("%d disks are on the machine, and the master believes in %d: %v", got, mounts, c.Has(a).Provided())
	}
}

// something is what can be done to e.
func something(t *testing.T, r *rand.Rand, o *v1.Offer, e resources.Resource, n int) []*v1.Offer_Operation {
	m := listed(t, o.GetResources()...).Filter(func(x resources.Resource) bool { return x.String() == e.String() }).Unallocate().Proto()[0]
	id, task := fmt.Sprint("op-", n), fmt.Sprint("t", n)
	switch s := e.Disk().GetSource(); {
	case e.PersistenceID() != "" && r.IntN(2) == 0:
		return []*v1.Offer_Operation{scheduler.LaunchTasks(taskOn(o, task, "sleep 3", m))}
	case e.PersistenceID() != "":
		return []*v1.Offer_Operation{scheduler.Destroy(id, m)}
	case s.GetMount() != nil && e.IsReserved() && r.IntN(3) == 0:
		return []*v1.Offer_Operation{scheduler.Unreserve(id, m)}
	case s.GetMount() != nil && e.IsReserved():
		v := asVolume(m, fmt.Sprint("v", n))
		return []*v1.Offer_Operation{scheduler.Create(id, v), scheduler.LaunchTasks(taskOn(o, task, "sleep 3", v))}
	case s.GetMount() != nil && r.IntN(2) == 0:
		return []*v1.Offer_Operation{scheduler.Reserve(id, reservedTo(m, "web"))}
	case s.GetMount() != nil:
		return []*v1.Offer_Operation{scheduler.DestroyDisk(id, m)}
	case e.IsReserved():
		return []*v1.Offer_Operation{scheduler.Unreserve(id, m)}
	case e.Quantity() >= resources.FromFloat(100):
		m.Scalar.Value = proto.Float64(100)
		return []*v1.Offer_Operation{scheduler.CreateDisk(id, m, toMount)}
	}
	return nil
}

// What a task used of a provider that is away is not offered when the task has ended; and a task that
// comes to its executor while the provider is away waits for it.
func TestProviderAwayFromTasks(t *testing.T) {
	Run(t, diskOffers(), func(c *Cluster) {
		a, p, f := pooled(c)
		o, volume := makeVolume(c, f)
		f.Accept(o, scheduler.LaunchTasks(taskOn(o, "t", "sleep 5", volume)))
		c.Until(time.Minute, "the task to run", f.In("t", running))
		p.Stop()
		c.Until(time.Minute, "the task to end", func() bool { return f.Over("t") })
		c.Advance(10 * time.Second)
		if got := c.Has(a).Provided(); !got.IsEmpty() {
			t.Errorf("of a provider that is away the master offers %v, want nothing", got)
		}
		c.Check()
		p.Continue()
		o, volume = f.disk(true, true)
		f.Accept(o, scheduler.LaunchTasks(taskOn(o, "u", "sleep 5", volume)))
		p.Flap()
		c.Until(time.Minute, "the next task to end", func() bool { return f.Over("u") })
		if got := f.Last("u").GetState(); got != v1.TaskState_TASK_FINISHED && got != dropped {
			t.Errorf("a task that was launched while its provider flapped: %v, want that it ran or never began", f.Last("u"))
		}
		c.Check()
	})
}

// An operation that its provider was told of, and that was lost with the master's session, is asked for.
func TestProviderOperationLost(t *testing.T) {
	Run(t, diskOffers(), func(c *Cluster) {
		a, _, f := pooled(c)
		o, raw := f.storage(1000)
		heal := c.Net.PartitionOneWay([]string{masterAddr}, []string{a.Addr()})
		f.Accept(o, scheduler.CreateDisk("disk", raw, toMount))
		c.Advance(10 * time.Second)
		heal()
		c.Until(2*time.Minute, "the lost operation to be told", f.Operated("disk", opDropped))
		f.storage(1000)
		f.Driver().ReconcileOperations(&schedulerv1.Call_ReconcileOperations_Operation{OperationId: &v1.OperationID{Value: proto.String("disk")}, AgentId: o.AgentId})
		c.Until(time.Minute, "the reconciliation", f.Operated("disk", v1.OperationState_OPERATION_UNKNOWN))
		c.Check()
	})
}
