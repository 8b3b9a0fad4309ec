package simtest

import (
	"fmt"
	"slices"
	"strings"
	"time"

	"mesos/actors/scheduler"
	v1 "mesos/messages/mesos/v1"
)

// maintained are the machines that operators look after.
type maintained struct {
	windows []*Agent // in the schedule
	starts  map[*Agent]time.Time
	down    []*Agent
}

// maintenance has an operator schedule a machine, take one down, or bring one up.
func (x *chaos) maintenance() {
	if x.c.Leader() == nil {
		return
	}
	m := &x.maintained
	switch n := x.r.IntN(4); {
	case n == 0 && len(m.down) > 0:
		a := m.down[0]
		m.down = m.down[1:]
		x.unschedule(a)
		x.order("STOP_MAINTENANCE", `"machines":[`+a.machine()+`]`)
	case n == 1 && len(m.windows) > 0:
		a := m.windows[x.r.IntN(len(m.windows))]
		if !slices.Contains(m.down, a) {
			m.down = append(m.down, a)
		}
		x.order("START_MAINTENANCE", `"machines":[`+a.machine()+`]`)
	case n == 2 && len(m.windows) > 3:
		x.unschedule(m.windows[0])
		x.schedule()
	default:
		a := x.busyAgent()
		if a == nil || slices.Contains(m.windows, a) {
			return
		}
		m.windows = append(m.windows, a)
		m.starts[a] = time.Now().Add(x.about(10 * time.Minute))
		x.schedule()
	}
}

func (x *chaos) unschedule(a *Agent) {
	m := &x.maintained
	m.windows = slices.DeleteFunc(m.windows, func(w *Agent) bool { return w == a })
}

// schedule tells the master all windows.
func (x *chaos) schedule() {
	var windows []string
	for _, a := range x.maintained.windows {
		windows = append(windows, fmt.Sprintf(`{"machine_ids":[%s],"unavailability":{"start":{"nanoseconds":%d},"duration":{"nanoseconds":%d}}}`,
			a.machine(), x.maintained.starts[a].UnixNano(), time.Hour))
	}
	x.order("UPDATE_MAINTENANCE_SCHEDULE", `"schedule":{"windows":[`+strings.Join(windows, ",")+`]}`)
}

// answersInverse has a framework say whether it will leave the agents that it is asked to leave.
func (x *chaos) answersInverse() {
	for range 10 {
		f := x.framework()
		if f == nil {
			continue
		}
		asked := f.takeInverse()
		if len(asked) == 0 {
			continue
		}
		will := x.r.IntN(2) == 0
		x.say("%s answers %d inverse offers: %v", f.info.GetName(), len(asked), will)
		if will {
			f.Driver().AcceptInverseOffers(scheduler.RefuseFor(60), asked...)
		} else {
			f.Driver().DeclineInverseOffers(scheduler.RefuseFor(60), asked...)
		}
		return
	}
}

// takeInverse are the inverse offers that came since it was called last.
func (f *Framework) takeInverse() (out []*v1.OfferID) {
	f.mu.Lock()
	defer f.mu.Unlock()
	for _, o := range f.inverse {
		out = append(out, o.GetId())
	}
	f.inverse = nil
	return out
}

// endMaintenance brings all machines up.
func (x *chaos) endMaintenance() {
	for _, a := range x.c.Agents {
		if x.c.referee.isDown(a.addr) {
			x.order("STOP_MAINTENANCE", `"machines":[`+a.machine()+`]`)
			x.orders.Wait()
		}
	}
	x.maintained.windows = nil
	x.schedule()
	x.orders.Wait()
}
