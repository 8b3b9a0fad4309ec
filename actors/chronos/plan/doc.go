// Package plan decides what chronos does: which slots of which jobs become runs, what is launched next, and what comes of it.
//
// A [State] is all that chronos knows and must not forget. The actor of package chronos owns it: it tells the state what
// happens, makes what [State.Take] returns durable, and only then does what was decided. The package is pure: it is given the
// time, and it starts, sends and writes nothing.
//
// # Slots and runs
//
// A slot is an instant at which a job is due. Deciding about one moves the job's mark, up to which all slots are decided, and
// makes a [Run] of it, or a run that is missed, in the same write. So whatever ends chronos, a slot is decided once: it is
// never a run twice, and one that was not run stands in the history with the reason. A job that runs after others, and one
// that is started by hand, has a slot of that moment.
//
// A run is tried until a try succeeds, or too many failed. The id of a try is that of its task, and made of slot, job and
// number, in Chronos's form: ct:MILLISECONDS:TRY:JOB:KIND, where KIND is empty for a scheduled run. The try is written with
// its agent before it is launched. What became of one that was under way when chronos ended is what the cluster answers:
// there is no other try before that.
//
//	state        what it waits for                              next
//	waiting      an offer; before it for the time after which   launched; missed, if it would start too late
//	             a failed try is repeated
//	launched     its first update                               running, unreachable, or the end of the try
//	running      the end of its task                            ended, reporting, waiting (another try), unreachable
//	unreachable  its agent, or the word that it is gone         running, or the end of the try
//	reporting    the word of an async job, whose task is over   ended, waiting
//	ended        outcome: success, failure, killed or missed    history
//
// A try that was lost with its agent, or on its way, is followed by another one and is no failure of the job. A task that
// cannot be reached may still run, so there is no other try until it is known to be gone.
//
// # Rows
//
//	table      key            value, in JSON
//	jobs       name           [Entry]: the job, its mark, its counts, which of its parents are done
//	runs       id of a slot   [Run] that has not ended
//	history    id of a slot   [Run] that has ended, the last ones of each job
//	framework  "id"           the framework's id
package plan
