// Package checks watches over running tasks: health checks, which end in a
// kill, and checks, whose results are only told.
//
// Executors use it. A Machine decides, purely: when to probe, what a result
// means, when a task counts as unhealthy and when it has to go. A Runner
// carries out what its Machine says, on the executor's Runtime. A Prober, which
// the executor brings, makes the probes: Socket makes those over HTTP and TCP;
// commands, and HTTPS, which needs a program of its own, are the executor's.
// Nothing here sends status updates or kills a task.
//
// The rules:
//
//	first probe        delay_seconds after the start
//	next probe         interval_seconds after the result of the one before
//	timeout_seconds    after that a probe is aborted and has failed; 0 = never
//	success            COMMAND exits with 0; HTTP answers 200 to 399 (or one of
//	                   the check's statuses, if it names any) after redirects,
//	                   certificates unchecked; TCP connects
//	grace_period       failures until the first success do not count in it
//	told of health     the first success, each success after a failure, each
//	                   failure that counts
//	kill               consecutive_failures that count in a row
//	told of a check    each result that differs from the one before; no result
//	                   (timeout, nothing to connect to) is told as an empty one
//
// Probes go to the loopback address of the executor's network namespace.
//
// Where this differs from Apache Mesos: statuses count (its executors ignore
// them), an update about a failure has a message, an HTTP probe ends with the
// headers of the answer, no proxy is used, and an interval of zero is 10 ms.
package checks
