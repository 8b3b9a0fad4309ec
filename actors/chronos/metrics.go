package chronos

import (
	"net/http"
	"strings"

	"mesos/actors/chronos/plan"
	"mesos/actors/metrics"
)

// phases are those of runs that are not over.
var phases = []plan.Phase{plan.Waiting, plan.Launched, plan.Running, plan.Unreachable, plan.Reporting}

// getMetrics tells who asks for text, as Prometheus does, the numbers of this program; a program that stands by has no other
// than that. Everybody else gets the leader's, in the shape that Chronos's library has.
func (h *HTTP) getMetrics(w http.ResponseWriter, r *http.Request) {
	accepts := r.Header.Get("Accept")
	if !strings.Contains(accepts, "openmetrics-text") && !strings.Contains(accepts, "text/plain") {
		h.led(getNumbers).ServeHTTP(w, r)
		return
	}
	leading := metrics.Labelled{Name: "leading", Desc: metrics.GaugeDesc("", "1 of the program that decides, 0 of those that stand by.")}
	samples := []metrics.Labelled{leading}
	if s := h.leading.Load(); s != nil {
		samples[0].Value = 1
		if err := s.look(func(st *plan.State) { samples = append(samples, numbers(st)...) }); err != nil {
			refuseRequest(w, err)
			return
		}
	}
	metrics.Serve(w, r, "chronos_", samples)
}

// numbers are what the scheduler knows, by name and labels.
func numbers(st *plan.State) (out []metrics.Labelled) {
	jobs, under := metrics.GaugeDesc("", "Jobs that are known."), metrics.GaugeDesc("", "Runs that are not over, by how far they are.")
	out = append(out, metrics.Labelled{Name: "jobs", Desc: jobs, Value: float64(len(st.Names()))})
	now := runsNow(st)
	for _, p := range phases {
		out = append(out, metrics.Labelled{Name: "runs", Desc: under, Labels: []metrics.Label{{Name: "phase", Value: string(p)}}, Value: float64(now[p])})
	}
	for _, c := range []struct {
		name, help string
		count      func(*plan.Entry) int64
	}{
		{"runs_succeeded", "Runs that ended well.", func(e *plan.Entry) int64 { return e.SuccessCount }},
		{"runs_failed", "Runs that did not.", func(e *plan.Entry) int64 { return e.ErrorCount }},
		{"runs_missed", "Times at which a job did not run.", func(e *plan.Entry) int64 { return e.MissedCount }},
	} {
		desc := &metrics.Desc{Kind: metrics.KindCounter, Help: c.help}
		for _, name := range st.Names() {
			labels := []metrics.Label{{Name: "job", Value: name}}
			out = append(out, metrics.Labelled{Name: c.name, Desc: desc, Labels: labels, Value: float64(c.count(st.Job(name)))})
		}
	}
	return out
}

// runsNow counts the runs that are not over.
func runsNow(st *plan.State) map[plan.Phase]int {
	now := map[plan.Phase]int{}
	for _, r := range st.All() {
		now[r.Phase]++
	}
	return now
}

// getNumbers tells the same in Chronos's shape.
func getNumbers(s *Scheduler, w http.ResponseWriter, _ *http.Request) error {
	return s.show(w, func(st *plan.State) (any, error) {
		counters, histograms, now := map[string]any{}, map[string]any{}, runsNow(st)
		count := func(name string, n int64) { counters[name] = map[string]int64{"count": n} }
		for _, name := range st.Names() {
			e := st.Job(name)
			count("jobs.run.success."+name, e.SuccessCount)
			count("jobs.run.failure."+name, e.ErrorCount)
			count("jobs.run.missed."+name, e.MissedCount)
			histograms["jobs.run.time."+name] = histogram(durations(e))
		}
		gauge := func(n int) any { return map[string]int{"value": n} }
		gauges := map[string]any{"jobs": gauge(len(st.Names()))}
		for _, p := range phases {
			gauges["runs."+string(p)] = gauge(now[p])
		}
		return map[string]any{"version": "3.0.0", "gauges": gauges, "counters": counters, "histograms": histograms, "meters": map[string]any{}, "timers": map[string]any{}}, nil
	})
}
