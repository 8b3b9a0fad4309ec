package discovery

import v1 "mesos/messages/mesos/v1"

// OnlyHealthy hides tasks from b that are not healthy.
func OnlyHealthy(b Book) Book { return onlyHealthy{b} }

type onlyHealthy struct{ b Book }

// Reset implements Book.
func (o onlyHealthy) Reset(facts map[string]Fact) {
	kept := make(map[string]Fact, len(facts))
	for owner, f := range facts {
		kept[owner] = o.pass(f)
	}
	o.b.Reset(kept)
}

// Set implements Book.
func (o onlyHealthy) Set(owner string, f Fact) { o.b.Set(owner, o.pass(f)) }

func (o onlyHealthy) pass(f Fact) Fact {
	if f.Task != nil {
		if healthy, _ := f.Task.Healthy(); !healthy {
			return Fact{}
		}
	}
	return f
}

// Healthy is what the newest status says, and why. A task that has a health check of Mesos is not healthy before its first result; one
// without is.
func (r *Running) Healthy() (healthy bool, why string) {
	t := r.Task
	var newest *v1.TaskStatus
	if n := len(t.GetStatuses()); n > 0 {
		newest = t.GetStatuses()[n-1]
	}
	switch {
	case newest != nil && newest.Healthy != nil && newest.GetHealthy():
		return true, "its health check passes"
	case newest != nil && newest.Healthy != nil:
		return false, "its health check fails"
	case t.GetHealthCheck() != nil:
		return false, "its health check has no result yet"
	}
	return true, "it runs; it has no health check of Mesos"
}
