package marathon

import (
	"time"

	"mesos/actors/marathon/match"
	"mesos/actors/marathon/model"
	"mesos/actors/marathon/plan"
	"mesos/messages/ordered"
)

// touch has a spec looked at, with all others that are, when the actor has done
// what it is doing.
func (s *Service) touch(id string) {
	s.dirty[id] = true
	if s.passing {
		return
	}
	s.passing = true
	s.d.Dispatch(s.pass)
}

// pass decides about the specs for which something changed.
func (s *Service) pass() {
	s.passing = false
	dirty := s.dirty
	s.dirty = map[string]bool{}
	for id := range ordered.All(dirty) {
		s.decide(id)
	}
	s.progress()
	s.feed()
	s.commit(nil)
}

// goal is what there should be of a spec now: a deployment that has not come to it
// yet leaves it as it was.
func (s *Service) goal(id string) plan.Goal {
	cur := s.current[id]
	d := s.locked[id]
	if d == nil {
		return s.want(cur)
	}
	kind, reached := d.Action(id)
	if !reached {
		return s.want(s.specs[id][d.Before[id]])
	}
	g := s.want(cur)
	switch kind {
	case plan.Start:
		g.Want = 0
	case plan.Stop:
		g.Spec = nil
	case plan.Restart:
		g.Upgrading = true
		if n := cur.Upgrade().CanaryInstances; !d.Promoted && !d.Before[id].IsZero() {
			g.Canary = n
		}
	}
	return g
}

func (s *Service) want(spec *model.Spec) plan.Goal {
	if spec == nil {
		return plan.Goal{}
	}
	g := plan.Goal{Spec: spec, Want: spec.Instances()}
	if spec.PerAgent() {
		g.Want = s.everywhere(spec)
	}
	return g
}

// everywhere is how many instances a service on each agent has: those that there
// are, and one for each other agent that suits it.
func (s *Service) everywhere(spec *model.Spec) int {
	on := map[string]bool{}
	for _, i := range s.bySpec[spec.ID()] {
		if !i.Doomed || i.Config != spec.Config() {
			on[i.AgentID] = true
		}
	}
	for id, o := range s.agents {
		if !on[id] && match.Suits(o, spec) {
			on[id] = true
		}
	}
	return len(on)
}

// decide carries out what package plan says about one spec.
func (s *Service) decide(id string) {
	now := time.Now()
	var list []*model.Instance
	for _, i := range ordered.All(s.bySpec[id]) {
		list = append(list, i)
	}
	g := s.goal(id)
	d := plan.Decide(g, list, now)
	s.results[id] = d
	for _, gone := range d.Expunge {
		s.expunge(s.instances[gone])
	}
	for _, k := range d.Kill {
		s.doom(s.instances[k.ID], k.Why)
	}
	s.await(id, g.Spec, d.Launch, now)
	if !d.Wake.IsZero() {
		s.wakeAt(id, d.Wake)
	}
	if g.Spec == nil && d.Done {
		delete(s.results, id)
		if s.locked[id] != nil {
			s.results[id] = d
		}
	}
}

// wakeAt has a spec looked at again at a moment.
func (s *Service) wakeAt(id string, at time.Time) {
	s.d.Delay(max(time.Until(at), time.Millisecond), func() { s.touch(id) })
}

// expunge gives up an instance: one whose agent does not answer, which is a task that is
// not known and killed if it comes back, or a resident one with its volumes.
func (s *Service) expunge(i *model.Instance) {
	s.log.Info("instance given up", "condition", string(i.Condition()), "app", i.Spec, "instance", i.ID, "agent_id", i.AgentID)
	s.tellInstance(i, "Expunged")
	s.removeInstance(i)
}
