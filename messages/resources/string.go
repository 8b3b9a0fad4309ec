package resources

import (
	"strconv"
	"strings"

	v1 "mesos/messages/mesos/v1"
)

// String prints r for people. As far as the text form of [Parse] can say what
// the entries are, Parse reads it back: "cpus:4; cpus(web):2; ports:[1-2]".
// Empty is "{}".
func (r Resources) String() string {
	if r.IsEmpty() {
		return nothing
	}
	var b []byte
	for i, e := range r.entries {
		if i > 0 {
			b = append(b, "; "...)
		}
		b = e.append(b)
	}
	return string(b)
}

// String prints one entry as it stands in the text of [Resources.String].
func (e Resource) String() string { return string(e.append(nil)) }

func (e Resource) append(b []byte) []byte {
	b = append(b, e.kind.name...)
	b = e.appendReservations(b)
	if e.kind.alloc != "" {
		b = append(b, "(allocated: "+e.kind.alloc+")"...)
	}
	if d := e.Disk(); d != nil {
		b = append(b, "["+diskText(d)+"]"...)
	}
	if id := e.ProviderID(); id != "" {
		b = append(b, "(provider: "+id+")"...)
	}
	if e.kind.revocable {
		b = append(b, "{REV}"...)
	}
	if e.kind.shared {
		b = append(b, "<SHARED>"...)
	}
	b = append(b, ':')
	switch {
	case e.kind.atomic:
		b = e.kind.size.append(b)
		if e.amount != 1 {
			b = append(b, "<"+strconv.FormatInt(int64(e.amount), 10)+">"...)
		}
	case e.kind.typ == scalarType:
		b = e.amount.append(b)
	case e.kind.typ == rangesType:
		b = appendRanges(b, e.ranges)
	default:
		b = appendItems(b, e.items())
	}
	return b
}

// appendReservations prints a plain static reservation as (role), all others as
// a list of (TYPE,role,principal,labels).
func (e Resource) appendReservations(b []byte) []byte {
	stack := e.kind.reservations
	if len(stack) == 0 {
		return b
	}
	if r := stack[0]; len(stack) == 1 && r.GetType() == static && r.Principal == nil && r.Labels == nil {
		return append(b, "("+r.GetRole()+")"...)
	}
	b = append(b, "(reservations: ["...)
	for i, r := range stack {
		if i > 0 {
			b = append(b, ", "...)
		}
		b = append(b, "("+r.GetType().String()+","+r.GetRole()...)
		if r.Principal != nil {
			b = append(b, ","+r.GetPrincipal()...)
		}
		for _, l := range r.Labels.GetLabels() {
			b = append(b, ","+l.GetKey()...)
			if l.Value != nil {
				b = append(b, "="+l.GetValue()...)
			}
		}
		b = append(b, ')')
	}
	return append(b, "])"...)
}

// diskText prints "MOUNT /mnt/a, volume-id:container/path".
func diskText(d *v1.Resource_DiskInfo) string {
	var parts []string
	if s := d.Source; s != nil {
		words := []string{s.GetType().String()}
		for _, w := range []string{s.GetPath().GetRoot(), s.GetMount().GetRoot(), s.GetVendor(), s.GetId(), s.GetProfile()} {
			if w != "" {
				words = append(words, w)
			}
		}
		parts = append(parts, strings.Join(words, " "))
	}
	if id := d.GetPersistence().GetId(); id != "" {
		if path := d.GetVolume().GetContainerPath(); path != "" {
			id += ":" + path
		}
		parts = append(parts, id)
	}
	return strings.Join(parts, ", ")
}
