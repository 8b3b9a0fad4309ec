// Package allocator decides which framework is offered what, and when.
//
// It owns: how much of every agent is held by whom (offered or used), refuse
// filters, suppression, quotas and the headroom that they need, who was asked to
// leave an agent, and the order in which roles and frameworks are served. The
// master's actor calls it and carries out its decisions. It never talks to a
// framework or an agent, never launches anything, never rescinds an offer or kills
// a task, and never writes to disk: after a failover the master tells it again
// what is in use.
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
// of them; cut down to the room that quota limits and other roles' guarantees
// leave; and only if that meets one of [Options.MinAllocatable], or of
// [Framework.MinAllocatable] where the framework gave that for the role. Agents of
// another region are for frameworks that are REGION_AWARE, and a framework's
// [Constraint] for the role decides which agents it sees at all. Whatever is left
// of the agent goes to the next in order in the same pass.
//
// # Quotas and headroom
//
// A [Quota] may stand at any role of the tree and is charged with all that is
// reserved to the role or below it, in use or not, and all else that is held
// there, except revocable and shared resources. Limits bound that, and cut offers.
//
// What a guarantee lacks, beyond what guarantees further down the tree lack
// already, is the role's own lack. The sum of all lacks is kept free: it is the
// headroom. Of the unreserved resources that active agents have free, a framework
// can be offered what exceeds the headroom, and in addition the own lacks of its
// role and the ancestors of it, which is its claim. So guarantees are met as soon as
// there is something free, in any order of events, and nothing that a guarantee
// needs goes elsewhere. On an agent that has some of what they lack free, those with a
// claim are asked first; what they take beyond the claim is bounded by what one
// agent has, and counts in their share.
//
// A new master calls [Core.AwaitAgents]: while quotas are set, nothing is offered
// until most agents are back.
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
// # Nobody starves
//
// An agent whose offers are declined goes once round all hungry clients that can
// use it before any of them sees it again: with n of them, each is offered it
// within n passes of one AllocationInterval, whatever shares, weights and
// refusals are. A client that uses what it gets is behind those with a smaller
// share from then on. One that keeps offers without an answer holds up only what
// it keeps, and that until the master's --offer_timeout.
//
// # Policies
//
//   - hierarchical: dominant resource fairness down the role tree, then between
//     the frameworks of a role, with weights.
//   - priority: weights are strict priorities; frameworks of a role rank by
//     [Framework.Priority]; equals share as in hierarchical. With [Options.Preempt]
//     offers to frameworks that are REVOCABLE_RESOURCES are lent, and
//     [Core.Preempt] says what to take back for a need of higher priority.
//   - random: a weighted shuffle, anew for each agent.
//   - id@host:port: a program of its own ranks, see [NewRanker]. The allocator
//     never waits for it: while it is slow (a second) or gone, hierarchical decides.
//
// Another one is compiled in by [Register] from an init function.
//
// # Leaving an agent
//
// Whoever holds something of an agent with a [Core.SetUnavailability] is asked to
// leave it: an inverse offer, one at a time for each framework and agent, again
// when the refusal of the last one has ended.
//
// # Why not
//
// [Core.Explain], [Core.ExplainRole], [Core.ExplainAgent] and
// [Core.ExplainRequest] work out on demand what stands between whom and what; they
// keep nothing and cost a pass over the agents or the frameworks. Counts are of
// all, lists are bounded.
//
// # Work per event
//
// An agent is looked at again only after something changed that could let it
// serve somebody: its free resources grew, a filter on it ended, a framework
// became hungry, or quota room appeared. Per agent a bit set remembers which
// (framework, role) pairs were found unable to use it; bits are cleared only by
// growth, because other allocations cannot turn a no into a yes (except where
// quotas cut offers, which [Core.Allocate] treats apart). Those who refused the
// same, are at their limit, or would have to live on headroom are found unable
// together, without a look at each. A pass in which nothing changed costs nothing.
package allocator
