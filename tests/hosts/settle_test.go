package hosts

import "github.com/anishathalye/porcupine"

// settled decides what became of requests that were not answered, where something
// later tells it, and leaves out those of which nothing does: a write that took place
// is seen by the next one who reads the sequence, since no other write can follow it
// before; who has got the key unawares writes. To leave out what did take place, or
// to settle it wrongly, could only make a lawful history unlawful. Writes come first:
// one that is settled so tells of the key, too.
func settled(history []porcupine.Operation) []porcupine.Operation {
	return settle(settle(history, write), acquire)
}

// settle does so for requests of one kind.
func settle(history []porcupine.Operation, kind verb) (out []porcupine.Operation) {
	evidence := map[string]porcupine.Operation{} // the first that tells, by what
	for _, op := range history {
		q, o := op.Input.(request), op.Output.(outcome)
		var what string
		switch {
		case q.verb == readName && o.known:
			what = "write " + o.name
		case q.verb == write && o.done:
			what = "acquire " + q.session
		default:
			continue
		}
		if first, ok := evidence[what]; !ok || op.Return < first.Return {
			evidence[what] = op
		}
	}
	told := map[string]bool{}
	for _, op := range history {
		if op.Output.(outcome).done {
			told[op.Input.(request).subject()] = true
		}
	}
	for _, op := range history {
		q, o := op.Input.(request), op.Output.(outcome)
		if q.verb != kind || o.known {
			out = append(out, op)
			continue
		}
		// The first of several tries stands for that which took place.
		witness, ok := evidence[q.subject()]
		if !ok || told[q.subject()] {
			continue
		}
		told[q.subject()] = true
		op.Output, op.Return = outcome{known: true, done: true, index: witness.Output.(outcome).index}, max(op.Call, witness.Return)
		out = append(out, op)
	}
	return out
}

// subject is what tries of the same thing have in common.
func (q request) subject() string {
	if q.verb == write {
		return "write " + q.name
	}
	return string(q.verb) + " " + q.session
}
