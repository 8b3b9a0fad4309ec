package units

import (
	"fmt"
	"strings"
)

// Bytes is an amount of memory or disk, in bytes. It is never negative when it comes from ParseBytes.
type Bytes int64

// The usual multiples, powers of 1024.
const (
	Kilobyte Bytes = 1 << (10 * (iota + 1))
	Megabyte
	Gigabyte
	Terabyte
)

var sizes = []unit{
	{"B", 1},
	{"KB", int64(Kilobyte)},
	{"MB", int64(Megabyte)},
	{"GB", int64(Gigabyte)},
	{"TB", int64(Terabyte)},
}

// ParseBytes reads a whole number followed by one of B, KB, MB, GB, TB (powers of 1024): "2GB". Fractions are refused,
// because the next smaller unit says the same without rounding.
func ParseBytes(text string) (Bytes, error) {
	number, suffix := split(text)
	for _, u := range sizes {
		if suffix != u.name {
			continue
		}
		if strings.Contains(number, ".") {
			return 0, fmt.Errorf("bytes %q: want a whole number; use a smaller unit", text)
		}
		n, err := scale(number, u.size)
		if err != nil {
			return 0, fmt.Errorf("bytes %q: %w", text, err)
		}
		return Bytes(n), nil
	}
	return 0, fmt.Errorf("bytes %q: want a whole number and one of %s, like 2GB", text, names(sizes))
}

// String writes b in the largest unit that is exact: 4096 bytes are "4KB", 4097 are "4097B".
func (b Bytes) String() string {
	return exact(int64(b), sizes)
}
