package view

import (
	"google.golang.org/protobuf/proto"

	"mesos/messages/jsonwriter"
	masterv1 "mesos/messages/mesos/v1/master"
)

// Mesos writes the lists of these answers even when they are empty, unlike the
// empty lists of all other messages.

// WriteResponse writes an answer of the operator API as Mesos prints it.
func WriteResponse(j *writer, r *masterv1.Response) {
	var key string
	var body func()
	switch {
	case r.GetGetState() != nil:
		key, body = "get_state", func() { writeState(j, r.GetGetState()) }
	case r.GetGetTasks() != nil:
		key, body = "get_tasks", func() { writeTasks(j, r.GetGetTasks()) }
	case r.GetGetAgents() != nil:
		key, body = "get_agents", func() { writeAgents(j, r.GetGetAgents()) }
	case r.GetGetFrameworks() != nil:
		key, body = "get_frameworks", func() { writeFrameworks(j, r.GetGetFrameworks()) }
	case r.GetGetExecutors() != nil:
		key, body = "get_executors", func() { writeExecutors(j, r.GetGetExecutors()) }
	default:
		j.Value(r)
		return
	}
	j.Object(func() {
		j.Field("type", r.GetType().String())
		j.Field(key, body)
	})
}

// WriteEvent writes an event of the operator API as Mesos prints it.
func WriteEvent(j *writer, e *masterv1.Event) {
	if e.GetSubscribed() == nil {
		j.Value(e)
		return
	}
	j.Object(func() {
		j.Field("type", e.GetType().String())
		j.Field("subscribed", func() {
			j.Object(func() {
				j.Field("get_state", func() { writeState(j, e.GetSubscribed().GetGetState()) })
				j.Field("heartbeat_interval_seconds", e.GetSubscribed().GetHeartbeatIntervalSeconds())
			})
		})
	})
}

func writeState(j *writer, s *masterv1.Response_GetState) {
	j.Object(func() {
		j.Field("get_tasks", func() { writeTasks(j, s.GetGetTasks()) })
		j.Field("get_executors", func() { writeExecutors(j, s.GetGetExecutors()) })
		j.Field("get_frameworks", func() { writeFrameworks(j, s.GetGetFrameworks()) })
		j.Field("get_agents", func() { writeAgents(j, s.GetGetAgents()) })
	})
}

func writeTasks(j *writer, t *masterv1.Response_GetTasks) {
	j.Object(func() {
		messages(j, "tasks", t.GetTasks())
		messages(j, "unreachable_tasks", t.GetUnreachableTasks())
		messages(j, "completed_tasks", t.GetCompletedTasks())
	})
}

func writeExecutors(j *writer, e *masterv1.Response_GetExecutors) {
	j.Object(func() { messages(j, "executors", e.GetExecutors()) })
}

func writeFrameworks(j *writer, f *masterv1.Response_GetFrameworks) {
	j.Object(func() {
		messages(j, "frameworks", f.GetFrameworks())
		messages(j, "completed_frameworks", f.GetCompletedFrameworks())
	})
}

func writeAgents(j *writer, a *masterv1.Response_GetAgents) {
	j.Object(func() {
		messages(j, "agents", a.GetAgents())
		messages(j, "recovered_agents", a.GetRecoveredAgents())
	})
}

func messages[M proto.Message](j *writer, key string, list []M) {
	jsonwriter.List(j, key, list, func(j *writer, m M) { j.Value(m) })
}
