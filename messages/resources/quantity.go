package resources

import (
	"math"
	"strconv"
)

// Quantity is an amount of a scalar resource in thousandths: 0.5 cpus is 500,
// 4096 MB of memory 4096000.
type Quantity int64

const (
	unit = 1000

	// maxQuantity is the largest amount accepted from outside. Beyond 2^53
	// thousandths a float64, which is what travels, no longer has three exact
	// decimals.
	maxQuantity Quantity = 1 << 53
)

// FromFloat rounds f to three decimals, halves away from zero. NaN becomes 0;
// what does not fit becomes the nearest Quantity.
func FromFloat(f float64) Quantity {
	f = math.Round(f * unit)
	switch {
	case f != f:
		return 0
	case f >= math.MaxInt64:
		return math.MaxInt64
	case f <= math.MinInt64:
		return math.MinInt64
	}
	return Quantity(f)
}

// Float returns q in whole units, as it travels in messages.
func (q Quantity) Float() float64 { return float64(q) / unit }

// String prints q in whole units without trailing zeros: "4", "0.5".
func (q Quantity) String() string { return string(q.append(nil)) }

func (q Quantity) append(b []byte) []byte {
	whole, part := q/unit, q%unit
	if q < 0 {
		b = append(b, '-')
		whole, part = -whole, -part
	}
	b = strconv.AppendInt(b, int64(whole), 10)
	if part == 0 {
		return b
	}
	b = append(b, '.', byte('0'+part/100), byte('0'+part/10%10), byte('0'+part%10))
	for b[len(b)-1] == '0' {
		b = b[:len(b)-1]
	}
	return b
}

// plus adds without wrapping around: sums of foreign numbers may be absurd but
// must not become negative. Both sides are at least zero.
func (q Quantity) plus(o Quantity) Quantity {
	if sum := q + o; sum >= q {
		return sum
	}
	return math.MaxInt64
}

// minus subtracts down to zero.
func (q Quantity) minus(o Quantity) Quantity { return max(q-o, 0) }

// times multiplies without wrapping around; both sides are at least zero.
func (q Quantity) times(n Quantity) Quantity {
	if n != 0 && q > math.MaxInt64/n {
		return math.MaxInt64
	}
	return q * n
}
