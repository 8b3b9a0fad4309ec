// Package chronos is a framework that runs jobs at their times, and after each other: cron for the cluster, with the API of
// Chronos.
//
// The program chronos and `mesos local` start it. It is written as any framework may be: a [Scheduler] is what happens in the
// callbacks of a driver of package scheduler, on the driver's actor. Package plan decides, package job reads what users write,
// package schedule knows when a job is due. This package carries decisions out: it makes them durable in a [registry.Store],
// a file of its own or keys in Consul, and then launches tasks, kills them, acknowledges updates and answers users. It never
// decides what runs, and never acts on what is not durable.
//
// # Messages
//
// All of them are the driver's; package master tells what happens when one is lost.
//
//	message        what chronos does                                                        if it is lost, or comes again
//	SUBSCRIBED     keeps the framework's id, says whether it wants offers                   the driver subscribes again
//	OFFERS         takes what runs that are due fit into; writes each try, then ACCEPT;     an offer is DECLINEd for 5 s, or
//	               DECLINE of the rest                                                      rescinded: the try is DROPPED
//	UPDATE         takes it in, writes what has changed, then ACKNOWLEDGE                   comes again until acknowledged
//	ERROR          forgets the framework if it was removed, and gives up                    —
//	REVIVE         when a run is due and none was before                                    with the next subscription
//	SUPPRESS       when none is due any more                                                the same
//	KILL           of a task that a user killed, or that is not the present try             with the next update of the task
//	RECONCILE      the driver's, after each subscription, for every try that may be alive,  it is repeated
//	               and again for those that cannot be reached
//
// # The API
//
// Paths are those of Chronos, with or without /v1 before them. What Chronos answers with 400 is answered so, with its body
// {"status": …, "message": …}; fields that are not supported get 422, see package job.
//
//	GET     /scheduler/jobs, /scheduler/jobs/summary, /scheduler/jobs/search?name=&command=&any=&limit=&offset=
//	POST    /scheduler/iso8601        a job with a schedule, an ISO 8601 interval or a line of cron; 204
//	POST    /scheduler/dependency     a job with parents; 204
//	GET     /scheduler/job/NAME       PUT starts it now (?arguments=), DELETE forgets it and kills its tasks; 204
//	PUT     /scheduler/job/success/NAME
//	GET     /scheduler/job/stat/NAME  how long runs took, and the last of them
//	GET     /scheduler/job/history/NAME  each remembered run with all its tries and, of missed ones, why
//	POST    /scheduler/job/NAME/task/ID/progress
//	DELETE  /scheduler/task/kill/NAME
//	PUT     /scheduler/task/ID        {"statusCode": 0}: how an async job ended
//	GET     /scheduler/stats/PERCENTILE, like 99thPercentile
//	GET     /scheduler/graph/dot, /scheduler/graph/csv
//	GET     /leader, /ping, /metrics  the last in Chronos's shape, or as OpenMetrics for who accepts text
//
// Where it differs from Chronos: a slot that was not run is in the history as missed, and counted; a job that is posted again
// keeps its counts and its running tasks; the schedule of a job stays as it was posted, and does not count down.
package chronos
