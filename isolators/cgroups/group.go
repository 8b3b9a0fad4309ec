package cgroups

import (
	"fmt"
	"os"
	"strings"
	"sync"

	"mesos/isolators"
)

// group is what is known of one container.
type group struct {
	id      string
	within  *group // whose cgroups it shares; nil if it has its own
	limited chan isolators.Limitation
	fresh   bool // made by this run of the agent: it was watched before anything was in it

	mu       sync.Mutex
	demand   isolators.Demand
	pressure [3]counter
	watches  []*os.File     // closing one ends its goroutine
	watching sync.WaitGroup // for them
	ended    bool
	class    uint32 // of its packets; 0 without cgroups/net_cls
	perf     sampled
}

// owner is the container whose cgroups this one is in.
func (g *group) owner() *group {
	for g.within != nil {
		g = g.within
	}
	return g
}

// limit tells the first limitation; the container is going to end by it.
func (g *group) limit(l isolators.Limitation) {
	select {
	case g.limited <- l:
	default:
	}
}

// unwatch ends the goroutines that watch, and waits for them.
func (g *group) unwatch() {
	g.mu.Lock()
	files := g.watches
	g.watches = nil
	for _, p := range g.pressure {
		p.close()
	}
	g.pressure = [3]counter{}
	g.perf.end()
	g.mu.Unlock()
	for _, f := range files {
		f.Close()
	}
	g.watching.Wait()
}

func (g *group) end() {
	g.mu.Lock()
	defer g.mu.Unlock()
	if !g.ended {
		g.ended = true
		close(g.limited)
	}
}

// group finds a container; the error wraps isolators.ErrUnknownContainer.
func (i *Isolator) group(id string) (*group, error) {
	i.mu.Lock()
	defer i.mu.Unlock()
	if g := i.groups[id]; g != nil {
		return g, nil
	}
	return nil, fmt.Errorf("%w: %q", isolators.ErrUnknownContainer, id)
}

// add remembers a container that is to be launched.
func (i *Isolator) add(c isolators.Container) (*group, error) {
	if err := checkID(c.ID); err != nil {
		return nil, err
	}
	i.mu.Lock()
	defer i.mu.Unlock()
	if i.groups[c.ID] != nil {
		return nil, fmt.Errorf("%w: %q", isolators.ErrExists, c.ID)
	}
	g := &group{id: c.ID, fresh: true, limited: make(chan isolators.Limitation, 1)}
	if up, nested := parent(c.ID); nested {
		p := i.groups[up]
		if p == nil {
			return nil, fmt.Errorf("%w: %q, in which %q is nested", isolators.ErrUnknownContainer, up, c.ID)
		}
		switch {
		case c.Shared:
			g.within = p
		case p.within != nil:
			return nil, fmt.Errorf("container %q: its parent shares the cgroups of another, so it must too (share_cgroups)", c.ID)
		}
	}
	i.groups[c.ID] = g
	return g, nil
}

// parent is the id of the container that one is nested in.
func parent(id string) (up string, nested bool) {
	if dot := strings.LastIndexByte(id, '.'); dot >= 0 {
		return id[:dot], true
	}
	return "", false
}

// checkID wants ids whose parts can be names of directories.
func checkID(id string) error {
	for _, part := range strings.Split(id, ".") {
		if part == "" || len(part) > 200 || strings.ContainsAny(part, "/\x00\n") {
			return fmt.Errorf("container id %q: want parts of 1 to 200 bytes without \"/\", joined by dots", id)
		}
	}
	return nil
}
