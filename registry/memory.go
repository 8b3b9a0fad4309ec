package registry

import (
	"bytes"
	"context"
	"errors"
	"sync"
	"time"
)

// commitTime is how long a write to a Disk takes, on the test's virtual clock.
const commitTime = time.Millisecond

// limits of stores that are not asked to cut writes small.
var ample = Limits{Rows: 8192, Bytes: 16 << 20}

var errStopped = errors.New("the disk has stopped")

// Disk is what a Memory store writes to. It outlives the store, as a real disk
// outlives a program. The zero value is an empty one. Its methods may be called
// from any goroutine.
type Disk struct {
	mu      sync.Mutex
	rows    map[rowKey][]byte
	holder  *Memory // the newest store; an older one is deposed
	writes  int
	stopAt  int // the write at which the disk stops, 0: none
	after   bool
	stopped bool
	watch   func(newest bool, rows []Row)
}

// Watch has f told of each write that is kept, and whether it comes from the newest store, which alone may write. f must
// not use the disk. It is called on the goroutine of the writer.
func (d *Disk) Watch(f func(newest bool, rows []Row)) {
	d.mu.Lock()
	defer d.mu.Unlock()
	d.watch = f
}

// Wipe loses everything.
func (d *Disk) Wipe() {
	d.mu.Lock()
	defer d.mu.Unlock()
	d.rows = nil
}

// StopAt lets the disk answer nothing any more from its n-th write on, counted
// from now: that write is the first that is lost or, if after is set, the last
// that is kept, but not told. To the program it is as if it died there. A store
// that is opened later goes on.
func (d *Disk) StopAt(n int, after bool) {
	d.mu.Lock()
	defer d.mu.Unlock()
	d.writes, d.stopAt, d.after, d.stopped = 0, n, after, false
}

// Stopped says that the disk has come to where StopAt stops it.
func (d *Disk) Stopped() bool {
	d.mu.Lock()
	defer d.mu.Unlock()
	return d.stopped
}

// Writes counts the writes since StopAt or the beginning.
func (d *Disk) Writes() int {
	d.mu.Lock()
	defer d.mu.Unlock()
	return d.writes
}

// Memory is a store on a Disk. The newest one on a disk is the leader's; what an
// older one writes is refused.
type Memory struct {
	disk *Disk
	lost chan struct{}
	slow bool

	mu     sync.Mutex
	closed bool
}

// OpenMemory opens the store on a disk, as the start of a leading master does, and
// deposes the one before. A write takes a millisecond.
func OpenMemory(d *Disk) *Memory {
	m := &Memory{disk: d, lost: make(chan struct{}), slow: true}
	d.mu.Lock()
	defer d.mu.Unlock()
	if d.holder != nil {
		close(d.holder.lost)
	}
	d.holder = m
	d.stopAt, d.stopped = 0, false
	return m
}

// Look is a store that only reads the disk as it is now, beside its leader.
func (d *Disk) Look() *Memory { return &Memory{disk: d} }

// NewMemory is a store that forgets everything with the program and takes no time:
// --registry=in_memory.
func NewMemory() *Memory {
	m := OpenMemory(&Disk{})
	m.slow = false
	return m
}

// Load gives every row.
func (m *Memory) Load(_ context.Context, row func(Row) error) error {
	m.disk.mu.Lock()
	defer m.disk.mu.Unlock()
	for k, v := range m.disk.rows {
		if err := row(Row{string(k.table), k.key, bytes.Clone(v)}); err != nil {
			return err
		}
	}
	return nil
}

// gather lets the virtual clock go on, which it does when nothing else can.
func (m *Memory) gather() {
	if m.slow {
		time.Sleep(time.Nanosecond)
	}
}

// Write keeps all rows or none.
func (m *Memory) Write(_ context.Context, rows []Row) error {
	if m.slow {
		time.Sleep(commitTime)
	}
	m.mu.Lock()
	defer m.mu.Unlock()
	if m.closed {
		return ErrClosed
	}
	return m.disk.write(m, rows)
}

func (d *Disk) write(m *Memory, rows []Row) error {
	d.mu.Lock()
	defer d.mu.Unlock()
	if d.holder != m {
		return ErrDeposed
	}
	if d.stopped {
		return errStopped
	}
	d.writes++
	d.stopped = d.stopAt > 0 && d.writes >= d.stopAt
	if d.stopped && !d.after {
		return errStopped
	}
	if d.watch != nil {
		d.watch(d.holder == m, rows)
	}
	if d.rows == nil {
		d.rows = map[rowKey][]byte{}
	}
	for _, r := range rows {
		k := rowKey{Table(r.Table), r.Key}
		if r.Value == nil {
			delete(d.rows, k)
		} else {
			d.rows[k] = bytes.Clone(r.Value)
		}
	}
	if d.stopped {
		return errStopped
	}
	return nil
}

// Limits are ample.
func (m *Memory) Limits() Limits { return ample }

// Lost is closed when a newer store is opened on the disk.
func (m *Memory) Lost() <-chan struct{} { return m.lost }

// Close ends the store: nothing is written any more.
func (m *Memory) Close() error {
	m.mu.Lock()
	defer m.mu.Unlock()
	m.closed = true
	return nil
}
