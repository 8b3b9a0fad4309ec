package marathon

import (
	"slices"
	"time"

	"mesos/actors/marathon/match"
	"mesos/actors/marathon/model"
	"mesos/actors/scheduler"
	"mesos/messages/ids"
	v1 "mesos/messages/mesos/v1"
	"mesos/messages/ordered"
	"mesos/messages/resources"
)

// waiting is a spec of which instances wait to be launched.
type waiting struct {
	spec      *model.Spec
	count     int
	since     time.Time
	processed int // offers
	unused    int
	lastUsed  time.Time
	lastNot   time.Time
	reasons   map[string]int      // since the first wait
	agents    map[string][]string // why not, of the newest offer of each agent
	offers    []Unused            // the newest
}

// Unused is an offer that was of no use, and why.
type Unused struct {
	Offer   *match.Offer
	Reasons []string
	At      time.Time
}

// keptOffers is how many unused offers are remembered for each spec.
const keptOffers = 10

// await notes how many instances of a spec wait.
func (s *Service) await(id string, spec *model.Spec, count int, now time.Time) {
	if count == 0 {
		delete(s.queue, id)
		return
	}
	w := s.queue[id]
	if w == nil || w.spec != spec {
		w = &waiting{spec: spec, since: now, reasons: map[string]int{}, agents: map[string][]string{}}
		s.queue[id] = w
		s.hungry.grown()
	}
	if count > w.count {
		s.hungry.grown()
	}
	w.count = count
}

// order is the queue, those that wait longest first.
func (s *Service) order() []*waiting {
	var list []*waiting
	for _, w := range ordered.All(s.queue) {
		list = append(list, w)
	}
	slices.SortStableFunc(list, func(x, y *waiting) int { return x.since.Compare(y.since) })
	return list
}

// held is an offer, and what is launched on it.
type held struct {
	*match.Offer
	launch []*model.Instance              // some of them only claim their volumes
	claims map[string]resources.Resources // what is reserved for resident instances, by their ids
	clean  []leftover
}

// onOffers places what waits, and gives back what is not needed.
func (s *Service) onOffers(d *scheduler.Driver, offers []*v1.Offer) {
	now := time.Now()
	var list []*held
	for _, m := range offers {
		o, err := match.NewOffer(m)
		if err != nil {
			s.log.Warn("an offer cannot be read", "offer_id", m.GetId().GetValue(), "error", err)
			d.Decline(nil, m.GetId())
			continue
		}
		s.see(o)
		h := &held{Offer: o}
		s.labelled(h)
		list = append(list, h)
	}
	for _, w := range s.order() {
		if s.backoff[w.spec.ID()].Left(now) > 0 || w.spec.Role() != "" && w.spec.Role() != s.conf.Role {
			continue
		}
		s.place(w, list, now)
	}
	for _, o := range list {
		s.use(o)
	}
	s.commit(nil)
}

// see remembers an agent for services that run on each.
func (s *Service) see(o *match.Offer) {
	_, known := s.agents[o.AgentID]
	s.agents[o.AgentID] = &match.Offer{AgentID: o.AgentID, Host: o.Host, Region: o.Region, Zone: o.Zone, Attributes: o.Attributes}
	if known {
		return
	}
	for id, spec := range s.current {
		if spec.PerAgent() {
			s.touch(id)
		}
	}
}

// place puts waiting instances on offers, one offer after the other, so that they spread.
func (s *Service) place(w *waiting, offers []*held, now time.Time) {
	if len(offers) == 0 {
		return
	}
	room := w.count
	if w.spec.Resident() {
		room = s.resume(w, offers, now)
	}
	peers := s.peers(w.spec)
	refused := make([]bool, len(offers))
	left := len(offers)
	for k := 0; room > 0 && left > 0; k = (k + 1) % len(offers) {
		if refused[k] {
			continue
		}
		o := offers[k]
		fit, reasons := match.Try(o.Offer, w.spec, peers, s.d.Process().Rand())
		w.processed++
		if fit == nil {
			refused[k] = true
			left--
			w.refuse(o.Offer, reasons, now)
			continue
		}
		peers = append(peers, s.provision(w.spec, o, fit, now))
		w.count--
		room--
		w.lastUsed = now
	}
	if w.count == 0 {
		delete(s.queue, w.spec.ID())
	}
}

// peers are the instances beside which another must fit: those that live.
func (s *Service) peers(spec *model.Spec) (out []*model.Instance) {
	for _, i := range ordered.All(s.bySpec[spec.ID()]) {
		out = append(out, i)
	}
	return out
}

func (w *waiting) refuse(o *match.Offer, reasons []string, now time.Time) {
	w.unused++
	w.lastNot = now
	w.reasons[reasons[0]]++
	w.agents[o.AgentID] = reasons
	w.offers = slices.DeleteFunc(w.offers, func(u Unused) bool { return u.Offer.AgentID == o.AgentID })
	w.offers = append(w.offers, Unused{o, reasons, now})
	if n := len(w.offers) - keptOffers; n > 0 {
		w.offers = slices.Delete(w.offers, 0, n)
	}
}

// provision makes an instance, which is launched, or claims its volumes, when its row is durable.
func (s *Service) provision(spec *model.Spec, o *held, fit *match.Fit, now time.Time) *model.Instance {
	if spec.Resident() {
		return s.claim(spec, o, fit, now)
	}
	i := s.newInstance(spec, o, fit, now)
	i.Attempt = 1
	s.prepare(i, spec, now)
	s.put(i, o, fit)
	return i
}

func (s *Service) newInstance(spec *model.Spec, o *held, fit *match.Fit, now time.Time) *model.Instance {
	i := &model.Instance{
		ID: match.InstanceID(spec.ID(), s.d.Process().UUID().String()), Spec: spec.ID(), Version: spec.Version(), Config: spec.Config(),
		Created: model.At(now), Ports: fit.Ports,
	}
	o.Place(i, spec.Constraints())
	return i
}

// put puts an instance on an offer, to be used when its row is durable.
func (s *Service) put(i *model.Instance, o *held, fit *match.Fit) {
	o.Left = o.Left.Sub(fit.Used)
	o.launch = append(o.launch, i)
	s.fits[i.ID] = fit
	s.pending[i.ID] = true
	s.addInstance(i)
	s.saveInstance(i)
	s.tellInstance(i, string(i.Condition()))
}

// prepare gives an instance new tasks.
func (s *Service) prepare(i *model.Instance, spec *model.Spec, now time.Time) {
	i.Tasks = nil
	for k, id := range match.TaskIDs(spec, i.ID, i.Attempt) {
		t := model.Task{ID: id, Staged: model.At(now), Since: model.At(now)}
		if spec.Pod != nil {
			t.Container = spec.Pod.Containers[k].Name
		}
		i.Tasks = append(i.Tasks, t)
	}
}

// use launches what was placed on an offer when that is durable, or gives it back.
func (s *Service) use(o *held) {
	if len(o.launch) == 0 && len(o.clean) == 0 {
		s.d.Decline(s.refusal(), ids.Offer(o.ID))
		return
	}
	s.commit(func() { s.launch(o) })
}

// refusal is how long an offer is to stay away: until something waits, then it is asked for.
func (s *Service) refusal() *v1.Filters {
	if len(s.queue) > 0 || len(s.leftover) > 0 {
		return scheduler.RefuseFor(5)
	}
	return scheduler.RefuseFor(3600)
}

// launch sends what is durable, but for what was ended meanwhile.
func (s *Service) launch(o *held) {
	var tasks []*v1.TaskInfo
	var ops []*v1.Offer_Operation
	for _, l := range o.clean {
		ops = append(ops, s.cleanOps(l)...)
	}
	for _, i := range o.launch {
		delete(s.pending, i.ID)
		spec, fit := s.specOf(i), s.fits[i.ID]
		delete(s.fits, i.ID)
		switch {
		case s.instances[i.ID] != i:
		case i.Claims():
			ops = append(ops, s.claimOperations(i, fit)...)
		case i.Resident && (i.Doomed || spec == nil) && s.keeps(i, v1.TaskState_TASK_DROPPED):
			s.suspend(i)
		case i.Doomed || spec == nil:
			s.removeInstance(i)
		case spec.Pod != nil:
			executor, group := match.Group(spec, i, fit)
			ops = append(ops, &v1.Offer_Operation{
				Type:        v1.Offer_Operation_LAUNCH_GROUP.Enum(),
				LaunchGroup: &v1.Offer_Operation_LaunchGroup{Executor: executor, TaskGroup: &v1.TaskGroupInfo{Tasks: group}},
			})
		default:
			t := match.Task(spec, i, fit.Tasks[0])
			tasks = append(tasks, t)
		}
	}
	if len(tasks) > 0 {
		ops = append(ops, scheduler.LaunchTasks(tasks...))
	}
	if len(ops) == 0 {
		s.d.Decline(s.refusal(), ids.Offer(o.ID))
	} else {
		s.d.Accept([]*v1.OfferID{ids.Offer(o.ID)}, ops, scheduler.RefuseFor(0))
	}
	s.commit(nil)
}

// hunger is whether offers are asked for.
type hunger struct {
	asked  bool // for offers, rather than none
	told   bool // the master was told either
	more   bool // something new waits since the last time
	last   time.Time
	timing bool
}

// grown says that something new waits, for which offers may do that were declined.
func (h *hunger) grown() { h.more = true }

// forget says that the master knows nothing any more.
func (h *hunger) forget() { h.told, h.more = false, true }

// reviveEvery bounds how often all filters are removed.
const reviveEvery = time.Second

// feed asks for offers when something waits, and for none otherwise.
func (s *Service) feed() {
	if !s.subscribed {
		return
	}
	now := time.Now()
	h := &s.hungry
	if !s.needsOffers(now) {
		if !h.told || h.asked {
			s.d.Suppress()
			h.told, h.asked = true, false
		}
		return
	}
	if h.told && h.asked && !h.more {
		return
	}
	if wait := h.last.Add(reviveEvery).Sub(now); wait > 0 {
		if !h.timing {
			h.timing = true
			s.d.Delay(wait, func() { h.timing = false; s.feed() })
		}
		return
	}
	s.d.Revive()
	h.told, h.asked, h.more, h.last = true, true, false, now
}

// needsOffers says that something waits that is not delayed, or that new agents or leftovers are looked out for.
func (s *Service) needsOffers(now time.Time) bool {
	if s.lookForLeftovers(now) {
		return true
	}
	for id := range s.queue {
		if s.backoff[id].Left(now) == 0 {
			return true
		}
	}
	for _, spec := range s.current {
		if spec.PerAgent() {
			return true
		}
	}
	return false
}
