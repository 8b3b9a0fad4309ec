// Package seccomp keeps containers from system calls: [Seccomp] is the isolator
// linux/seccomp.
//
// A profile is the JSON that Docker and Mesos read ([Parse]); it is compiled to
// the instructions that the kernel runs at each system call ([Profile.Compile]).
// Containers that name no profile, on an agent that names none, get the one of
// default.json, which refuses what reaches beyond the container and is no right
// of its own.
//
// Rules are asked in their order, and the first whose names, conditions and
// capabilities fit decides; a name that one of our architectures has is looked
// up for each of those that the profile is for. System calls of an architecture
// that it is not for kill the process, those of x32 are none at all.
//
// Package catalog makes the isolator. It only says which filter the container's
// first process is to set as the last thing before it executes the command: see
// package boot. Numbers of system calls stand in syscalls.tsv, made by gen.
package seccomp

//go:generate go run ./gen
