// Package consul keeps the registry in Consul and elects the leading master there.
//
// The masters call it by the interfaces of package leader and registry; agents,
// drivers and tools watch its [Detector]. It owns the keys below its path and one
// service and session a master, and never decides what the registry says.
//
//	key                         value
//	<path>/leader               MasterInfo as JSON, held by the leader's session
//	<path>/registry/<table>/…   one row of the registry, its key escaped as in a URL
//	<path>/sequence             a name for the last write
//
// A [Catalog] is another thing that one of several programs writes, under a path of its own: nodes and services, marked as its owner's.
//
// [Read] and [Import] are for tools. An import holds the leader's key meanwhile, with
// an empty value, and leaves a row behind if it is not finished: masters then refuse
// the registry.
//
// # How only one writes
//
// Every write is one transaction that also checks that the leader's key is held by
// the writer's session, and that the sequence is where the writer's last write left
// it. The first keeps out a deposed leader, whatever it believes; the second a
// request that was given up, sent again, and came late. Whether a write whose
// answer was lost took place is read from the sequence, so each takes place once.
//
// # How long one leads
//
// A session lasts for ten seconds or more without renewal, and would for twenty
// after a kill -9. So it hangs on a check of a service, too, that the master
// passes several times a second: when that fails the session ends within the
// second, and lock_delay later another may lead. The master counts from its last
// answered pass and renewal and stops leading before that, whether or not Consul
// can tell it ([lease]). A check is passed at the Consul agent that it was
// registered with; when that cannot be reached the master lets another lead.
//
// A program that was stopped learns that late. So the master asks [Store.Deposed],
// which is a look at the clock, before it answers anybody or acts on a message.
//
// # How long Consul may take
//
// A write to Consul is on the disks of most servers when it is answered. However long
// that takes, a master that waits keeps its session and its place, since passes and
// renewals are not written; so one is elected and leads, only later. Passes are kept
// on the disk of the agent that they are sent to: one that cannot take some writes a
// second holds no session of any master.
package consul
