package store

import (
	"log/slog"
	"sync"
	"time"
)

// maxGroup bounds the writes of one commit, so that a flood does not make the
// first of it wait for the last.
const maxGroup = 8192

// retryAfter is the pause after a commit that failed: a full disk may have
// room again.
const retryAfter = time.Second

// Stats say how well writes were grouped.
type Stats struct {
	Writes  uint64 // rows
	Commits uint64
}

// committer is the group commit: one goroutine that commits all that was
// queued while its last commit ran.
type committer struct {
	apply func([]Write) error // makes the writes durable, all or none
	// gather, if set, returns when all has come that comes at this instant of a simulation, so that a group does not
	// depend on how fast the machine is.
	gather func()
	log    *slog.Logger

	mu     sync.Mutex
	queue  []request
	closed bool
	wake   chan struct{} // holds one item while there may be something to do
	end    chan struct{} // closed with the committer: a retry gives up
	done   chan struct{} // closed when the goroutine has ended
	stats  Stats
}

type request struct {
	writes []Write
	then   func()
}

func newCommitter(log *slog.Logger, apply func([]Write) error) *committer {
	return newGathering(log, apply, nil)
}

func newGathering(log *slog.Logger, apply func([]Write) error, gather func()) *committer {
	c := &committer{apply: apply, gather: gather, log: log, wake: make(chan struct{}, 1), end: make(chan struct{}), done: make(chan struct{})}
	go c.run()
	return c
}

// Commit makes writes durable and then calls then, on a goroutine of the store,
// after that of every earlier Commit. Without writes it only waits for the
// earlier ones. While the disk refuses them nothing is lost and nothing called.
// After Close it does nothing.
func (c *committer) Commit(then func(), writes ...Write) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.closed {
		return
	}
	c.queue = append(c.queue, request{writes, then})
	select {
	case c.wake <- struct{}{}:
	default:
	}
}

// Stats tells what was committed so far.
func (c *committer) Stats() Stats {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.stats
}

// close commits what is queued, once, and waits for the goroutine.
func (c *committer) close() {
	c.mu.Lock()
	if !c.closed {
		c.closed = true
		close(c.end)
		close(c.wake)
	}
	c.mu.Unlock()
	<-c.done
}

func (c *committer) run() {
	defer close(c.done)
	for range c.wake {
		c.drain()
	}
	c.drain()
}

// drain commits group after group until nothing is queued.
func (c *committer) drain() {
	for {
		if c.gather != nil {
			c.gather()
		}
		group := c.take()
		if len(group) == 0 {
			return
		}
		var writes []Write
		for _, r := range group {
			writes = append(writes, r.writes...)
		}
		if !c.persist(writes) {
			return
		}
		for _, r := range group {
			if r.then != nil {
				r.then()
			}
		}
	}
}

func (c *committer) take() []request {
	c.mu.Lock()
	defer c.mu.Unlock()
	n, rows := 0, 0
	for n < len(c.queue) && rows < maxGroup {
		rows += len(c.queue[n].writes)
		n++
	}
	group := c.queue[:n:n]
	c.queue = c.queue[n:]
	if len(c.queue) == 0 {
		c.queue = nil
	}
	return group
}

// persist commits, again and again while the disk refuses; false if it was
// closed before it could.
func (c *committer) persist(writes []Write) bool {
	if len(writes) == 0 {
		return true
	}
	for {
		err := c.apply(writes)
		if err == nil {
			c.mu.Lock()
			c.stats.Writes += uint64(len(writes))
			c.stats.Commits++
			c.mu.Unlock()
			return true
		}
		c.log.Error("the agent's state cannot be written; nothing is acted on until it can", "error", err, "rows", len(writes))
		select {
		case <-time.After(retryAfter):
		case <-c.end:
			return false
		}
	}
}
