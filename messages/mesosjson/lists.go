package mesosjson

import (
	"reflect"
	"strconv"
)

// appendList writes a list, or nothing for an empty one.
func (f *field) appendList(b []byte, v reflect.Value) ([]byte, *Error) {
	n := v.Len()
	if n == 0 {
		return b, nil
	}
	empty := b
	b = append(b, f.key...)
	b = append(b, '[')
	start := len(b)
	for i := range n {
		e := v.Index(i)
		if f.value.message != nil {
			e = f.value.deref(e)
		}
		before := len(b)
		var err *Error
		if b, err = f.value.append(b, e); err != nil {
			return b, err.in("[" + strconv.Itoa(i) + "]")
		}
		if len(b) > before {
			b = append(b, ',')
		}
	}
	if len(b) == start {
		return empty, nil
	}
	return append(closeWith(b, start, ']'), ','), nil
}

// list reads an array, or a single value as an array of one. Nulls and unknown
// enum names in it are left out.
func (d *decoder) list(f *field, v reflect.Value) *Error {
	if d.next() != '[' {
		return d.element(f, v)
	}
	var first *Error
	err := d.array(func(i int) *Error {
		if d.null() {
			return nil
		}
		err := d.element(f, v)
		if err == nil {
			return nil
		}
		if err = err.in("[" + strconv.Itoa(i) + "]"); d.broken {
			return err
		}
		if first == nil {
			first = err
		}
		return nil
	})
	if err != nil {
		return err
	}
	return first
}

// element reads one value to the end of a list.
func (d *decoder) element(f *field, v reflect.Value) *Error {
	n := v.Len()
	v.Grow(1)
	v.SetLen(n + 1)
	set, err := d.into(&f.value, v.Index(n))
	if !set {
		v.SetLen(n)
	}
	return err
}
