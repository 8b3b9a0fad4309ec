// Package early begins a container's first process without Go's runtime, whose
// own beginning takes five times as long as all that is to be done.
//
// What is to be done is a [List] of system calls, made by package boot, on the agent,
// of a Launch that needs nothing else. The new process gets it by the pipe by
// which it would get the Launch, carries it out ([Follow]) and so becomes the
// command.
//
// The program mesos-init is linked to begin here (-E mesos/isolators/boot/early.start):
// with [Argument] alone Follow is called before Go's runtime has begun, which
// it then never does; with any other arguments it begins as always. Without
// that flag, or on other processors, mesos-init calls Follow itself. So all
// programs do the same, some take longer.
//
// What runs before the runtime is Go as that of the runtime itself: functions marked
// nosplit, as a stack cannot grow (the linker refuses what would not fit), which
// call only each other and the kernel; no goroutine, nothing allocated, no pointer
// stored, no interface, no string made.
//
// A [Call] that Stays is a fork: what remains beside a command, as the first
// process of a pid namespace, reaps and hands on signals, and has no runtime
// either: it has 16 kB of memory of its own, with one 750.
//
// This package never decides what is called: it knows no container.
package early
