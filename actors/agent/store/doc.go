// Package store keeps what an agent must not forget: who it is, and the
// frameworks, executors, containers, tasks and status updates that are not over.
//
// The agent actor calls it; nobody else writes. It never decides anything: it
// takes writes, says when they are durable, and gives back at the next start
// what was. Writes are committed in groups: all that came while the disk was
// busy with the last commit goes to the disk as one, so a busy agent pays one
// commit for many updates and a quiet one waits for nobody.
//
// [Bolt] is a bbolt file, <work_dir>/meta/agent.db. [Memory] is for tests, on a
// [Disk] that outlives a crash of the program and loses what was not committed.
//
// # Rows
//
//	table       key                          value
//	meta        format                       the words of Format
//	agent       agent                        id, boot id, AgentInfo
//	frameworks  framework id                 FrameworkInfo
//	executors   framework id, executor id    ExecutorInfo, container, process, driver
//	tasks       framework id, task id        TaskInfo, executor, whether it was sent
//	updates     number, growing              StatusUpdate, whether it is acknowledged
//	completed   framework id, container id   executor that is over, its framework and tasks: history
//	resources   resources                    what operations made of the agent's resources
//	operations  uuid                         Operation, until its status is acknowledged
//	drain       drain                        DrainConfig, since when; until nothing is left to drain
//	providers   id                           ResourceProviderInfo, whether it is gone; for ever
//	containers  ids joined by dots           call that launched it, whether it is a session, process
//
// Every value begins with a checksum of its key and the rest. A status update
// is one small row at the end of its table; what belongs to a task is deleted
// when its terminal update is acknowledged.
package store
