package ebpf

import (
	"fmt"
	"math"
	"slices"

	"github.com/cilium/ebpf"

	"mesos/isolators"
	"mesos/messages/resources"
)

// ports is the isolator network/ports.
type ports struct {
	*opened
	policed []resources.Range
}

func (*ports) name() string { return portsKit.name }

func (p *ports) open(dir string, at place, o Options) (err error) {
	p.policed = o.Policed
	p.opened, err = portsKit.open(dir, at)
	return err
}

func (p *ports) close() {
	if p.opened != nil {
		p.opened.close()
	}
}

// begin leaves the rule of a container that was launched before alone; demand makes that of a new one.
func (*ports) begin(*container) error { return nil }

func (p *ports) end(c *container) error { return unlessGone(p.maps["ports_of"].Delete(c.id)) }

func (p *ports) keep(known []*container) error {
	return keepOnly(p.maps["ports_of"], func(id uint64) bool { return isOf(known, id) })
}

// demand sets what may be bound. Nested containers may what the outermost may; one that is not in the machine's
// network may bind all.
func (p *ports) demand(c *container, d isolators.Demand) error {
	if c.nested || c.free {
		return nil
	}
	allowed := openPorts(d.Ports, p.policed)
	var rule networkPorts
	if len(allowed) > len(rule.Allowed) {
		return fmt.Errorf("resources ports: %d ranges with gaps between them: want at most %d", len(allowed), len(rule.Allowed))
	}
	rule.Ranges = uint32(len(allowed))
	for n, r := range allowed {
		rule.Allowed[n].First, rule.Allowed[n].Last = uint16(r.Begin), uint16(r.End)
	}
	if err := p.maps["ports_of"].Update(c.id, rule, ebpf.UpdateAny); err != nil {
		return fmt.Errorf("ports of cgroup %d: %w", c.id, err)
	}
	return nil
}

// openPorts are those that a container may bind, sorted: its own, and those that nobody polices.
func openPorts(own, policed []resources.Range) (out []resources.Range) {
	all := slices.Clone(own)
	if len(policed) > 0 {
		sorted := slices.SortedFunc(slices.Values(policed), func(a, b resources.Range) int { return int(a.Begin) - int(b.Begin) })
		next := uint64(0)
		for _, r := range sorted {
			if r.Begin > next {
				all = append(all, resources.Range{Begin: next, End: r.Begin - 1})
			}
			next = max(next, r.End+1)
		}
		if next <= math.MaxUint16 {
			all = append(all, resources.Range{Begin: next, End: math.MaxUint16})
		}
	}
	slices.SortFunc(all, func(a, b resources.Range) int { return int(a.Begin) - int(b.Begin) })
	for _, r := range all {
		r.End = min(r.End, math.MaxUint16)
		if n := len(out); n > 0 && r.Begin <= out[n-1].End+1 {
			out[n-1].End = max(out[n-1].End, r.End)
		} else if r.Begin <= math.MaxUint16 {
			out = append(out, r)
		}
	}
	return out
}
