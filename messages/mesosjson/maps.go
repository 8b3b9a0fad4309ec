package mesosjson

import (
	"reflect"
	"slices"
	"strconv"
	"strings"
)

// entry is one pair of a map on its way out.
type entry struct {
	key   string
	value reflect.Value
}

// appendMap writes a map as an object, sorted by the keys' text, or nothing for
// an empty one.
func (f *field) appendMap(b []byte, v reflect.Value) ([]byte, *Error) {
	if v.Len() == 0 {
		return b, nil
	}
	entries := make([]entry, 0, v.Len())
	for it := v.MapRange(); it.Next(); {
		entries = append(entries, entry{it.Key().String(), it.Value()})
	}
	slices.SortFunc(entries, func(x, y entry) int { return strings.Compare(x.key, y.key) })

	empty := b
	b = append(b, f.key...)
	b = append(b, '{')
	start := len(b)
	for _, e := range entries {
		if f.value.message != nil {
			e.value = f.value.deref(e.value)
		}
		before := len(b)
		b = append(appendString(b, e.key), ':')
		after := len(b)
		var err *Error
		if b, err = f.value.append(b, e.value); err != nil {
			return b, err.in("[" + strconv.Quote(e.key) + "]")
		}
		if len(b) == after { // an enum number without a name
			b = b[:before]
			continue
		}
		b = append(b, ',')
	}
	if len(b) == start {
		return empty, nil
	}
	return append(closeWith(b, start, '}'), ','), nil
}

// mapping reads an object into a map field. Entries that are null or unknown
// enum names are left out; of a repeated key the last one counts.
func (d *decoder) mapping(f *field, v reflect.Value) *Error {
	if d.next() != '{' {
		return d.unexpected("an object")
	}
	m := reflect.MakeMap(v.Type())
	var late pending
	err := d.object(func(raw []byte) *Error {
		name := string(raw)
		key := reflect.ValueOf(name)
		late.drop(name)
		m.SetMapIndex(key, reflect.Value{})
		if d.null() {
			return nil
		}
		elem := reflect.New(m.Type().Elem()).Elem()
		set, err := d.into(&f.value, elem)
		if err != nil {
			return late.add(d, name, err.in("["+strconv.Quote(name)+"]"))
		}
		if set {
			m.SetMapIndex(key, elem)
		}
		return nil
	})
	if err != nil {
		return err
	}
	v.Set(m)
	return late.first()
}
