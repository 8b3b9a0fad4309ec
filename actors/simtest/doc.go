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
package simtest
