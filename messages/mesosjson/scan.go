package mesosjson

import (
	"unicode/utf8"
)

// maxDepth is how deep objects and lists may nest, the outermost included.
const maxDepth = 200

// decoder reads one JSON text, once, from front to back.
//
// Two kinds of error come out of its methods. When the text itself is unusable,
// broken is set and every caller returns at once. When only a value does not
// fit its field, the value has been read to its end and the caller may go on:
// a later value of the same key may replace it.
type decoder struct {
	data    []byte
	pos     int
	depth   int
	broken  bool
	scratch []byte // strings with escapes are undone here
	unknown []byte // the last enum value that was none, for the error message
}

func (d *decoder) fail(format string, args ...any) *Error {
	d.broken = true
	return errorf(format, args...)
}

// syntax is the error for a text that is not JSON at the current position.
func (d *decoder) syntax(want string) *Error {
	if d.pos >= len(d.data) {
		return d.fail("is not complete JSON: it ends after %d bytes where %s should be", len(d.data), want)
	}
	r, _ := utf8.DecodeRune(d.data[d.pos:])
	return d.fail("is not valid JSON: %q at byte %d where %s should be", r, d.pos+1, want)
}

// next skips white space and returns the byte there, 0 at the end.
func (d *decoder) next() byte {
	for d.pos < len(d.data) {
		switch c := d.data[d.pos]; c {
		case ' ', '\n', '\t', '\r':
			d.pos++
		default:
			return c
		}
	}
	return 0
}

// literal reads the given word if it stands at the current position.
func (d *decoder) literal(word string) bool {
	end := d.pos + len(word)
	if end > len(d.data) || string(d.data[d.pos:end]) != word {
		return false
	}
	if end < len(d.data) && wordByte[d.data[end]] {
		return false
	}
	d.pos = end
	return true
}

// null reads a null if one is next.
func (d *decoder) null() bool {
	return d.next() == 'n' && d.literal("null")
}

func (d *decoder) enter() *Error {
	d.pos++
	if d.depth++; d.depth > maxDepth {
		return d.fail("nests deeper than %d levels", maxDepth)
	}
	return nil
}

func (d *decoder) leave() {
	d.pos++
	d.depth--
}

// object reads an object and calls member for each key, with the position
// before the value. The key is valid until the next string is read. Errors of
// member end it.
func (d *decoder) object(member func(key []byte) *Error) *Error {
	if err := d.enter(); err != nil {
		return err
	}
	if d.next() == '}' {
		d.leave()
		return nil
	}
	for {
		if d.next() != '"' {
			return d.syntax("a key in quotes")
		}
		key, err := d.str()
		if err != nil {
			return err
		}
		if d.next() != ':' {
			return d.syntax("a colon")
		}
		d.pos++
		if err := member(key); err != nil {
			return err
		}
		switch d.next() {
		case ',':
			d.pos++
		case '}':
			d.leave()
			return nil
		default:
			return d.syntax("a comma or }")
		}
	}
}

// array reads a list and calls element for each value.
func (d *decoder) array(element func(i int) *Error) *Error {
	if err := d.enter(); err != nil {
		return err
	}
	if d.next() == ']' {
		d.leave()
		return nil
	}
	for i := 0; ; i++ {
		if err := element(i); err != nil {
			return err
		}
		switch d.next() {
		case ',':
			d.pos++
		case ']':
			d.leave()
			return nil
		default:
			return d.syntax("a comma or ]")
		}
	}
}

// skip reads any value and forgets it.
func (d *decoder) skip() *Error {
	switch c := d.next(); c {
	case '{':
		return d.object(func([]byte) *Error { return d.skip() })
	case '[':
		return d.array(func(int) *Error { return d.skip() })
	case '"':
		_, err := d.str()
		return err
	default:
		if d.literal("true") || d.literal("false") || d.literal("null") {
			return nil
		}
		_, err := d.number()
		return err
	}
}
