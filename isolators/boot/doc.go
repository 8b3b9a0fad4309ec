// Package boot is the beginning of a container's first process: what it is to
// become ([Launch]), and the program that becomes it ([Run], in mesos-init).
//
// Isolators fill in a Launch when they prepare a container. The containerizer
// adds the command, starts mesos-init in the namespaces of [Launch.Clone], has
// the isolators isolate it, and only then sends it the Launch ([Pipes]). Until
// then mesos-init runs nothing, and if the agent dies it ends: so no line of a
// command ever runs outside of the container's limits.
//
// Where another program makes the container, mesos-init reads the Launch from a file
// ([RunOrder]); where that brings a kernel of its own, it makes the mounts before
// ([RunAround]).
//
// Most launches come down to system calls that the agent can name beforehand. Then
// mesos-init gets those in place of the Launch ([NewOrder]) and carries them out before
// Go's runtime has begun: package early. The order below is theirs, too.
//
// Package isolators and the containerizer call it. It links neither protobuf
// nor network: there is one exec of it for each container. It never decides
// what a container gets, and never touches cgroups.
//
// What happens in the new process, in this order:
//
//	wait        for the Launch; the end of the pipe is the end of the process
//	namespaces  those of Join are entered
//	files       mounts, masked and read-only paths; then hooks of the machine, which see its files and those of
//	            the container; then the root file system and the working directory
//	init        with Launch.Init the process stays, as the first of its pid namespace, and a child goes on: as
//	            the command at once, with its user, if that is all it needs, else as this program anew; where
//	            the command could trace it, it gives up the same rights and executes itself anew, from
//	            a read-only mount, so that nothing is won by that
//	users       with Launch.Remap the process stays, too, and the child is in a user namespace of its own; it
//	            is a stranger to the process that stays, which is still the machine's root
//	rights      groups, user, capabilities, no_new_privs, system call filter
//	exec        the command; the pipe of the answer closes, which tells the agent that it runs
package boot
