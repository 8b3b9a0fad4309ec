package live

import "mesos/actors/master/view"

// taskKey is framework and task.
type taskKey = [2]string

// tasks compares the tasks of two pictures. Live ones are looked at one by one;
// the rings of a framework's history only where the picture has another ring.
// A live task goes before one of the history with the same id.
type tasks struct {
	live    table[taskKey, *view.Task, Task]
	past    map[taskKey]*pastTask
	rings   map[string]*rings // by framework
	look    uint32
	touched map[taskKey]struct{} // in past
}

// pastTask is one task of the history, which does not change.
type pastTask struct {
	view *view.Task
	text []byte // as JSON, once somebody has asked for all
}

// rings are the history of one framework as it was seen last.
type rings struct {
	completed, unreachable []*view.Task
	look                   uint32
}

func newTasks() tasks {
	return tasks{
		live:  newTable[taskKey](func(a, b *view.Task) bool { return a == b }, func(_ taskKey, t *view.Task) Task { return taskRow(t, false) }),
		past:  map[taskKey]*pastTask{},
		rings: map[string]*rings{},
	}
}

func (s *tasks) begin() {
	s.look++
	s.touched = map[taskKey]struct{}{}
}

func (s *tasks) framework(f *view.Framework) {
	for _, t := range f.Tasks {
		s.live.see(taskKey{f.ID, t.ID}, t)
	}
	r := s.rings[f.ID]
	if r == nil {
		r = &rings{}
		s.rings[f.ID] = r
	}
	r.look = s.look
	s.ring(f.ID, r, f.Completed, f.Unreachable)
}

func (s *tasks) ring(frameworkID string, r *rings, completed, unreachable []*view.Task) {
	if sameSlice(r.completed, completed) && sameSlice(r.unreachable, unreachable) {
		return
	}
	was := map[*view.Task]*pastTask{}
	for _, list := range [][]*view.Task{r.completed, r.unreachable} {
		for _, t := range list {
			key := taskKey{frameworkID, t.ID}
			if p := s.past[key]; p != nil && p.view == t {
				was[t] = p
				delete(s.past, key)
				s.touched[key] = struct{}{}
			}
		}
	}
	for _, list := range [][]*view.Task{completed, unreachable} {
		for _, t := range list {
			key := taskKey{frameworkID, t.ID}
			if p := was[t]; p != nil {
				s.past[key] = p
				delete(s.touched, key) // as before
			} else {
				s.past[key] = &pastTask{view: t}
				s.touched[key] = struct{}{}
			}
		}
	}
	r.completed, r.unreachable = completed, unreachable
}

func sameSlice(a, b []*view.Task) bool {
	return len(a) == len(b) && (len(a) == 0 || &a[0] == &b[0])
}

func (s *tasks) changes() (changed []Task, gone []taskKey) {
	for id, r := range s.rings {
		if r.look != s.look {
			s.ring(id, r, nil, nil)
			delete(s.rings, id)
		}
	}
	changed, gone = s.live.changes()
	left := gone[:0]
	for _, key := range gone {
		if t := s.past[key]; t != nil {
			changed = append(changed, taskRow(t.view, true))
			delete(s.touched, key)
		} else {
			left = append(left, key)
			delete(s.touched, key)
		}
	}
	gone = left
	for key := range s.touched {
		switch t := s.past[key]; {
		case s.live.has(key):
		case t != nil:
			changed = append(changed, taskRow(t.view, true))
		default:
			gone = append(gone, key)
		}
	}
	s.touched = nil
	return changed, gone
}

func (s *tasks) all() []Task {
	out := s.live.all()
	for key, t := range s.past {
		if !s.live.has(key) {
			out = append(out, taskRow(t.view, true))
		}
	}
	return out
}

// texts are all tasks as JSON.
func (s *tasks) texts(yield func([]byte) bool) {
	for text := range s.live.texts {
		if !yield(text) {
			return
		}
	}
	for key, t := range s.past {
		if s.live.has(key) {
			continue
		}
		if t.text == nil {
			t.text = encoded(taskRow(t.view, true))
		}
		if !yield(t.text) {
			return
		}
	}
}
