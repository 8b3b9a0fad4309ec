package job

import (
	"encoding/json"
	"fmt"
	"time"

	"mesos/cmd/mesos/internal/client"
	v1 "mesos/messages/mesos/v1"
)

// When a person is told more than states.
const (
	progressAfter = 400 * time.Millisecond // quick jobs show none
	progressEvery = 100 * time.Millisecond
	explainAfter  = 5 * time.Second
	explainEvery  = time.Minute
)

var spinner = []rune("⠋⠙⠹⠸⠼⠴⠦⠧⠇⠏")

// watch starts what happens by the clock. It runs on the actor.
func (r *runner) watch() {
	r.d.Delay(explainAfter, r.explainWaiting)
	if r.screen.terminal && !r.screen.quiet {
		r.d.Delay(progressAfter, func() { r.tick(0) })
	}
}

// tick shows how far the job has come, while there is something to wait for.
func (r *runner) tick(n int) {
	text := r.p.progress()
	if text != "" {
		text = fmt.Sprintf("%c %s (%ds)", spinner[n%len(spinner)], text, int(time.Since(r.start).Seconds()))
	}
	r.screen.show(text)
	if !r.p.done() {
		r.d.Delay(progressEvery, func() { r.tick(n + 1) })
	}
}

// progress says what is waited for, "" if all tasks run.
func (p *plan) progress() string {
	var starting, running int
	for _, i := range p.instances {
		switch {
		case i.phase == launched && i.state == v1.TaskState_TASK_RUNNING:
			running++
		case i.phase == launched:
			starting++
		}
	}
	n := p.count(waiting)
	switch {
	case n+starting == 0:
		return ""
	case len(p.instances) == 1 && n == 1:
		return "waiting for an offer"
	case len(p.instances) == 1:
		return "starting"
	}
	return fmt.Sprintf("%d waiting for offers, %d starting, %d running", n, starting, running)
}

// explainWaiting says why instances still wait, and says it again after a while.
func (r *runner) explainWaiting() {
	if r.p.count(waiting) == 0 {
		return
	}
	if !r.subscribed {
		r.explained(nil, nil)
		return
	}
	path := r.p.o.explainPath(r.d.FrameworkID())
	r.beside(func() { // the master knows what stands in the way
		why, state := r.askWhy(path)
		r.d.Dispatch(func() { r.explained(state, why) })
	})
}

// askWhy asks the master why no offer came. What it does not answer is left out:
// then less can be said.
func (r *runner) askWhy(path string) ([]string, *client.State) {
	var x struct{ Summary []string }
	if body, err := r.master.Get(r.ctx, path); err == nil && json.Unmarshal(body, &x) != nil {
		x.Summary = nil
	}
	state, err := r.master.State(r.ctx)
	if err != nil {
		state = nil
	}
	return x.Summary, state
}

func (r *runner) explained(state *client.State, why []string) {
	if r.p.count(waiting) > 0 {
		r.screen.say(r.p.explain(r.subscribed, state))
		for _, line := range why {
			r.screen.say("  " + line)
		}
		r.p.largest = nil // the next time, what was offered since then counts
		r.d.Delay(explainEvery, r.explainWaiting)
	}
}
