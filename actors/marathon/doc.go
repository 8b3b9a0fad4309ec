// Package marathon is a framework that keeps services running: so many instances
// of each app and pod, on agents that suit them, replaced when they fail, and
// upgraded step by step. It is built on the public driver for frameworks, package
// scheduler, and is an example of how that is done.
//
// Programs under cmd start a [Service], package api speaks Marathon's REST API for
// it. What is decided is decided by the pure packages plan (how many, which) and
// match (where); the Service keeps the books and carries decisions out. It runs on
// the driver's actor: nothing here needs a lock. What it must not forget goes to
// package store before it is acted on; so one that is killed at any moment goes on
// where it was.
//
//	what                     durable before it
//	a launch is sent         the instance, with the ids of its tasks
//	a volume is made         the instance, with the ids of its volumes
//	a volume is destroyed    that there is no such instance any more
//	a kill is sent           that the instance is doomed
//	an update is acknowledged  what it says
//	a change is answered     the new versions and the deployment
//
// # Messages
//
// All go over the driver; see package scheduler for how they are repeated.
//
//	from the master   what it does                     lost, or twice
//	SUBSCRIBED        keeps the framework id           the driver subscribes again
//	OFFERS            places what waits, or declines   the next ones
//	UPDATE_OPERATION_STATUS  what became of a claim    comes again until it is acknowledged; it is asked for
//	UPDATE            notes the state of a task, and   comes again until it is acknowledged; twice changes
//	                  looks at its spec                nothing
//	RESCIND           nothing: the launch on such an
//	                  offer is answered by an update
//	ERROR             ends the program by OnFailed
//	to the master
//	ACCEPT            launches                         the driver asks for its tasks; TASK_DROPPED and the
//	                                                   like count as an end
//	                  RESERVE and CREATE               asked for; a claim that nobody knows is given up
//	                  DESTROY and UNRESERVE            what is left over shows in the next offers
//	RECONCILE_OPERATIONS  for claims that are not told sent again
//	KILL              ends a task                      sent again every ten seconds until the task is over
//	RECONCILE         for tasks that do not end, and   sent again
//	                  for all every ten minutes
//	REVIVE, SUPPRESS  when something waits, or nothing sent again with the next change
//
// A task that marathon does not know, and that runs, is killed: it was given up.
//
// # Instances with volumes
//
// A resident instance begins with a claim: all that it needs is reserved, labelled with its id and that of the framework,
// and its volumes are made. When they are there its task is launched on them, each time that one ended: on the version of
// the app that is wanted then. So it never moves, and never runs twice. It is not replaced while it sleeps, but waits for
// its agent; scaling down lets it sleep, too. A user wipes it, or removes the app: then it is forgotten, and what is
// offered under the id of no instance is destroyed and given back. Marathon looks for that as long as it knows of some,
// and a quarter of a minute every ten minutes.
//
// A framework that the master has removed does not come back: marathon ends with the
// master's error, and its next run is a new framework that launches its apps anew, those
// with volumes on them.
package marathon
