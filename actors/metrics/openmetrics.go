package metrics

import (
	"net/http"
	"strings"

	"github.com/prometheus/client_golang/prometheus"
	"github.com/prometheus/client_golang/prometheus/promhttp"
)

// OpenMetrics is /metrics: every metric in the text form that Prometheus and its kin read, with help and type. The name
// "master/tasks_running" becomes mesos_master_tasks_running, and that of a counter ends in _total.
func (r *Registry) OpenMetrics() http.Handler {
	p := prometheus.NewRegistry()
	p.MustRegister(collector{r})
	return promhttp.HandlerFor(p, promhttp.HandlerOpts{EnableOpenMetrics: true})
}

// collector shows a Registry to the Prometheus library.
type collector struct{ r *Registry }

// Describe tells nothing in advance: metrics come and go with frameworks and agents.
func (collector) Describe(chan<- *prometheus.Desc) {}

// Collect gathers anew for each reader.
func (c collector) Collect(out chan<- prometheus.Metric) {
	seen := map[string]bool{}
	for _, s := range c.r.Gather(c.r.ctx) {
		name, kind := prefix+promName(s.Name), prometheus.GaugeValue
		if s.Desc.Kind == KindCounter {
			kind, name = prometheus.CounterValue, name+"_total"
		}
		if seen[name] {
			continue // two names that differ only in what the text form cannot say
		}
		seen[name] = true
		m, err := prometheus.NewConstMetric(prometheus.NewDesc(name, s.Desc.Help, nil, nil), kind, s.Value)
		if err != nil {
			m = prometheus.NewInvalidMetric(prometheus.NewDesc(name, s.Desc.Help, nil, nil), err)
		}
		out <- m
	}
	c.r.collectLabelled(out)
}

// Serve answers with samples of a program that has no Registry, as OpenMetrics does: "jobs" after the prefix "chronos_"
// becomes chronos_jobs.
func Serve(w http.ResponseWriter, r *http.Request, prefix string, samples []Labelled) {
	p := prometheus.NewRegistry()
	p.MustRegister(samplesOf{prefix, samples})
	promhttp.HandlerFor(p, promhttp.HandlerOpts{EnableOpenMetrics: true}).ServeHTTP(w, r)
}

// samplesOf shows samples to the Prometheus library.
type samplesOf struct {
	prefix string
	all    []Labelled
}

// Describe tells nothing in advance: see collector.
func (samplesOf) Describe(chan<- *prometheus.Desc) {}

// Collect gives them as they are.
func (s samplesOf) Collect(out chan<- prometheus.Metric) {
	for _, l := range s.all {
		out <- l.metric(s.prefix)
	}
}

// prefix is that of a Registry's names.
const prefix = "mesos_"

func promName(name string) string {
	return strings.Map(func(r rune) rune {
		switch {
		case 'a' <= r && r <= 'z', 'A' <= r && r <= 'Z', '0' <= r && r <= '9', r == '_', r == ':':
			return r
		}
		return '_'
	}, name)
}
