package mesosjson

import (
	"fmt"
	"reflect"
	"sync"

	"google.golang.org/protobuf/proto"
	"google.golang.org/protobuf/reflect/protoreflect"
)

// plan is what is to be known about one message type. It never changes once
// planOf has returned it, and is shared by all goroutines.
type plan struct {
	name   string       // full protobuf name
	goType reflect.Type // the struct
	fields []*field     // in declaration order
	byName map[string]*field

	required []*field
}

// shape is how a field sits in its struct.
type shape uint8

const (
	pointer  shape = iota // *scalar, *message, []byte: nil is unset
	implicit              // proto3 scalar: zero is unset
	oneof                 // member of an interface field
	list
	mapping // with string keys; there are no others on the Mesos wire
)

// field is the plan of one field of a message.
type field struct {
	name     string
	key      string // `"name":`
	order    int    // position in plan.fields
	index    int    // of the struct field; of the interface for a oneof member
	shape    shape
	required bool
	absent   string       // what is written when unset: "" or `"name":default,`
	wrapper  reflect.Type // oneof: struct type that the interface points to
	value    value        // of the field, the list's element or the map's value
}

// value is the plan of a single value.
type value struct {
	kind    protoreflect.Kind
	goType  reflect.Type // as stored; the struct for messages
	message *plan
	enum    *enum
}

var plans sync.Map // reflect.Type of the struct -> *plan, complete ones only

// planOf returns the plan for the message type that m has.
func planOf(m proto.Message) (*plan, error) {
	t := reflect.TypeOf(m)
	if t == nil {
		return nil, errorf("is nil")
	}
	if t.Kind() == reflect.Pointer {
		if p, ok := plans.Load(t.Elem()); ok {
			return p.(*plan), nil
		}
	}
	b := builder{started: map[reflect.Type]*plan{}}
	p, err := b.plan(m.ProtoReflect().Type())
	if err != nil {
		return nil, errorf("cannot be written as JSON: %v", err)
	}
	for t, p := range b.started {
		plans.LoadOrStore(t, p)
	}
	return p, nil
}

// builder makes a plan and the plans of all messages in it. Types may be
// recursive, so a started plan is used before it is complete; nothing leaves
// the builder before all are.
type builder struct {
	started map[reflect.Type]*plan
}

func (b *builder) plan(mt protoreflect.MessageType) (*plan, error) {
	empty := mt.New()
	ptr := reflect.TypeOf(empty.Interface())
	name := string(mt.Descriptor().FullName())
	if ptr.Kind() != reflect.Pointer || ptr.Elem().Kind() != reflect.Struct {
		return nil, fmt.Errorf("%s is not a generated message", name)
	}
	if p, ok := b.started[ptr.Elem()]; ok {
		return p, nil
	}
	p := &plan{name: name, goType: ptr.Elem(), byName: map[string]*field{}}
	b.started[p.goType] = p
	places, err := structPlaces(p.goType)
	if err != nil {
		return nil, err
	}
	fds := mt.Descriptor().Fields()
	for i := range fds.Len() {
		f, err := b.field(mt, fds.Get(i), places)
		if err != nil {
			return nil, err
		}
		f.order = i
		p.fields = append(p.fields, f)
		p.byName[f.name] = f
		if f.required {
			p.required = append(p.required, f)
		}
	}
	return p, nil
}
