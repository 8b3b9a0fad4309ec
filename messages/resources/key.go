package resources

import (
	"cmp"
	"encoding/binary"
	"slices"

	v1 "mesos/messages/mesos/v1"
)

// Keys are canonical: equal exactly for equal kinds. Strings are written so that
// keys sort as the strings do and no two sequences of strings look alike: 0, 1
// ends a string, and a 0 inside one is followed by 0xff.

const (
	absent  = 0
	present = 1
)

// wellKnown are the names that come first, in this order.
var wellKnown = []string{"cpus", "gpus", "mem", "disk", "ports"}

func appendName(b []byte, name string) []byte {
	rank := slices.Index(wellKnown, name)
	if rank < 0 {
		rank = len(wellKnown)
	}
	return appendString(append(b, byte(rank)), name)
}

func appendString(b []byte, s string) []byte {
	for i := range len(s) {
		b = append(b, s[i])
		if s[i] == 0 {
			b = append(b, 0xff)
		}
	}
	return append(b, 0, 1)
}

func appendOptional(b []byte, s *string) []byte {
	if s == nil {
		return append(b, absent)
	}
	return appendString(append(b, present), *s)
}

func appendFlag(b []byte, set bool) []byte {
	if set {
		return append(b, present)
	}
	return append(b, absent)
}

// appendKey writes the key of a validated entry. size is nil unless it is atomic.
func appendKey(b []byte, m *v1.Resource, stack []*v1.Resource_ReservationInfo, size *Quantity) []byte {
	b = appendName(b, m.GetName())
	b = append(b, byte(m.GetType()))
	for _, r := range stack {
		b = append(b, present)
		b = appendString(b, r.GetRole())
		b = append(b, byte(r.GetType()))
		b = appendOptional(b, r.Principal)
		b = appendLabels(b, r.Labels)
	}
	b = append(b, absent)
	b = appendDisk(b, m.Disk)
	b = appendFlag(b, m.ProviderId != nil)
	if m.ProviderId != nil {
		b = appendString(b, m.ProviderId.GetValue())
	}
	b = appendFlag(b, m.Revocable != nil)
	b = appendFlag(b, m.Shared != nil)
	b = appendFlag(b, size != nil)
	if size != nil {
		b = binary.BigEndian.AppendUint64(b, uint64(*size))
	}
	return b
}

// appendDisk leaves out volume and persistence.principal, which do not tell
// kinds apart.
func appendDisk(b []byte, d *v1.Resource_DiskInfo) []byte {
	b = appendFlag(b, d != nil)
	if d == nil {
		return b
	}
	b = appendFlag(b, d.Persistence != nil)
	if d.Persistence != nil {
		b = appendString(b, d.Persistence.GetId())
	}
	s := d.Source
	b = appendFlag(b, s != nil)
	if s == nil {
		return b
	}
	b = append(b, byte(s.GetType()))
	b = appendFlag(b, s.Path != nil)
	if s.Path != nil {
		b = appendOptional(b, s.Path.Root)
	}
	b = appendFlag(b, s.Mount != nil)
	if s.Mount != nil {
		b = appendOptional(b, s.Mount.Root)
	}
	b = appendOptional(b, s.Vendor)
	b = appendOptional(b, s.Id)
	b = appendLabels(b, s.Metadata)
	return appendOptional(b, s.Profile)
}

// appendLabels writes l in sorted order, whatever order it has.
func appendLabels(b []byte, l *v1.Labels) []byte {
	if l == nil {
		return append(b, absent)
	}
	b = append(b, present)
	labels := l.Labels
	if !slices.IsSortedFunc(labels, compareLabels) {
		labels = slices.SortedFunc(slices.Values(labels), compareLabels)
	}
	for _, label := range labels {
		b = append(b, present)
		b = appendString(b, label.GetKey())
		b = appendOptional(b, label.Value)
	}
	return append(b, absent)
}

func compareLabels(a, b *v1.Label) int {
	return cmp.Or(
		cmp.Compare(a.GetKey(), b.GetKey()),
		compareBools(a.Value != nil, b.Value != nil),
		cmp.Compare(a.GetValue(), b.GetValue()),
	)
}

func compareBools(a, b bool) int {
	switch {
	case a == b:
		return 0
	case b:
		return -1
	}
	return 1
}
