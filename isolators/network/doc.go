// Package network gives containers a network of their own: an interface and an
// address in each of the networks that their network_infos name. A network
// is one of two kinds, each with a name of --isolation:
//
//	network/cni     what a file of --network_cni_config_dir describes: plugins of CNI make it
//	network/bridge  one bridge of this machine, made here, which needs no plugins (not a name of Mesos)
//
// A container that names no network has that of the machine, one within another
// that of its parent.
//
// The namespace of a container is made before its process is, and kept as a file
// below [Options.Root] beside what was attached to it, which is written down
// before it is done. So it can be taken apart by whoever finds it: by Cleanup, when
// the processes are gone, or by Recover, after the agent has died. Who is in a
// network finds its own name, addresses and name servers in /etc/hostname,
// /etc/hosts and /etc/resolv.conf.
//
// Package catalog makes the [Isolator]. It never starts the processes of containers
// and never decides which host ports a container may have: they must be among
// its resources.
package network
