// Package dockertask is what mesos-docker-executor does: it makes a container by a
// Docker engine, carries its output to the sandbox, and stays until it ends.
//
// [Task] is the Processes of the command executor for tasks whose container is
// the engine's; [Run] is a container with an executor of a framework in it; [Exec]
// executes something in a container that runs. The agent says which in an Order
// (package docker of containerizers). It keeps nothing: what the agent must end
// when this program is gone, it finds by the container's name and labels.
//
// An engine that restarts while containers live on (live-restore) is waited for;
// output from between is the engine's alone.
package dockertask
