package marathon

import (
	"encoding/json"
	"sync"
	"time"

	"mesos/actors/marathon/model"
	"mesos/actors/marathon/plan"
	v1 "mesos/messages/mesos/v1"
)

// Event is one event of /v2/events.
type Event struct {
	Type string
	Data []byte // JSON
}

// hub hands events to who listens. It may be used from any goroutine.
type hub struct {
	mu     sync.Mutex
	subs   map[*Subscription]bool
	closed bool
}

func newHub() *hub { return &hub{subs: map[*Subscription]bool{}} }

// Subscription is one listener. C is closed when it was too slow, or at the end.
type Subscription struct {
	C   chan Event
	hub *hub
}

// pending is how many events a listener may be behind.
const pendingEvents = 4096

// Subscribe begins to listen.
func (s *Service) Subscribe() *Subscription {
	h := s.events
	h.mu.Lock()
	defer h.mu.Unlock()
	sub := &Subscription{make(chan Event, pendingEvents), h}
	if h.closed {
		close(sub.C)
		return sub
	}
	h.subs[sub] = true
	return sub
}

// Close ends it.
func (sub *Subscription) Close() {
	sub.hub.mu.Lock()
	defer sub.hub.mu.Unlock()
	sub.hub.drop(sub)
}

func (h *hub) drop(sub *Subscription) {
	if h.subs[sub] {
		delete(h.subs, sub)
		close(sub.C)
	}
}

func (h *hub) close() {
	h.mu.Lock()
	defer h.mu.Unlock()
	h.closed = true
	for sub := range h.subs {
		h.drop(sub)
	}
}

// send tells all listeners; fields get the type and the time.
func (h *hub) send(kind string, fields map[string]any) {
	h.mu.Lock()
	defer h.mu.Unlock()
	if len(h.subs) == 0 {
		return
	}
	fields["eventType"], fields["timestamp"] = kind, model.At(time.Now())
	b, err := json.Marshal(fields)
	if err != nil {
		return // our own values have a JSON form
	}
	for sub := range h.subs {
		select {
		case sub.C <- Event{kind, b}:
		default:
			h.drop(sub)
		}
	}
}

// Announce sends an event of the API to all listeners.
func (s *Service) Announce(kind string, fields map[string]any) { s.events.send(kind, fields) }

func (s *Service) tellStatus(i *model.Instance, u *v1.TaskStatus) {
	s.events.send("status_update_event", map[string]any{
		"slaveId": i.AgentID, "taskId": u.GetTaskId().GetValue(), "taskStatus": u.GetState().String(), "message": u.GetMessage(),
		"appId": i.Spec, "host": i.Host, "ports": ports(i), "version": i.Version,
	})
}

func (s *Service) tellInstance(i *model.Instance, condition string) {
	s.events.send("instance_changed_event", map[string]any{
		"instanceId": i.ID, "condition": condition, "runSpecId": i.Spec, "runSpecVersion": i.Version, "agentId": i.AgentID, "host": i.Host,
	})
}

func (s *Service) tellHealth(i *model.Instance, alive bool) {
	s.events.send("health_status_changed_event", map[string]any{"appId": i.Spec, "instanceId": i.ID, "version": i.Version, "alive": alive})
	s.events.send("instance_health_changed_event", map[string]any{"instanceId": i.ID, "runSpecId": i.Spec, "runSpecVersion": i.Version, "healthy": alive})
}

func (s *Service) tellDeployment(kind string, d *plan.Deployment) {
	s.events.send(kind, map[string]any{"id": d.ID, "plan": planJSON(d), "currentStep": currentStep(d)})
}

func (s *Service) tellStep(kind string, d *plan.Deployment) {
	s.events.send(kind, map[string]any{"plan": planJSON(d), "currentStep": currentStep(d)})
}

// ports are the ports of the agent that an instance has, never nil.
func ports(i *model.Instance) []int {
	out := []int{}
	for _, p := range i.Ports {
		if p != 0 {
			out = append(out, p)
		}
	}
	return out
}
