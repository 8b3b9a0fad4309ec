package mesosjson

import (
	"unicode/utf16"
	"unicode/utf8"
)

// str reads a string, which must be next. The result is part of the input or
// of the scratch buffer: valid until the next string is read.
func (d *decoder) str() ([]byte, *Error) {
	d.pos++
	start := d.pos
	high := false
	for i := start; i < len(d.data); i++ {
		c := d.data[i]
		if plain[c] {
			continue
		}
		switch {
		case c == '"':
			d.pos = i + 1
			return d.checked(d.data[start:i], high)
		case c == '\\':
			d.scratch = append(d.scratch[:0], d.data[start:i]...)
			d.pos = i
			return d.escaped()
		case c < ' ':
			d.pos = i
			return nil, d.syntax("a closing quote or an escape")
		default:
			high = true
		}
	}
	d.pos = len(d.data)
	return nil, d.syntax("a closing quote")
}

func (d *decoder) checked(s []byte, high bool) ([]byte, *Error) {
	if high && !utf8.Valid(s) {
		return nil, d.fail("is not valid JSON: the text %s is not UTF-8", quote(s))
	}
	return s, nil
}

// escaped reads the rest of a string from its first escape on.
func (d *decoder) escaped() ([]byte, *Error) {
	for d.pos < len(d.data) {
		c := d.data[d.pos]
		switch {
		case c == '"':
			d.pos++
			return d.checked(d.scratch, true)
		case c == '\\':
			if err := d.escape(); err != nil {
				return nil, err
			}
		case c < ' ':
			return nil, d.syntax("a closing quote or an escape")
		default:
			d.scratch = append(d.scratch, c)
			d.pos++
		}
	}
	return nil, d.syntax("a closing quote")
}

// escape reads one escape sequence into the scratch buffer.
func (d *decoder) escape() *Error {
	d.pos++
	if d.pos >= len(d.data) {
		return d.syntax("an escaped character")
	}
	c := d.data[d.pos]
	switch c {
	case '"', '\\', '/':
	case 'b':
		c = '\b'
	case 'f':
		c = '\f'
	case 'n':
		c = '\n'
	case 'r':
		c = '\r'
	case 't':
		c = '\t'
	case 'u':
		return d.unicode()
	default:
		return d.syntax(`one of "\/bfnrtu after a backslash`)
	}
	d.scratch = append(d.scratch, c)
	d.pos++
	return nil
}

// unicode reads uXXXX, or two such for a character outside the first 65536.
func (d *decoder) unicode() *Error {
	r, ok := d.hex4()
	if !ok {
		return d.syntax(`four hexadecimal digits after \u`)
	}
	if utf16.IsSurrogate(r) {
		low := rune(-1)
		if d.pos+1 < len(d.data) && d.data[d.pos] == '\\' && d.data[d.pos+1] == 'u' {
			d.pos++
			low, _ = d.hex4()
		}
		if r = utf16.DecodeRune(r, low); r == utf8.RuneError {
			return d.fail(`is not valid JSON: half of a surrogate pair in the \u escape that ends at byte %d`, d.pos)
		}
	}
	d.scratch = utf8.AppendRune(d.scratch, r)
	return nil
}

// hex4 reads u and four hexadecimal digits.
func (d *decoder) hex4() (rune, bool) {
	if d.pos+5 > len(d.data) {
		d.pos = len(d.data)
		return 0, false
	}
	var r rune
	for i := 1; i <= 4; i++ {
		c := d.data[d.pos+i]
		switch {
		case '0' <= c && c <= '9':
			c -= '0'
		case 'a' <= c && c <= 'f':
			c -= 'a' - 10
		case 'A' <= c && c <= 'F':
			c -= 'A' - 10
		default:
			d.pos += i
			return 0, false
		}
		r = r<<4 | rune(c)
	}
	d.pos += 5
	return r, true
}
