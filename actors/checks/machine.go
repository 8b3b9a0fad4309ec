package checks

import (
	"time"

	v1 "mesos/messages/mesos/v1"
)

// phase of a Machine. It only moves along this list, and from aborting or
// probing back to waiting.
type phase int

const (
	idle     phase = iota
	waiting        // for the time of the next probe
	probing        // a probe runs
	aborting       // its time is over, its end is awaited
	stopped        // for good
)

// Machine is one check of one task. It is pure: every step is given the time,
// and says what to do.
type Machine struct {
	probe  Probe
	timing timing
	judge  judge
	phase  phase
}

// judge says what results mean.
type judge interface {
	start(now time.Time)
	// result adds to the effects what is to be told.
	result(now time.Time, r Result, e *Effects)
}

// Effects is what a step asks for, to be done in the order of the fields.
type Effects struct {
	Abort  bool                // end the probe that runs; its Result still has to come
	Probe  bool                // start a probe
	Wake   time.Time           // call Tick at this time, and at no earlier one asked for; zero: never
	Health *Health             // to be told
	Status *v1.CheckStatusInfo // to be told
}

// NewHealth makes the Machine of a health check; fields that are not set have
// the defaults of the protocol. The error is for a type that is not known.
func NewHealth(c *v1.HealthCheck) (*Machine, error) {
	p, err := healthProbe(c)
	if err != nil {
		return nil, err
	}
	return &Machine{probe: p, timing: timingOf(c), judge: &health{
		probe: p, statuses: c.GetHttp().GetStatuses(), grace: duration(c.GetGracePeriodSeconds()), limit: c.GetConsecutiveFailures(),
	}}, nil
}

// NewCheck makes the Machine of a check, as NewHealth does.
func NewCheck(c *v1.CheckInfo) (*Machine, error) {
	p, err := checkProbe(c)
	if err != nil {
		return nil, err
	}
	return &Machine{probe: p, timing: timingOf(c), judge: &status{last: NoResult(c.GetType())}}, nil
}

// Probe is what to do when Effects ask for a probe.
func (m *Machine) Probe() Probe { return m.probe }

// Start is the first step: the task runs.
func (m *Machine) Start(now time.Time) Effects {
	if m.phase != idle {
		return Effects{}
	}
	m.judge.start(now)
	m.phase = waiting
	return Effects{Wake: now.Add(m.timing.delay)}
}

// Tick is the step at the time of Effects.Wake.
func (m *Machine) Tick(now time.Time) Effects {
	switch m.phase {
	case waiting:
		m.phase = probing
		e := Effects{Probe: true}
		if m.timing.timeout > 0 {
			e.Wake = now.Add(m.timing.timeout)
		}
		return e
	case probing:
		m.phase = aborting
		return Effects{Abort: true}
	}
	return Effects{}
}

// Result is the step at the end of a probe, aborted or not.
func (m *Machine) Result(now time.Time, r Result) Effects {
	switch m.phase {
	case probing:
	case aborting:
		r = Result{Err: timeoutError(m.timing.timeout)} // what it found in its last moment is too late
	default:
		return Effects{}
	}
	m.phase = waiting
	e := Effects{Wake: now.Add(m.timing.interval)}
	m.judge.result(now, r, &e)
	return e
}

// Stop is the last step: the task ends. Nothing is told any more.
func (m *Machine) Stop() Effects {
	e := Effects{Abort: m.phase == probing}
	m.phase = stopped
	return e
}

type timeoutError time.Duration

func (t timeoutError) Error() string { return "no result within " + time.Duration(t).String() }
