// Package master is the master actor: it knows every agent, framework, offer
// and task, and carries messages between schedulers and agents.
//
// It owns the soft state of the cluster and does memory work only. Beside it
// run the allocator (who is offered what), the registry (what must survive) and
// HTTP; they answer by dispatch, so the actor never waits. Reads take a picture
// of the cluster ([view.Cluster]), collected on the actor in one pass and added
// up, sorted and encoded outside it; identical simultaneous reads share all of
// that. Quotas and weights are durable before they count.
//
// Frameworks are served as mesos.v1.scheduler Calls and Events, whatever wire
// they came by: an HTTP stream, an actor link, or the messages of an older
// driver, which are translated both ways ([Conn], package v0).
//
// # Where things stand
//
// The actor itself, which owns all state and alone changes it, is this package:
//
//	master, watch, model          its state, its handlers, whose sessions it watches
//	register, readmit, recover    agents come, and bring what they run
//	away, removal, gone           and go; each step is one of the table of package life
//	withdraw, maintenance         and are emptied by orders; inverse asks frameworks to leave
//	subscribe, conn, failover     frameworks come and go, teardown ends them; driver is for those of version 0
//	call, accept, group, offers   what they ask for, and what they are offered
//	status, reconcile             what becomes of their tasks
//	operations, opstatus          and of operations on resources; opoperator is for those of operators
//	providers, oversubscribed     what agents have beyond their own resources
//	rolesettings, quota, weights  what operators set for roles
//	orders, authorize             each order of an operator, what carries it out, and the rights that all this takes
//	registry                      what is durable, and how an earlier master's is taken up
//	snapshot, announce, metrics   what is told of it: to readers, to subscribers, in numbers; sight is what each of them may see
//	http*                         the endpoints: they read a request, ask the actor, write an answer
//
// What only decides, translates or shows is beside it, and knows nothing of the actor:
//
//	validation, quota             what is accepted
//	life                          an agent's way
//	v0, throttle                  old drivers, and how much drivers may say
//	view, explain, gauges         a picture of the cluster as JSON, as reasons, as numbers
//	counters                      what is counted as it happens
//
// And what serves many at a time hangs on actors or goroutines of its own:
//
//	subscribers                   the event streams of operators
//	pages, live                   the web pages that are open, and what changed for them
//	carry                         what pages want of agents and frameworks
//	leader                        who comes to a master that does not lead
//
// # Unlike Mesos
//
// A master of Mesos calls the tasks of a framework killed when the framework is torn down, and tells operators so before
// FRAMEWORK_REMOVED. Here nothing is told that is not known: FRAMEWORK_REMOVED comes first, and each task's own end when
// its agent tells of it (TASK_UPDATED of a framework that is among the completed ones). AgentInfo has no member
// checkpoint in v1, so none is written, and GET_METRICS may leave get_metrics out. /redirect names the leader's process, too
// (Mesos-Leader), and the pages are in the program, so there is no webui_dir.
//
// # Messages
//
//	message                     from → to             meaning; if lost or doubled
//	scheduler.Call              scheduler → master    a call over an actor link; SUBSCRIBE is retried by the driver
//	scheduler.Event             master → scheduler    over the framework's Conn; lost with its session, then re-subscribe
//	RegisterSlaveMessage        agent → master        first registration; retried until answered, absorbed while its admission is written
//	ReregisterSlaveMessage      agent → master        what the agent runs, after a lost session; retried likewise, the newest counts
//	SlaveRegisteredMessage      master → agent        the id it got
//	SlaveReregisteredMessage    master → agent        and the tasks it should have but did not report
//	UnregisterSlaveMessage      agent → master        the agent leaves for good
//	PingSlaveMessage            master → agent        every ping interval; connected=false makes it re-register
//	PongSlaveMessage            agent → master        too many missing: the agent is unreachable
//	RunTaskMessage              master → agent        launch; lost with the session, then reconciled at re-registration
//	RunTaskGroupMessage         master → agent        launch tasks all or none; lost: as RunTaskMessage
//	KillTaskMessage             master → agent        kill; repeated at re-registration while the task lives
//	UpdateFrameworkMessage      master → agent        what a framework says of itself now; lost: its next task brings it
//	ShutdownFrameworkMessage    master → agent        framework removed; repeated at re-registration
//	ShutdownExecutorMessage     master → agent        stop one executor
//	StatusUpdateMessage         agent → master        retried by the agent until acknowledged
//	StatusUpdateAcknowledgement… master → agent       the scheduler has it; lost: the update comes again
//	ExitedExecutorMessage       agent → master        frees the executor's resources; lost: it is missing in the next re-registration, and its framework told then
//	ApplyOperationMessage       master → agent        an operation on resources; lost with the session, then asked for
//	DrainSlaveMessage           master → agent        kill all that runs there; repeated at re-registration until it is drained
//	ShutdownMessage             master → agent        the agent must end: it is refused, gone, or its machine is down; said again when it registers
//	UpdateSlaveMessage          agent → master        operations that are not over, what resource providers have and what is lent, after each registration and when that changes
//	UpdateOperationStatusMess…  agent → master        how one ended; repeated by the agent until acknowledged
//	AcknowledgeOperationStatus… master → agent        its framework has it; lost: the status comes again
//	ReconcileOperationsMessage  master → agent        operations that the agent did not report; it answers each by a status
//	FrameworkToExecutorMessage  master → agent        opaque bytes, at most once
//	ExecutorToFrameworkMessage  agent → master        opaque bytes, at most once
//	AuthenticateMessage         agent, scheduler → master  CRAM-MD5 begins, for the process that it names; retried until it is over, which the registration waits for
//	AuthenticationMechanisms…   master → who asked    CRAM-MD5; AuthenticationStartMessage is the answer
//	AuthenticationStepMessage   both ways             the challenge, and the answer to it; lost: it begins again
//	AuthenticationCompleted…    master → who asked    its process is known until the session ends; AuthenticationFailedMessage: it is not
//	AuthenticationErrorMessage  master → who asked    there is no authentication, or who registers must authenticate first
//
// and with drivers of version 0, each as the call or event it stands for:
//
//	RegisterFrameworkMessage    scheduler → master    SUBSCRIBE; repeated until answered, doubles answered alike
//	ReregisterFrameworkMessage  scheduler → master    SUBSCRIBE with an id; failover: takes over from another instance
//	DriverCallMessage           scheduler → master    any call (libmesos sends mesos.scheduler.Call)
//	UnregisterFrameworkMessage  scheduler → master    TEARDOWN
//	DeactivateFrameworkMessage  scheduler → master    no more offers; subscribed again by Reregister…
//	LaunchTasksMessage          scheduler → master    ACCEPT with a LAUNCH
//	ResourceRequestMessage      scheduler → master    REQUEST
//	ReviveOffersMessage         scheduler → master    REVIVE
//	KillTaskMessage             scheduler → master    KILL
//	StatusUpdateAcknowledgement… scheduler → master   ACKNOWLEDGE
//	FrameworkToExecutorMessage  scheduler → master    MESSAGE
//	ReconcileTasksMessage       scheduler → master    RECONCILE
//	FrameworkRegisteredMessage  master → scheduler    SUBSCRIBED; FrameworkReregisteredMessage if it had an id
//	ResourceOffersMessage       master → scheduler    OFFERS, with the agents' pids
//	InverseOffersMessage        master → scheduler    INVERSE_OFFERS
//	RescindResourceOfferMessage master → scheduler    RESCIND; RescindInverseOfferMessage RESCIND_INVERSE_OFFER
//	StatusUpdateMessage         master → scheduler    UPDATE
//	ExecutorToFrameworkMessage  master → scheduler    MESSAGE
//	LostSlaveMessage            master → scheduler    FAILURE of an agent; ExitedExecutorMessage of an executor
//	FrameworkErrorMessage       master → scheduler    ERROR
package master
