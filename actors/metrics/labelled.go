package metrics

import (
	"strings"

	"github.com/prometheus/client_golang/prometheus"
)

// Labelled is one of many samples with the same name, told apart by labels. The flat names of snapshots have no place for
// them: only /metrics shows them.
type Labelled struct {
	Name   string // "container_network_bytes"
	Desc   *Desc
	Labels []Label // the same names for all samples of one name
	Value  float64
	Times  *Histogram // instead of Value
}

// Label is one name and value.
type Label struct{ Name, Value string }

// Histogram is how many things took at most how many seconds.
type Histogram struct {
	Count   uint64
	Sum     float64
	Buckets map[float64]uint64
}

// LabelledSource gives samples with labels. It runs on the goroutine of whoever reads /metrics.
type LabelledSource func(emit func(Labelled))

// AddLabelled registers f and returns a function that removes it.
func (r *Registry) AddLabelled(f LabelledSource) (remove func()) {
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.labelled == nil {
		r.labelled = make(map[*LabelledSource]struct{})
	}
	r.labelled[&f] = struct{}{}
	return func() {
		r.mu.Lock()
		defer r.mu.Unlock()
		delete(r.labelled, &f)
	}
}

// collectLabelled shows the samples of all labelled sources to the Prometheus library.
func (r *Registry) collectLabelled(out chan<- prometheus.Metric) {
	r.mu.Lock()
	var all []LabelledSource
	if !r.closed {
		for f := range r.labelled {
			all = append(all, *f)
		}
	}
	r.mu.Unlock()
	for _, f := range all {
		f(func(l Labelled) { out <- l.metric(prefix) })
	}
}

// metric is the sample for the Prometheus library, under its name after the prefix.
func (l Labelled) metric(prefix string) prometheus.Metric {
	var names, values []string
	for _, label := range l.Labels {
		names, values = append(names, label.Name), append(values, strings.ToValidUTF8(label.Value, "\uFFFD"))
	}
	name, kind := prefix+promName(l.Name), prometheus.GaugeValue
	if l.Desc.Kind == KindCounter && l.Times == nil {
		kind, name = prometheus.CounterValue, name+"_total"
	}
	desc := prometheus.NewDesc(name, l.Desc.Help, names, nil)
	var m prometheus.Metric
	var err error
	if h := l.Times; h != nil {
		m, err = prometheus.NewConstHistogram(desc, h.Count, h.Sum, h.Buckets, values...)
	} else {
		m, err = prometheus.NewConstMetric(desc, kind, l.Value, values...)
	}
	if err != nil {
		return prometheus.NewInvalidMetric(desc, err)
	}
	return m
}
