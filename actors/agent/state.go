package agent

import (
	"maps"
	"net"
	"net/http"
	"slices"

	"mesos/actors"
	"mesos/actors/authorization"
	"mesos/actors/httpapi"
	"mesos/actors/operator"
	"mesos/actors/taskjson"
	"mesos/messages/jsonwriter"
	agentv1 "mesos/messages/mesos/v1/agent"
	"mesos/messages/resources"
)

// state serves /state. The text is written on the actor: an agent has hundreds
// of tasks, not tens of thousands.
func (h *HTTP) state(w http.ResponseWriter, r *http.Request) {
	if !h.gate.Pass(w, r) || !httpapi.AllowMethods(w, r, http.MethodGet, http.MethodHead) {
		return
	}
	var j jsonwriter.Writer
	see := h.sightOf(r)
	if _, err := actors.Call(h.agent.p, func() struct{} { h.agent.writeState(&j, &h.operator, see); return struct{}{} }); err != nil {
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

func (a *Agent) writeState(j *jsonwriter.Writer, c *operator.Common, see *authorization.Sight) {
	j.Object(func() {
		taskjson.Build(j, c.Build)
		j.Field("start_time", seconds(a.start))
		j.Field("id", a.id)
		j.Field("pid", a.p.Self().String())
		j.Field("hostname", a.conf.Hostname)
		j.Field("capabilities", capabilityNames())
		if a.drain.config != nil {
			j.Field("drain_config", a.drain.config)
			j.Field("estimated_drain_start_time_seconds", seconds(a.drain.began))
		}
		if a.conf.Domain != nil {
			j.Field("domain", a.conf.Domain)
		}
		a.writeResources(j)
		j.Field("attributes", resources.SummarizeAttributes(a.conf.Attributes))
		if a.registered {
			j.Field("master_hostname", hostOf(a.conf.Master.Addr))
		}
		if see.Flags() {
			writeFlags(j, c.Flags)
		}
		var live []*framework
		for _, id := range slices.Sorted(maps.Keys(a.frameworks)) {
			live = append(live, a.frameworks[id])
		}
		write := func(j *jsonwriter.Writer, f *framework) { writeFramework(j, f, see) }
		jsonwriter.List(j, "frameworks", seen(live, see), write)
		jsonwriter.List(j, "completed_frameworks", seen(a.completed, see), write)
	})
}

// writeFlags writes how the agent was started.
func writeFlags(j *jsonwriter.Writer, flags map[string]string) {
	for _, name := range []string{"log_dir", "external_log_file"} {
		if v := flags[name]; v != "" {
			j.Field(name, v)
		}
	}
	j.Field("flags", func() {
		j.Object(func() {
			for _, name := range slices.Sorted(maps.Keys(flags)) {
				j.Field(name, flags[name])
			}
		})
	})
}

// seen are the frameworks that may be.
func seen(list []*framework, see *authorization.Sight) (out []*framework) {
	for _, f := range list {
		if see.Framework(f.info) {
			out = append(out, f)
		}
	}
	return out
}

// writeResources writes what the agent has, and what of it is in use.
func (a *Agent) writeResources(j *jsonwriter.Writer) {
	total, held := a.everything().NonRevocable(), a.inUse() // Mesos tells only its masters what it lends
	j.Field("resources", total)
	j.Field("reserved_resources", func() { writeReservations(j, total) })
	j.Field("unreserved_resources", total.Unreserved())
	j.Field("reserved_resources_full", func() {
		j.Object(func() {
			reserved := total.Reservations()
			for _, role := range slices.Sorted(maps.Keys(reserved)) {
				taskjson.Full(j, role, reserved[role])
			}
		})
	})
	taskjson.Full(j, "unreserved_resources_full", total.Unreserved())
	j.Field("reserved_resources_allocated", func() { writeReservations(j, held) })
	j.Field("unreserved_resources_allocated", held.Unreserved())
	jsonwriter.List(j, "resource_providers", a.providerProtos().GetResourceProviders(), func(j *jsonwriter.Writer, p *agentv1.Response_GetResourceProviders_ResourceProvider) {
		j.Value(p)
	})
}

// inUse is what executors and tasks that are not over hold.
func (a *Agent) inUse() (sum resources.Resources) {
	for _, f := range a.frameworks {
		for _, e := range f.executors {
			sum = sum.Add(e.holds().Unallocate())
		}
	}
	return sum
}

// holds is what an executor and its live tasks hold. What they hold was validated when they came.
func (e *executor) holds() resources.Resources {
	list := e.info.GetResources()
	if e.command || e.state == terminated {
		list = nil // an executor that the agent made has what its task has
	}
	for _, t := range e.tasks {
		if !t.terminal() {
			list = append(list[:len(list):len(list)], t.info.GetResources()...)
		}
	}
	r, _ := resources.FromProto(list)
	return r
}

func writeReservations(j *jsonwriter.Writer, of resources.Resources) {
	j.Object(func() {
		reserved := of.Reservations()
		for _, role := range slices.Sorted(maps.Keys(reserved)) {
			j.Field(role, reserved[role])
		}
	})
}

func hostOf(addr string) string {
	host, _, err := net.SplitHostPort(addr)
	if err != nil {
		return addr
	}
	return host
}

func capabilityNames() (out []string) {
	for _, c := range capabilities {
		out = append(out, c.GetType().String())
	}
	return out
}
