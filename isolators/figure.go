package isolators

// Figure is a number that no field of ResourceStatistics is for.
type Figure struct {
	Name   string // "network_receive_bytes"; several figures may have one name with different labels
	Help   string // one sentence
	Unit   string // "bytes", "seconds", or "" for numbers of things
	Labels []Label
	Grows  bool // a counter: it only grows while the container lives
	Value  float64
	Times  *Histogram // instead of Value: how long things took, in seconds
}

// Histogram is how many things took how long.
type Histogram struct {
	Count   uint64
	Sum     float64 // seconds, all together
	Buckets []Bucket
}

// Bucket is how many took less than so many seconds; what took longer is in Count alone.
type Bucket struct {
	Seconds float64
	Count   uint64
}

// Label tells figures of one name apart.
type Label struct{ Name, Value string }

// Figurer is an isolator that knows more than Usage can tell.
type Figurer interface {
	// Figures are those of a container, in an order that stays the same.
	// Errors wrap ErrUnknownContainer, as those of Usage do.
	Figures(id string) ([]Figure, error)
}

// Figures implements Figurer: what the parts know that know any.
func (s *Set) Figures(id string) (all []Figure, err error) {
	for _, p := range s.parts {
		if f, can := p.(Figurer); can {
			some, err := f.Figures(id)
			if err != nil {
				return nil, err
			}
			all = append(all, some...)
		}
	}
	return all, nil
}

// StallFigure is the name of the figures that say how long processes waited for want of a resource, with the labels
// resource (cpu, memory, io) and waiting (some, full).
const StallFigure = "stalled_seconds"
