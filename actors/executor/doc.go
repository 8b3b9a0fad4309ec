// Package executor is the driver of executors that speak to their agent over
// an actor link.
//
// It owns an executor's subscription: finding the agent in the environment,
// subscribing again after the link broke, and keeping every status update
// until the agent acknowledged it; and it carries an executor's calls for
// containers below its own. mesos-executor and Go executors are built
// on it. It decides nothing about tasks, starts no process or goroutine and
// reads no clock but those it is given: all of it runs on the goroutine of its
// Runtime.
//
//	message          direction  meaning                      lost, or twice
//	Call SUBSCRIBE   to agent   here I am, with everything   sent again after SubscriptionBackoffMax;
//	                            you have not acknowledged    the agent answers the newest
//	Call UPDATE      to agent   a task's new state           sent again until acknowledged, also in the
//	                                                         next SUBSCRIBE; the agent knows it by its uuid
//	Call MESSAGE     to agent   bytes for the scheduler      lost with the link; never twice
//	ContainerCall    to agent   launch, wait for, signal or  made again when the agent is back, until
//	                            remove a nested container    answered; the agent knows the container
//	ContainerAnswer  to us      what came of it              lost: the call is made again; twice: ignored
//	ExecutorCall     to agent   any of these calls, with     as the call in it
//	                            the token that the agent
//	                            gave to show whose it is
//	SUBSCRIBED       to us      accepted                     the second of two is ignored
//	LAUNCH, _GROUP   to us      run these tasks              lost: the next SUBSCRIBE does not list the task,
//	                                                         and the agent drops it; twice: ignored until the
//	                                                         task's first acknowledgement
//	KILL             to us      end this task                passed on each time
//	ACKNOWLEDGED     to us      that update is safe          lost: the update is sent again; twice: ignored
//	MESSAGE          to us      bytes from the scheduler     lost with the link
//	SHUTDOWN, ERROR  to us      end all tasks and leave      lost: the agent kills us after the grace period;
//	                                                         twice: ignored
package executor
