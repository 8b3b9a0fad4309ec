package mesosjson

import (
	"strings"

	"google.golang.org/protobuf/reflect/protoreflect"
)

// enum holds the names of an enum, ready to write and to look up.
type enum struct {
	dense   []string         // by number, quoted; "" where there is none
	sparse  map[int32]string // quoted, for the numbers outside of dense
	numbers map[string]int32
	choice  string // the names for an error message, "" if too many
}

// mostDense bounds the table by number; the largest of ours has 60 values.
const mostDense = 256

func enumOf(ed protoreflect.EnumDescriptor) *enum {
	e := &enum{sparse: map[int32]string{}, numbers: map[string]int32{}}
	var names []string
	for i := range ed.Values().Len() {
		v := ed.Values().Get(i)
		number, name := int32(v.Number()), string(v.Name())
		e.numbers[name] = number
		names = append(names, name)
		if e.text(number) != "" {
			continue // an alias: the first name is the one to write
		}
		if number < 0 || number >= mostDense {
			e.sparse[number] = `"` + name + `"`
			continue
		}
		for int(number) >= len(e.dense) {
			e.dense = append(e.dense, "")
		}
		e.dense[number] = `"` + name + `"`
	}
	if len(names) <= 24 {
		e.choice = "; use one of " + strings.Join(names, ", ")
	}
	return e
}

// text returns the quoted name of a number, or "" if it has none.
func (e *enum) text(number int32) string {
	if number >= 0 && int(number) < len(e.dense) {
		return e.dense[number]
	}
	return e.sparse[number]
}
