// Package docker has containers made by a Docker engine: those whose ContainerInfo
// is of type DOCKER.
//
// [Runtime] is what a containerizer needs to know of it: it fetches images, says
// what a container is to be, ends containers whose program has ended, and removes
// what is left. It never starts processes: the containerizer starts one of
// mesos-docker-executor for each container, on the agent's machine and outside of
// the container, so that it reaches the agent whatever network the container has.
// That program makes the container from the [Order] in its environment, writes
// what it says to the sandbox, and stays until it ends; of tasks with a command it
// is the executor, too. It outlives the agent.
//
// A container is called mesos-<container id> and has two labels, by which an agent
// tells its own from those of others: [LabelAgent] and [LabelContainer].
//
// Where isolators act by cgroups, the engine makes each container's within one of the agent's
// ([Options].Group), which goes with the container.
//
// When a container has ended it is kept for a while (--docker_remove_delay), so
// that it can be looked into, and then removed; by the next run of the agent if need be.
package docker
