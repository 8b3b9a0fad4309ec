package door

import (
	"net"
	"sync"
)

// Doors are those of one agent. Any goroutine may use them.
type Doors struct {
	serve func(net.Listener)

	mu   sync.Mutex
	open map[string]net.Listener // by sandbox
}

// NewDoors makes them. serve takes the connections of a listener, on a goroutine of its own, until that is closed.
func NewDoors(serve func(net.Listener)) *Doors {
	return &Doors{serve: serve, open: map[string]net.Listener{}}
}

// Open makes the door of a sandbox, which is there. A nil *Doors makes none.
func (d *Doors) Open(sandbox string) error {
	if d == nil {
		return nil
	}
	l, err := listen(sandbox)
	if err != nil {
		return err
	}
	d.mu.Lock()
	defer d.mu.Unlock()
	if old := d.open[sandbox]; old != nil {
		_ = old.Close()
	}
	d.open[sandbox] = l
	d.serve(l)
	return nil
}

// Close closes the door of a sandbox, if it has one.
func (d *Doors) Close(sandbox string) {
	if d == nil {
		return
	}
	d.mu.Lock()
	defer d.mu.Unlock()
	if l := d.open[sandbox]; l != nil {
		_ = l.Close()
		delete(d.open, sandbox)
	}
}
