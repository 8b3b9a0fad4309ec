// Package ebpf counts what containers do to the machine, by programs that the kernel runs: packets, bytes, drops and
// connections of the network ([Network]), operations on disks and how long they take ([IO]), ends of processes, those
// killed for want of memory, and waits for a processor ([Process]). It also bounds the rate of a container's packets, and
// refuses ports that are not a container's own ([Ports]), where that is in the machine's network. Package catalog makes the isolator, after that of cgroups:
// a container is its cgroup of version 2, which that one makes, for itself or around that of another program.
//
// Figures and programs are pinned in a bpffs, in a directory for each cgroup above containers. So the kernel counts on
// while no agent runs, and a new one finds the figures where the old one left them. The part of a container goes with
// [Isolator.Cleanup]; when the agent ends and no container is left, everything goes. Of an agent that is killed and never
// comes back it stays, and takes its time at each packet, operation of a disk and switch of a thread of the whole machine:
// with its directory in the bpffs it ends.
//
// What is counted where:
//
//   - A packet counts for the container whose process made the socket, as many bytes as IP says, when it passes the socket.
//     What a network card is to cut up, or has put together, counts as what is on the wire. What no
//     socket asked for (ARP, an answer to a connection that is over) counts for nobody.
//   - A byte that is read or written counts for the container whose memory it is in, if the containers have cgroups for
//     memory (cgroups/mem), also when the kernel writes it later. Without them, it counts for the one whose process asks the
//     disk. Each disk has figures of its own, for what a loop device or a mapped one does is done by another disk again.
//   - What a nested container does counts for those around it, too.
//
// The programs are written in C (c/); gen.go says how they become the objects here. They find what they need in the
// kernel's own description of its types (BTF), so one object serves all kernels since 6.1; where kernels differ there are
// several programs for one thing, of which the first that the kernel takes is used. What lies in the kernel's memory is read
// by a call of the kernel, or since 6.3 as the program's own, without one.
//
// The package never starts processes and holds none.
package ebpf
