package view

import (
	"net/url"
	"strings"
	"sync/atomic"

	v1 "mesos/messages/mesos/v1"
	schedulerv1 "mesos/messages/mesos/v1/scheduler"
)

// kinds bounds the numbers of the enums that are counted by value.
const kinds = 32

// Counts are what one framework and its master said to each other. The master counts, readers look on meanwhile.
type Counts struct {
	OffersSent, OffersAccepted, OffersDeclined, OffersRescinded atomic.Uint64

	calls, events, operations, ended [kinds]atomic.Uint64
}

// Call counts a call of the framework.
func (c *Counts) Call(t schedulerv1.Call_Type) { add(&c.calls, int32(t)) }

// Event counts an event that was sent to it.
func (c *Counts) Event(t schedulerv1.Event_Type) { add(&c.events, int32(t)) }

// Operation counts an operation on offers of its own that it asked for, launches among them.
func (c *Counts) Operation(t v1.Offer_Operation_Type) { add(&c.operations, int32(t)) }

// Ended counts a task of it that ended in a state.
func (c *Counts) Ended(s v1.TaskState) { add(&c.ended, int32(s)) }

func add(of *[kinds]atomic.Uint64, kind int32) {
	if kind >= 0 && kind < kinds { // an enum value of a newer protocol
		of[kind].Add(1)
	}
}

// Number is one number of a framework under its name in the metrics.
type Number struct {
	Name    string
	Counter bool // else a gauge
	Value   float64
}

// Numbers are all that is counted of the framework, under the names that Mesos gives them.
func (f *Framework) Numbers() []Number {
	prefix := "master/frameworks/" + escape(f.Info.GetName()) + "/" + f.ID + "/"
	var out []Number
	put := func(name string, counter bool, v float64) { out = append(out, Number{prefix + name, counter, v}) }
	put("subscribed", false, number(f.Connected))
	for _, role := range f.Roles {
		put("roles/"+role+"/suppressed", false, number(f.Suppressed[role]))
	}
	active := map[v1.TaskState]int{}
	for _, t := range f.Tasks {
		active[t.State]++
	}
	active[v1.TaskState_TASK_UNREACHABLE] += len(f.Unreachable)
	for n, name := range v1.TaskState_name {
		switch s := v1.TaskState(n); s {
		case v1.TaskState_TASK_STAGING, v1.TaskState_TASK_STARTING, v1.TaskState_TASK_RUNNING, v1.TaskState_TASK_KILLING,
			v1.TaskState_TASK_UNREACHABLE, v1.TaskState_TASK_UNKNOWN:
			put("tasks/active/"+strings.ToLower(name), false, float64(active[s]))
		}
	}
	c := f.Counts
	if c == nil {
		return out
	}
	for n, name := range v1.TaskState_name {
		switch s := v1.TaskState(n); s {
		case v1.TaskState_TASK_FINISHED, v1.TaskState_TASK_FAILED, v1.TaskState_TASK_KILLED, v1.TaskState_TASK_LOST, v1.TaskState_TASK_ERROR,
			v1.TaskState_TASK_DROPPED, v1.TaskState_TASK_GONE, v1.TaskState_TASK_GONE_BY_OPERATOR:
			put("tasks/terminal/"+strings.ToLower(name), true, float64(c.ended[n].Load()))
		}
	}
	put("offers/sent", true, float64(c.OffersSent.Load()))
	put("offers/accepted", true, float64(c.OffersAccepted.Load()))
	put("offers/declined", true, float64(c.OffersDeclined.Load()))
	put("offers/rescinded", true, float64(c.OffersRescinded.Load()))
	for _, x := range []struct {
		name   string
		counts *[kinds]atomic.Uint64
		names  map[int32]string
	}{
		{"calls", &c.calls, schedulerv1.Call_Type_name}, {"events", &c.events, schedulerv1.Event_Type_name}, {"operations", &c.operations, v1.Offer_Operation_Type_name},
	} {
		sum := 0.0
		for n, name := range x.names {
			if n != 0 { // UNKNOWN
				v := float64(x.counts[n].Load())
				put(x.name+"/"+strings.ToLower(name), true, v)
				sum += v
			}
		}
		put(x.name, true, sum)
	}
	return out
}

// escape makes one part of a metric's name of a framework's name, which may hold slashes.
func escape(name string) string { return strings.ReplaceAll(url.QueryEscape(name), "+", "%20") }

func number(b bool) float64 {
	if b {
		return 1
	}
	return 0
}
