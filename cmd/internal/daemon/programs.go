package daemon

import (
	"fmt"
	"math"
	"strconv"
	"strings"

	"mesos/cmd/flags"
	"mesos/isolators/ebpf"
	"mesos/messages/resources"
)

// programsFrom reads the flags about what eBPF programs do.
func programsFrom(f *flags.Set, s *IsolationSettings) error {
	s.Options.EBPF = ebpf.Options{
		FS:     "/sys/fs/bpf",
		Egress: uint64(f.Bytes("egress_rate_limit_per_container")), Ingress: uint64(f.Bytes("ingress_rate_limit_per_container")),
	}
	text := f.String("container_ports_isolated_range")
	if text == "" {
		return nil
	}
	policed, err := portRange(text)
	if err != nil {
		return fmt.Errorf("flag --container_ports_isolated_range: %w", err)
	}
	s.Options.EBPF.Policed = []resources.Range{policed}
	return nil
}

// portRange reads "[31000-32000]", with or without the brackets.
func portRange(text string) (resources.Range, error) {
	first, last, ok := strings.Cut(strings.TrimSuffix(strings.TrimPrefix(text, "["), "]"), "-")
	a, err1 := strconv.ParseUint(first, 10, 64)
	b, err2 := strconv.ParseUint(last, 10, 64)
	if !ok || err1 != nil || err2 != nil || a > b || b > math.MaxUint16 {
		return resources.Range{}, fmt.Errorf("%q: want a range of ports, as in [31000-32000]", text)
	}
	return resources.Range{Begin: a, End: b}, nil
}
