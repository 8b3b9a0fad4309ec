// Package simtest runs a whole cluster in one test: master, agents with
// modelled containers, executors and schedulers, each a program of its own on an
// in-memory network, on the virtual clock of testing/synctest. Hours pass in
// milliseconds, and nothing outside the test is touched.
//
//	simtest.Run(t, simtest.Options{Agents: 3}, func(c *simtest.Cluster) {
//		f := c.Framework("web", simtest.FrameworkOptions{})
//		f.Launch("t1", "sleep 10", "cpus:1;mem:32")
//		c.Advance(time.Minute)
//		…
//	})
//
// Commands are not run but modelled: "sleep SECONDS", "exit STATUS", "true", and
// "forever"; see model.go. A crash of a program loses all it had in memory and
// on the network; executors live on when their agent crashes, as real ones do,
// and its disk keeps what was committed. [store.Disk.StopAt] lets an agent hang,
// and then crash, at any write of its life; Wipe takes the disk, too. Masters have
// one disk for their registry, [registry.Disk], with the same StopAt; a new master
// deposes the one before. With Options.Masters there are several, which elect their
// leader by the model of [mesos/registry/leader.Election].
//
// # Runs that repeat
//
// With [Options.Seed] a run depends on nothing but that number and the test function: [Cluster.History] is the same
// again, on any machine. What makes it so:
//
//   - Turns. Actors and the network are on a stage: one item of one mailbox, or one message under way, or one time that has
//     come, with what its receiver does with it, after the other, drawn from all that wait. Before each turn the stage waits until every
//     other goroutine of the test rests.
//   - Goroutines beside the actors (containers that start and end, operators, a master that begins or ceases to lead) ask
//     the stage for a turn, under a name of their own, and are alone when they have it.
//     The disks gather all that comes at one instant before they write.
//   - Time. Delayed functions and the network's timers are the stage's alarms, by time and then by age.
//   - Chance. Jitter and ids come from actors.Process.Rand and UUID, which the stage seeds for each actor.
//   - Order. Loops over maps that send, or that number what is sent, go by key: package messages/ordered.
//
// So code of actors must not take chance from elsewhere, nor tell the order of a map, nor start two goroutines in one
// turn that answer to the same actor. TestReplay finds who does. SIMTEST_HISTORY=FILE writes a run's messages.
//
// # What must always be true
//
// With [Options.Referee] a global view is checked after every turn for the rules of the cluster: nothing is held twice,
// what runs on a machine fits on it, a task starts once and ends once and is told finished only if it is, updates come in
// order and are acknowledged only when they are durable, only the newest leader writes, an agent that is gone does not
// come back, no offer exceeds a quota, the books of allocator and master agree exactly. The check costs what the turn
// touched. [Cluster.Violation] is the first thing that was wrong; it fails the test.
//
// TestSeeds lives through random hours of five masters, fifty agents and ten frameworks: `make sim` through 1,000 of
// them, `make soak` through 100,000. `make sim SEED=n` repeats one and prints its story. A seed that
// fails is told as shortly as it can be: without the events that it does not need.
//
// # What is tried
//
// TestSeeds draws, of all programs: crashes, between two turns, in the middle of a write, and right after an order; sessions
// that break, partitions, messages that are late, or, of those that are repeated, lost alone, or that come twice; and orders of frameworks and operators:
// launches, kills, operations, drains, maintenance, quota and weights. In the end all that was ordered has come to its end.
// TestCrashPoints plays each protocol (launch, kill, drain, …) once without faults, learns its messages and
// durable writes, and then plays it again with one fault at one of them: lost with its session, delayed with what follows,
// doubled, its sender or receiver crashing before or after, a crash before or after the write, and dropped alone where the
// sender repeats it. After each run all must be well: what was told is so and was acknowledged, nothing ran twice, and all
// of an agent can be used. tests/mutations shows that this finds bugs.
//
// # For other people's schedulers
//
// [Try] runs a scheduler through a [Recipe], like [AgentFlaps] or [MasterFailover], and returns a [Report] of what it did
// wrong: a task believed to run that is gone, an offer used twice, an update never acknowledged. [Cluster.Faults] are
// rules on single messages, see package fault.
package simtest
