package resources

import (
	"google.golang.org/protobuf/proto"
	"pgregory.net/rapid"

	v1 "mesos/messages/mesos/v1"
)

// The vocabulary is small, so that random entries often meet their like.

func drawMessages(t *rapid.T, label string) []*v1.Resource {
	return rapid.SliceOfN(rapid.Custom(drawMessage), 0, 8).Draw(t, label)
}

func drawMessage(t *rapid.T) *v1.Resource {
	m := &v1.Resource{Name: proto.String(rapid.SampledFrom([]string{"cpus", "mem", "disk", "ports", "zones", "bandwidth"}).Draw(t, "name"))}
	switch m.GetName() {
	case "ports":
		m.Type, m.Ranges = rangesType.Enum(), &v1.Value_Ranges{}
		at := uint64(0)
		for range rapid.IntRange(0, 3).Draw(t, "ranges") {
			begin := at + rapid.Uint64Range(0, 3).Draw(t, "gap")
			end := begin + rapid.Uint64Range(0, 4).Draw(t, "length")
			m.Ranges.Range = append(m.Ranges.Range, &v1.Value_Range{Begin: &begin, End: &end})
			at = end + 1
		}
	case "zones":
		m.Type, m.Set = setType.Enum(), &v1.Value_Set{}
		m.Set.Item = rapid.SliceOfNDistinct(rapid.SampledFrom([]string{"a", "b", "c", "d", "e"}), 0, 4, rapid.ID).Draw(t, "items")
	default:
		m.Type = scalarType.Enum()
		thousandths := rapid.OneOf(rapid.Int64Range(0, 50), rapid.Int64Range(0, int64(maxQuantity)>>20)).Draw(t, "thousandths")
		m.Scalar = &v1.Value_Scalar{Value: proto.Float64(float64(thousandths) / 1000)}
	}
	drawReservation(t, m)
	if m.GetName() == "disk" {
		drawDisk(t, m)
	}
	if rapid.IntRange(0, 3).Draw(t, "revocable") == 0 {
		m.Revocable = &v1.Resource_RevocableInfo{}
	}
	if rapid.IntRange(0, 5).Draw(t, "provider") == 0 {
		m.ProviderId = &v1.ResourceProviderID{Value: proto.String(rapid.SampledFrom([]string{"p", "q"}).Draw(t, "provider id"))}
	}
	if rapid.Bool().Draw(t, "allocated") {
		m.AllocationInfo = &v1.Resource_AllocationInfo{Role: proto.String(drawRole(t))}
	}
	return m
}

func drawRole(t *rapid.T) string {
	return rapid.SampledFrom([]string{"a", "a/b", "a/b/c", "web"}).Draw(t, "role")
}

// drawReservation makes every format of reservation.
func drawReservation(t *rapid.T, m *v1.Resource) {
	info := func() *v1.Resource_ReservationInfo {
		r := &v1.Resource_ReservationInfo{}
		if rapid.Bool().Draw(t, "principal") {
			r.Principal = proto.String(rapid.SampledFrom([]string{"", "alice", "bob"}).Draw(t, "principal name"))
		}
		if rapid.Bool().Draw(t, "labels") {
			r.Labels = drawLabels(t)
		}
		return r
	}
	switch rapid.IntRange(0, 5).Draw(t, "reservation") {
	case 0, 1: // none
	case 2: // static, old
		m.Role = proto.String(drawRole(t))
	case 3: // dynamic, old
		m.Role = proto.String(drawRole(t))
		m.Reservation = info()
	case 4: // endpoint format
		r := info()
		m.Role, m.Reservation = proto.String(drawRole(t)), r
		both := proto.CloneOf(r)
		both.Type, both.Role = dynamic.Enum(), m.Role
		m.Reservations = []*v1.Resource_ReservationInfo{both}
	case 5: // stack
		roles := []string{"a", "a/b", "a/b/c"}
		first := rapid.IntRange(0, 2).Draw(t, "first")
		for i, role := range roles[first:] {
			r := info()
			r.Role, r.Type = proto.String(role), dynamic.Enum()
			if i == 0 && rapid.Bool().Draw(t, "static") {
				r.Type = static.Enum()
			}
			m.Reservations = append(m.Reservations, r)
			if rapid.Bool().Draw(t, "stop") {
				break
			}
		}
	}
}

func drawLabels(t *rapid.T) *v1.Labels {
	l := &v1.Labels{}
	for range rapid.IntRange(0, 2).Draw(t, "label count") {
		label := &v1.Label{Key: proto.String(rapid.SampledFrom([]string{"k", "l"}).Draw(t, "key"))}
		if rapid.Bool().Draw(t, "has value") {
			label.Value = proto.String("v")
		}
		l.Labels = append(l.Labels, label)
	}
	return l
}

func drawDisk(t *rapid.T, m *v1.Resource) {
	type source = v1.Resource_DiskInfo_Source
	var d v1.Resource_DiskInfo
	switch rapid.IntRange(0, 6).Draw(t, "source") {
	case 0, 1:
		return
	case 2:
		d.Source = &source{Type: v1.Resource_DiskInfo_Source_PATH.Enum(), Path: &v1.Resource_DiskInfo_Source_Path{Root: proto.String("/p")}}
	case 3:
		d.Source = &source{Type: v1.Resource_DiskInfo_Source_MOUNT.Enum(), Mount: &v1.Resource_DiskInfo_Source_Mount{Root: proto.String("/m")}}
	case 4:
		d.Source = &source{Type: v1.Resource_DiskInfo_Source_RAW.Enum(), Metadata: drawLabels(t)}
		if rapid.Bool().Draw(t, "raw id") {
			d.Source.Id = proto.String("r")
		}
	}
	if rapid.Bool().Draw(t, "persistent") {
		d.Persistence = &v1.Resource_DiskInfo_Persistence{Id: proto.String(rapid.SampledFrom([]string{"v1", "v2"}).Draw(t, "volume id")), Principal: proto.String("alice")}
		d.Volume = &v1.Volume{Mode: v1.Volume_RW.Enum(), ContainerPath: proto.String(rapid.SampledFrom([]string{"x", "y"}).Draw(t, "path"))}
		if rapid.Bool().Draw(t, "shared") {
			m.Shared = &v1.Resource_SharedInfo{}
		}
	}
	m.Disk = &d
}
