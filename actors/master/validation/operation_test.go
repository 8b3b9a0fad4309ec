package validation

import (
	"strings"
	"testing"

	"google.golang.org/protobuf/proto"

	v1 "mesos/messages/mesos/v1"
	"mesos/messages/resources"
)

// disk is space on the root disk, reserved to the given roles one above the other.
func disk(mb float64, roles ...string) *v1.Resource {
	r := &v1.Resource{Name: proto.String("disk"), Type: v1.Value_SCALAR.Enum(), Scalar: &v1.Value_Scalar{Value: &mb}}
	for _, role := range roles {
		r.Reservations = append(r.Reservations, &v1.Resource_ReservationInfo{Type: v1.Resource_ReservationInfo_DYNAMIC.Enum(), Role: &role, Principal: proto.String("me")})
	}
	return r
}

func persistent(r *v1.Resource, id, principal string, shared bool) *v1.Resource {
	r.Disk = &v1.Resource_DiskInfo{
		Persistence: &v1.Resource_DiskInfo_Persistence{Id: &id, Principal: &principal},
		Volume:      &v1.Volume{Mode: v1.Volume_RW.Enum(), ContainerPath: proto.String("data")},
	}
	if shared {
		r.Shared = &v1.Resource_SharedInfo{}
	}
	return r
}

func reserveOf(list ...*v1.Resource) *v1.Offer_Operation {
	return &v1.Offer_Operation{Type: v1.Offer_Operation_RESERVE.Enum(), Reserve: &v1.Offer_Operation_Reserve{Resources: list}}
}

func createOf(list ...*v1.Resource) *v1.Offer_Operation {
	return &v1.Offer_Operation{Type: v1.Offer_Operation_CREATE.Enum(), Create: &v1.Offer_Operation_Create{Volumes: list}}
}

func destroyOf(list ...*v1.Resource) *v1.Offer_Operation {
	return &v1.Offer_Operation{Type: v1.Offer_Operation_DESTROY.Enum(), Destroy: &v1.Offer_Operation_Destroy{Volumes: list}}
}

func provided(r *v1.Resource, by string) *v1.Resource {
	r.ProviderId = &v1.ResourceProviderID{Value: &by}
	return r
}

// raw is storage of a provider with the given profile, "" for none.
func raw(mb float64, profile string) *v1.Resource {
	r := provided(disk(mb), "p")
	r.Disk = &v1.Resource_DiskInfo{Source: &v1.Resource_DiskInfo_Source{Type: v1.Resource_DiskInfo_Source_RAW.Enum()}}
	if profile != "" {
		r.Disk.Source.Profile = &profile
	}
	return r
}

func createDiskOf(r *v1.Resource) *v1.Offer_Operation {
	return &v1.Offer_Operation{Type: v1.Offer_Operation_CREATE_DISK.Enum(), CreateDisk: &v1.Offer_Operation_CreateDisk{Source: r, TargetType: v1.Resource_DiskInfo_Source_MOUNT.Enum()}}
}

func destroyDiskOf(r *v1.Resource) *v1.Offer_Operation {
	return &v1.Offer_Operation{Type: v1.Offer_Operation_DESTROY_DISK.Enum(), DestroyDisk: &v1.Offer_Operation_DestroyDisk{Source: r}}
}

// Disks are made by providers: the plan has what goes, and not yet what comes.
func TestDiskOperation(t *testing.T) {
	made := func(r *v1.Resource) *v1.Resource {
		r.Disk.Source.Type, r.Disk.Source.Id = v1.Resource_DiskInfo_Source_MOUNT.Enum(), proto.String("d")
		return r
	}
	with := func(op *v1.Offer_Operation, change func(d *v1.Offer_Operation_CreateDisk)) *v1.Offer_Operation {
		change(op.CreateDisk)
		return op
	}
	volume := made(raw(5, "fast"))
	volume.Disk.Persistence = &v1.Resource_DiskInfo_Persistence{Id: proto.String("v")}
	revocable := raw(5, "fast")
	revocable.Revocable = &v1.Resource_RevocableInfo{}
	for _, c := range []struct {
		name string
		op   *v1.Offer_Operation
		want string // part of the error, "" for none
	}{
		{"create", createDiskOf(raw(5, "fast")), ""},
		{"create with a profile", with(createDiskOf(raw(5, "")), func(d *v1.Offer_Operation_CreateDisk) { d.TargetProfile = proto.String("slow") }), ""},
		{"create without a profile", createDiskOf(raw(5, "")), "create_disk.target_profile must be set"},
		{"create with two profiles", with(createDiskOf(raw(5, "fast")), func(d *v1.Offer_Operation_CreateDisk) { d.TargetProfile = proto.String("slow") }), `create_disk.target_profile "slow" must not be set`},
		{"create a raw one", with(createDiskOf(raw(5, "fast")), func(d *v1.Offer_Operation_CreateDisk) { d.TargetType = v1.Resource_DiskInfo_Source_RAW.Enum() }), "create_disk.target_type RAW must be"},
		{"create of a disk", createDiskOf(made(raw(5, "fast"))), "disk.source.type MOUNT must be RAW"},
		{"create of plain space", createDiskOf(provided(disk(5), "p")), "has no disk.source"},
		{"create of revocable", createDiskOf(revocable), "is revocable"},
		{"destroy", destroyDiskOf(made(raw(5, "fast"))), ""},
		{"destroy storage", destroyDiskOf(raw(5, "fast")), "disk.source.id must be set"},
		{"destroy a volume", destroyDiskOf(volume), `persistent volume "v"`},
		{"destroy nothing", &v1.Offer_Operation{Type: v1.Offer_Operation_DESTROY_DISK.Enum()}, "the field of that name must be set"},
	} {
		p, err := Operation(c.op, OperationContext{Role: "a", Framework: &v1.FrameworkInfo{}})
		want(t, c.name, err, c.want)
		if err == nil && (!p.Later || p.Provider != "p" || p.Consumed.IsEmpty() || !p.Converted.IsEmpty()) {
			t.Errorf("%s: plan %+v, want one of provider p that consumes a disk, with its result unknown", c.name, p)
		}
	}
}

func TestOperation(t *testing.T) {
	total, err := resources.FromProto([]*v1.Resource{disk(100), persistent(disk(5, "a"), "old", "me", false)})
	if err != nil {
		t.Fatal(err)
	}
	framework := &v1.FrameworkInfo{Principal: proto.String("me")}
	context := func(change func(*OperationContext)) OperationContext {
		c := OperationContext{
			Framework: framework, Role: "a", Total: total,
			Capabilities: []v1.AgentInfo_Capability_Type{v1.AgentInfo_Capability_RESIZE_VOLUME, v1.AgentInfo_Capability_AGENT_OPERATION_FEEDBACK},
			IDExists:     func(id string) bool { return id == "used" },
			InUse:        func(v resources.Resource) bool { return v.PersistenceID() == "busy" },
		}
		if change != nil {
			change(&c)
		}
		return c
	}
	operator := func(c *OperationContext) { c.Framework, c.Role = nil, "" }
	able := func(c *OperationContext) {
		c.Framework = &v1.FrameworkInfo{Capabilities: []*v1.FrameworkInfo_Capability{
			{Type: v1.FrameworkInfo_Capability_RESERVATION_REFINEMENT.Enum()}, {Type: v1.FrameworkInfo_Capability_SHARED_RESOURCES.Enum()},
		}}
	}
	named := func(op *v1.Offer_Operation, id string) *v1.Offer_Operation {
		op.Id = &v1.OperationID{Value: &id}
		return op
	}
	allocated := disk(1, "a")
	allocated.AllocationInfo = &v1.Resource_AllocationInfo{Role: proto.String("b")}
	foreign := disk(1, "a")
	foreign.Reservations[0].Principal = proto.String("you")
	refined := disk(1, "a", "a/b")
	for _, c := range []struct {
		name   string
		op     *v1.Offer_Operation
		change func(*OperationContext)
		want   string // part of the error, "" for none
	}{
		{"reserve", reserveOf(disk(1, "a")), nil, ""},
		{"reserve with id", named(reserveOf(disk(1, "a")), "new"), nil, ""},
		{"id in use", named(reserveOf(disk(1, "a")), "used"), nil, `id "used" is already used`},
		{"empty id", named(reserveOf(disk(1, "a")), ""), nil, "id must not be empty"},
		{"id for an old agent", named(reserveOf(disk(1, "a")), "new"), func(c *OperationContext) { c.Capabilities = nil }, "AGENT_OPERATION_FEEDBACK"},
		{"reserve for another role", reserveOf(disk(1, "b")), nil, `role "b", and was offered to role "a"`},
		{"operator reserves for any role", reserveOf(disk(1, "b")), operator, ""},
		{"allocated to another role", reserveOf(allocated), nil, `allocation_info.role "b"`},
		{"another's principal", reserveOf(foreign), nil, `principal "you" is not the framework's own`},
		{"operator for any principal", reserveOf(foreign), operator, ""},
		{"refinement without the capability", reserveOf(refined), func(c *OperationContext) { c.Role = "a/b" }, "RESERVATION_REFINEMENT"},
		{"refinement", reserveOf(refined), func(c *OperationContext) { able(c); c.Role = "a/b" }, ""},
		{"create", createOf(persistent(disk(1, "a"), "new", "me", false)), nil, ""},
		{"create of an id in use", createOf(persistent(disk(1, "a"), "old", "me", false)), nil, `"old" is the id of a volume`},
		{"create of the id for another role", createOf(persistent(disk(1, "b"), "old", "me", false)), nil, ""},
		{"create for another's principal", createOf(persistent(disk(1, "a"), "new", "you", false)), nil, `principal "you"`},
		{"create shared without the capability", createOf(persistent(disk(1, "a"), "new", "me", true)), nil, "SHARED_RESOURCES"},
		{"create shared", createOf(persistent(disk(1, "a"), "new", "me", true)), able, ""},
		{"destroy", destroyOf(persistent(disk(5, "a"), "old", "me", false)), nil, ""},
		{"destroy in use", destroyOf(persistent(disk(5, "a"), "busy", "me", false)), nil, `"busy" of role "a" is used by a task`},
		{"grow on an old agent", &v1.Offer_Operation{
			Type: v1.Offer_Operation_GROW_VOLUME.Enum(), GrowVolume: &v1.Offer_Operation_GrowVolume{Volume: persistent(disk(5, "a"), "old", "me", false), Addition: disk(1, "a")},
		}, func(c *OperationContext) { c.Capabilities = nil }, "RESIZE_VOLUME"},
		{"create disk of nothing", &v1.Offer_Operation{Type: v1.Offer_Operation_CREATE_DISK.Enum()}, nil, "the field of that name must be set"},
		{"create disk of the agent's own", createDiskOf(disk(1)), nil, "has no provider_id"},
		{"two providers", reserveOf(provided(disk(1, "a"), "p"), provided(disk(1, "a"), "q")), nil, `resource providers "p" and "q"`},
		{"provider and agent", reserveOf(disk(1, "a"), provided(disk(1, "a"), "q")), nil, `resource providers "" and "q"`},
		{"reserve of a provider", reserveOf(provided(disk(1, "a"), "p")), nil, ""},
		{"unknown", &v1.Offer_Operation{}, nil, "type UNKNOWN is no operation"},
	} {
		p, err := Operation(c.op, context(c.change))
		want(t, c.name, err, c.want)
		if err != nil {
			continue
		}
		role := context(c.change).Role
		if id, _ := p.Consumed.OneProvider(); p.Provider != id || p.Later {
			t.Errorf("%s: provider %q, later %v, want %q and a conversion", c.name, p.Provider, p.Later, id)
		}
		for e := range p.Consumed.Add(p.Converted).All() {
			if e.AllocationRole() != role {
				t.Errorf("%s: %v is not allocated to %q", c.name, e, role)
			}
		}
		if again, err := resources.Convert(p.Info); err != nil || !again.Converted.Equal(p.Unallocated().Converted) {
			t.Errorf("%s: the agent makes %v, %v of it, want %v", c.name, again.Converted, err, p.Unallocated().Converted)
		}
	}
}

// An operation in the form before refinement reaches the agent in the one after it.
func TestOperationInTheOldForm(t *testing.T) {
	old := disk(1)
	old.Role, old.Reservation = proto.String("a"), &v1.Resource_ReservationInfo{Principal: proto.String("me")}
	p, err := Operation(reserveOf(old), OperationContext{Role: "a", Framework: &v1.FrameworkInfo{}})
	if err != nil {
		t.Fatal(err)
	}
	if got := p.Info.GetReserve().GetResources()[0]; got.Role != nil || len(got.GetReservations()) != 1 || strings.Contains(got.String(), "allocation_info") {
		t.Errorf("the agent gets %v, want one reservation in the new form and no allocation", got)
	}
}
