// Package cgroup is the cgroup file system as isolators need it: where which
// controller is ([Layout]), directories and the values in their files ([Dir]),
// and getting rid of what is in them ([Empty], [Remove]).
//
// It knows both versions and mixtures of them, but no container and no limit.
// Package cgroups calls it. It writes only below directories that it is given,
// never mounts, and reuses no directory after a kill: the kernel goes on
// killing what is cloned into one.
package cgroup
