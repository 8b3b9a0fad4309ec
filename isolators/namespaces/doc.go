// Package namespaces gives containers namespaces of their own, or those of the
// container around: [PID] is the isolator namespaces/pid, [IPC] is
// namespaces/ipc; [UTS], [Cgroup] and [Net] are namespaces/uts, /cgroup and /net,
// which Mesos does not have, and neither has it [User], namespaces/user. [All] is for those who look into a container.
//
// A nested container's own pid namespace lies beside that of its parent: the
// kernel makes none within another for a process that is not in it. Every
// container with a pid namespace has a /proc that shows no other.
//
// With namespaces/user the users of all containers, root among them, are those of
// one [Range] of the machine: root of a container is root of its sandbox, volumes,
// image and processes, and nobody to the rest. On the disk their files have the
// owners that the container sees (idmapped mounts), so that volumes know nothing of
// the range. The other namespaces belong to the machine's root: even with all
// capabilities a container mounts nothing and sets up no network. Ports below 1024
// are free to it where the network is its own. Paths of the machine in volumes keep
// their owners, who are strangers to the container.
//
// Package catalog makes the isolators. They only say what the container's first
// process is to do: they mount nothing and start nothing, but that [NewUser] starts
// a shell for a moment, to have a namespace whose ids others are mapped by.
package namespaces
