package ebpf

import (
	"context"
	"fmt"
	"sync"
	"testing"

	"mesos/isolators"
	"mesos/isolators/boot"
	"mesos/isolators/isolatortest"
)

// TestNothingIsLeft lets agents die in the midst of containers. newMachine wants no pin and no cgroup left.
func TestNothingIsLeft(t *testing.T) {
	m := newMachine(t)
	var set *isolators.Set
	var i *Isolator
	for round := range 3 {
		set, i = m.ready(t, Options{Egress: 1 << 20, Ingress: 1 << 20}, []string{All, Ports})
		var all sync.WaitGroup
		for n := range 16 {
			id := fmt.Sprintf("c%d-%d", round, n)
			p := isolatortest.Start(t, "sleep 0.1 & exec sleep 1000")
			all.Go(func() {
				if err := faulty(t.Context(), set, id, p, n%4); err != nil {
					t.Errorf("container %s: %v", id, err)
				}
			})
		}
		all.Wait()
		set.Close()
	}
	programs := pinned(t, i.dir)
	set, i = m.ready(t, Options{}, []string{All, Ports})
	for _, p := range i.parts {
		var o *opened
		switch p := p.(type) {
		case *network:
			o = p.opened
		case *disks:
			o = p.opened
		case *processes:
			o = p.opened
		case *ports:
			o = p.opened
		}
		for name, of := range o.maps {
			if name == "waiting" || name == "flights" || name == "nested" || name == "numbers" {
				continue // of no container
			}
			key := make([]byte, of.KeySize())
			if err := of.NextKey(nil, &key); unlessGone(err) != nil || err == nil {
				t.Errorf("map %s of %s: got key %x, %v, want none", name, p.name(), key, err)
			}
		}
	}
	set.Close()
	gone(t, programs)
}

// faulty is one container's life with a fault of a kind.
func faulty(ctx context.Context, i isolators.Isolator, id string, p *isolatortest.Process, fault int) error {
	if err := i.Prepare(ctx, isolators.Container{ID: id, Demand: demand}, &boot.Launch{}); err != nil {
		return err
	}
	if fault == 0 { // the agent dies before the process is isolated
		return nil
	}
	if err := i.Isolate(ctx, id, p.PID); err != nil {
		return err
	}
	p.Release()
	switch fault {
	case 1: // the agent dies
		return nil
	case 2: // cleaning up is cut short
		short, end := context.WithCancel(ctx)
		end()
		_ = i.Cleanup(short, id)
	}
	return i.Cleanup(ctx, id)
}
