package live

// table compares what is seen in one look with what was seen in the last.
type table[K comparable, V, R any] struct {
	same func(a, b V) bool
	make func(K, V) R

	rows    map[K]*entry[V, R]
	look    uint32
	changed []R
	seen    int
}

type entry[V, R any] struct {
	from V
	row  R
	text []byte // of row as JSON, once somebody has asked for all
	look uint32 // in which it was seen last
}

func newTable[K comparable, V, R any](same func(a, b V) bool, make func(K, V) R) table[K, V, R] {
	return table[K, V, R]{same: same, make: make, rows: map[K]*entry[V, R]{}, look: 1}
}

// see says that k is there, as v.
func (t *table[K, V, R]) see(k K, v V) {
	e := t.rows[k]
	if e == nil {
		e = &entry[V, R]{}
		t.rows[k] = e
	} else if t.same(e.from, v) {
		e.from = v // the newer one, so that what the older points to can go
		t.mark(e)
		return
	}
	e.from, e.row, e.text = v, t.make(k, v), nil
	t.changed = append(t.changed, e.row)
	t.mark(e)
}

func (t *table[K, V, R]) has(k K) bool { return t.rows[k] != nil }

// keep says that k is there as before.
func (t *table[K, V, R]) keep(k K) { t.mark(t.rows[k]) }

func (t *table[K, V, R]) mark(e *entry[V, R]) {
	if e.look != t.look {
		e.look = t.look
		t.seen++
	}
}

// changes ends the look: what is new or different, and what was not seen.
func (t *table[K, V, R]) changes() (changed []R, gone []K) {
	if t.seen < len(t.rows) {
		for k, e := range t.rows {
			if e.look != t.look {
				gone = append(gone, k)
				delete(t.rows, k)
			}
		}
	}
	changed, t.changed = t.changed, nil
	t.look++
	t.seen = 0
	return changed, gone
}

func (t *table[K, V, R]) all() []R {
	out := make([]R, 0, len(t.rows))
	for _, e := range t.rows {
		out = append(out, e.row)
	}
	return out
}

// texts are all rows as JSON. A row is encoded once, however often it is asked for.
func (t *table[K, V, R]) texts(yield func([]byte) bool) {
	for _, e := range t.rows {
		if e.text == nil {
			e.text = encoded(e.row)
		}
		if !yield(e.text) {
			return
		}
	}
}
