// Package pod is the default executor: it runs task groups, each task in a
// container of its own below the executor's.
//
// Executor decides, as a Handler of the executor driver: what is launched, what
// is told about it, what ends with what. The agent makes, signals and waits for
// the containers, asked through [Containers]; what else touches the machine
// goes through [Machine]. mesos-executor puts them together and is the only user
// of this package. Nothing here waits for a process, and no task depends on this
// program's being quick.
//
// All tasks of a group start or none does. When one of them fails or is killed
// the others of its group are killed; an executor labelled
// [OnFailure]=continue leaves them alone. Groups do not touch each other.
//
//	call              when                                     lost, or twice
//	LAUNCH_CONTAINER  a group comes, or a command check is due  made again when the agent is back, which then
//	                                                            finds the container there
//	WAIT_CONTAINER    all of the group is launched              made again; the agent keeps how it ended
//	KILL_CONTAINER    SIGTERM, and SIGKILL after the grace      made again; a second signal does no harm
//	REMOVE_CONTAINER  a command check has its result            made again; nothing is there any more
package pod
