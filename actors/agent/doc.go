// Package agent is the agent actor: it runs a machine's executors and tasks
// for the master, and never forgets a status update until it is acknowledged.
//
// It owns sandboxes, executors, containers and status update streams. What
// touches the machine goes through a [containerizer.Containerizer]; what goes
// over the wire through actor links, and for executors also through the v1
// executor API, and for resource providers through the v1 resource provider API.
//
// Before it acts on anything that belongs to a framework which checkpoints, what
// it rests on is durable in its [Store]: an executor before it is started, a
// task before it is sent, an update before it is acknowledged to the executor
// and forwarded, an acknowledgement before the next update is. Another run of
// the agent so takes up where this one died:
//
//	what the store has    what is found              what becomes of it
//	executor              its process lives          goes on; it must subscribe within the re-registration timeout
//	executor              no process, no task sent   is started again, in another container
//	executor              no process                 tasks fail; after a reboot of the machine they are gone
//	container             its process lives          goes on, if what it is nested in does; a session is killed
//	container             no process                 can be waited for; its exit is what its shim wrote down
//	task, sent            its executor has it not    is sent again to our driver, dropped for other executors
//	update                not acknowledged           is forwarded; its executor is acknowledged when it repeats it
//	nothing               a process in a sandbox     is killed before the agent registers
//	operation, pending    …                          the disks follow it, again if need be, and it is told
//	operation, over       …                          is told until it is acknowledged
//	order to drain        tasks                      are killed, again if need be
//
// Operations of whatever framework are always durable before they are carried
// out, and so are the reservations and volumes that they make, which outlive
// tasks, frameworks and agent ids. See operations.go.
//
// Resource providers make operations on what they have durable themselves, and
// tell of them when they subscribe; the agent keeps who they are, and who is gone.
// What a provider has counts while it is subscribed: of one that is away the master
// is told only what tasks use. The master knows it by a version of the agent's own,
// which changes whenever the master must not count on what it was told, so that an
// operation which crossed that is dropped here. See provider.go.
//
// What executors have and do not use is lent once more, as revocable resources, by what an estimator says; who holds such
// is ended when a controller of quality of service says so. See package oversubscription.
//
// Of an executor that is over the store keeps what people may look for, until its
// sandbox is removed; see package gc. No decision rests on that.
//
// # Messages
//
//	message                     from → to             meaning; if lost or doubled
//	AuthenticateMessage         agent → master        with --credential, before it registers; retried with it. The master's table has the exchange
//	RegisterSlaveMessage        agent → master        asks for an id; repeated with backoff until answered
//	ReregisterSlaveMessage      agent → master        says what runs here; repeated with backoff until answered
//	RunTaskMessage              master → agent        run a task; lost: the master asks at re-registration
//	RunTaskGroupMessage         master → agent        run tasks all or none; lost: as RunTaskMessage
//	KillTaskMessage             master → agent        kill a task; repeated by the master at re-registration
//	ShutdownExecutorMessage     master → agent        stop one executor, by force after its grace period
//	ShutdownFrameworkMessage    master → agent        stop all executors of a framework
//	UpdateFrameworkMessage      master → agent        what a framework says of itself now; lost: its next task brings it
//	PingSlaveMessage            master → agent        answered by PongSlaveMessage; none for long: register again
//	StatusUpdateMessage         agent → master        head of a stream; repeated with backoff until acknowledged
//	StatusUpdateAcknowledgement… master → agent       removes the head; of anything else: ignored
//	ApplyOperationMessage       master → agent        reserve, create and so on; lost: the master asks at re-registration
//	DrainSlaveMessage           master → agent        kill all that runs here; repeated by the master at re-registration
//	ExitedExecutorMessage       agent → master        an executor ended, or never was; lost: it is missing in the next re-registration
//	UpdateSlaveMessage          agent → master        operations that are not over, what providers have and what is lent, after each registration and change of that
//	UpdateOperationStatusMess…  agent → master        how one ended; repeated with backoff until acknowledged
//	AcknowledgeOperationStatus… master → agent        the operation is forgotten; of anything else: ignored
//	ReconcileOperationsMessage  master → agent        operations that the agent did not report: dropped if they are not here
//	ShutdownMessage             master → agent        the master refuses this agent: the daemon ends with its reason; before it was asked anew after a lost session, ignored
//	executor.Call               executor → agent      over an actor link, or by HTTP
//	ExecutorCallMessage         executor → agent      such a call over a link, with the token that shows whose it is
//	executor.Event              agent → executor      likewise
//	resource_provider.Call      provider → agent      by HTTP, or within the program: what it has, ends of operations, what is published
//	resource_provider.Event     agent → provider      operations to carry out, acknowledgements, what to publish; lost with the subscription, then all is told anew
//	ContainerCallMessage        executor → agent      launch, wait for, kill or remove a container nested in its own; lost: asked again
//	ContainerAnswerMessage      agent → executor      its answer; that of a wait comes when the container has ended
//
// and with executors on drivers of version 0, each as the call or event it stands for:
//
//	RegisterExecutorMessage     executor → agent      SUBSCRIBE; sent once: lost, the executor times out
//	ReregisterExecutorMessage   executor → agent      SUBSCRIBE with what it could not tell, after ReconnectExecutorMessage
//	StatusUpdateMessage         executor → agent      UPDATE; said again when it re-registers
//	ExecutorToFrameworkMessage  executor → agent      MESSAGE, at most once
//	ReconnectExecutorMessage    agent → executor      the agent was restarted, or their session ended; repeated until it re-registers
//	ExecutorRegisteredMessage   agent → executor      SUBSCRIBED; ExecutorReregisteredMessage after a Reregister…
//	RunTaskMessage              agent → executor      LAUNCH
//	KillTaskMessage             agent → executor      KILL
//	StatusUpdateAcknowledgement… agent → executor     ACKNOWLEDGED
//	FrameworkToExecutorMessage  agent → executor      MESSAGE; drivers of schedulers send it to the agent themselves
//	ShutdownExecutorMessage     agent → executor      SHUTDOWN
//	FrameworkErrorMessage       agent → executor      ERROR
package agent
