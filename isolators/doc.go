// Package isolators is the folder of what the kernel enforces and counts for a container: cgroups, namespaces, file
// systems, networks, eBPF programs. The containerizer (actors/containerizer) will call them; they import messages and
// never actors, and no other package imports cgroup, netlink or eBPF libraries. Nothing stands here yet.
package isolators
