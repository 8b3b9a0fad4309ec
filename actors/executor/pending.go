package executor

import (
	"bytes"
	"slices"
	"time"

	v1 "mesos/messages/mesos/v1"
	executorv1 "mesos/messages/mesos/v1/executor"
)

// pending is what the agent has not acknowledged, in order of time.
type pending struct {
	tasks   []*v1.TaskInfo // without any acknowledged update
	updates []*update
	waiting []func() // for the updates to be gone
}

type update struct {
	status *v1.TaskStatus
	sent   bool // on the present link
}

// launch remembers a task; false if it was known already.
func (p *pending) launch(t *v1.TaskInfo) bool {
	id := t.GetTaskId().GetValue()
	if slices.ContainsFunc(p.tasks, func(o *v1.TaskInfo) bool { return o.GetTaskId().GetValue() == id }) {
		return false
	}
	p.tasks = append(p.tasks, t)
	return true
}

func (p *pending) add(s *v1.TaskStatus) { p.updates = append(p.updates, &update{status: s}) }

// everything is the body of SUBSCRIBE; what it holds counts as sent.
func (p *pending) everything() *executorv1.Call_Subscribe {
	s := &executorv1.Call_Subscribe{UnacknowledgedTasks: slices.Clone(p.tasks)}
	for _, u := range p.updates {
		u.sent = true
		s.UnacknowledgedUpdates = append(s.UnacknowledgedUpdates, &executorv1.Call_Update{Status: u.status})
	}
	return s
}

// acknowledge forgets an update and that its task is new; false if the update
// is not known.
func (p *pending) acknowledge(task string, uuid []byte) bool {
	i := slices.IndexFunc(p.updates, func(u *update) bool {
		return u.status.GetTaskId().GetValue() == task && bytes.Equal(u.status.GetUuid(), uuid)
	})
	if i < 0 {
		return false
	}
	p.updates = slices.Delete(p.updates, i, i+1)
	p.tasks = slices.DeleteFunc(p.tasks, func(t *v1.TaskInfo) bool { return t.GetTaskId().GetValue() == task })
	return true
}

// settle runs those who wait, if there is nothing to wait for.
func (p *pending) settle(over bool) {
	for len(p.waiting) > 0 && (over || len(p.updates) == 0) {
		f := p.waiting[0]
		p.waiting = p.waiting[1:]
		f()
	}
}

// Unacknowledged updates are sent again after firstResend, then half as often
// each time up to lastResend. A link that holds loses nothing; this is for an
// agent that did.
const (
	firstResend = 10 * time.Second
	lastResend  = time.Minute
)

// flush sends the updates that the present link has not carried.
func (d *Driver) flush() {
	for _, u := range d.pending.updates {
		if !u.sent {
			u.sent = true
			c := d.call(executorv1.Call_UPDATE)
			c.Update = &executorv1.Call_Update{Status: u.status}
			d.send(c)
		}
	}
	if d.resend == nil && len(d.pending.updates) > 0 {
		d.again = firstResend
		d.resend = d.rt.Delay(d.again, d.sendAgain)
	}
}

func (d *Driver) sendAgain() {
	d.resend = nil
	if d.phase != subscribed || len(d.pending.updates) == 0 {
		return
	}
	for _, u := range d.pending.updates {
		u.sent = false
	}
	next := min(2*d.again, lastResend)
	d.flush()
	stop(&d.resend)
	d.again = next
	d.resend = d.rt.Delay(next, d.sendAgain)
}

func (d *Driver) acknowledged(a *executorv1.Event_Acknowledged) {
	if !d.pending.acknowledge(a.GetTaskId().GetValue(), a.GetUuid()) {
		return
	}
	stop(&d.resend)
	if d.phase == subscribed {
		d.flush()
	}
	d.pending.settle(false)
}
