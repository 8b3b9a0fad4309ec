package simtest

import (
	"fmt"
	"math/rand/v2"
	"sync/atomic"

	"mesos/actors/agent/oversubscription"
	v1 "mesos/messages/mesos/v1"
	"mesos/messages/resources"
)

// moody is the estimator and the controller of all agents of a cluster: it lends now more, now less, and ends now and then
// whom it lent something, until it calms down.
type moody struct {
	seed uint64
	cpus int // that it lends at most
	calm atomic.Bool
}

// on gives one agent its own.
func (m *moody) on(*Agent) *mood {
	m.seed++
	return &mood{m, rand.New(rand.NewPCG(m.seed, 5))}
}

type mood struct {
	m *moody
	r *rand.Rand
}

func (m *mood) Oversubscribable(u oversubscription.Usage) resources.Resources {
	cpus := m.m.cpus
	if !m.m.calm.Load() {
		cpus = m.r.IntN(cpus + 1)
	}
	return revocable(fmt.Sprintf("cpus:%d", cpus)).Sub(u.Lent())
}

func (m *mood) Corrections(u oversubscription.Usage) (out []oversubscription.Correction) {
	for _, e := range u.Executors {
		if e.Lent() && !m.m.calm.Load() && m.r.IntN(7) < 4 {
			out = append(out, oversubscription.Correction{FrameworkID: e.FrameworkID, ExecutorID: e.ExecutorID, ContainerID: e.ContainerID, Why: "a mood"})
		}
	}
	return out
}

func revocable(text string) resources.Resources { return resources.MustParse(text).Revoked() }

// borrower is a framework that takes what may be taken back.
func borrower(info *v1.FrameworkInfo) *v1.FrameworkInfo {
	info.Capabilities = append(info.Capabilities, &v1.FrameworkInfo_Capability{Type: v1.FrameworkInfo_Capability_REVOCABLE_RESOURCES.Enum()})
	return info
}

// impatience has agents that lend two cpus and end who keeps something of them for five questions.
var impatience = Options{
	Agents: 1,
	Estimator: func(*Agent) oversubscription.Estimator {
		e, err := oversubscription.NewFixed(oversubscription.Parameters{"resources": "cpus:2"})
		if err != nil {
			panic(err)
		}
		return e
	},
	QoS: func(*Agent) oversubscription.Controller { return impatient{} },
}

type impatient map[string]int

func (i impatient) Corrections(u oversubscription.Usage) (out []oversubscription.Correction) {
	for _, e := range u.Executors {
		if i[e.ContainerID]++; e.Lent() && i[e.ContainerID] >= 5 {
			out = append(out, oversubscription.Correction{FrameworkID: e.FrameworkID, ExecutorID: e.ExecutorID, ContainerID: e.ContainerID, Why: "it had enough"})
		}
	}
	return out
}
