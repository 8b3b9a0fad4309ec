package fault

import (
	"google.golang.org/protobuf/proto"
	"google.golang.org/protobuf/reflect/protoreflect"

	"mesos/actors"
)

// Kind is a message's name without its package, and the type where it has one: "Call.ACCEPT", "StatusUpdateMessage".
func Kind(m proto.Message) string {
	r := m.ProtoReflect()
	d := r.Descriptor()
	field := typeField(d)
	if field == nil || !r.Has(field) {
		return string(d.Name())
	}
	return kind(d, field.Enum().Values().ByNumber(r.Get(field).Enum()))
}

// typeField is the enum by which messages like calls and events tell their types, nil in others.
func typeField(d protoreflect.MessageDescriptor) protoreflect.FieldDescriptor {
	field := d.Fields().ByName("type")
	if field == nil || field.Kind() != protoreflect.EnumKind {
		return nil
	}
	return field
}

// kind is a message's name with its type; nil is a type that this program does not know.
func kind(d protoreflect.MessageDescriptor, typ protoreflect.EnumValueDescriptor) string {
	if typ == nil {
		return string(d.Name())
	}
	return string(d.Name()) + "." + string(typ.Name())
}

// matches says that r is about e, in this program.
func (f *Faults) matches(r *Rule, e actors.Envelope) bool {
	switch {
	case r.Hangup && f.o.Part != nil:
		return false // the network itself keeps them apart
	case r.Of != Here && !f.o.Harness:
		if (r.Of == Receiver) != e.Incoming {
			return false // it is the other program's rule
		}
	case f.arrives(r):
		return e.Incoming && r.matches(e, false)
	}
	return r.matches(e, f.o.EveryEnd)
}

// arrives says that r acts on a message where it comes, though its direction is open: what is under way when its sender
// crashes is lost with it, so to crash after it is to crash after it came.
func (f *Faults) arrives(r *Rule) bool {
	return r.Action == Crash && r.After && f.o.EveryEnd && r.Direction == Both
}

// matches says that r is about e. everyEnd: e is seen both where it is sent and where it arrives.
func (r *Rule) matches(e actors.Envelope, everyEnd bool) bool {
	switch {
	case r.Direction == In && !e.Incoming, r.Direction == Out && e.Incoming:
		return false
	case r.Direction == Both && everyEnd && e.Incoming:
		return false // it was decided where it was sent
	case r.Action == Partition && !r.parts(e):
		return false
	}
	return wild(r.From, e.From.String()) && wild(r.To, e.To.String()) && r.about(e.Message)
}

func (r *Rule) about(m proto.Message) bool {
	if r.Message == "" {
		return true
	}
	d := m.ProtoReflect().Descriptor()
	return wild(r.Message, string(d.Name())) || wild(r.Message, string(d.FullName())) || wild(r.Message, Kind(m))
}

func (r *Rule) parts(e actors.Envelope) bool {
	if e.From.Addr == e.To.Addr {
		return false
	}
	return r.crosses(e.From.Addr, e.To.Addr) || !r.OneWay && r.crosses(e.To.Addr, e.From.Addr)
}

func (r *Rule) crosses(from, to string) bool {
	if len(r.B) == 0 {
		return among(r.A, from) && !among(r.A, to)
	}
	return among(r.A, from) && among(r.B, to)
}

func among(patterns []string, addr string) bool {
	for _, p := range patterns {
		if wild(p, addr) {
			return true
		}
	}
	return false
}

// wild matches text with a pattern of * and ?; an empty pattern matches everything. It needs no more time than the
// product of both lengths.
func wild(pattern, text string) bool {
	if pattern == "" {
		return true
	}
	p, t, star, mark := 0, 0, -1, 0
	for t < len(text) {
		switch {
		case p < len(pattern) && pattern[p] == '*':
			star, mark = p, t
			p++
		case p < len(pattern) && (pattern[p] == '?' || pattern[p] == text[t]):
			p++
			t++
		case star >= 0:
			mark++
			p, t = star+1, mark
		default:
			return false
		}
	}
	for p < len(pattern) && pattern[p] == '*' {
		p++
	}
	return p == len(pattern)
}
