// Package gc removes the sandboxes of executors that are over and, if the agent asks for it, those of nested and
// standalone containers.
//
// The agent tells it which ended and when, asks what is due, and has that
// removed beside its actor; it decides what is live, this package never does.
// [Schedule] and [MaxAge] are pure. [Disk] is the machine: it finds the
// sandboxes that earlier runs of the agent left, measures the disk and removes.
//
// A sandbox goes when its end is longer ago than gc_delay, or than what is left
// of that when the disk fills up: the age allowed is
//
//	gc_delay * max(0, 1 - gc_disk_headroom - share of the disk in use)
//
// Of a container within another only its own sandbox goes; the agent keeps count of those, so that a directory which a
// task made for itself is never taken for one. After a restart of the agent their time begins anew.
//
// The end of an executor is also kept as the modification time of the directory, so that a
// restart of the agent does not begin to count anew. Persistent volumes lie
// elsewhere. What is mounted into a sandbox is never removed: as long as there
// is a mount below it, the sandbox stays.
package gc
