package view

import (
	"maps"
	"slices"

	"mesos/actors/taskjson"
	"mesos/messages/jsonwriter"
	"mesos/messages/resources"
)

// Slaves writes /slaves: all agents, or the one with the given id.
func (c *Cluster) Slaves(j *writer, id string) {
	c.added()
	j.Object(func() {
		jsonwriter.List(j, "slaves", only(c.Agents, id, func(a *Agent) string { return a.ID }), c.writeFullAgent)
		c.recoveredAgents(j)
	})
}

// only returns the values with the given id; all of them for "".
func only[T any](values []T, id string, idOf func(T) string) []T {
	if id == "" {
		return values
	}
	if i := slices.IndexFunc(values, func(v T) bool { return idOf(v) == id }); i >= 0 {
		return values[i : i+1]
	}
	return nil
}

// agentFields writes what every endpoint tells of an agent.
func (c *Cluster) agentFields(j *writer, a *Agent) {
	j.Field("id", a.ID)
	j.Field("hostname", a.Info.GetHostname())
	j.Field("port", int(a.Info.GetPort()))
	j.Field("attributes", resources.SummarizeAttributes(a.Info.GetAttributes()))
	if a.Info.Domain != nil {
		j.Field("domain", a.Info.Domain)
	}
	j.Field("pid", a.PID)
	j.Field("registered_time", seconds(a.Registered))
	if !a.Reregistered.IsZero() {
		j.Field("reregistered_time", seconds(a.Reregistered))
	}
	j.Field("resources", a.Total)
	j.Field("used_resources", c.Used(a))
	j.Field("offered_resources", c.Offered(a))
	j.Field("reserved_resources", func() {
		j.Object(func() {
			reserved := c.visible(a.Total).Reservations()
			for _, role := range slices.Sorted(maps.Keys(reserved)) {
				j.Field(role, reserved[role])
			}
		})
	})
	j.Field("unreserved_resources", a.Total.Unreserved())
	j.Field("active", a.Active)
	j.Field("deactivated", a.Deactivated)
	j.Field("version", a.Version)
	var caps []string
	for _, c := range a.Capabilities {
		caps = append(caps, c.String())
	}
	j.Field("capabilities", caps)
	if a.Drain != nil {
		j.Field("drain_info", a.Drain)
		j.Field("estimated_drain_start_time_seconds", seconds(a.DrainStart))
	}
}

// writeFullAgent adds the resources as whole messages.
func (c *Cluster) writeFullAgent(j *writer, a *Agent) {
	j.Object(func() {
		c.agentFields(j, a)
		j.Field("reserved_resources_full", func() {
			j.Object(func() {
				reserved := c.visible(a.Total).Reservations()
				for _, role := range slices.Sorted(maps.Keys(reserved)) {
					taskjson.Full(j, role, reserved[role])
				}
			})
		})
		taskjson.Full(j, "unreserved_resources_full", a.Total.Unreserved())
		taskjson.Full(j, "used_resources_full", c.visible(c.Used(a)))
		taskjson.Full(j, "offered_resources_full", c.visible(c.Offered(a)))
	})
}
