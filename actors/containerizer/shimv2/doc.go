// Package shimv2 has containers made by a runtime that is a shim of containerd
// (Kata's, whose only way in it is; runc's): a program of the machine that answers to
// calls on a socket. No containerd is needed for it.
//
// A shim has no command line that makes a container and stays until it ends, as other
// runtimes have one. The program mesos-oci is that: [Run] starts a shim, has it make
// the container, joins the container's streams with its own, passes signals and sizes
// of a terminal on, and ends as the container does; [Exec] does the same for something
// that is executed in the container. The agent starts it like any runtime, so a
// container outlives the agent with its output and its exit status: mesos-oci holds
// the connection, and what it knows is in the container's directory:
//
//	shimv2.json     what it was told, an [Order]; gone when nothing of the container is left
//	shimv2.address  where the shim is reached
//	failed          why the container ended, where the shim, not the container, did
//	log, NAME.out…  the named pipes that the shim writes to
//
// The agent calls [Forget] when the processes are dead, and [Failure] to tell why.
//
// The calls are those of containerd.task.v2.Task (v3 is the same): Create, Start, Wait,
// Kill, Exec, Delete, ResizePty, CloseIO and Shutdown, by ttrpc, a framing of protobuf
// messages. Both are written down here, in a few functions of their own: the library
// for it brings a part of gRPC and a logger, and the tables of all messages, which made
// a program of 6.1 MB; there is one process for each container. Events, for which a shim
// is given the address of a containerd, are left out: a connection that ends and a Wait
// that returns say all that is needed.
//
// It never decides anything about tasks, and never talks to a containerd.
package shimv2
