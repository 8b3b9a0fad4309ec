package mesosjson

import (
	"math"
	"reflect"
	"strconv"
)

// wordByte marks what numbers and bare words consist of.
var wordByte = func() (t [256]bool) {
	for _, c := range "+-.0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz_" {
		t[c] = true
	}
	return t
}()

// number reads a number token: JSON's own, or a bare NaN, Infinity, -Infinity.
func (d *decoder) number() ([]byte, *Error) {
	end := d.pos
	for end < len(d.data) && wordByte[d.data[end]] {
		end++
	}
	raw := d.data[d.pos:end]
	if !isNumber(raw) {
		return nil, d.syntax("a value")
	}
	d.pos = end
	return raw, nil
}

func isNumber(raw []byte) bool {
	switch string(raw) {
	case "NaN", "Infinity", "-Infinity":
		return true
	}
	rest := raw
	if len(rest) > 0 && rest[0] == '-' {
		rest = rest[1:]
	}
	whole, rest := digits(rest)
	if whole == 0 || whole > 1 && raw[len(raw)-len(rest)-whole] == '0' {
		return false
	}
	if len(rest) > 0 && rest[0] == '.' {
		var n int
		if n, rest = digits(rest[1:]); n == 0 {
			return false
		}
	}
	if len(rest) > 0 && (rest[0] == 'e' || rest[0] == 'E') {
		if rest = rest[1:]; len(rest) > 0 && (rest[0] == '+' || rest[0] == '-') {
			rest = rest[1:]
		}
		var n int
		if n, rest = digits(rest); n == 0 {
			return false
		}
	}
	return len(rest) == 0
}

func digits(b []byte) (n int, rest []byte) {
	for n < len(b) && '0' <= b[n] && b[n] <= '9' {
		n++
	}
	return n, b[n:]
}

func parseBool(raw []byte) (bool, *Error) {
	switch string(raw) {
	case "true":
		return true, nil
	case "false":
		return false, nil
	}
	return false, errorf("expects true or false, not %s", quote(raw))
}

func setFloat(v reflect.Value, raw []byte) *Error {
	if !isNumber(raw) {
		return errorf("expects a number, not %s", quote(raw))
	}
	f, err := strconv.ParseFloat(string(raw), v.Type().Bits())
	if err != nil {
		return errorf("expects a number that a double can hold, not %s", quote(raw))
	}
	v.SetFloat(f)
	return nil
}

// setWhole sets an integer of any width.
func setWhole(v reflect.Value, raw []byte) *Error {
	bits := v.Type().Bits()
	if v.CanUint() {
		if u, ok := parseUint(raw, bits); ok {
			v.SetUint(u)
			return nil
		}
		return errorf("expects a whole number from 0 to %d, not %s", uint64(math.MaxUint64)>>(64-bits), quote(raw))
	}
	if i, ok := parseInt(raw, bits); ok {
		v.SetInt(i)
		return nil
	}
	most := int64(math.MaxInt64) >> (64 - bits)
	return errorf("expects a whole number from %d to %d, not %s", -most-1, most, quote(raw))
}

func parseInt(raw []byte, bits int) (int64, bool) {
	if !isNumber(raw) {
		return 0, false
	}
	if i, err := strconv.ParseInt(string(raw), 10, bits); err == nil {
		return i, true
	}
	limit := math.Ldexp(1, bits-1)
	f, ok := wholeFloat(raw)
	if !ok || f < -limit || f >= limit {
		return 0, false
	}
	return int64(f), true
}

// parseUint reads what does not fit an int64 by way of a double, as Mesos does.
// The largest uint64, which that would push out of range, stays what it is.
func parseUint(raw []byte, bits int) (uint64, bool) {
	if !isNumber(raw) {
		return 0, false
	}
	u, err := strconv.ParseUint(string(raw), 10, bits)
	if err == nil && u <= math.MaxInt64 {
		return u, true
	}
	f, ok := wholeFloat(raw)
	switch limit := math.Ldexp(1, bits); {
	case !ok || f < 0:
		return 0, false
	case f < limit:
		return uint64(f), true
	case err == nil:
		return math.MaxUint64, true
	default:
		return 0, false
	}
}

func wholeFloat(raw []byte) (float64, bool) {
	f, err := strconv.ParseFloat(string(raw), 64)
	return f, err == nil && f == math.Trunc(f) && !math.IsInf(f, 0)
}
