package webui

import (
	"encoding/json"
	"time"
)

// traceEvent is one of a browser's trace; times are microseconds.
type traceEvent struct {
	Name, Cat, Ph string
	Pid, Tid      int
	Ts, Tdur      float64
	Args          struct{ Name string }
}

// trace is what a browser did in a while.
type trace struct {
	events []traceEvent
	done   chan struct{}
}

// Trace has the browser write down what its threads do until the answer is called, which gives it.
func (p *Page) Trace() (stop func() *trace) {
	p.t.Helper()
	tr := &trace{done: make(chan struct{})}
	p.b.mu.Lock()
	p.b.trace = tr
	p.b.mu.Unlock()
	p.must(p.b.call("", "Tracing.start", map[string]any{"transferMode": "ReportEvents", "traceConfig": map[string]any{
		"includedCategories": []string{"toplevel", "devtools.timeline", "blink.user_timing", "disabled-by-default-devtools.timeline"},
	}}, nil))
	return func() *trace {
		p.t.Helper()
		p.must(p.b.call("", "Tracing.end", nil, nil))
		select {
		case <-tr.done:
		case <-time.After(patience):
			p.t.Fatal("Chromium does not give its trace")
		}
		return tr
	}
}

// heard takes in what the browser tells of the trace, in the order in which it does.
func (tr *trace) heard(method string, params json.RawMessage) {
	switch method {
	case "Tracing.dataCollected":
		var data struct{ Value []traceEvent }
		if json.Unmarshal(params, &data) == nil {
			tr.events = append(tr.events, data.Value...)
		}
	case "Tracing.tracingComplete":
		close(tr.done)
	}
}

// worked is how long the thread that sets a mark was on a processor in tasks that began before it, and the longest of these
// tasks, in milliseconds. What else runs on the machine does not count.
func (tr *trace) worked(mark string) (sum, longest float64) {
	var at traceEvent // the latest of that name
	for _, e := range tr.events {
		if e.Name == mark && e.Cat == "blink.user_timing" && e.Ts > at.Ts {
			at = e
		}
	}
	for _, e := range tr.events {
		if e.Pid == at.Pid && e.Tid == at.Tid && e.Ts < at.Ts && e.Name == "RunTask" {
			sum, longest = sum+e.Tdur/1e3, max(longest, e.Tdur/1e3)
		}
	}
	return sum, longest
}
