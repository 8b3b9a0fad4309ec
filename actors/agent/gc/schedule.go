package gc

import (
	"container/heap"
	"time"
)

// Found is a sandbox, and when what ran in it ended.
type Found struct {
	Path  string
	Ended time.Time
}

// Policy says how long sandboxes stay.
type Policy struct {
	Delay    time.Duration // the longest, while there is room
	Headroom float64       // share of the disk to be kept free, from 0 to 1
	Interval time.Duration // between two looks at the disk
}

// MaxAge is how old sandboxes may get while so much of the disk is in use, a
// share from 0 to 1.
func (p Policy) MaxAge(usage float64) time.Duration {
	return time.Duration(float64(p.Delay) * max(0, 1-p.Headroom-usage))
}

// Schedule holds what is to be removed, the oldest first. The zero value is
// empty.
type Schedule struct{ queue queue }

// Add puts a sandbox in.
func (s *Schedule) Add(f Found) { heap.Push(&s.queue, f) }

// Len is the number of sandboxes in it.
func (s *Schedule) Len() int { return len(s.queue) }

// Due takes out all that ended at that time or before, oldest first.
func (s *Schedule) Due(before time.Time) (paths []string) {
	for len(s.queue) > 0 && !s.queue[0].Ended.After(before) {
		paths = append(paths, heap.Pop(&s.queue).(Found).Path)
	}
	return paths
}

// queue is a heap.Interface.
type queue []Found

func (q queue) Len() int           { return len(q) }
func (q queue) Less(i, j int) bool { return q[i].Ended.Before(q[j].Ended) }
func (q queue) Swap(i, j int)      { q[i], q[j] = q[j], q[i] }
func (q *queue) Push(x any)        { *q = append(*q, x.(Found)) }
func (q *queue) Pop() any {
	last := len(*q) - 1
	x := (*q)[last]
	(*q)[last] = Found{}
	*q = (*q)[:last]
	return x
}
