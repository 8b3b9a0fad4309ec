// Package job is `mesos run`: a framework that lives as long as its command. It subscribes over an actor link, launches
// the instances, copies their output to the terminal, and ends as they did.
//
// plan decides (which offer, what a status means, which exit code) and does no I/O; runner is the edge: the driver, the
// files of agents, signals and the terminal. Nothing of a job lingers: it tears its framework down, and because its
// failover timeout is zero the master does so for a job that was killed.
package job
