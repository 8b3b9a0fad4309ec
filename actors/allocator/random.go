package allocator

import (
	"cmp"
	"errors"
	"iter"
	"math"
	"math/rand/v2"
	"slices"

	"mesos/messages/resources"
)

func init() {
	Register("random", newRandom)
}

// random serves clients in a random order, anew for each agent: a client comes
// before another with a probability in proportion to the weights of their roles
// (each role's own weight, that of its parents does not matter). It knows no
// shares.
type random struct {
	rand    *rand.Rand
	weights map[string]float64
	active  Set
	roles   []string // by ClientID
	drawn   []randomDraw
}

type randomDraw struct {
	id  ClientID
	key float64
}

func newRandom(o PolicyOptions) (Policy, error) {
	if o.Rand == nil {
		return nil, errors.New("random source is missing: set PolicyOptions.Rand")
	}
	return &random{rand: o.Rand, weights: map[string]float64{}}, nil
}

func (r *random) AddClient(id ClientID, c Client) {
	for int(id) >= len(r.roles) {
		r.roles = append(r.roles, "")
	}
	r.roles[id] = c.Role
}

func (r *random) RemoveClient(id ClientID) { r.active.remove(id) }

func (r *random) SetActive(id ClientID, active bool) {
	if active {
		r.active.add(id)
	} else {
		r.active.remove(id)
	}
}

func (r *random) SetWeight(role string, weight float64)           { r.weights[role] = weight }
func (r *random) SetCapacity(resources.Quantities)                {}
func (r *random) Allocated(id ClientID, q resources.Quantities)   {}
func (r *random) Unallocated(id ClientID, q resources.Quantities) {}

// Order sorts by exponentially distributed draws of rate weight, which is a
// weighted shuffle.
func (r *random) Order(_ string, among *Set) iter.Seq[ClientID] {
	r.drawn = r.drawn[:0]
	for id := range ClientID(len(r.roles)) {
		if !among.Has(id) || !r.active.Has(id) {
			continue
		}
		w, ok := r.weights[r.roles[id]]
		if !ok {
			w = 1
		}
		r.drawn = append(r.drawn, randomDraw{id, -math.Log(1-r.rand.Float64()) / w})
	}
	slices.SortFunc(r.drawn, func(a, b randomDraw) int {
		return cmp.Or(cmp.Compare(a.key, b.key), cmp.Compare(a.id, b.id))
	})
	return func(yield func(ClientID) bool) {
		for _, d := range r.drawn {
			if !yield(d.id) {
				return
			}
		}
	}
}
