package agent

import (
	"time"

	"mesos/actors/agent/oversubscription"
	"mesos/isolators"
	"mesos/messages/internalpb"
	"mesos/messages/resources"
)

// oversubscribing is what this agent lends beyond what it has. The estimator and the controller are asked beside the
// actor, each one question at a time.
type oversubscribing struct {
	on    bool                // they are asked, now and then
	total resources.Resources // what was lent when the estimator was asked, and what it allowed beside that
	told  resources.Resources // what the master was told last
}

// lent is what the master is told of: what may be lent in all, or what is, of each the more.
func (a *Agent) lent() resources.Resources {
	if a.conf.Estimator == nil {
		return resources.Resources{}
	}
	return a.lending.total.Add(a.inUse().Revocable().Sub(a.lending.total))
}

// addLent puts into a report what this agent lends.
func (a *Agent) addLent(msg *internalpb.UpdateSlaveMessage) {
	if a.conf.Estimator != nil {
		a.lending.told = a.lent()
		*msg.UpdateOversubscribedResources, msg.OversubscribedResources = true, a.lending.told.Proto()
	}
}

// startLending begins to ask the estimator and the controller, when the agent is registered for the first time.
func (a *Agent) startLending() {
	if a.lending.on {
		return
	}
	a.lending.on = true
	if a.conf.Estimator != nil {
		a.askEstimator()
	}
	if a.conf.QoS != nil {
		a.askController()
	}
}

// askEstimator asks how much may be lent, and tells the master if that has changed.
func (a *Agent) askEstimator() {
	list, held := a.measurable(), a.inUse().Revocable()
	a.wg.Go(func() {
		free := a.conf.Estimator.Oversubscribable(a.usage(list)).Unallocate().Revocable()
		a.p.Dispatch(func() {
			a.lending.total = held.Add(free)
			if !a.lent().Equal(a.lending.told) {
				a.log.Info("oversubscribed resources changed", "agent_id", a.id, "before", a.lending.told, "now", a.lent())
				a.report()
			}
			a.p.Delay(a.conf.OversubscribedInterval, a.askEstimator)
		})
	})
}

// measurable are the executors whose container runs, by framework and executor id.
func (a *Agent) measurable() []*measured {
	var out []*measured
	for _, e := range a.executors() {
		if e.state == terminated {
			continue
		}
		m := &measured{Executor: oversubscription.Executor{FrameworkID: e.f.id, ExecutorID: e.id, ContainerID: e.containerID, Allocated: e.holds()}}
		m.view = containerView{containerID: e.containerID, pid: e.process.PID, limits: m.Allocated}
		out = append(out, m)
	}
	return out
}

type measured struct {
	oversubscription.Executor
	view containerView
}

// usage measures. It runs beside the actor.
func (a *Agent) usage(list []*measured) oversubscription.Usage {
	u := oversubscription.Usage{At: time.Now()}
	for _, m := range list {
		if a.conf.Machine != nil && m.view.pid != 0 {
			m.view.measure(a.conf.Containerizer)
			m.Sample = m.view.sample()
		}
		u.Executors = append(u.Executors, m.Executor)
	}
	if a.conf.Machine != nil {
		var err error
		if u.Machine, err = a.conf.Machine(); err != nil {
			a.log.Warn("the machine is not measured", "error", err)
		}
	}
	return u
}

// sample is what estimators and controllers want to know of a container.
func (v *containerView) sample() oversubscription.Sample {
	s := v.statistics
	if s == nil {
		return oversubscription.Sample{} // it has just ended
	}
	out := oversubscription.Sample{
		Measured: true, CPU: s.GetCpusUserTimeSecs() + s.GetCpusSystemTimeSecs(), Throttled: s.GetCpusThrottledTimeSecs(), Mem: s.GetMemRssBytes(),
	}
	to := map[string]*float64{"cpu": &out.Stalls.CPU, "memory": &out.Stalls.Memory, "io": &out.Stalls.IO}
	known := 0
	for _, f := range v.figures {
		if f.Name != isolators.StallFigure || len(f.Labels) != 2 || f.Labels[1].Value != "some" || to[f.Labels[0].Value] == nil {
			continue
		}
		*to[f.Labels[0].Value] = f.Value
		known++
	}
	out.Stalls.Known = known == len(to)
	return out
}
