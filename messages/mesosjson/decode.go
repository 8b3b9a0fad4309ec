package mesosjson

import (
	"reflect"

	"google.golang.org/protobuf/proto"
	"google.golang.org/protobuf/reflect/protoreflect"
)

// Unmarshal sets m to the message that data holds. What m held before is gone.
// The error, always an *Error, names the field and what would be right; m is
// empty then. Strings and bytes of m are copies, data may be used again.
func Unmarshal(data []byte, m proto.Message) error {
	p, err := planOf(m)
	if err != nil {
		return err
	}
	v := reflect.ValueOf(m)
	if v.IsNil() {
		return errorf("has nowhere to go: the destination is nil")
	}
	proto.Reset(m)
	d := decoder{data: data}
	e := d.message(p, v.Elem())
	if d.next(); e == nil && d.pos < len(data) {
		e = d.syntax("the end")
	}
	if e != nil {
		proto.Reset(m)
		return e
	}
	return nil
}

// message reads an object into a struct.
func (d *decoder) message(p *plan, v reflect.Value) *Error {
	if d.next() != '{' {
		return d.unexpected("an object")
	}
	var late pending
	guess := 0
	err := d.object(func(key []byte) *Error {
		f := p.find(key, guess)
		if f == nil {
			return d.skip()
		}
		guess = f.order + 1
		late.drop(f.name)
		err := d.field(f, v.Field(f.index))
		if err == nil {
			return nil
		}
		return late.add(d, f.name, err.in(f.name))
	})
	if err != nil {
		return err
	}
	if err := late.first(); err != nil {
		return err
	}
	return p.missing(v)
}

// find looks a key up, first where it stands if keys come in declaration order
// and few are left out.
func (p *plan) find(key []byte, guess int) *field {
	if guess < len(p.fields) && p.fields[guess].name == string(key) {
		return p.fields[guess]
	}
	return p.byName[string(key)]
}

// missing reports the first required field that is not set.
func (p *plan) missing(v reflect.Value) *Error {
	for _, f := range p.required {
		if v.Field(f.index).IsNil() {
			return errorf("is required").in(f.name)
		}
	}
	return nil
}

// field reads the value of a known key. Whatever an earlier value of the same
// key has left is replaced.
func (d *decoder) field(f *field, v reflect.Value) *Error {
	if f.shape != oneof || f.member(v).IsValid() {
		v.SetZero()
	}
	if d.null() {
		return nil
	}
	switch f.shape {
	case list:
		return d.list(f, v)
	case mapping:
		return d.mapping(f, v)
	case oneof:
		w := reflect.New(f.wrapper)
		set, err := d.into(&f.value, w.Elem().Field(0))
		if set {
			v.Set(w)
		}
		return err
	case pointer:
		if v.Kind() != reflect.Pointer || f.value.message != nil {
			break
		}
		p := reflect.New(f.value.goType)
		set, err := d.into(&f.value, p.Elem())
		if set {
			v.Set(p)
		} else if err == nil && f.required {
			err = errorf("has no value %s%s", quote(d.unknown), f.value.enum.choice)
		}
		return err
	}
	_, err := d.into(&f.value, v)
	return err
}

// into reads a value that is not null into v, and says whether v was set: an
// unknown enum value leaves it alone without being an error.
func (d *decoder) into(p *value, v reflect.Value) (set bool, err *Error) {
	if p.kind == protoreflect.MessageKind {
		m := reflect.New(p.goType)
		if err := d.message(p.message, m.Elem()); err != nil {
			return false, err
		}
		v.Set(m)
		return true, nil
	}
	return d.scalar(p, v)
}
