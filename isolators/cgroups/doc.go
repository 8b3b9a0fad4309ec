// Package cgroups isolates containers by cgroups, of version 1 or 2.
//
// It owns everything below one cgroup of each hierarchy (--cgroups_root): one
// cgroup for each container there, in it one named "mesos" for those nested in
// it. Under v2, where processes may not be beside controlled cgroups, they are
// in one named "leaf". One [Isolator] serves any number of subsystems, each of
// which sets, watches and counts one thing: the table in subsystems.go. Where
// the machine has a controller, v1 or v2, is looked up for each of them.
//
// Whatever the subsystems, a cgroup that kills goes along if the machine has
// one (the v1 freezer, any v2 cgroup), so that Cleanup leaves no process. There
// every container has a cgroup of its own, also one that shares the limits of
// that around it; without any subsystem the isolator does this alone.
//
// [NewAround] makes one for containers that another program makes: cgroups of ours around
// the program's, by which those are given what is inherited, and are counted. [Foreign]
// are the program's own.
//
// Isolators that know of devices for one container tell this one ([Isolator.SetDevices]).
//
// Package catalog makes the isolators. They never start processes, never mount
// and never touch cgroups beside their own, but that they enable v2 controllers
// in the cgroups above.
package cgroups
