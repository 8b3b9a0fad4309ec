package master

import (
	"maps"
	"net/http"
	"slices"

	"mesos/actors"
	"mesos/actors/httpapi"
	"mesos/messages/jsonwriter"
	v1 "mesos/messages/mesos/v1"
	"mesos/messages/resources"
)

// state serves /state. Only the snapshot is taken on the actor; the text is
// made here.
func (h *HTTP) state(w http.ResponseWriter, r *http.Request) {
	if !h.up(w, r) || !httpapi.AllowMethods(w, r, http.MethodGet, http.MethodHead) {
		return
	}
	s, err := actors.Call(h.master.p, h.master.snapshot)
	if err != nil {
		reply(w, answer{}, err)
		return
	}
	var j jsonwriter.Writer
	h.master.writeState(&j, s)
	body, err := j.Bytes()
	if err != nil {
		httpapi.Errorf(w, http.StatusInternalServerError, "The state has no JSON form: %v.", err)
		return
	}
	httpapi.WriteBody(w, "application/json", body)
}

// writeState reads only the snapshot and what of the master never changes.
func (m *Master) writeState(j *jsonwriter.Writer, s *Snapshot) {
	active := 0
	for _, a := range s.agents {
		if a.connected {
			active++
		}
	}
	j.Object(func() {
		j.Field("version", m.conf.Version)
		j.Field("start_time", seconds(m.start))
		j.Field("elected_time", seconds(m.start))
		j.Field("id", m.conf.ID)
		j.Field("pid", m.info.GetPid())
		j.Field("hostname", m.conf.Hostname)
		j.Field("capabilities", masterCapabilities(m.info))
		j.Field("activated_slaves", float64(active))
		j.Field("deactivated_slaves", float64(len(s.agents)-active))
		j.Field("unreachable_slaves", float64(s.unreachable))
		j.Field("leader", m.info.GetPid())
		j.Field("leader_info", func() {
			j.Object(func() {
				j.Field("id", m.conf.ID)
				j.Field("pid", m.info.GetPid())
				j.Field("port", int(m.info.GetPort()))
				j.Field("hostname", m.conf.Hostname)
			})
		})
		if m.conf.Cluster != "" {
			j.Field("cluster", m.conf.Cluster)
		}
		j.Field("flags", func() {
			j.Object(func() {
				for _, k := range slices.Sorted(maps.Keys(m.conf.Flags)) {
					j.Field(k, m.conf.Flags[k])
				}
			})
		})
		list(j, "slaves", s.agents, writeAgent)
		list(j, "recovered_slaves", []agentView(nil), writeAgent)
		list(j, "frameworks", s.frameworks, writeFramework)
		list(j, "completed_frameworks", s.completed, writeFramework)
		list(j, "orphan_tasks", []task(nil), writeTask)
		list(j, "unregistered_frameworks", []task(nil), writeTask)
	})
}

// list writes a member that is an array.
func list[T any](j *jsonwriter.Writer, key string, values []T, write func(*jsonwriter.Writer, *T)) {
	j.Key(key)
	j.Array(func() {
		for i := range values {
			write(j, &values[i])
		}
	})
}

func masterCapabilities(info *v1.MasterInfo) (out []string) {
	for _, c := range info.GetCapabilities() {
		out = append(out, c.GetType().String())
	}
	return out
}

func writeAgent(j *jsonwriter.Writer, a *agentView) {
	j.Object(func() {
		j.Field("id", a.id)
		j.Field("hostname", a.info.GetHostname())
		j.Field("port", int(a.info.GetPort()))
		j.Field("attributes", func() { writeSummary(j, resources.SummarizeAttributes(a.info.GetAttributes())) })
		if a.info.Domain != nil {
			j.Field("domain", a.info.Domain)
		}
		j.Field("pid", a.upid.String())
		j.Field("registered_time", unixSeconds(a.registered))
		if !a.reregistered.IsZero() {
			j.Field("reregistered_time", unixSeconds(a.reregistered))
		}
		j.Field("resources", a.total)
		j.Field("used_resources", a.used)
		j.Field("offered_resources", a.offered)
		j.Field("reserved_resources", func() {
			j.Object(func() {
				reserved := a.total.Reservations()
				for _, role := range slices.Sorted(maps.Keys(reserved)) {
					j.Field(role, reserved[role])
				}
			})
		})
		j.Field("unreserved_resources", a.total.Unreserved())
		j.Field("active", a.connected)
		j.Field("deactivated", false)
		j.Field("version", a.version)
		var caps []string
		for _, c := range a.capabilities {
			caps = append(caps, c.String())
		}
		j.Field("capabilities", caps)
	})
}

func writeSummary(j *jsonwriter.Writer, fields []resources.SummaryField) {
	j.Object(func() {
		for _, f := range fields {
			j.Field(f.Key, f.Value)
		}
	})
}

func writeFramework(j *jsonwriter.Writer, f *frameworkView) {
	j.Object(func() {
		j.Field("id", f.id)
		j.Field("name", f.info.GetName())
		if f.pid != "" {
			j.Field("pid", f.pid)
		}
		j.Field("used_resources", f.used)
		j.Field("offered_resources", f.offered)
		var caps []string
		for _, c := range f.info.GetCapabilities() {
			caps = append(caps, c.GetType().String())
		}
		j.Field("capabilities", caps)
		j.Field("hostname", f.info.GetHostname())
		j.Field("webui_url", f.info.GetWebuiUrl())
		j.Field("active", f.active)
		j.Field("connected", f.connected)
		j.Field("recovered", f.recovered)
		j.Field("user", f.info.GetUser())
		j.Field("failover_timeout", f.info.GetFailoverTimeout())
		j.Field("checkpoint", f.info.GetCheckpoint())
		j.Field("registered_time", unixSeconds(f.registered))
		j.Field("unregistered_time", unixSeconds(f.unregistered))
		if f.info.Principal != nil {
			j.Field("principal", f.info.GetPrincipal())
		}
		j.Field("resources", f.used.Add(f.offered))
		if !f.reregistered.IsZero() {
			j.Field("reregistered_time", unixSeconds(f.reregistered))
		}
		if f.caps.multiRole {
			j.Field("roles", f.roles)
		} else {
			j.Field("role", f.info.GetRole())
		}
		list(j, "tasks", f.live, writeTask)
		list(j, "unreachable_tasks", f.unreachable.values, writeTaskAt)
		list(j, "completed_tasks", f.completed.values, writeTaskAt)
		list(j, "offers", f.offers, writeOffer)
		list(j, "executors", f.executors, writeExecutor)
		if f.info.Labels != nil {
			list(j, "labels", f.info.GetLabels().GetLabels(), writeLabel)
		}
		j.Field("offer_constraints", func() { j.Object(func() {}) })
	})
}

func writeLabel(j *jsonwriter.Writer, l **v1.Label) {
	j.Object(func() {
		j.Field("key", (*l).GetKey())
		if (*l).Value != nil {
			j.Field("value", (*l).GetValue())
		}
	})
}

func writeOffer(j *jsonwriter.Writer, o *offer) {
	j.Object(func() {
		j.Field("id", o.id)
		j.Field("framework_id", o.frameworkID)
		j.Field("allocation_info", func() { j.Object(func() { j.Field("role", o.role) }) })
		j.Field("slave_id", o.agentID)
		j.Field("resources", o.resources)
	})
}

func writeExecutor(j *jsonwriter.Writer, e *executorView) {
	j.Object(func() {
		j.Field("executor_id", e.info.GetExecutorId().GetValue())
		j.Field("name", e.info.GetName())
		j.Field("framework_id", e.info.GetFrameworkId().GetValue())
		j.Field("command", func() { writeCommand(j, e.info.GetCommand()) })
		j.Field("resources", e.resources)
		for r := range e.resources.All() {
			j.Field("role", r.AllocationRole())
			break
		}
		if e.info.Type != nil {
			j.Field("type", e.info.GetType().String())
		}
		j.Field("slave_id", e.agentID)
	})
}

func writeCommand(j *jsonwriter.Writer, c *v1.CommandInfo) {
	j.Object(func() {
		if c.Shell != nil {
			j.Field("shell", c.GetShell())
		}
		if c.Value != nil {
			j.Field("value", c.GetValue())
		}
		j.Field("argv", c.GetArguments())
		list(j, "uris", c.GetUris(), func(j *jsonwriter.Writer, u **v1.CommandInfo_URI) {
			j.Object(func() {
				j.Field("value", (*u).GetValue())
				j.Field("executable", (*u).GetExecutable())
			})
		})
	})
}
