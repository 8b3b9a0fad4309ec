// Package containerizer starts, watches and ends containers for the agent.
//
// It owns the processes of containers and the files stdout and stderr in their
// sandboxes; the agent decides which containers there are. Posix runs each as
// processes of this machine, in a session of their own; [Options.Isolation] has
// isolators confine and count them. It never talks to executors and never decides
// about tasks.
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
// With isolation, a container begins as mesos-init, which waits: isolators prepare
// what it is to become, it is started, isolated, and only then told to go on. If
// the agent dies before, so does it. Where isolators hold the container's processes
// ([Isolation.Holds]), their Cleanup ends it, and nothing needs to be looked for;
// a shim stays outside of the container that it stands beside. What goes beyond
// its limits is destroyed, and its Exit says why.
//
// Containers can also be made by a program of somebody else ([Isolation.Runtime]):
// then that program, in the foreground, is the container's main process here.
// Composing is several containerizers on one agent: the first that accepts a
// container launches it, and what is nested in it.
//
// Without isolation, when the main process ends, what is left of its process group and session is
// killed before the Exit is told. Processes that daemonized, leaving session
// and parent, are found by the mark in their environment. That costs a look at
// every process of the machine, which is spared only where a command that reaps
// what is below it, as mesos-executor does, has ended by itself.
package containerizer
