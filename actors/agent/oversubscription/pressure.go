package oversubscription

import (
	"fmt"
	"time"

	"mesos/messages/units"
)

// Pressure ends the greatest user among what is lent, one in each window of time, as long as those that hold nothing lent
// wait for a resource for more than a share of the time. What waits for its own limit does not count. Where
// the kernel does not tell how long a container waits, the machine counts in its place.
type Pressure struct {
	most   Stalls // shares, from 0 to 1
	window time.Duration

	from time.Time // of the window
	base map[string]Sample
}

// machine is the key of the whole machine; no container id is empty.
const machine = ""

// NewPressure reads its parameters cpu (0.25), memory (0.1) and io (0.3), shares of the time, and window (5secs).
func NewPressure(p Parameters) (*Pressure, error) {
	c := &Pressure{}
	for _, x := range []struct {
		name  string
		share float64
		to    *float64
	}{{"cpu", 0.25, &c.most.CPU}, {"memory", 0.1, &c.most.Memory}, {"io", 0.3, &c.most.IO}} {
		var err error
		if *x.to, err = p.number(x.name, x.share, 1); err != nil {
			return nil, err
		}
	}
	text, err := p.takeOr("window", "5secs")
	if err != nil {
		return nil, err
	}
	if c.window, err = units.ParseDuration(text); err != nil || c.window <= 0 {
		return nil, fmt.Errorf("parameter window %q: want a time like 5secs", text)
	}
	return c, nil
}

// Corrections implements Controller.
func (c *Pressure) Corrections(u Usage) []Correction {
	if !c.from.IsZero() && u.At.Sub(c.from) < c.window {
		return nil
	}
	seconds, base := u.At.Sub(c.from).Seconds(), c.base
	c.from, c.base = u.At, map[string]Sample{machine: {Measured: true, Stalls: u.Machine.Stalls}}
	for _, e := range u.Executors {
		if e.Sample.Measured {
			c.base[e.ContainerID] = e.Sample
		}
	}
	if base == nil {
		return nil
	}
	who, what, share := c.worst(u, base, seconds)
	if what == "" {
		return nil
	}
	victim, found := greatest(u, base, what)
	if !found {
		return nil
	}
	return []Correction{correct(victim, fmt.Sprintf("%s waited for %s in %.0f%% of the last %.1f s", who, what, 100*share, seconds))}
}

// worst finds who waits the most above a threshold, for what, and which share of the time; what is "" if nobody does.
func (c *Pressure) worst(u Usage, base map[string]Sample, seconds float64) (who, what string, share float64) {
	above := 0.0
	look := func(name string, old, now Sample) {
		waited := now.since(old)
		for _, r := range []struct {
			name       string
			took, most float64
		}{{"memory", waited.Memory, c.most.Memory}, {"cpu", waited.CPU, c.most.CPU}, {"io", waited.IO, c.most.IO}} {
			if s := min(r.took/seconds, 1); s > r.most && s-r.most > above {
				above, who, what, share = s-r.most, name, r.name, s
			}
		}
	}
	asked := false
	for _, e := range u.Executors {
		old, known := base[e.ContainerID]
		switch {
		case e.Lent() || !known:
		case e.Sample.Stalls.Known && old.Stalls.Known:
			look("executor "+e.ExecutorID+" of framework "+e.FrameworkID, old, e.Sample)
		case u.Machine.Stalls.Known && base[machine].Stalls.Known && !asked:
			asked = true
			look("the machine", base[machine], Sample{Stalls: u.Machine.Stalls})
		}
	}
	return who, what, share
}

// since is how long it waited since an older sample, but for its own limits.
func (s Sample) since(old Sample) Stalls {
	held := max(s.Throttled-old.Throttled, 0)
	return Stalls{CPU: s.Stalls.CPU - old.Stalls.CPU - held, Memory: s.Stalls.Memory - old.Stalls.Memory, IO: s.Stalls.IO - old.Stalls.IO}
}

// greatest is the executor with something lent that uses the most of a resource; of io the one that waits for it most,
// since it asks for most.
func greatest(u Usage, base map[string]Sample, what string) (victim Executor, found bool) {
	most := 0.0
	for _, e := range u.Executors {
		if !e.Lent() {
			continue
		}
		old, use := base[e.ContainerID], 0.0
		switch what {
		case "cpu":
			use = e.Sample.CPU - old.CPU
		case "memory":
			use = float64(e.Sample.Mem)
		case "io":
			use = e.Sample.Stalls.IO - old.Stalls.IO
		}
		if !found || use > most {
			victim, most, found = e, use, true
		}
	}
	return victim, found
}
