package simtest

import (
	"mesos/actors/agent"
	"mesos/actors/agent/oversubscription"
	"mesos/messages/resources"
)

// lend gives an agent's program its estimator and controller. They answer in turns of their own, as they do beside the
// actor of a real agent.
func (a *Agent) lend(conf *agent.Config) {
	if f := a.c.opts.Estimator; f != nil {
		conf.Estimator, conf.OversubscribedInterval = turnEstimator{a, f(a)}, a.c.opts.EstimatorInterval
	}
	if f := a.c.opts.QoS; f != nil {
		conf.QoS, conf.QoSInterval = turnController{a, f(a)}, a.c.opts.QoSInterval
	}
}

type turnEstimator struct {
	a *Agent
	oversubscription.Estimator
}

func (e turnEstimator) Oversubscribable(u oversubscription.Usage) (out resources.Resources) {
	e.a.c.stage.do("estimator "+e.a.addr, func() { out = e.Estimator.Oversubscribable(u) })
	return out
}

type turnController struct {
	a *Agent
	oversubscription.Controller
}

func (c turnController) Corrections(u oversubscription.Usage) (out []oversubscription.Correction) {
	c.a.c.stage.do("controller "+c.a.addr, func() { out = c.Controller.Corrections(u) })
	return out
}
