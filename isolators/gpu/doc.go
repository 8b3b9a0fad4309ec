// Package gpu gives containers GPUs of NVIDIA: [Isolator] is the isolator gpu/nvidia.
//
// [Find] knows the GPUs of a machine by what the driver tells in /proc and by the
// nodes in /dev; NVIDIA's library is not needed. [Offer] says which of them an agent
// offers. A container gets as many as its resources have, whole ones, each by its
// number: nobody else has it until the container is over. Which those are is written
// to a file, so that they are the same after a restart of the agent.
//
// A container may open the nodes of its GPUs and those that all of them share, and
// no other's ([Devices], which is the isolator cgroups/devices). It finds their names
// in NVIDIA_VISIBLE_DEVICES. In a root of its own it finds the nodes, too. Where files
// of the Container Device Interface (/etc/cdi, /var/run/cdi) describe the GPUs as
// nvidia.com/gpu, nodes, mounts and environment are those that they say. Their hooks
// are not run: a container with a root of its own is refused then ([HookError]), as it
// would lack what they make. Containers nested in one have what it has.
//
// Package catalog makes it. It loads no library, talks to no GPU and starts nothing.
package gpu
