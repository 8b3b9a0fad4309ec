package agent

import (
	"google.golang.org/protobuf/proto"

	"mesos/messages/jsonwriter"
	v1 "mesos/messages/mesos/v1"
	agentv1 "mesos/messages/mesos/v1/agent"
)

// writeResponse writes an answer as Mesos prints it: the lists of these are
// there even when they are empty.
func writeResponse(j *jsonwriter.Writer, r *agentv1.Response) {
	var key string
	var body func()
	switch {
	case r.GetGetState() != nil:
		s := r.GetGetState()
		key, body = "get_state", func() {
			j.Object(func() {
				j.Field("get_tasks", func() { writeTaskLists(j, s.GetGetTasks()) })
				j.Field("get_executors", func() { writeExecutorLists(j, s.GetGetExecutors()) })
				j.Field("get_frameworks", func() { writeFrameworkLists(j, s.GetGetFrameworks()) })
			})
		}
	case r.GetGetTasks() != nil:
		key, body = "get_tasks", func() { writeTaskLists(j, r.GetGetTasks()) }
	case r.GetGetExecutors() != nil:
		key, body = "get_executors", func() { writeExecutorLists(j, r.GetGetExecutors()) }
	case r.GetGetFrameworks() != nil:
		key, body = "get_frameworks", func() { writeFrameworkLists(j, r.GetGetFrameworks()) }
	case r.GetGetContainers() != nil:
		key, body = "get_containers", func() {
			j.Object(func() { messages(j, "containers", r.GetGetContainers().GetContainers()) })
		}
	default:
		j.Value(r)
		return
	}
	j.Object(func() {
		j.Field("type", r.GetType().String())
		j.Field(key, body)
	})
}

func writeTaskLists(j *jsonwriter.Writer, t *agentv1.Response_GetTasks) {
	j.Object(func() {
		for _, l := range []struct {
			key   string
			tasks []*v1.Task
		}{
			{"pending_tasks", t.GetPendingTasks()}, {"queued_tasks", t.GetQueuedTasks()}, {"launched_tasks", t.GetLaunchedTasks()},
			{"terminated_tasks", t.GetTerminatedTasks()}, {"completed_tasks", t.GetCompletedTasks()},
		} {
			messages(j, l.key, l.tasks)
		}
	})
}

func writeExecutorLists(j *jsonwriter.Writer, e *agentv1.Response_GetExecutors) {
	j.Object(func() {
		messages(j, "executors", e.GetExecutors())
		messages(j, "completed_executors", e.GetCompletedExecutors())
	})
}

func writeFrameworkLists(j *jsonwriter.Writer, f *agentv1.Response_GetFrameworks) {
	j.Object(func() {
		messages(j, "frameworks", f.GetFrameworks())
		messages(j, "completed_frameworks", f.GetCompletedFrameworks())
	})
}

func messages[M proto.Message](j *jsonwriter.Writer, key string, list []M) {
	jsonwriter.List(j, key, list, func(j *jsonwriter.Writer, m M) { j.Value(m) })
}
