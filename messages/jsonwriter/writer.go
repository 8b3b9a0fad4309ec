// Package jsonwriter builds the JSON of the endpoints that are not protobuf
// messages, in the way Mesos prints numbers: a double always has a fraction.
//
// Master and agent build /state and its kin with it. It keeps no state but the
// text so far, and writes keys in the order they come.
package jsonwriter

import (
	"fmt"
	"math"
	"strconv"
	"unicode/utf8"

	"google.golang.org/protobuf/proto"

	"mesos/messages/mesosjson"
	"mesos/messages/resources"
)

// Writer collects one JSON value. The zero Writer is ready for use.
type Writer struct {
	b    []byte
	err  error
	sink func([]byte) // takes full pieces; nil: all is collected
	last byte         // of what the sink has taken
}

// PieceSize is about how large the pieces of a streaming Writer are, in bytes.
const PieceSize = 64 << 10

// To makes a Writer that hands its text on in pieces instead of collecting it.
// A piece belongs to the sink. Flush hands on the rest.
func To(sink func(piece []byte)) *Writer { return &Writer{sink: sink} }

// Bytes returns the text, without what a sink has taken. An error of a value
// that had no JSON form comes here.
func (w *Writer) Bytes() ([]byte, error) { return w.b, w.err }

// Flush hands the rest of the text to the sink. An error is that of Bytes.
func (w *Writer) Flush() error {
	w.pass()
	return w.err
}

func (w *Writer) pass() {
	if n := len(w.b); n > 0 && w.sink != nil {
		w.last = w.b[n-1]
		w.sink(w.b)
		w.b = nil
	}
}

// spill hands on a piece once it is large enough.
func (w *Writer) spill() {
	if w.sink != nil && len(w.b) >= PieceSize {
		w.pass()
		w.b = make([]byte, 0, PieceSize+PieceSize/4)
	}
}

// Object writes an object; members writes its fields.
func (w *Writer) Object(members func()) {
	w.separate()
	w.b = append(w.b, '{')
	members()
	w.b = append(w.b, '}')
	w.spill()
}

// Array writes an array; elements writes its values.
func (w *Writer) Array(elements func()) {
	w.separate()
	w.b = append(w.b, '[')
	elements()
	w.b = append(w.b, ']')
}

// Field writes a member of an object; see [Writer.Value] for what v may be.
func (w *Writer) Field(key string, v any) {
	w.Key(key)
	w.Value(v)
}

// Key writes a member's name; the next thing written is its value.
func (w *Writer) Key(key string) {
	w.separate()
	w.b = AppendString(w.b, key)
	w.b = append(w.b, ':')
}

// Value writes a value: string, bool, int, float64, []string, a protobuf
// message, [resources.Resources] or []resources.SummaryField as the object of
// amounts that /state shows, or a func() that writes it.
func (w *Writer) Value(v any) {
	if f, ok := v.(func()); ok {
		f()
		return
	}
	w.separate()
	switch v := v.(type) {
	case string:
		w.b = AppendString(w.b, v)
	case bool:
		w.b = strconv.AppendBool(w.b, v)
	case int:
		w.b = strconv.AppendInt(w.b, int64(v), 10)
	case float64:
		w.b = AppendFloat(w.b, v)
	case []string:
		w.b = appendStrings(w.b, v)
	case resources.Resources:
		w.summary(v.Summary())
	case []resources.SummaryField:
		w.summary(v)
	case proto.Message:
		b, err := mesosjson.Append(w.b, v)
		if err != nil {
			w.fail(err)
			b = append(w.b, "null"...)
		}
		w.b = b
		w.spill()
	default:
		w.fail(fmt.Errorf("value of type %T has no JSON form here", v))
		w.b = append(w.b, "null"...)
	}
}

func (w *Writer) fail(err error) {
	if w.err == nil {
		w.err = err
	}
}

func (w *Writer) summary(fields []resources.SummaryField) {
	w.b = append(w.b, '{')
	for _, f := range fields {
		w.Field(f.Key, f.Value)
	}
	w.b = append(w.b, '}')
}

// separate puts a comma between what was written and what comes.
func (w *Writer) separate() {
	last := w.last
	if n := len(w.b); n > 0 {
		last = w.b[n-1]
	}
	switch last {
	case 0, '{', '[', ':', ',':
	default:
		w.b = append(w.b, ',')
	}
}

// Raw writes a value whose JSON text is at hand; write appends it.
func (w *Writer) Raw(write func(b []byte) []byte) {
	w.separate()
	w.b = write(w.b)
	w.spill()
}

// List writes a member of an object that is an array, one element for each value.
func List[T any](w *Writer, key string, values []T, write func(w *Writer, v T)) {
	w.Key(key)
	w.Array(func() {
		for _, v := range values {
			write(w, v)
		}
	})
}

func appendStrings(b []byte, list []string) []byte {
	b = append(b, '[')
	for i, s := range list {
		if i > 0 {
			b = append(b, ',')
		}
		b = AppendString(b, s)
	}
	return append(b, ']')
}

// AppendFloat appends a double in its shortest form, with a fraction.
func AppendFloat(b []byte, f float64) []byte {
	switch {
	case math.IsNaN(f):
		return append(b, "NaN"...)
	case math.IsInf(f, 1):
		return append(b, "Infinity"...)
	case math.IsInf(f, -1):
		return append(b, "-Infinity"...)
	}
	size := math.Abs(f)
	if f != 0 && (size < 1e-6 || size >= 1e21) {
		return strconv.AppendFloat(b, f, 'e', -1, 64)
	}
	b = strconv.AppendFloat(b, f, 'f', -1, 64)
	if f == math.Trunc(f) {
		b = append(b, ".0"...)
	}
	return b
}

// AppendString appends a quoted string; bytes that are not UTF-8 become U+FFFD.
func AppendString(b []byte, s string) []byte {
	const hex = "0123456789abcdef"
	b = append(b, '"')
	for i := 0; i < len(s); {
		c := s[i]
		if c >= utf8.RuneSelf {
			r, n := utf8.DecodeRuneInString(s[i:])
			b = utf8.AppendRune(b, r) // U+FFFD for a byte that is not UTF-8
			i += n
			continue
		}
		i++
		switch {
		case c == '"' || c == '\\':
			b = append(b, '\\', c)
		case c == '\n':
			b = append(b, '\\', 'n')
		case c < 0x20 || c == '<' || c == '>' || c == '&' || c == 0x7f:
			b = append(b, '\\', 'u', '0', '0', hex[c>>4], hex[c&15])
		default:
			b = append(b, c)
		}
	}
	return append(b, '"')
}
