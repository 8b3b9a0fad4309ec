// Package tracing tells a collector of traces how a task went its way: from the
// offer to the acknowledgement of its last update, one trace a task, over OTLP.
//
// The ids of a trace and its spans follow from the ids of framework and task
// (and of an update, its uuid). So every program that a task passes knows the
// trace without being told: nothing is carried in messages, older agents and
// executors of any kind may stand in between, and a master or agent that is
// restarted goes on with the same trace. A framework that uses the id of a
// task again, after its end, continues that task's trace.
//
// A trace that the framework has begun itself is named by the task's label
// "traceparent", in the form of W3C Trace Context; the first span links to it.
//
//	span               told by    from                         to
//	task               master     the offer                    the acknowledgement of the task's end
//	  offer            master     the offer is sent            the framework accepts it
//	  accept           master     the call comes               the task is on its way to the agent
//	  launch           agent      the task comes               it is sent to its executor
//	    container      agent      the container is begun       its process runs
//	      fetch        agent      the sandbox is there         the files are in it
//	    subscribe      agent      the process runs             the executor has subscribed
//	  start            executor   the task is sent to it       the time that its status RUNNING names
//	  run              executor   that time                    the time that its last status names
//	  update           agent      a status is known            its acknowledgement came back and is durable
//	    forward        master     the status comes             the framework acknowledges it
//
// Executors stay small and send nothing: what they did is told by the agent,
// from the times in their updates, as spans of the service mesos-executor.
//
// The master and the agent call Record on their actors, which never waits; a
// goroutine of the Tracer sends what has come together. What the collector does
// not take in time is dropped and counted. A nil Tracer records nothing. The
// package decides nothing about tasks, and no task waits for it.
package tracing
