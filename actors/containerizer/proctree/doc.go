// Package proctree finds and kills whole trees of processes on Linux.
//
// A container's processes are found by four marks: they descend from its main
// process, share its session or process group, or carry one of its variables
// in their environment (which finds what daemonized away: double fork and
// setsid break the first three). The containerizer kills containers with it,
// mesos-executor kills tasks. Nothing here waits for children or reaps them,
// except that Kill looks until what it killed is dead; the caller reaps.
//
// Costs, on a machine of n processes: Descendants reads only the tree;
// Session makes one getsid(2) per process, about 1 µs; Marked reads the
// environment of every process, about 20 µs each, and is for rare moments.
package proctree
