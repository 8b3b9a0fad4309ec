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
// What runs before the runtime is Go as the compiler makes it for the runtime's
// own: it neither allocates nor grows its stack (which go:nosplit has the linker
// check), knows no goroutine, stores no pointer and calls nothing but the kernel.
//
// This package never decides what is called: it knows no container.
package early
