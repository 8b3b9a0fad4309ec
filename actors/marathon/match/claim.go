package match

import (
	"slices"

	"google.golang.org/protobuf/proto"

	"mesos/actors/marathon/model"
	v1 "mesos/messages/mesos/v1"
	"mesos/messages/resources"
)

// The labels of reservations, by which they are known again.
const (
	frameworkLabel = "marathon_framework_id"
	instanceLabel  = "marathon_instance_id"
)

// disks takes the disk space for each persistent volume.
func (p *picker) disks(s *model.Spec, o *Offer) (out []resources.Resources) {
	others := o.Left.Filter(func(e resources.Resource) bool {
		return e.Name() == "disk" && e.Disk().GetSource() != nil && !e.IsReserved() && !e.IsRevocable() && !e.IsShared() && e.ProviderID() == "" && e.PersistenceID() == ""
	})
	for _, v := range s.PersistentVolumes() {
		var got resources.Resources
		var ok bool
		if d := v.Persistent; d.Type == model.RootDisk {
			got, ok = p.scalar("disk", resources.FromFloat(float64(d.Size)))
		} else {
			got, ok = diskFor(d, others)
			others = others.Sub(got)
		}
		if !ok {
			p.missing = append(p.missing, InsufficientDisk)
			return nil
		}
		out = append(out, got)
	}
	return out
}

// diskFor is what of the disks that are not the agent's own suits a volume: the smallest mount, or a part of a path.
func diskFor(d *model.Persistent, others resources.Resources) (got resources.Resources, ok bool) {
	size, least := resources.FromFloat(float64(d.Size)), resources.Quantity(-1)
	for e := range others.All() {
		source := e.Disk().GetSource()
		m := proto.CloneOf(e.Proto())
		root := source.GetPath().GetRoot()
		kind := model.PathDisk
		if source.GetType() == v1.Resource_DiskInfo_Source_MOUNT {
			root, kind = source.GetMount().GetRoot(), model.MountDisk
		} else if source.GetType() != v1.Resource_DiskInfo_Source_PATH {
			continue
		}
		has := e.Quantity()
		if kind != d.Type || has < size || d.MaxSize > 0 && has > resources.FromFloat(float64(d.MaxSize)) || least >= 0 && has >= least || !pathSuits(root, d.Constraints) {
			continue
		}
		if kind == model.PathDisk {
			m.Scalar = &v1.Value_Scalar{Value: proto.Float64(size.Float())}
		}
		if r, err := resources.FromProto([]*v1.Resource{m}); err == nil {
			got, least, ok = r, has, true
		}
	}
	return got, ok
}

func pathSuits(root string, list []model.Constraint) bool {
	for _, c := range list {
		if matches(c.Value, root) != (c.Operator == model.Like) {
			return false
		}
	}
	return true
}

// Volumes names the volumes of a resident instance; each makes the unique part of an id.
func Volumes(s *model.Spec, unique func() string) (out []model.LocalVolume) {
	for _, v := range s.PersistentVolumes() {
		u := unique()
		out = append(out, model.LocalVolume{ContainerPath: v.ContainerPath, UUID: u, ID: model.Safe(s.ID()) + "#" + v.ContainerPath + "#" + u})
	}
	return out
}

// Claim is what a resident instance has reserved for it, and which volumes are made of that. The framework and role are
// those of marathon.
func Claim(i *model.Instance, f *Fit, framework, role string) (reserved, volumes []*v1.Resource) {
	labels := &v1.Labels{Labels: []*v1.Label{
		{Key: proto.String(frameworkLabel), Value: &framework}, {Key: proto.String(instanceLabel), Value: proto.String(i.ID)},
	}}
	of := func(r resources.Resources) []*v1.Resource {
		list := owned(r)
		for _, m := range list {
			m.Reservations = append(m.Reservations, &v1.Resource_ReservationInfo{Type: v1.Resource_ReservationInfo_DYNAMIC.Enum(), Role: &role, Labels: labels})
		}
		return list
	}
	for k, v := range i.Claim.Volumes {
		for _, m := range of(f.Volumes[k]) {
			if m.Disk == nil {
				m.Disk = &v1.Resource_DiskInfo{}
			}
			m.Disk.Persistence = &v1.Resource_DiskInfo_Persistence{Id: proto.String(v.ID)}
			m.Disk.Volume = &v1.Volume{ContainerPath: proto.String(v.ContainerPath), Mode: mode(false)}
			volumes = append(volumes, m)
		}
	}
	return of(f.Used), volumes
}

// Claims are what of an offer is reserved for instances of marathon, by their ids; ours says which framework ids are, or
// were, its own.
func Claims(o *Offer, ours func(framework string) bool) map[string]resources.Resources {
	var out map[string]resources.Resources
	for e := range o.Left.All() {
		id := claimedBy(e, ours)
		if _, seen := out[id]; id == "" || seen {
			continue
		}
		if out == nil {
			out = map[string]resources.Resources{}
		}
		out[id] = o.Left.Filter(func(x resources.Resource) bool { return claimedBy(x, ours) == id })
	}
	return out
}

// claimedBy is the instance that a resource is reserved for, "" if there is none.
func claimedBy(e resources.Resource, ours func(string) bool) string {
	stack := e.ReservationStack()
	if len(stack) == 0 {
		return ""
	}
	var framework, instance string
	for _, l := range stack[len(stack)-1].GetLabels().GetLabels() {
		switch l.GetKey() {
		case frameworkLabel:
			framework = l.GetValue()
		case instanceLabel:
			instance = l.GetValue()
		}
	}
	if framework == "" || !ours(framework) {
		return ""
	}
	return instance
}

// Whole says whether what is reserved for a resident instance is all that it needs to run s.
func Whole(claimed resources.Resources, s *model.Spec, i *model.Instance) (*Fit, bool) {
	there := map[string]bool{}
	for e := range claimed.Volumes().All() {
		there[e.PersistenceID()] = true
	}
	for _, v := range i.Claim.Volumes {
		if !there[v.ID] {
			return nil, false
		}
	}
	plain := claimed.Filter(func(e resources.Resource) bool { return e.PersistenceID() == "" })
	a := amounts(s.App)
	if plain.CPUs() < resources.FromFloat(a.CPUs) || plain.Mem() < resources.FromFloat(a.Mem) || plain.Disk() < resources.FromFloat(a.Disk) || plain.GPUs() < resources.FromFloat(float64(a.GPUs)) {
		return nil, false
	}
	ports := plain.PortRanges("ports")
	for _, port := range i.Ports {
		n := uint64(port)
		if port != 0 && !slices.ContainsFunc(ports, func(r resources.Range) bool { return r.Begin <= n && n <= r.End }) {
			return nil, false
		}
	}
	return &Fit{Tasks: []resources.Resources{claimed}, Ports: i.Ports, Used: claimed}, true
}

// Leftover is what is destroyed, and then given back, of what was reserved for an instance that there is no more.
func Leftover(claimed resources.Resources) (volumes, reserved []*v1.Resource) {
	list := owned(claimed)
	for _, m := range list {
		if m.GetDisk().GetPersistence() == nil {
			continue
		}
		volumes = append(volumes, proto.CloneOf(m))
		m.Disk.Persistence, m.Disk.Volume = nil, nil
		if m.Disk.Source == nil {
			m.Disk = nil
		}
	}
	return volumes, list
}

// owned are messages that may be changed.
func owned(r resources.Resources) []*v1.Resource {
	list := r.Unallocate().Proto()
	for k, m := range list {
		list[k] = proto.CloneOf(m)
	}
	return list
}
