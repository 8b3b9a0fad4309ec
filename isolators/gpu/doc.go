// Package gpu gives containers GPUs of NVIDIA: [Isolator] is the isolator gpu/nvidia.
//
// [Find] knows the GPUs of a machine by what the driver tells in /proc and by the
// nodes in /dev; NVIDIA's library is not needed. [Offer] says which of them an agent
// offers. A container gets as many as its resources have, whole ones, each by its
// number: nobody else has it until the container is over. The containerizers of an
// agent share a [Pool], so that this holds between them, too; a container that is to
// have what another is about to give back waits for it. Which those are is written
// to a file, so that they are the same after a restart of the agent.
//
// A container may open the nodes of its GPUs and those that all of them share, and
// no other's. It finds their names in NVIDIA_VISIBLE_DEVICES. In a root of its own it
// finds the nodes, too. Where files of the Container Device Interface (/etc/cdi,
// /var/run/cdi) describe the GPUs as nvidia.com/gpu, nodes, mounts, environment and
// hooks are those that they say. All of that is in the Given of a Launch for those who
// make cgroups and containers, and what mesos-init does of it in the rest.
//
// Of hooks those of the kind createContainer are run, in containers with a root of their
// own, by mesos-init (boot.Hook); a container that needs others is refused ([HookError]).
// What they read of a container, a bundle with a config.json, lies below the directory
// of the isolator. Containers nested in one have what it has.
//
// Package catalog makes isolators, and package daemon the pool. It loads no library,
// talks to no GPU and starts nothing.
package gpu
