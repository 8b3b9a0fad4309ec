package mesosjson

import (
	"encoding/base64"
	"reflect"

	"google.golang.org/protobuf/reflect/protoreflect"
)

// scalar reads a value that is no message and not null into v.
func (d *decoder) scalar(p *value, v reflect.Value) (set bool, err *Error) {
	switch p.kind {
	case protoreflect.StringKind:
		raw, err := d.text("a string")
		if err != nil {
			return false, err
		}
		v.SetString(string(raw))
	case protoreflect.BytesKind:
		raw, err := d.text("a string in base64")
		if err != nil {
			return false, err
		}
		return setBytes(v, raw)
	case protoreflect.EnumKind:
		return d.enum(p.enum, v)
	case protoreflect.BoolKind:
		return d.boolean(v)
	case protoreflect.DoubleKind, protoreflect.FloatKind:
		raw, err := d.numeric("a number")
		if err == nil {
			err = setFloat(v, raw)
		}
		return err == nil, err
	default:
		raw, err := d.numeric("a whole number")
		if err == nil {
			err = setWhole(v, raw)
		}
		return err == nil, err
	}
	return true, nil
}

// unexpected reads a value of the wrong type and says so.
func (d *decoder) unexpected(want string) *Error {
	got := "a number"
	switch d.next() {
	case '{':
		got = "an object"
	case '[':
		got = "a list"
	case '"':
		got = "a string"
	case 't', 'f':
		got = "a boolean"
	case 'n':
		got = "null"
	}
	if err := d.skip(); err != nil {
		return err
	}
	return errorf("expects %s, not %s", want, got)
}

func (d *decoder) text(want string) ([]byte, *Error) {
	if d.next() != '"' {
		return nil, d.unexpected(want)
	}
	return d.str()
}

// numeric reads a number, or a string that should hold one.
func (d *decoder) numeric(want string) ([]byte, *Error) {
	switch d.next() {
	case '"':
		return d.str()
	case '{', '[', 't', 'f':
		return nil, d.unexpected(want)
	default:
		return d.number()
	}
}

func (d *decoder) boolean(v reflect.Value) (bool, *Error) {
	raw := []byte("true")
	var err *Error
	switch c := d.next(); {
	case c == '"':
		raw, err = d.str()
	case d.literal("true"):
	case d.literal("false"):
		raw = []byte("false")
	default:
		err = d.unexpected("true or false")
	}
	if err != nil {
		return false, err
	}
	on, err := parseBool(raw)
	if err != nil {
		return false, err
	}
	v.SetBool(on)
	return true, nil
}

// enum reads the name of an enum value. Anything that could be meant as one but
// is unknown here leaves v alone.
func (d *decoder) enum(e *enum, v reflect.Value) (bool, *Error) {
	var raw []byte
	var err *Error
	switch d.next() {
	case '"':
		raw, err = d.str()
	case '{', '[', 't', 'f':
		if err = d.unexpected("a name"); !d.broken {
			err.Msg += e.choice
		}
	default:
		d.unknown, err = d.number()
		return false, err
	}
	if err != nil {
		return false, err
	}
	number, ok := e.numbers[string(raw)]
	if !ok {
		d.unknown = raw
		return false, nil
	}
	v.SetInt(int64(number))
	return true, nil
}

func setBytes(v reflect.Value, raw []byte) (bool, *Error) {
	out := make([]byte, base64.StdEncoding.DecodedLen(len(raw)))
	n, err := base64.StdEncoding.Decode(out, raw)
	if err != nil {
		out = make([]byte, base64.RawStdEncoding.DecodedLen(len(raw)))
		if n, err = base64.RawStdEncoding.Decode(out, raw); err != nil {
			return false, errorf("expects base64, not %s", quote(raw))
		}
	}
	v.SetBytes(out[:n])
	return true, nil
}
