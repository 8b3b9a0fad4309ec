package simtest

import (
	"sync"
	"time"

	"mesos/actors/agent/gc"
)

// Sandboxes models the disk that an agent's sandboxes lie on, and outlives the
// agent's program.
type Sandboxes struct {
	mu    sync.Mutex
	m     map[string]time.Time // path → modification time
	usage float64
}

// made notes that a container was launched there.
func (s *Sandboxes) made(path string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.m == nil {
		s.m = map[string]time.Time{}
	}
	s.m[path] = time.Now()
}

// Count is the number of sandboxes.
func (s *Sandboxes) Count() int {
	s.mu.Lock()
	defer s.mu.Unlock()
	return len(s.m)
}

// Fill says how much of the disk is in use, from 0 to 1.
func (s *Sandboxes) Fill(usage float64) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.usage = usage
}

// Find implements agent.Garbage.
func (s *Sandboxes) Find() (found []gc.Found, err error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	for path, t := range s.m {
		found = append(found, gc.Found{Path: path, Ended: t})
	}
	return found, nil
}

// Usage implements agent.Garbage.
func (s *Sandboxes) Usage() (float64, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.usage, nil
}

// Touch implements agent.Garbage.
func (s *Sandboxes) Touch(path string, ended time.Time) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	if _, there := s.m[path]; there {
		s.m[path] = ended
	}
	return nil
}

// Remove implements agent.Garbage.
func (s *Sandboxes) Remove(path string) error {
	time.Sleep(100 * time.Millisecond) // of virtual time: a crash can come between
	s.mu.Lock()
	defer s.mu.Unlock()
	delete(s.m, path)
	return nil
}
