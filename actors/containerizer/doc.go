// Package containerizer starts, watches and ends containers for the agent.
//
// It owns the processes of containers and the files stdout and stderr in their
// sandboxes; the agent decides which containers there are. Posix runs each as
// plain processes of this machine, in a session of their own, without
// isolation. It never talks to executors and never decides about tasks.
//
// With [Options.Rotate] the files are written by a process beside each container,
// which no kill of the container reaches; see package logrotate.
//
// A container's life, seen from the agent:
//
//	Recover once at the start: what an earlier run left is taken over or killed
//	Launch  sandbox, volumes, uris, process; its error is a *LaunchError
//	Wait    one Exit for each channel that was asked for in time
//	Destroy at any moment, also during Launch; the Exit follows on Wait
//
// When the main process ends, what is left of its process group and session is
// killed before the Exit is told. Processes that daemonized, leaving session
// and parent, are found by the mark in their environment. That costs a look at
// every process of the machine, which is spared only where a command that reaps
// what is below it, as mesos-executor does, has ended by itself.
package containerizer
