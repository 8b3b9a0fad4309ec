package oversubscription

import (
	"fmt"
	"math"
	"strings"
	"time"

	"mesos/messages/resources"
)

// Slack lends what tasks have and do not use: of their cpus, and if it is told to of their memory, a share of what was
// left at the busiest time of a window.
type Slack struct {
	mem    bool
	share  float64
	window int

	at    time.Time
	busy  float64            // of the machine, at that time
	cpu   map[string]float64 // of each container, at that time
	least []slack            // of the last reports, the newest last
}

// slack is what was left at one time: cpus, and bytes of memory.
type slack struct{ cpus, mem float64 }

// Steps in which Slack lends, so that small changes do not take offers back again and again.
const (
	cpuStep = 0.1
	memStep = 32 // MB
)

// NewSlack reads its parameters: names (cpus, or cpus,mem), share (0.8) and window (4 reports).
func NewSlack(p Parameters) (*Slack, error) {
	s := &Slack{cpu: map[string]float64{}}
	names, err := p.takeOr("names", "cpus")
	if err == nil && names != "cpus" && names != "cpus,mem" {
		err = fmt.Errorf("parameter names %q: want cpus, or cpus,mem", names)
	}
	if err != nil {
		return nil, err
	}
	s.mem = strings.HasSuffix(names, "mem")
	if s.share, err = p.number("share", 0.8, 1); err != nil {
		return nil, err
	}
	window, err := p.number("window", 4, 1000)
	if err == nil && (window < 1 || window != math.Trunc(window)) {
		err = fmt.Errorf("parameter window %v: want a whole number of reports", window)
	}
	s.window = int(window)
	return s, err
}

// Oversubscribable implements Estimator. Nothing more is lent before the window is full.
func (s *Slack) Oversubscribable(u Usage) resources.Resources {
	now, measured := s.look(u)
	if !measured {
		s.least = nil
		return resources.Resources{}
	}
	if s.least = append(s.least, now); len(s.least) > s.window {
		s.least = s.least[1:]
	}
	if len(s.least) < s.window {
		return resources.Resources{}
	}
	for _, l := range s.least {
		now.cpus, now.mem = min(now.cpus, l.cpus), min(now.mem, l.mem)
	}
	text := fmt.Sprintf("cpus:%.3f", cpuStep*math.Floor(now.cpus*s.share/cpuStep))
	if s.mem {
		text += fmt.Sprintf(";mem:%.0f", memStep*math.Floor(now.mem*s.share/(1<<20)/memStep))
	}
	return resources.MustParse(text).Revoked().Sub(u.Lent())
}

// look measures what is left now. It is false at first, when there is nothing to compare with. A container that is new
// counts as one that uses all it has.
func (s *Slack) look(u Usage) (left slack, measured bool) {
	seconds := u.At.Sub(s.at).Seconds()
	measured = !s.at.IsZero() && seconds > 0
	cpu, lent := map[string]float64{}, 0.0
	for _, e := range u.Executors {
		before, known := s.cpu[e.ContainerID]
		if !e.Sample.Measured {
			continue
		}
		cpu[e.ContainerID] = e.Sample.CPU
		if !known || !measured {
			continue
		}
		used := max(e.Sample.CPU-before, 0) / seconds
		if e.Lent() {
			lent += used
			continue
		}
		left.cpus += e.Allocated.CPUs().Float() - used
		left.mem += e.Allocated.Mem().Float()*(1<<20) - float64(e.Sample.Mem)
	}
	if u.Machine.CPUs > 0 && measured {
		// What is not Mesos's uses the machine, too.
		idle := float64(u.Machine.CPUs) - max(u.Machine.Busy-s.busy, 0)/seconds
		left.cpus = min(left.cpus, idle+lent)
	}
	s.at, s.busy, s.cpu = u.At, u.Machine.Busy, cpu
	left.cpus, left.mem = max(left.cpus, 0), max(left.mem, 0)
	return left, measured
}
