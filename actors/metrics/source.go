package metrics

import "context"

// Source gives many metrics at once, usually by asking an actor. It calls emit for each, and returns early when ctx is
// done; then nothing of it counts.
type Source func(ctx context.Context, emit func(name string, d *Desc, value float64))

type source struct {
	f Source
	// The run in progress, which everyone who asks meanwhile shares: a slow actor is never asked twice at a time.
	current *answer
}

type answer struct {
	done    chan struct{}
	samples []Sample // complete once done is closed
}

// AddSource registers f and returns a function that removes it.
func (r *Registry) AddSource(f Source) (remove func()) {
	s := &source{f: f}
	r.mu.Lock()
	defer r.mu.Unlock()
	r.sources[s] = struct{}{}
	return func() {
		r.mu.Lock()
		defer r.mu.Unlock()
		delete(r.sources, s)
	}
}

func (r *Registry) askLocked(s *source) *answer {
	if s.current != nil {
		return s.current
	}
	a := &answer{done: make(chan struct{})}
	s.current = a
	r.runs.Add(1)
	go func() {
		defer r.runs.Done()
		var samples []Sample
		s.f(r.ctx, func(name string, d *Desc, value float64) {
			samples = append(samples, Sample{Name: name, Value: value, Desc: d})
		})
		r.mu.Lock()
		s.current = nil
		r.mu.Unlock()
		if r.ctx.Err() == nil {
			a.samples = samples
		}
		close(a.done)
	}()
	return a
}
