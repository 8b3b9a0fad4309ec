package simtest

import (
	"fmt"
	"math/rand/v2"
	"time"

	"google.golang.org/protobuf/encoding/protojson"
	"google.golang.org/protobuf/proto"

	"mesos/actors/scheduler"
	v1 "mesos/messages/mesos/v1"
	schedulerv1 "mesos/messages/mesos/v1/scheduler"
)

// stored is what operators made of the disk of an agent, and for whom.
type stored struct {
	role   string
	volume string // "": it is only reserved
}

// operate has a framework that hoards use an offer, if need be one that it asks for.
func (x *chaos) operate() {
	f := x.framework()
	for i := 0; i < 20 && f != nil && f.opts.Hoard == 0; i++ {
		f = x.framework()
	}
	if f == nil {
		return
	}
	if len(f.Held()) == 0 {
		f.Driver().Revive()
	}
	own := rand.New(rand.NewPCG(x.r.Uint64(), 6))
	x.in(time.Second, func() {
		if held := f.Held(); !x.down[f] && len(held) > 0 {
			turns := x.r
			x.r = own
			x.operateOn(f, held[x.r.IntN(len(held))])
			x.r = turns
		}
	})
}

// operateOn has a framework reserve, or make or destroy a volume, on an offer, sometimes with a task on top.
func (x *chaos) operateOn(f *Framework, o *v1.Offer) {
	var ops []*v1.Offer_Operation
	for _, r := range o.GetResources() {
		if r.GetName() != "disk" || x.r.IntN(3) == 0 {
			continue
		}
		id := fmt.Sprintf("o%d", len(x.ops))
		x.ops = append(x.ops, operated{f, id})
		ops = append(ops, x.onDisk(id, f.info.GetRoles()[0], proto.CloneOf(r)))
	}
	var tasks []*v1.TaskInfo
	if cpus := x.r.IntN(3); cpus > 0 {
		id := fmt.Sprintf("t%d", len(x.names))
		x.own(f, id)
		tasks = append(tasks, taskOn(o, id, chaosCommands[x.r.IntN(len(chaosCommands))]))
	}
	if len(ops)+len(tasks) == 0 {
		return
	}
	x.say("%s: %d operations and %d tasks on %s", f.info.GetName(), len(ops), len(tasks), o.GetAgentId().GetValue())
	f.AcceptOne(o, ops, tasks...)
	if !x.quiet {
		x.trip(f, o.GetAgentId().GetValue())
	}
}

// operated is an operation of a framework.
type operated struct {
	f  *Framework
	id string
}

// onDisk is what can be done with a piece of disk.
func (x *chaos) onDisk(id, role string, r *v1.Resource) *v1.Offer_Operation {
	r.AllocationInfo = nil
	switch {
	case r.Disk.GetPersistence() != nil:
		return scheduler.Destroy(id, r)
	case len(r.Reservations) == 0:
		r.Scalar.Value = proto.Float64(64)
		return scheduler.Reserve(id, reserved(r, role))
	case x.r.IntN(3) > 0:
		return scheduler.Create(id, diskVolume(r, id))
	}
	return scheduler.Unreserve(id, r)
}

func reserved(r *v1.Resource, role string) *v1.Resource {
	r.Reservations = []*v1.Resource_ReservationInfo{{Type: v1.Resource_ReservationInfo_DYNAMIC.Enum(), Role: proto.String(role)}}
	return r
}

func diskVolume(r *v1.Resource, id string) *v1.Resource {
	r.Disk = volumeOf(1, id).Disk
	return r
}

// trip sometimes lets something go wrong right after an order: a session breaks, or its agent crashes.
func (x *chaos) trip(f *Framework, agentID string) {
	a := x.agentWith(agentID)
	d := x.c.Leader()
	if a == nil || d == nil || x.r.IntN(2) == 0 {
		return
	}
	what := x.r.IntN(4)
	x.in(x.about(chaosHop), func() {
		switch what {
		case 0:
			x.say("the session of %s and %s breaks", d.Addr, a.addr)
			x.c.Net.Break(d.Addr, a.addr)
		case 1:
			x.say("the session of %s and %s breaks", d.Addr, f.info.GetName())
			x.c.Net.Break(d.Addr, f.program.addr)
		default:
			x.crashAgent(a, " after an order")
		}
	})
}

// agentWith is the agent of an id, if it runs.
func (x *chaos) agentWith(id string) *Agent {
	for _, a := range x.c.Agents {
		if id != "" && !x.down[a] && x.id(a) == id {
			return a
		}
	}
	return nil
}

// operatorStores has an operator reserve disk, make a volume of it, destroy that, and give the disk back, one step at a time.
func (x *chaos) operatorStores() {
	a := x.agent()
	if len(x.stores) > 0 && x.r.IntN(3) > 0 {
		a = x.stores[x.r.IntN(len(x.stores))]
	}
	if a == nil || x.c.Leader() == nil || x.id(a) == "" {
		return
	}
	s, has := x.stored[a]
	kind, list := "RESERVE_RESOURCES", "resources"
	disk := diskOf(32)
	switch {
	case !has:
		s = stored{role: fmt.Sprint("role-", x.r.IntN(chaosRoles))}
		x.stores = append(x.stores, a)
		reserved(disk, s.role)
	case s.volume != "":
		kind, list = "DESTROY_VOLUMES", "volumes"
		diskVolume(reserved(disk, s.role), s.volume)
		s.volume = ""
	case x.r.IntN(2) == 0:
		kind, list = "CREATE_VOLUMES", "volumes"
		s.volume = fmt.Sprint("by-operator-", x.turns)
		diskVolume(reserved(disk, s.role), s.volume)
	default:
		kind = "UNRESERVE_RESOURCES"
		reserved(disk, s.role)
	}
	x.stored[a] = s
	text, err := protojson.Marshal(disk)
	if err != nil {
		x.c.T.Fatal(err)
	}
	x.order(kind, fmt.Sprintf(`%s,%q:[%s]`, ofAgent(x.id(a)), list, text))
}

// askForOperations has each framework ask for what it heard no end of: an operation may have been lost with its call.
func (x *chaos) askForOperations() {
	for _, o := range x.ops {
		if !x.left[o.f] && !ended(o.f.Operation(o.id)) {
			o.f.Driver().ReconcileOperations(&schedulerv1.Call_ReconcileOperations_Operation{OperationId: &v1.OperationID{Value: proto.String(o.id)}})
		}
	}
}

// ended says that a status stands; an operation of which nobody knows is over.
func ended(s *v1.OperationStatus) bool {
	switch s.GetState() {
	case v1.OperationState_OPERATION_UNSUPPORTED, v1.OperationState_OPERATION_PENDING, v1.OperationState_OPERATION_UNREACHABLE, v1.OperationState_OPERATION_RECOVERING:
		return false
	}
	return true
}

// checkOperations asks that each operation has come to one end, is forgotten by its agent, and that disks are as masters
// and agents believe.
func (x *chaos) checkOperations() {
	t := x.c.T
	picture, err := x.c.leader.Snapshot()
	if err != nil {
		t.Fatal(err)
	}
	for _, o := range x.ops {
		if x.left[o.f] {
			continue
		}
		if s := o.f.Operation(o.id); s == nil || s.GetState() == v1.OperationState_OPERATION_PENDING || s.GetState() == v1.OperationState_OPERATION_RECOVERING {
			t.Errorf("operation %s of %s: the last word is %v", o.id, o.f.info.GetName(), s.GetState())
		}
		ends := map[v1.OperationState]bool{}
		for _, s := range o.f.OperationStates(o.id) {
			switch s {
			case v1.OperationState_OPERATION_FINISHED, v1.OperationState_OPERATION_FAILED, v1.OperationState_OPERATION_ERROR, v1.OperationState_OPERATION_DROPPED:
				ends[s] = true
			}
		}
		if len(ends) > 1 {
			t.Errorf("operation %s of %s was told %v, want one end", o.id, o.f.info.GetName(), o.f.OperationStates(o.id))
		}
	}
	for _, v := range picture.Agents {
		a := x.at(v.PID)
		if a == nil {
			continue
		}
		operations, err := a.Disk.Operations()
		if err != nil {
			t.Fatal(err)
		}
		for _, o := range operations {
			if !x.leftByID(o.GetFrameworkId().GetValue()) {
				t.Errorf("agent %s still has operation %s, which is %v", a.addr, o.GetInfo().GetId().GetValue(), o.GetLatestStatus().GetState())
			}
		}
		var want []string
		for r := range v.Total.Volumes().All() {
			want = append(want, nameOf(r))
		}
		x.sameVolumes(a, want)
	}
}
