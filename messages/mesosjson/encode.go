package mesosjson

import (
	"reflect"
	"strconv"

	"google.golang.org/protobuf/proto"
	"google.golang.org/protobuf/reflect/protoreflect"
)

// Marshal returns m as JSON, without line breaks or spaces. The error, always
// an *Error, names a required field that is not set.
func Marshal(m proto.Message) ([]byte, error) {
	return Append(nil, m)
}

// Append appends m as JSON to b and returns the longer slice, or on an error b
// as it was. A caller that keeps the slice for the next message makes no
// garbage.
func Append(b []byte, m proto.Message) ([]byte, error) {
	p, err := planOf(m)
	if err != nil {
		return b, err
	}
	v := reflect.ValueOf(m)
	if v.IsNil() {
		v = reflect.New(p.goType)
	}
	out, e := p.append(b, v.Elem())
	if e != nil {
		return b, e
	}
	return out, nil
}

// append writes one message. Each field ends with a comma; the last comma
// becomes the closing brace.
func (p *plan) append(b []byte, v reflect.Value) ([]byte, *Error) {
	b = append(b, '{')
	start := len(b)
	for _, f := range p.fields {
		var err *Error
		if b, err = f.append(b, v.Field(f.index)); err != nil {
			return b, err.in(f.name)
		}
	}
	return closeWith(b, start, '}'), nil
}

// closeWith ends an object or list whose members begin at start.
func closeWith(b []byte, start int, end byte) []byte {
	if len(b) == start {
		return append(b, end)
	}
	b[len(b)-1] = end
	return b
}

// append writes key, value and comma of one field, or nothing.
func (f *field) append(b []byte, v reflect.Value) ([]byte, *Error) {
	switch f.shape {
	case pointer:
		if v.IsNil() {
			return f.appendAbsent(b)
		}
		if f.value.kind != protoreflect.BytesKind {
			v = v.Elem()
		}
	case implicit:
		if v.IsZero() {
			return b, nil
		}
	case oneof:
		if v = f.member(v); !v.IsValid() {
			return b, nil
		}
	case list:
		return f.appendList(b, v)
	case mapping:
		return f.appendMap(b, v)
	}
	before := len(b)
	b = append(b, f.key...)
	after := len(b)
	b, err := f.value.append(b, v)
	if err != nil {
		return b, err
	}
	if len(b) == after { // an enum number without a name
		return f.appendAbsent(b[:before])
	}
	return append(b, ','), nil
}

func (f *field) appendAbsent(b []byte) ([]byte, *Error) {
	if f.required {
		return b, errorf("is required but not set")
	}
	return append(b, f.absent...), nil
}

// member returns the value inside a oneof's interface if it is this member's,
// dereferenced, and otherwise the zero Value.
func (f *field) member(v reflect.Value) reflect.Value {
	if v.IsNil() {
		return reflect.Value{}
	}
	w := v.Elem()
	if w.Type().Elem() != f.wrapper || w.IsNil() {
		return reflect.Value{}
	}
	v = w.Elem().Field(0)
	if f.value.message != nil {
		return f.value.deref(v)
	}
	return v
}

// deref follows a message pointer; nil stands for an empty message.
func (p *value) deref(v reflect.Value) reflect.Value {
	if v.IsNil() {
		return reflect.New(p.goType).Elem()
	}
	return v.Elem()
}

// append writes a single value; nothing at all for an enum number without a name.
func (p *value) append(b []byte, v reflect.Value) ([]byte, *Error) {
	switch p.kind {
	case protoreflect.MessageKind:
		return p.message.append(b, v)
	case protoreflect.StringKind:
		return appendString(b, v.String()), nil
	case protoreflect.EnumKind:
		return append(b, p.enum.text(int32(v.Int()))...), nil
	case protoreflect.DoubleKind:
		return appendFloat(b, v.Float(), 64), nil
	case protoreflect.FloatKind:
		return appendFloat(b, v.Float(), 32), nil
	case protoreflect.BoolKind:
		return strconv.AppendBool(b, v.Bool()), nil
	case protoreflect.BytesKind:
		return appendBytes(b, v.Bytes()), nil
	case protoreflect.Uint32Kind, protoreflect.Uint64Kind, protoreflect.Fixed32Kind, protoreflect.Fixed64Kind:
		return strconv.AppendUint(b, v.Uint(), 10), nil
	default:
		return strconv.AppendInt(b, v.Int(), 10), nil
	}
}
