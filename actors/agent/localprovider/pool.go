package localprovider

import (
	"errors"
	"fmt"
	"path/filepath"
	"slices"

	"google.golang.org/protobuf/proto"

	"mesos/messages/ids"
	v1 "mesos/messages/mesos/v1"
	"mesos/messages/resources"
)

// pool is what a provider of directories has and what was done to it. It is pure:
// who calls it touches the disk.
type pool struct {
	id      string // "" until the agent gave one
	size    resources.Quantity
	profile string
	stack   []*v1.Resource_ReservationInfo // default reservations
	root    string                         // of the directories that disks are

	made       resources.Resources // all but the storage that nothing was made of yet
	operations map[string]*v1.Operation
}

// storage is an amount of what nothing was made of yet.
func (p *pool) storage(amount resources.Quantity) (resources.Resources, error) {
	if amount == 0 {
		return resources.Resources{}, nil
	}
	return resources.FromProto([]*v1.Resource{{
		Name: proto.String("disk"), Type: v1.Value_SCALAR.Enum(), Scalar: &v1.Value_Scalar{Value: proto.Float64(amount.Float())},
		Reservations: p.stack, ProviderId: ids.Provider(p.id),
		Disk: &v1.Resource_DiskInfo{Source: &v1.Resource_DiskInfo_Source{Type: v1.Resource_DiskInfo_Source_RAW.Enum(), Profile: &p.profile}},
	}})
}

// isStorage says whether nothing was made of e yet.
func (p *pool) isStorage(e resources.Resource) bool {
	s := e.Disk().GetSource()
	return s.GetType() == v1.Resource_DiskInfo_Source_RAW && s.Id == nil &&
		slices.EqualFunc(e.ReservationStack(), p.stack, func(a, b *v1.Resource_ReservationInfo) bool { return proto.Equal(a, b) })
}

// total is all that the pool has. It fails if more was made than there is.
func (p *pool) total() (resources.Resources, error) {
	used := p.made.Scalar("disk")
	if used > p.size {
		return p.made, fmt.Errorf("size %v MB is less than the %v MB that are reserved or made disks", p.size, used)
	}
	free, err := p.storage(p.size - used)
	return free.Add(p.made), err
}

// plan is what an operation would do.
type plan struct {
	resources.Conversion
	disk string // id of the disk that is made or unmade, "" for none
}

// plan works out an operation, of which uuid names the disk that it makes.
func (p *pool) plan(op *v1.Offer_Operation, uuid []byte) (plan, error) {
	if !resources.IsDiskOperation(op) {
		c, err := resources.Convert(op)
		return plan{Conversion: c.Unallocated()}, err
	}
	source, err := resources.DiskSource(op)
	if err != nil {
		return plan{}, err
	}
	source = source.Unallocate()
	x := plan{Conversion: resources.Conversion{Consumed: source}}
	m := source.Proto()[0]
	m.Disk = proto.CloneOf(m.Disk)
	if op.GetType() == v1.Offer_Operation_CREATE_DISK {
		x.disk = fmt.Sprintf("%x", uuid)
		err = p.asDisk(m.Disk, op.GetCreateDisk(), x.disk)
	} else {
		x.disk = m.GetDisk().GetSource().GetId()
		err = p.asStorage(m.Disk, source)
	}
	if err == nil {
		x.Converted, err = resources.FromProto([]*v1.Resource{m})
	}
	return x, err
}

// asDisk makes of storage the disk of that id.
func (p *pool) asDisk(d *v1.Resource_DiskInfo, op *v1.Offer_Operation_CreateDisk, id string) error {
	root := filepath.Join(p.root, id)
	if op.TargetProfile != nil && op.GetTargetProfile() != p.profile {
		return fmt.Errorf("create_disk.target_profile %q is not %q, the pool's", op.GetTargetProfile(), p.profile)
	}
	d.Source = &v1.Resource_DiskInfo_Source{Type: op.TargetType, Id: &id, Profile: &p.profile}
	switch op.GetTargetType() {
	case v1.Resource_DiskInfo_Source_MOUNT:
		d.Source.Mount = &v1.Resource_DiskInfo_Source_Mount{Root: &root}
	case v1.Resource_DiskInfo_Source_PATH:
		d.Source.Path = &v1.Resource_DiskInfo_Source_Path{Root: &root}
	default:
		return fmt.Errorf("create_disk.target_type %v must be MOUNT or PATH: directories are no block devices", op.GetTargetType())
	}
	return nil
}

// asStorage makes of a disk, which must be whole, the storage that it was.
func (p *pool) asStorage(d *v1.Resource_DiskInfo, source resources.Resources) error {
	id := d.GetSource().GetId()
	if id == "" {
		return errors.New("destroy_disk.source: disk.source.id is not that of a disk of the pool")
	}
	all := p.made.Filter(func(e resources.Resource) bool { return e.Disk().GetSource().GetId() == id })
	if !all.Equal(source) {
		return fmt.Errorf("destroy_disk.source %v must be the whole disk: %v", source, all)
	}
	d.Source = &v1.Resource_DiskInfo_Source{Type: v1.Resource_DiskInfo_Source_RAW.Enum(), Profile: &p.profile}
	return nil
}

// check says why a plan cannot be carried out on what there is.
func (p *pool) check(x plan) error {
	total, err := p.total()
	if err == nil {
		_, err = total.Apply(x.Conversion)
	}
	return err
}

// apply carries out a plan that was checked.
func (p *pool) apply(x plan) error {
	total, err := p.total()
	if err != nil {
		return err
	}
	if total, err = total.Apply(x.Conversion); err == nil {
		p.made = total.Filter(func(e resources.Resource) bool { return !p.isStorage(e) })
	}
	return err
}

// diskIDs are the ids of the disks that were made.
func (p *pool) diskIDs() map[string]bool {
	out := map[string]bool{}
	for e := range p.made.All() {
		if id := e.Disk().GetSource().GetId(); id != "" {
			out[id] = true
		}
	}
	return out
}

// rename gives the pool another id.
func (p *pool) rename(id string) error {
	list := p.made.Proto()
	for _, m := range list {
		m.ProviderId = ids.Provider(id)
	}
	made, err := resources.FromProto(list)
	if err != nil {
		return err
	}
	p.id, p.made = id, made
	p.operations = map[string]*v1.Operation{} // of another provider: nobody asks for them
	return nil
}
