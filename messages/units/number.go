package units

import (
	"fmt"
	"math"
	"strconv"
	"strings"
)

// unit is one suffix of a notation and its size in the smallest unit of that notation.
type unit struct {
	name string
	size int64
}

// split cuts text where its leading digits (and one point) end.
func split(text string) (number, suffix string) {
	end := strings.IndexFunc(text, func(r rune) bool { return (r < '0' || r > '9') && r != '.' })
	if end < 0 {
		return text, ""
	}
	return text[:end], text[end:]
}

// scale reads a plain decimal number ("2", "2.5", ".5") and multiplies it by size, rounding the part behind the point
// to the nearest whole. The whole part is exact for every result that fits.
func scale(number string, size int64) (int64, error) {
	whole, fraction, _ := strings.Cut(number, ".")
	if whole == "" && fraction == "" || strings.Contains(fraction, ".") {
		return 0, fmt.Errorf("%q is not a decimal number", number)
	}
	var n int64
	if whole != "" {
		var err error
		if n, err = strconv.ParseInt(whole, 10, 64); err != nil || n > math.MaxInt64/size {
			return 0, fmt.Errorf("%s is too large", number)
		}
		n *= size
	}
	if fraction == "" {
		return n, nil
	}
	f, err := strconv.ParseFloat("0."+fraction, 64)
	if err != nil {
		return 0, fmt.Errorf("%q is not a decimal number: %w", number, err)
	}
	part := int64(math.Round(f * float64(size)))
	if n > math.MaxInt64-part {
		return 0, fmt.Errorf("%s is too large", number)
	}
	return n + part, nil
}

// exact writes n in the largest of units (sorted from small to large) that n is a whole multiple of.
func exact(n int64, units []unit) string {
	best := units[0]
	for _, u := range units[1:] {
		if n == 0 || n%u.size != 0 {
			break
		}
		best = u
	}
	return strconv.FormatInt(n/best.size, 10) + best.name
}

func names(units []unit) string {
	var b strings.Builder
	for i, u := range units {
		if i > 0 {
			b.WriteString(", ")
		}
		b.WriteString(u.name)
	}
	return b.String()
}
