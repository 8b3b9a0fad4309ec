package store

import (
	"bytes"
	"errors"
	"log/slog"
	"slices"
	"sync"
	"time"

	"mesos/messages/internalpb"
	v1 "mesos/messages/mesos/v1"
	"mesos/registry/boltfile"
)

// commitTime is how long a commit to a Disk takes, on the test's virtual clock.
const commitTime = time.Millisecond

// Disk is what a Memory store writes to. It outlives the store, as a real disk
// outlives a program. The zero value is an empty one. Its methods may be called
// from any goroutine.
type Disk struct {
	mu      sync.Mutex
	rows    map[table]map[string][]byte
	commits int
	stopAt  int // the commit at which the disk stops, 0: none
	after   bool
	stopped bool
	watch   func(*internalpb.StatusUpdate)
}

// Watch has f told of each status update that becomes durable and waits for its acknowledgement. f must not use the disk. It is called on the goroutine of
// the store.
func (d *Disk) Watch(f func(*internalpb.StatusUpdate)) {
	d.mu.Lock()
	defer d.mu.Unlock()
	d.watch = f
}

// tell tells who watches of an update that is written before it is acknowledged.
func (d *Disk) tell(w Write) {
	if d.watch == nil || w.table != updates || w.value == nil {
		return
	}
	value, err := boltfile.Unseal(w.key, w.value)
	if err != nil || value[0] == acknowledgedMark {
		return
	}
	s := &State{}
	if err := s.addUpdate(w.key, value); err == nil {
		d.watch(s.Updates[0].Update)
	}
}

// Wipe loses everything.
func (d *Disk) Wipe() {
	d.mu.Lock()
	defer d.mu.Unlock()
	d.rows = nil
}

// StopAt lets the disk answer nothing any more from its n-th commit on, counted
// from now: that commit is the first that is lost or, if after is set, the last
// that is written, but not told. To the program it is as if it died there. A
// store that is opened later goes on.
func (d *Disk) StopAt(n int, after bool) {
	d.mu.Lock()
	defer d.mu.Unlock()
	d.commits, d.stopAt, d.after, d.stopped = 0, n, after, false
}

// Commits counts the commits since StopAt or the beginning.
func (d *Disk) Commits() int {
	d.mu.Lock()
	defer d.mu.Unlock()
	return d.commits
}

// Stopped says that the disk has come to where StopAt stops it.
func (d *Disk) Stopped() bool {
	d.mu.Lock()
	defer d.mu.Unlock()
	return d.stopped
}

// Memory is a Store on a Disk, for tests.
type Memory struct {
	*committer
	disk  *Disk
	mu    sync.Mutex
	dead  bool
	state *State
}

var errStopped = errors.New("the disk has stopped")

// OpenMemory opens the store on a disk, as a program's start does.
func OpenMemory(d *Disk) (*Memory, error) {
	d.mu.Lock()
	defer d.mu.Unlock()
	d.stopAt, d.stopped = 0, false
	s, err := d.state(tables)
	if err != nil {
		return nil, err
	}
	m := &Memory{disk: d, state: s}
	m.committer = newGathering(slog.New(slog.DiscardHandler), m.apply, gather)
	return m, nil
}

// Look is what the disk holds now, beside the program that uses it.
func (d *Disk) Look() (*State, error) { return d.look(tables...) }

// Agent is who the agent is by what the disk holds now, nil before it registered.
func (d *Disk) Agent() (*Agent, error) {
	s, err := d.look(agents)
	return s.Agent, err
}

// Operations are those that the disk holds now.
func (d *Disk) Operations() ([]*v1.Operation, error) {
	s, err := d.look(operations)
	return s.Operations, err
}

func (d *Disk) look(at ...table) (*State, error) {
	d.mu.Lock()
	defer d.mu.Unlock()
	return d.state(at)
}

// state is what some tables hold, as far as it can be read. d.mu is held.
func (d *Disk) state(at []table) (*State, error) {
	s := &State{}
	for _, t := range at {
		keys := make([]string, 0, len(d.rows[t]))
		for k := range d.rows[t] {
			keys = append(keys, k)
		}
		slices.Sort(keys)
		for _, k := range keys {
			if err := s.add(t, []byte(k), d.rows[t][k]); err != nil {
				return s, err
			}
		}
	}
	return s, nil
}

// Load is what the disk held when the store was opened.
func (m *Memory) Load() *State { return m.state }

// Crash ends the store as the death of its program does: nothing is written
// any more.
func (m *Memory) Crash() {
	m.mu.Lock()
	m.dead = true
	m.mu.Unlock()
	m.close()
}

// gather lets the virtual clock go on, which it does when nothing else can.
func gather() { time.Sleep(time.Nanosecond) }

func (m *Memory) apply(writes []Write) error {
	time.Sleep(commitTime)
	m.mu.Lock()
	defer m.mu.Unlock()
	if m.dead {
		return errStopped
	}
	return m.disk.commit(writes)
}

func (d *Disk) commit(writes []Write) error {
	d.mu.Lock()
	defer d.mu.Unlock()
	if d.stopped {
		return errStopped
	}
	d.commits++
	d.stopped = d.stopAt > 0 && d.commits >= d.stopAt
	if d.stopped && !d.after {
		return errStopped
	}
	if d.rows == nil {
		d.rows = map[table]map[string][]byte{}
	}
	for _, w := range writes {
		d.tell(w)
		if d.rows[w.table] == nil {
			d.rows[w.table] = map[string][]byte{}
		}
		if w.value == nil {
			delete(d.rows[w.table], string(w.key))
		} else {
			d.rows[w.table][string(w.key)] = bytes.Clone(w.value)
		}
	}
	if d.stopped {
		return errStopped
	}
	return nil
}
