// Package launch starts one command as one process: it works out file and
// arguments from a CommandInfo, looks up the user to run as, and forks.
//
// The containerizer starts executors with it, mesos-executor starts tasks with
// it. It never waits, kills or reaps, and keeps no state; it links nothing
// heavier than os/user, because mesos-executor must stay small.
package launch
