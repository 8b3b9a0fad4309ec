package leader

import (
	"context"

	v1 "mesos/messages/mesos/v1"
	"mesos/registry"
)

// Contender lets a master take part in an election.
type Contender interface {
	// Contend returns when the master that info describes leads, with the registry's
	// store. The store's Lost is closed when it does not lead any more; Close resigns,
	// so that the next master leads at once. The error is that of ctx.
	Contend(ctx context.Context, info *v1.MasterInfo) (registry.Store, error)
}

// Detector finds out who leads.
type Detector interface {
	// Watch tells who leads, and each change of it, until ctx ends: nil if nobody is
	// known to. told runs on the goroutine of Watch, once at a time.
	Watch(ctx context.Context, told func(*v1.MasterInfo))
}
