package agent

import (
	"mesos/actors"
	"mesos/actors/containerizer"
	"mesos/actors/metrics"
	"mesos/isolators"
	"mesos/messages/jsonwriter"
)

// figurer is a containerizer that knows more of a container than ResourceStatistics has fields for.
type figurer interface {
	Figures(id string) ([]isolators.Figure, error)
}

// figuresOf are those of a container; none if nothing counts, or the container has just ended.
func figuresOf(c containerizer.Containerizer, id string) []isolators.Figure {
	f, can := c.(figurer)
	if !can {
		return nil
	}
	list, err := f.Figures(id)
	if err != nil {
		return nil
	}
	return list
}

// gatherFigures is a metrics.LabelledSource: the figures of every executor's container.
func (a *Agent) gatherFigures(emit func(metrics.Labelled)) {
	if _, can := a.conf.Containerizer.(figurer); !can {
		return
	}
	list, err := actors.Call(a.p, a.containerViews)
	if err != nil {
		return // the agent is stopping
	}
	for _, v := range list {
		own := []metrics.Label{{Name: "framework_id", Value: v.frameworkID}, {Name: "executor_id", Value: v.executorID}, {Name: "container_id", Value: v.containerID}}
		for _, f := range figuresOf(a.conf.Containerizer, v.containerID) {
			l := metrics.Labelled{Name: "container_" + f.Name, Desc: &metrics.Desc{Unit: f.Unit, Help: f.Help}, Value: f.Value, Labels: own[:len(own):len(own)]}
			if f.Grows {
				l.Desc.Kind = metrics.KindCounter
			}
			for _, more := range f.Labels {
				l.Labels = append(l.Labels, metrics.Label(more))
			}
			if h := f.Times; h != nil {
				l.Times = &metrics.Histogram{Count: h.Count, Sum: h.Sum, Buckets: make(map[float64]uint64)}
				for _, b := range h.Buckets {
					l.Times.Buckets[b.Seconds] = b.Count
				}
			}
			emit(l)
		}
	}
}

// writeFigures writes them as a list of {name, labels, value}; of times {name, labels, count, sum, buckets}, where a
// bucket says how many took less than so many seconds.
func writeFigures(j *jsonwriter.Writer, list []isolators.Figure) {
	j.Array(func() {
		for _, f := range list {
			j.Object(func() { writeFigure(j, f) })
		}
	})
}

func writeFigure(j *jsonwriter.Writer, f isolators.Figure) {
	j.Field("name", f.Name)
	j.Key("labels")
	j.Object(func() {
		for _, l := range f.Labels {
			j.Field(l.Name, l.Value)
		}
	})
	if f.Times == nil {
		j.Field("value", f.Value)
		return
	}
	j.Field("count", int(f.Times.Count))
	j.Field("sum", f.Times.Sum)
	j.Key("buckets")
	j.Array(func() {
		for _, b := range f.Times.Buckets {
			j.Object(func() {
				j.Field("seconds", b.Seconds)
				j.Field("count", int(b.Count))
			})
		}
	})
}
