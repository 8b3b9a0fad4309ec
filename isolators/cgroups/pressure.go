package cgroups

import (
	"encoding/binary"

	"golang.org/x/sys/unix"
	"google.golang.org/protobuf/proto"
)

// counter counts how often a v1 memory cgroup was under pressure. The kernel
// adds up by itself, in an eventfd: nobody waits.
type counter struct {
	fd    int // 0: none
	total *uint64
}

// count is how often so far; nil if nobody counts.
func (c counter) count() *uint64 {
	if c.fd == 0 {
		return nil
	}
	var since [8]byte
	// Nothing to read says that nothing happened since.
	if n, err := unix.Read(c.fd, since[:]); err == nil && n == len(since) {
		*c.total += binary.NativeEndian.Uint64(since[:])
	}
	return proto.Uint64(*c.total)
}

func (c counter) close() {
	if c.fd != 0 {
		_ = unix.Close(c.fd)
	}
}
