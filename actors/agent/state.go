package agent

import (
	"net/http"

	"mesos/actors"
	"mesos/actors/httpapi"
	"mesos/messages/jsonwriter"
	v1 "mesos/messages/mesos/v1"
	"mesos/messages/resources"
)

// state serves /state. The text is written on the actor: an agent has hundreds
// of tasks, not tens of thousands.
func (h *HTTP) state(w http.ResponseWriter, r *http.Request) {
	if !h.gate.Pass(w, r) || !httpapi.AllowMethods(w, r, http.MethodGet, http.MethodHead) {
		return
	}
	var j jsonwriter.Writer
	if _, err := actors.Call(h.agent.p, func() struct{} { h.agent.writeState(&j); return struct{}{} }); err != nil {
		reply(w, answer{}, err)
		return
	}
	body, err := j.Bytes()
	if err != nil {
		httpapi.Errorf(w, http.StatusInternalServerError, "The state has no JSON form: %v.", err)
		return
	}
	httpapi.WriteBody(w, "application/json", body)
}

func (a *Agent) writeState(j *jsonwriter.Writer) {
	total := a.total
	j.Object(func() {
		j.Field("version", a.conf.Version)
		j.Field("start_time", seconds(a.start))
		j.Field("id", a.id)
		j.Field("pid", a.p.Self().String())
		j.Field("hostname", a.conf.Hostname)
		j.Field("capabilities", capabilityNames())
		if a.drain.config != nil {
			j.Field("drain_config", a.drain.config)
			j.Field("estimated_drain_start_time_seconds", seconds(a.drain.began))
		}
		j.Field("resources", total)
		j.Field("reserved_resources", func() { writeReservations(j, total) })
		j.Field("unreserved_resources", total.Unreserved())
		j.Field("attributes", func() {
			j.Object(func() {
				for _, f := range resources.SummarizeAttributes(a.conf.Attributes) {
					j.Field(f.Key, f.Value)
				}
			})
		})
		if a.masterKnown() {
			j.Field("master_hostname", a.conf.Master.Addr)
		}
		j.Field("frameworks", func() {
			j.Array(func() {
				for _, f := range a.frameworks {
					f.write(j)
				}
			})
		})
		j.Field("completed_frameworks", func() {
			j.Array(func() {
				for _, f := range a.completed {
					f.write(j)
				}
			})
		})
	})
}

func writeReservations(j *jsonwriter.Writer, total resources.Resources) {
	j.Object(func() {
		for role, r := range total.Reservations() {
			j.Field(role, r)
		}
	})
}

func capabilityNames() (out []string) {
	for _, c := range capabilities {
		out = append(out, c.String())
	}
	return out
}

func (f *framework) write(j *jsonwriter.Writer) {
	j.Object(func() {
		j.Field("id", f.id)
		j.Field("name", f.info.GetName())
		j.Field("user", f.info.GetUser())
		j.Field("failover_timeout", f.info.GetFailoverTimeout())
		j.Field("checkpoint", f.info.GetCheckpoint())
		j.Field("hostname", f.info.GetHostname())
		if f.info.Principal != nil {
			j.Field("principal", f.info.GetPrincipal())
		}
		j.Field("executors", func() {
			j.Array(func() {
				for _, e := range f.executors {
					e.write(j)
				}
			})
		})
		j.Field("completed_executors", func() {
			j.Array(func() {
				for _, e := range f.completed {
					e.write(j)
				}
			})
		})
	})
}

func (e *executor) write(j *jsonwriter.Writer) {
	var live, queued []*task
	for _, t := range e.tasks {
		if t.queued {
			queued = append(queued, t)
		} else {
			live = append(live, t)
		}
	}
	j.Object(func() {
		j.Field("id", e.id)
		j.Field("name", e.info.GetName())
		j.Field("source", e.info.GetSource())
		j.Field("container", e.containerID)
		j.Field("directory", e.sandbox)
		j.Field("resources", amounts(e.info.GetResources()))
		if role := allocationRole(e.info.GetResources()); role != "" {
			j.Field("role", role)
		}
		if e.info.Type != nil {
			j.Field("type", e.info.GetType().String())
		}
		j.Field("tasks", func() { writeTasks(j, live) })
		j.Field("queued_tasks", func() { writeTasks(j, queued) })
		j.Field("completed_tasks", func() { writeTasks(j, e.completed) })
	})
}

func writeTasks(j *jsonwriter.Writer, tasks []*task) {
	j.Array(func() {
		for _, t := range tasks {
			t.write(j)
		}
	})
}

func (t *task) write(j *jsonwriter.Writer) {
	j.Object(func() {
		j.Field("id", t.id())
		j.Field("name", t.info.GetName())
		j.Field("framework_id", t.frameworkID)
		j.Field("executor_id", t.info.GetExecutor().GetExecutorId().GetValue())
		j.Field("slave_id", t.info.GetAgentId().GetValue())
		j.Field("state", t.state.String())
		j.Field("resources", amounts(t.info.GetResources()))
		if role := allocationRole(t.info.GetResources()); role != "" {
			j.Field("role", role)
		}
		j.Field("statuses", func() {
			j.Array(func() {
				for _, s := range t.statuses {
					writeStatus(j, s)
				}
			})
		})
	})
}

func writeStatus(j *jsonwriter.Writer, s *v1.TaskStatus) {
	j.Object(func() {
		j.Field("state", s.GetState().String())
		j.Field("timestamp", s.GetTimestamp())
		if s.ContainerStatus != nil {
			j.Field("container_status", s.ContainerStatus)
		}
		if s.Healthy != nil {
			j.Field("healthy", s.GetHealthy())
		}
	})
}

// amounts is the summary of resources that were validated when they came.
func amounts(list []*v1.Resource) []resources.SummaryField {
	r, err := resources.FromProto(list)
	if err != nil {
		return nil
	}
	return r.Summary()
}
