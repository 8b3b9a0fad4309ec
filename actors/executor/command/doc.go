// Package command is the command executor: the executor of tasks that bring a
// command and no executor of their own.
//
// Executor decides, as a Handler of the executor driver: which task runs, what
// is told about it, when it is killed. Tree does: it starts the command and
// signals, kills and reaps everything that descends from it. A task that clients
// are sent to asks for time before its SIGTERM by the label MESOS_DRAIN_PERIOD
// (10secs, say): TASK_KILLING is told at the beginning of that time, which is
// when its names in DNS and its services go (package discovery). mesos-executor
// puts the two together and is their only user. Nothing here writes to
// standard output, which belongs to the task.
package command
