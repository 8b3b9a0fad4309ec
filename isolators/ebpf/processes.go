package ebpf

import (
	"fmt"

	"github.com/cilium/ebpf"

	"mesos/isolators"
	v1 "mesos/messages/mesos/v1"
)

// processes is the isolator ebpf/process.
type processes struct{ *opened }

func (*processes) name() string { return processKit.name }

func (p *processes) open(dir string, at place, _ Options) (err error) {
	p.opened, err = processKit.open(dir, at)
	return err
}

func (p *processes) close() {
	if p.opened != nil {
		p.opened.close()
	}
}

func (p *processes) begin(c *container) error {
	if err := unlessThere(p.maps["processes"].Update(c.id, zeroes[processProcess](), ebpf.UpdateNoExist)); err != nil {
		return fmt.Errorf("figures of cgroup %d: %w", c.id, err)
	}
	return nil
}

func (p *processes) end(c *container) error { return unlessGone(p.maps["processes"].Delete(c.id)) }

func (p *processes) keep(known []*container) error {
	return keepOnly(p.maps["processes"], func(id uint64) bool { return isOf(known, id) })
}

func (p *processes) sum(c *container) (sum processProcess, err error) {
	var each []processProcess
	if err := p.maps["processes"].Lookup(c.id, &each); err != nil {
		return sum, fmt.Errorf("figures of cgroup %d: %w", c.id, err)
	}
	for _, one := range each {
		sum.Exits += one.Exits
		sum.OomKills += one.OomKills
		sum.RunQueue.Nanoseconds += one.RunQueue.Nanoseconds
		for s, n := range one.RunQueue.Slots {
			sum.RunQueue.Slots[s] += n
		}
	}
	return sum, nil
}

// usage: Mesos has no field for any of it.
func (*processes) usage(*container, *v1.ResourceStatistics) error { return nil }

func (p *processes) figures(c *container) ([]isolators.Figure, error) {
	s, err := p.sum(c)
	if err != nil {
		return nil, err
	}
	return []isolators.Figure{
		count("process_exits", "", "Processes that have ended.", s.Exits),
		count("process_oom_kills", "", "Processes that the kernel killed for want of memory.", s.OomKills),
		histogram("cpu_wait_seconds", "Waits of threads that were ready to run for a processor, by how long they took.",
			s.RunQueue.Nanoseconds, s.RunQueue.Slots),
	}, nil
}
