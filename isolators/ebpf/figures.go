package ebpf

import (
	"fmt"
	"time"

	"github.com/cilium/ebpf"

	"mesos/isolators"
)

// zeroes are the figures of a container that has done nothing, on every processor.
func zeroes[T any]() []T { return make([]T, ebpf.MustPossibleCPU()) }

// keepOnly removes the entries of a map whose key is not good.
func keepOnly[K any](m *ebpf.Map, good func(K) bool) error {
	var bad []K
	var key, next K
	var at any // nil: the first
	for {
		err := m.NextKey(at, &next)
		if unlessGone(err) != nil {
			return fmt.Errorf("keys of map: %w", err)
		}
		if err != nil {
			break
		}
		key = next
		at = key
		if !good(key) {
			bad = append(bad, key)
		}
	}
	for _, k := range bad {
		if err := unlessGone(m.Delete(k)); err != nil {
			return fmt.Errorf("removal of an entry: %w", err)
		}
	}
	return nil
}

func count(name, unit, help string, n uint64, labels ...isolators.Label) isolators.Figure {
	return isolators.Figure{Name: name, Unit: unit, Help: help, Labels: labels, Grows: true, Value: float64(n)}
}

// A histogram's n-th slot counts what took less than 2^n microseconds. Those from told on, beyond 8 seconds, are not told apart.
const (
	slots = 32
	told  = 24
)

func histogram(name, help string, nanoseconds uint64, times [slots]uint64, labels ...isolators.Label) isolators.Figure {
	h := &isolators.Histogram{Sum: time.Duration(nanoseconds).Seconds()}
	for s, n := range times {
		h.Count += n
		if s < told {
			h.Buckets = append(h.Buckets, isolators.Bucket{Seconds: (time.Microsecond << s).Seconds(), Count: h.Count})
		}
	}
	return isolators.Figure{Name: name, Help: help, Unit: "seconds", Labels: labels, Grows: true, Times: h}
}
