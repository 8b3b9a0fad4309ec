// Package resources is the arithmetic of what agents have, offers carry and
// tasks use: resources, attributes and plain quantities by name.
//
// It owns the meaning of [v1.Resource]: which entries are the same resource,
// how two lists add up, whether one holds another, and which lists are valid.
// The master, the allocator and the agent compute with [Resources]; the edges
// turn messages into it with [FromProto] and flags with [Parse], and back with
// the Proto methods. It never reads a clock, a file or a flag, keeps no state
// but a table of interned kinds, and never changes a message given to it.
//
// # Model
//
// A Resources is an immutable list of entries, safe to share between
// goroutines. An entry is a kind and an amount. The kind is everything but the
// amount: name, type, reservation stack (with principals and labels),
// allocation role, disk, provider, revocable, shared. Kinds are interned, so
// that the inner loops of Add, Sub and Contains compare pointers. Entries are
// sorted by kind, there is one entry per kind, and no entry is zero.
//
// As in Mesos, labels compare regardless of their order, and disk.volume and
// disk.persistence.principal do not tell kinds apart: they say how a disk is
// used, not which disk it is. When entries are added, those of the left side
// stay.
//
// Scalars are counted in thousandths, in integers: sums never drift. Ranges are
// kept sorted and coalesced, sets sorted.
//
// Some disks are indivisible: persistent volumes, MOUNT and BLOCK disks, RAW
// disks with an id. Their size belongs to the kind and their amount is a number
// of copies, so that subtracting part of one has no effect and two different
// sizes never merge. A shared volume is one of these: added twice it counts 2,
// Contains compares the counts, and sums of quantities count it once.
//
// # Order
//
// Entries, and so the messages that Proto returns, are ordered by name (cpus,
// gpus, mem, disk, ports, then the others alphabetically); within a name come
// unreserved entries before reserved ones, and these by role.
package resources
