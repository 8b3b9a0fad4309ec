package ebpf

import (
	"fmt"
	"time"
	"unsafe"

	"github.com/cilium/ebpf"

	"mesos/isolators"
)

// zeroes are the figures of a container that has done nothing, on every processor. Bytes are what the kernel takes: of
// anything else they would be made one by one.
func zeroes[T any]() [][]byte {
	var figures T
	out := make([][]byte, ebpf.MustPossibleCPU())
	one := make([]byte, unsafe.Sizeof(figures))
	for n := range out {
		out[n] = one
	}
	return out
}

// keys are those of a map. What comes or goes meanwhile may be missing.
func keys[K any](m *ebpf.Map) (all []K, err error) {
	var next K
	var at any // nil: the first
	for {
		err := m.NextKey(at, &next)
		if unlessGone(err) != nil {
			return all, fmt.Errorf("keys of map: %w", err)
		}
		if err != nil {
			return all, nil
		}
		all = append(all, next)
		at = next
	}
}

// keepOnly removes the entries of a map whose key is not good.
func keepOnly[K any](m *ebpf.Map, good func(K) bool) error {
	all, err := keys[K](m)
	if err != nil {
		return err
	}
	for _, k := range all {
		if good(k) {
			continue
		}
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
