package cgroups

import (
	"errors"
	"fmt"
	"math/bits"
	"strconv"
	"strings"
	"sync"

	"mesos/isolators"
	"mesos/isolators/cgroup"
)

// Handles are the classes of packets that containers get, one each: a primary
// handle, the same for all, above a secondary of their own. The zero value has none.
type Handles struct {
	Primary     uint16
	First, Last uint16 // secondary ones; First is 1 at least

	mu   sync.Mutex
	used [1 << 16 / 64]uint64 // bits of secondary ones
}

// ParseHandles reads the flags --cgroups_net_cls_primary_handle ("0x0012") and
// --cgroups_net_cls_secondary_handles ("0x0001,0xffff", or "" for all). Without
// the first it gives nil.
func ParseHandles(primary, secondary string) (*Handles, error) {
	if primary == "" {
		if secondary != "" {
			return nil, errors.New("flag --cgroups_net_cls_secondary_handles: needs --cgroups_net_cls_primary_handle")
		}
		return nil, nil
	}
	h := &Handles{First: 1, Last: 1<<16 - 1}
	p, err := strconv.ParseUint(primary, 0, 16)
	if err != nil || p == 0 {
		return nil, fmt.Errorf("flag --cgroups_net_cls_primary_handle %q: want a number from 0x0001 to 0xffff", primary)
	}
	h.Primary = uint16(p)
	if secondary == "" {
		return h, nil
	}
	a, b, _ := strings.Cut(secondary, ",")
	first, err1 := strconv.ParseUint(strings.TrimSpace(a), 0, 16)
	last, err2 := strconv.ParseUint(strings.TrimSpace(b), 0, 16)
	if err1 != nil || err2 != nil || first == 0 || first > last {
		return nil, fmt.Errorf("flag --cgroups_net_cls_secondary_handles %q: want the first and the last of them, as in 0x0001,0xffff", secondary)
	}
	h.First, h.Last = uint16(first), uint16(last)
	return h, nil
}

// take gives a handle that no container has.
func (h *Handles) take() (uint32, error) {
	h.mu.Lock()
	defer h.mu.Unlock()
	for word := int(h.First) / 64; word <= int(h.Last)/64; word++ {
		for free := ^h.used[word]; free != 0; free &= free - 1 {
			n := uint32(word*64 + bits.TrailingZeros64(free))
			if n < uint32(h.First) || n > uint32(h.Last) {
				continue
			}
			h.used[word] |= 1 << (n % 64)
			return uint32(h.Primary)<<16 | n, nil
		}
	}
	return 0, fmt.Errorf("all handles of network classes are in use: want more than %d (--cgroups_net_cls_secondary_handles)", int(h.Last)-int(h.First)+1)
}

// mark says that a container has a handle, or no longer.
func (h *Handles) mark(class uint32, has bool) {
	n := class & 0xffff
	if h == nil || class>>16 != uint32(h.Primary) || n == 0 {
		return
	}
	h.mu.Lock()
	defer h.mu.Unlock()
	if h.used[n/64] &^= 1 << (n % 64); has {
		h.used[n/64] |= 1 << (n % 64)
	}
}

const classFile = "net_cls.classid"

// prepareNetClass gives a container a class of its own, by which traffic control
// and firewalls of the machine tell its packets from others'.
func prepareNetClass(o Options, d cgroup.Dir, _ isolators.Container) error {
	if o.Handles == nil {
		return nil // it has that of the cgroup above
	}
	class, err := o.Handles.take()
	if err != nil {
		return err
	}
	if err := d.Write(classFile, fmt.Sprint(class)); err != nil {
		o.Handles.mark(class, false)
		return err
	}
	return nil
}

// keepNetClass takes note of the class of a container that was made or taken up.
func keepNetClass(o Options, d cgroup.Dir, g *group) error {
	class, err := d.Number(classFile)
	if err != nil {
		return err
	}
	g.class = uint32(class)
	o.Handles.mark(g.class, true)
	return nil
}

// NetClass implements isolators.Classifier.
func (i *Isolator) NetClass(id string) uint32 {
	g, err := i.group(id)
	if err != nil {
		return 0
	}
	g = g.owner()
	g.mu.Lock()
	defer g.mu.Unlock()
	return g.class
}
