// Package shim is what stands beside a container that must outlive its agent
// with its terminal and its exit status: the program mesos-shim, and the
// agent's side of the socket to it.
//
// The containerizer starts one mesos-shim for each nested and standalone
// container and for each that asks for a terminal. The shim starts the command
// as its child, copies what the command writes to the sandbox's files and to
// attached readers, and writes down how the command ended. It is told what to
// do on its standard input (a [Spec]), says on descriptor 3 whether the
// command started (a [Started]), and works in the container's runtime
// directory, where it leaves
//
//	sock    the socket where readers, a writer and signals come in
//	status  how the command ended; there once it has
//
// It is the reaper of all that descends from the command, so that nothing
// daemonizes away from it: when the command ends, the rest is killed before
// the shim ends. The command dies with the shim.
//
// It never decides anything about tasks, and links nothing but what it takes
// to start and kill processes: one of them runs for each container.
//
// # Frames on the socket
//
// Each is one byte of kind, four bytes of length (big endian) and a payload.
// The first frame of a connection says what it is for.
//
//	kind  from     payload          meaning; when the connection is lost
//	o     agent                     a reader of the output; of a session, the first reader's loss ends the container
//	i     agent                     the writer of the input, one at a time; the input stays open, another may come
//	s     agent    signal number    send a signal to the command
//	A     shim                      that was taken, or done
//	N     shim     a sentence       it was not
//	1, 2  shim     bytes            what the command wrote to its stdout (or terminal), stderr
//	X     shim     a sentence       the reader is dropped: it reads too slowly
//	I     agent    bytes            input
//	C     agent                     end of input; means nothing to a terminal
//	W     agent    rows, columns    size of the terminal, two bytes each
//
// A reader's connection is closed by the shim when all output was written.
package shim
