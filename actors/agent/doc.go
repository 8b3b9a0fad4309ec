// Package agent is the agent actor: it runs a machine's executors and tasks
// for the master, and never forgets a status update until it is acknowledged.
//
// It owns sandboxes, executors, containers and status update streams. What
// touches the machine goes through a [containerizer.Containerizer]; what goes
// over the wire through actor links, and for executors also through the v1
// executor API.
//
// # Messages
//
//	message                     from → to             meaning; if lost or doubled
//	RegisterSlaveMessage        agent → master        asks for an id; repeated with backoff until answered
//	ReregisterSlaveMessage      agent → master        says what runs here; repeated with backoff until answered
//	RunTaskMessage              master → agent        run a task; lost: the master asks at re-registration
//	KillTaskMessage             master → agent        kill a task; repeated by the master at re-registration
//	ShutdownExecutorMessage     master → agent        stop one executor, by force after its grace period
//	ShutdownFrameworkMessage    master → agent        stop all executors of a framework
//	PingSlaveMessage            master → agent        answered by PongSlaveMessage; none for long: register again
//	StatusUpdateMessage         agent → master        head of a stream; repeated with backoff until acknowledged
//	StatusUpdateAcknowledgement… master → agent       removes the head; of anything else: ignored
//	ShutdownMessage             master → agent        the master refuses this agent: the daemon ends with its reason
//	executor.Call               executor → agent      over an actor link, or by HTTP
//	executor.Event              agent → executor      likewise
package agent
