package view

import (
	"maps"
	"slices"
	"time"

	"mesos/actors/taskjson"
	"mesos/messages/jsonwriter"
	v1 "mesos/messages/mesos/v1"
	"mesos/messages/resources"
)

type writer = jsonwriter.Writer

// State writes /state.
func (c *Cluster) State(j *writer) {
	c.added()
	j.Object(func() {
		c.Master.write(j)
		active := 0
		for _, a := range c.Agents {
			if a.Active {
				active++
			}
		}
		j.Field("activated_slaves", float64(active))
		j.Field("deactivated_slaves", float64(len(c.Agents)-active))
		j.Field("unreachable_slaves", float64(c.Unreachable))
		c.Master.writeLeader(j, c.see == nil || c.see.Flags())
		jsonwriter.List(j, "slaves", c.Agents, func(j *writer, a *Agent) {
			j.Object(func() { c.agentFields(j, a) })
		})
		c.recoveredAgents(j)
		jsonwriter.List(j, "frameworks", c.Frameworks, c.writeFramework)
		jsonwriter.List(j, "completed_frameworks", c.Completed, c.writeFramework)
		noTasks(j, "orphan_tasks")
		noTasks(j, "unregistered_frameworks")
	})
}

// noTasks writes a member that old versions of Mesos filled and clients still read.
func noTasks(j *writer, key string) { j.Field(key, []string{}) }

// recoveredAgents writes the agents that the registry knows and that have not
// come back.
func (c *Cluster) recoveredAgents(j *writer) {
	jsonwriter.List(j, "recovered_slaves", c.Recovered, func(j *writer, a *v1.AgentInfo) {
		j.Object(func() {
			j.Field("id", a.GetId().GetValue())
			j.Field("hostname", a.GetHostname())
			j.Field("port", int(a.GetPort()))
			j.Field("attributes", resources.SummarizeAttributes(a.GetAttributes()))
			if a.Domain != nil {
				j.Field("domain", a.Domain)
			}
		})
	})
}

func (m *Master) write(j *writer) {
	taskjson.Build(j, m.Build)
	j.Field("start_time", seconds(m.Start))
	j.Field("elected_time", seconds(m.Elected))
	j.Field("id", m.Info.GetId())
	j.Field("pid", m.Info.GetPid())
	j.Field("hostname", m.Info.GetHostname())
	var caps []string
	for _, c := range m.Info.GetCapabilities() {
		caps = append(caps, c.GetType().String())
	}
	j.Field("capabilities", caps)
	if m.Info.Domain != nil {
		j.Field("domain", m.Info.Domain)
	}
}

// writeLeader writes who leads, which is the master that answers, and, where flags may be seen, how it was started.
func (m *Master) writeLeader(j *writer, flags bool) {
	j.Field("leader", m.Info.GetPid())
	j.Field("leader_info", func() {
		j.Object(func() {
			j.Field("id", m.Info.GetId())
			j.Field("pid", m.Info.GetPid())
			j.Field("port", int(m.Info.GetPort()))
			j.Field("hostname", m.Info.GetHostname())
			if m.Info.Domain != nil {
				j.Field("domain", m.Info.Domain)
			}
		})
	})
	if !flags {
		return
	}
	for _, f := range []struct{ key, value string }{
		{"cluster", m.Cluster}, {"log_dir", m.Flags["log_dir"]}, {"external_log_file", m.Flags["external_log_file"]},
	} {
		if f.value != "" {
			j.Field(f.key, f.value)
		}
	}
	j.Field("flags", func() {
		j.Object(func() {
			for _, k := range slices.Sorted(maps.Keys(m.Flags)) {
				j.Field(k, m.Flags[k])
			}
		})
	})
}

// seconds is how the unversioned endpoints tell times; a time that never was is 0.
func seconds(t time.Time) float64 {
	if t.IsZero() {
		return 0
	}
	return float64(t.UnixNano()) / 1e9
}
