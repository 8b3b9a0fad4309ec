// Package namespaces gives containers namespaces of their own, or those of the
// container around: [PID] is the isolator namespaces/pid, [IPC] is
// namespaces/ipc; [UTS], [Cgroup] and [Net] are namespaces/uts, /cgroup and /net,
// which Mesos does not have. [All] is for those who look into a container.
//
// A nested container's own pid namespace lies beside that of its parent: the
// kernel makes none within another for a process that is not in it. Every
// container with a pid namespace has a /proc that shows no other.
//
// Package catalog makes the isolators. They only say what the container's first
// process is to do: they keep nothing, mount nothing and start nothing.
package namespaces
