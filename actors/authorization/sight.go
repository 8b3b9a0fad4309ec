package authorization

import v1 "mesos/messages/mesos/v1"

// Sight is what rules let a principal see of a cluster. A nil Sight sees everything.
type Sight struct {
	rules     *Rules
	principal string
}

// Sight is nil for who may see all frameworks, tasks, executors, roles and flags.
func (r *Rules) Sight(principal string) *Sight {
	for _, a := range []Action{ViewFrameworks, ViewTasks, ViewExecutors, ViewRoles, ViewFlags} {
		if r.CheckAll(a, principal) != nil {
			return &Sight{r, principal}
		}
	}
	return nil
}

// Principal is whose sight it is.
func (s *Sight) Principal() string { return s.principal }

func (s *Sight) may(a Action, object string) bool {
	return s == nil || s.rules.Approved(a, s.principal, object)
}

// Framework says whether a framework may be seen, and so whether any of what it has may be.
func (s *Sight) Framework(f *v1.FrameworkInfo) bool { return s.may(ViewFrameworks, f.GetUser()) }

// Task says whether a task of a framework may be seen.
func (s *Sight) Task(f *v1.FrameworkInfo, t *v1.Task) bool {
	user := t.GetUser()
	if user == "" {
		user = f.GetUser()
	}
	return s.may(ViewTasks, user)
}

// TaskInfo is Task for one as its framework launched it.
func (s *Sight) TaskInfo(f *v1.FrameworkInfo, t *v1.TaskInfo) bool {
	user := t.GetCommand().GetUser()
	if user == "" {
		user = UserOf(f, t.GetExecutor().GetCommand())
	}
	return s.may(ViewTasks, user)
}

// Executor says whether an executor of a framework may be seen.
func (s *Sight) Executor(f *v1.FrameworkInfo, e *v1.ExecutorInfo) bool {
	return s.may(ViewExecutors, UserOf(f, e.GetCommand()))
}

// Role says whether a role may be seen.
func (s *Sight) Role(role string) bool { return s.may(ViewRoles, role) }

// Flags says whether the flags of the daemon may be seen.
func (s *Sight) Flags() bool { return s.may(ViewFlags, "") }
