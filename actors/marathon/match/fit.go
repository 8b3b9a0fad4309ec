package match

import (
	"math/rand/v2"
	"slices"

	"mesos/actors/marathon/model"
	v1 "mesos/messages/mesos/v1"
	"mesos/messages/resources"
)

// The reasons why an offer is not used, in Marathon's words and in the order in
// which they are found.
const (
	UnfulfilledRole       = "UnfulfilledRole"
	UnfulfilledConstraint = "UnfulfilledConstraint"
	NoReservation         = "NoCorrespondingReservationFound"
	InsufficientCPUs      = "InsufficientCpus"
	InsufficientMemory    = "InsufficientMemory"
	InsufficientDisk      = "InsufficientDisk"
	InsufficientGPUs      = "InsufficientGpus"
	InsufficientPorts     = "InsufficientPorts"
)

// Reasons are all of them, in order.
var Reasons = []string{
	UnfulfilledRole, UnfulfilledConstraint, NoReservation, InsufficientCPUs, InsufficientMemory, InsufficientDisk, InsufficientGPUs, InsufficientPorts,
}

// Fit is what an instance takes of an offer: resources for each task, and ports of
// the agent in the order of the definition, 0 for those that need none.
type Fit struct {
	Tasks    []resources.Resources
	Executor resources.Resources // of a pod
	Ports    []int
	Volumes  []resources.Resources // of a resident instance that has none yet: the disk of each
	Used     resources.Resources
}

// Try finds out whether the offer takes another instance of s beside peers, which
// are the live instances of s. Without a fit the reasons say why.
func Try(o *Offer, s *model.Spec, peers []*model.Instance, random *rand.Rand) (*Fit, []string) {
	p := &picker{left: usable(o.Left, s), random: random}
	if p.left.IsEmpty() {
		return nil, []string{UnfulfilledRole}
	}
	var reasons []string
	if !constraintsHold(o, s.Constraints(), peers) {
		reasons = append(reasons, UnfulfilledConstraint)
	}
	if s.PerAgent() && slices.ContainsFunc(peers, func(i *model.Instance) bool { return i.AgentID == o.AgentID }) {
		reasons = append(reasons, UnfulfilledConstraint)
	}
	f := &Fit{}
	if s.App != nil {
		f.Tasks = []resources.Resources{p.scalars(amounts(s.App))}
	} else {
		for _, c := range s.Pod.Containers {
			f.Tasks = append(f.Tasks, p.scalars(c.Resources))
		}
		f.Executor = p.scalars(*s.Pod.ExecutorResources)
	}
	p.ports(f, s)
	f.Volumes = p.disks(s, o)
	reasons = append(reasons, p.missing...)
	if len(reasons) > 0 {
		slices.SortFunc(reasons, func(x, y string) int { return slices.Index(Reasons, x) - slices.Index(Reasons, y) })
		return nil, slices.Compact(reasons)
	}
	f.Used = f.Executor
	for _, t := range f.Tasks {
		f.Used = f.Used.Add(t)
	}
	for _, v := range f.Volumes {
		f.Used = f.Used.Add(v)
	}
	return f, nil
}

func amounts(a *model.App) model.Amounts {
	return model.Amounts{CPUs: a.CPUs, Mem: a.Mem, Disk: a.Disk, GPUs: a.GPUs}
}

// usable is what of an offer the spec may use: of its roles, and of nobody's disk.
func usable(left resources.Resources, s *model.Spec) resources.Resources {
	roles := s.AcceptedRoles()
	return left.Filter(func(e resources.Resource) bool {
		if e.IsRevocable() || e.IsShared() || e.ProviderID() != "" || e.PersistenceID() != "" || e.Disk().GetSource() != nil || e.IsDynamicallyReserved() {
			return false
		}
		if s.Resident() && e.IsReserved() {
			return false // a reservation is made of what is nobody's
		}
		return len(roles) == 0 || slices.Contains(roles, e.Role())
	})
}

// picker takes resources of an offer, one amount after the other.
type picker struct {
	left    resources.Resources
	random  *rand.Rand
	missing []string
}

// scalars takes the amounts of one task; what is not there is noted.
func (p *picker) scalars(a model.Amounts) resources.Resources {
	var out resources.Resources
	for _, want := range []struct {
		name   string
		amount float64
		reason string
	}{
		{"cpus", a.CPUs, InsufficientCPUs}, {"mem", a.Mem, InsufficientMemory}, {"disk", a.Disk, InsufficientDisk}, {"gpus", float64(a.GPUs), InsufficientGPUs},
	} {
		got, ok := p.scalar(want.name, resources.FromFloat(want.amount))
		if !ok {
			p.missing = append(p.missing, want.reason)
			continue
		}
		out = out.Add(got)
	}
	return out
}

// scalar takes so much of one scalar, of reserved resources first.
func (p *picker) scalar(name string, amount resources.Quantity) (resources.Resources, bool) {
	var list []*v1.Resource
	for _, reserved := range []bool{true, false} {
		for e := range p.left.All() {
			if e.Name() != name || e.IsReserved() != reserved || amount == 0 || e.Quantity() == 0 {
				continue
			}
			take := min(amount, e.Quantity())
			m := e.Proto()
			value := take.Float()
			m.Scalar = &v1.Value_Scalar{Value: &value}
			list = append(list, m)
			amount -= take
		}
	}
	got, err := resources.FromProto(list)
	if amount > 0 || err != nil {
		return resources.Resources{}, false
	}
	p.left = p.left.Sub(got)
	return got, true
}
