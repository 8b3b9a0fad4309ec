package simtest

import (
	"errors"
	"slices"
	"sync"

	"mesos/actors/agent"
	"mesos/actors/volume"
	"mesos/messages/resources"
)

// Volumes models the disks of a machine: which volumes have a place on them, and
// what waits to be deleted. They outlive the agent's program.
type Volumes struct {
	mu    sync.Mutex
	dirs  map[string]bool
	aside map[string]bool
	full  bool
	links []string // volumes that were given to executors which ran already

	// Several may be changed at one instant, each by a goroutine of the agent: they take turns.
	stage *stage
	host  string
}

// turn has f run, with the lock held, as a turn of its own.
func (s *Volumes) turn(what string, f func()) {
	s.stage.do("volume "+s.host+" "+what, func() {
		s.mu.Lock()
		defer s.mu.Unlock()
		f()
	})
}

func newVolumes() *Volumes { return &Volumes{dirs: map[string]bool{}, aside: map[string]bool{}} }

var _ agent.Volumes = (*Volumes)(nil)

func nameOf(v resources.Resource) string { return v.Role() + ":" + v.PersistenceID() }

// Create makes a volume's directory.
func (s *Volumes) Create(v resources.Resource) (err error) {
	s.turn(nameOf(v), func() {
		if s.full {
			err = errors.New("no space left on device")
			return
		}
		s.dirs[nameOf(v)] = true
	})
	return err
}

// Resize gives a volume another size.
func (s *Volumes) Resize(v resources.Resource) (err error) {
	s.turn(nameOf(v), func() {
		if s.full {
			err = errors.New("no space left on device")
		}
	})
	return err
}

// SetAside takes a volume's directory away.
func (s *Volumes) SetAside(v resources.Resource, tag string) error {
	s.turn(tag, func() {
		if !s.aside[tag] && s.dirs[nameOf(v)] {
			delete(s.dirs, nameOf(v))
			s.aside[tag] = true
		}
	})
	return nil
}

// Delete deletes what was set aside.
func (s *Volumes) Delete(_ resources.Resource, tag string) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	delete(s.aside, tag)
	return nil
}

// Purge deletes what an earlier run of the agent set aside.
func (s *Volumes) Purge(_ resources.Resources, except map[string]bool) (remove func() error) {
	s.turn("purge", func() {}) // others go on, too, as soon as the agent knows its containers
	return func() error {
		s.mu.Lock()
		defer s.mu.Unlock()
		for tag := range s.aside {
			if !except[tag] {
				delete(s.aside, tag)
			}
		}
		return nil
	}
}

// Mounts are the volumes among the resources of a container.
func (s *Volumes) Mounts(r resources.Resources) (out []volume.Mount, err error) {
	for v := range r.Volumes().All() {
		out = append(out, volume.Mount{Path: nameOf(v), Target: v.Disk().GetVolume().GetContainerPath()})
	}
	return out, nil
}

// LinkAs takes note of a volume that an executor gets while it runs.
func (s *Volumes) LinkAs(_ string, m volume.Mount, _ string) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.full {
		return errors.New("no space left on device")
	}
	s.links = append(s.links, m.Path)
	return nil
}

// Links are the volumes that executors got while they ran.
func (s *Volumes) Links() []string {
	s.mu.Lock()
	defer s.mu.Unlock()
	return slices.Clone(s.links)
}

// Full lets no more volumes be made.
func (s *Volumes) Full(full bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.full = full
}

// There are the volumes that have a directory, as role:id, sorted.
func (s *Volumes) There() (out []string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	for name := range s.dirs {
		out = append(out, name)
	}
	slices.Sort(out)
	return out
}

// Waste is how much waits to be deleted.
func (s *Volumes) Waste() int {
	s.mu.Lock()
	defer s.mu.Unlock()
	return len(s.aside)
}
