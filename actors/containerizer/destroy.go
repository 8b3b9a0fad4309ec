package containerizer

import (
	"sync"

	"mesos/actors/containerizer/proctree"
)

// Destroy implements Containerizer. After the container's end it looks once
// more for processes that daemonized.
func (p *Posix) Destroy(id string) {
	p.mu.Lock()
	defer p.mu.Unlock()
	c := p.containers[id]
	if c == nil || p.closed {
		return
	}
	c.abandon(ErrDestroyed)
	again := c.destroy
	c.destroy, c.ending = true, true
	if c.pid == 0 || again {
		return
	}
	if !p.hasNested(id) {
		p.kill(c)
		return
	}
	p.busy.Go(func() {
		p.endNested(id)
		p.mu.Lock()
		defer p.mu.Unlock()
		p.kill(c)
	})
}

// kill begins to kill a started container; p.mu is held.
func (p *Posix) kill(c *container) {
	if c.held {
		p.busy.Go(func() { p.killHeld(c) })
		return
	}
	p.seek(c)
}

// seek begins to kill what it finds of a started container; p.mu is held.
func (p *Posix) seek(c *container) {
	find := func() []int { return p.marked(c) }
	if !c.reaping {
		// wait reaps the main process only after this kill, so its
		// number cannot mean another process.
		c.killing.Add(1)
		find = func() []int {
			return append(c.session(), p.marked(c)...)
		}
	}
	pinned := !c.reaping
	p.busy.Go(func() {
		p.finish(c, find)
		if pinned {
			c.killing.Done()
		}
	})
}

// session gives the main process and its session. The number of an adopted
// one may have passed on to another process; as long as somebody is in its
// session it does not.
func (c *container) session() []int {
	if !c.adopted {
		return append(proctree.Session(c.pid), c.pid)
	}
	return sessionOf(Process{c.pid, c.began})
}

func sessionOf(m Process) []int {
	if began, there := proctree.StartTime(m.PID); m.PID == 0 || there && began != m.Started {
		return nil
	}
	return proctree.Session(m.PID)
}

// marked gives the processes that carry this container's sandbox in their
// environment.
func (p *Posix) marked(c *container) []int {
	return p.scans.find(marks(c.id, c.sandbox, c.runtime)...)
}

// scans lets many who look for marks at the same time share one look at the
// environments of all processes. Each gets a look that began after it asked.
type scans struct {
	run  sync.Mutex // held while looking
	mu   sync.Mutex
	next *scan
}

type scan struct {
	marks []string
	found map[string][]int // nil until looked
}

func (s *scans) find(marks ...string) (pids []int) {
	s.mu.Lock()
	if s.next == nil {
		s.next = &scan{}
	}
	mine := s.next
	mine.marks = append(mine.marks, marks...)
	s.mu.Unlock()

	s.run.Lock()
	if mine.found == nil {
		s.mu.Lock()
		s.next = nil // who asks from now on gets the next look
		s.mu.Unlock()
		mine.found = proctree.Marked(mine.marks)
	}
	s.run.Unlock()
	for _, m := range marks {
		pids = append(pids, mine.found[m]...)
	}
	return pids
}
