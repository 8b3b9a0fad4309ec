package simtest

import (
	"fmt"
	"slices"
	"sync"
	"time"

	"mesos/actors/memnet"
	v1 "mesos/messages/mesos/v1"
	schedulerv1 "mesos/messages/mesos/v1/scheduler"
	"mesos/messages/ordered"
)

// witness hears what a scheduler and its master tell each other.
type witness struct {
	addr string

	mu         sync.Mutex
	subscribed bool
	end        time.Time            // of the faults
	offers     map[string]time.Time // not answered, when they came
	used       map[string]bool
	launched   map[string]bool
	pending    map[string]pendingUpdate // not acknowledged, by uuid
	found      []Finding
}

type pendingUpdate struct {
	task  string
	state v1.TaskState
	last  time.Time
}

func newWitness(addr string) *witness {
	return &witness{addr: addr, offers: map[string]time.Time{}, used: map[string]bool{}, launched: map[string]bool{}, pending: map[string]pendingUpdate{}}
}

// healed says that all faults are over.
func (w *witness) healed() {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.end = time.Now()
}

// delivered is a tap of the network.
func (w *witness) delivered(d memnet.Delivery) {
	w.mu.Lock()
	defer w.mu.Unlock()
	if d.Exited && d.To.Addr == w.addr {
		clear(w.offers) // they are void with the session
	}
	switch m := d.Message.(type) {
	case *schedulerv1.Event:
		if d.To.Addr == w.addr {
			w.event(m)
		}
	case *schedulerv1.Call:
		if d.From.Addr == w.addr {
			w.call(m)
		}
	}
}

func (w *witness) event(e *schedulerv1.Event) {
	switch e.GetType() {
	case schedulerv1.Event_SUBSCRIBED:
		w.subscribed = true
	case schedulerv1.Event_OFFERS:
		for _, o := range e.GetOffers().GetOffers() {
			w.offers[o.GetId().GetValue()] = time.Now()
		}
	case schedulerv1.Event_RESCIND:
		delete(w.offers, e.GetRescind().GetOfferId().GetValue())
	case schedulerv1.Event_UPDATE:
		if s := e.GetUpdate().GetStatus(); len(s.GetUuid()) > 0 {
			w.pending[string(s.GetUuid())] = pendingUpdate{s.GetTaskId().GetValue(), s.GetState(), time.Now()}
		}
	}
}

func (w *witness) call(c *schedulerv1.Call) {
	switch c.GetType() {
	case schedulerv1.Call_ACCEPT:
		w.use(c.GetAccept().GetOfferIds())
		for _, op := range c.GetAccept().GetOperations() {
			for _, t := range slices.Concat(op.GetLaunch().GetTaskInfos(), op.GetLaunchGroup().GetTaskGroup().GetTasks()) {
				w.launch(t.GetTaskId().GetValue())
			}
		}
	case schedulerv1.Call_DECLINE:
		w.use(c.GetDecline().GetOfferIds())
	case schedulerv1.Call_ACKNOWLEDGE:
		delete(w.pending, string(c.GetAcknowledge().GetUuid()))
	}
}

func (w *witness) use(ids []*v1.OfferID) {
	for _, id := range ids {
		delete(w.offers, id.GetValue())
		if w.used[id.GetValue()] {
			w.find(OfferUsedTwice, id.GetValue(), "offer %s was accepted or declined again: it is used up by the first time", id.GetValue())
		}
		w.used[id.GetValue()] = true
	}
}

func (w *witness) launch(id string) {
	if w.launched[id] {
		w.find(TaskIDUsedTwice, id, "task id %s was launched again: a task needs an id of its own", id)
	}
	w.launched[id] = true
}

func (w *witness) find(m Mistake, what, format string, args ...any) {
	w.found = append(w.found, Finding{m, what, fmt.Sprintf(format, args...)})
}

// findings says what is wrong in the end: believed are the tasks that the scheduler takes to run, runs tells where one
// does.
func (w *witness) findings(believed []string, runs func(task string) int) []Finding {
	w.mu.Lock()
	defer w.mu.Unlock()
	if !w.subscribed {
		w.find(NeverSubscribed, "", "the scheduler was never told that it is subscribed")
	}
	believed = slices.Sorted(slices.Values(believed))
	for _, id := range believed {
		if runs(id) == 0 {
			w.find(BelievedRunning, id, "task %s is believed to run, and runs nowhere", id)
		}
	}
	for id := range ordered.All(w.launched) {
		if _, known := slices.BinarySearch(believed, id); !known && runs(id) > 0 {
			w.find(Forgotten, id, "task %s runs, and the scheduler takes it to be over", id)
		}
	}
	patience := time.Now().Add(-5 * time.Minute)
	for _, p := range ordered.All(w.pending) {
		if p.last.After(w.end) && p.last.Before(patience) {
			w.find(NeverAcknowledged, p.task, "%s of task %s was told after all faults and never acknowledged: its agent tells it for ever", p.state, p.task)
		}
	}
	for id, at := range ordered.All(w.offers) {
		if at.Before(patience) {
			w.find(NeverAnswered, id, "offer %s was neither accepted nor declined for %v: nobody else can use it", id, time.Since(at).Round(time.Second))
		}
	}
	return w.found
}
