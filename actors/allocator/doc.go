// Package allocator decides which framework is offered what, and when.
//
// It owns: how much of every agent is held by whom (offered or used), refuse
// filters, suppression, quota limits, and the order in which roles and
// frameworks are served. The master's actor calls it and carries out its
// offers. It never talks to a framework or an agent, never launches anything,
// never rescinds an offer, and never writes to disk: after a failover the
// master tells it again what is in use.
//
// # Parts
//
// [Core] is the decision: no clock, goroutine, I/O, randomness or dependence on
// map order. The same calls give the same offers. [Policy] says whose turn it
// is; the core says what can be offered to whom. [Actor] runs a core as an
// actor: it allocates after events, all that are queued in one go, and wakes
// itself at [Core.NextDeadline].
//
// # What an offer holds
//
// An offer is all of an agent that the framework's role may use: what is
// unreserved, reserved to the role or reserved to one of its ancestors; without
// revocable, shared, refined or GPU resources unless the framework is capable
// of them; cut down to the room that quota limits leave; and only if that meets
// one of [Options.MinAllocatable]. Whatever is left of the agent goes to the
// next in order in the same pass.
//
// # Shared resources
//
// Shared resources may be offered to many at a time. They are never
// "allocated" here: they count in no share and in no quota beyond the
// reservation they stand under, they do not help to meet the minimum, and they
// are offered only beside something that is not shared (otherwise an idle agent
// would offer its volume for ever).
//
// Reservations and volumes are made and undone by [Core.Convert], of what a
// framework holds, and by [Core.ConvertAvailable], of what nobody does; the
// agent's total changes with them.
//
// # Refusals
//
// A framework that returns resources may refuse them for a time ([Refuse]).
// A filter holds back offers to the same (framework, role, agent) that are
// contained in what was refused, so:
//
//   - another framework, or another role of the same one, gets them at once;
//   - as soon as the agent has more to offer than was refused, for example
//     because a task ended, the whole is offered at once;
//   - a filter ends at its time, on revive, when the framework is deactivated or
//     removed or leaves the role, and when the agent is removed.
//
// The time is [Refuse.Seconds]: 5 s if that is negative, not a number or too
// large to be a time; at most 365 days; at least [Options.AllocationInterval].
// 0 means "no filter" to frameworks. Since this allocator acts on events instead
// of waiting for the next interval, it holds a 0 back for one
// AllocationInterval, after which a periodic allocator would have come round:
// otherwise declining and offering would chase each other without pause.
//
// # Work per event
//
// An agent is looked at again only after something changed that could let it
// serve somebody: its free resources grew, a filter on it ended, a framework
// became hungry, or quota room appeared. Per agent a bit set remembers which
// (framework, role) pairs were found unable to use it; bits are cleared only by
// growth, because other allocations cannot turn a no into a yes (except where
// quotas cut offers, which is treated apart). A pass in which nothing changed
// costs nothing.
package allocator
