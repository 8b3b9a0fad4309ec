package main

import (
	"cmp"
	"slices"
	"strings"
	"time"

	"github.com/urfave/cli/v2"

	"mesos/cmd/mesos/internal/client"
)

var agents = noun[agentLine]{
	name: "agent",
	load: fromState(func(s *client.State, _ bool) []agentLine { return listAgents(s) }),
	id:   func(a agentLine) string { return a.AgentID }, other: func(a agentLine) string { return a.Hostname },
	columns: []column[agentLine]{
		{name: "HOST", text: func(a agentLine, _ time.Time) string { return a.Hostname }},
		{name: "ADDRESS", text: func(a agentLine, _ time.Time) string { return a.Address }},
		{name: "STATE", text: func(a agentLine, _ time.Time) string { return a.State }, state: true},
		{name: "AGE", text: func(a agentLine, now time.Time) string { return since(a.at, now) }},
		{name: "CPUS", text: func(a agentLine, _ time.Time) string { return ofTotal(a.Used.CPUs, a.Resources.CPUs) }},
		{name: "MEM", text: func(a agentLine, _ time.Time) string { return ofTotal(a.Used.Mem, a.Resources.Mem) }},
		{name: "DISK", text: func(a agentLine, _ time.Time) string { return ofTotal(a.Used.Disk, a.Resources.Disk) }},
		{name: "GPUS", text: func(a agentLine, _ time.Time) string { return ofTotal(a.Used.GPUs, a.Resources.GPUs) }},
		{name: "ATTRIBUTES", text: func(a agentLine, _ time.Time) string { return attributes(a.Attributes) }},
		{name: "PORTS", text: func(a agentLine, _ time.Time) string { return a.Resources.Ports }, wide: true},
		{name: "OFFERED", text: func(a agentLine, _ time.Time) string { return amounts(a.Offered) }, wide: true},
		{name: "VERSION", text: func(a agentLine, _ time.Time) string { return a.Version }, wide: true},
		{name: "AGENT", text: func(a agentLine, _ time.Time) string { return a.AgentID }},
	},
}

const agentsText = "CPUS, MEM and DISK are used/total; memory and disk are in MB.\n\n"

const agentsExamples = "   $\n   $ -o wide --watch\n   $ -o json | jq '.[] | select(.active) | .hostname'"

func agentsCommand() *cli.Command {
	return agents.list("agents", "mesos agents", "list the agents and how much of each is used", agentsText, agentsExamples)
}

func agentCommand() *cli.Command {
	return group("agent", "see agents, take one out of use, or look after one of this machine",
		agents.list("list", "mesos agent list", "list the agents and how much of each is used", agentsText, agentsExamples),
		agents.show("mesos agent show", "S3"),
		agentDrainCommand(),
		agentOrderCommand("deactivate", "stop the offers of an agent; its tasks run on", "DEACTIVATE_AGENT", "deactivated"),
		agentOrderCommand("reactivate", "have an agent offered again that is drained or deactivated", "REACTIVATE_AGENT", "active"),
		agentOrderCommand("gone", "give an agent up for good: its tasks are gone, and it may never come back", "MARK_AGENT_GONE", "gone"),
		agentCheckCommand(),
	)
}

// agentLine is an agent as `mesos agents -o json` prints it.
type agentLine struct {
	AgentID    string           `json:"agent_id"`
	Hostname   string           `json:"hostname"`
	Address    string           `json:"address"`
	Active     bool             `json:"active"`
	State      string           `json:"state"` // active, disconnected, deactivated, draining or drained
	Version    string           `json:"version"`
	Attributes map[string]any   `json:"attributes"`
	Resources  client.Resources `json:"resources"`
	Used       client.Resources `json:"used"`
	Offered    client.Resources `json:"offered"`
	Registered *string          `json:"registered"` // RFC 3339

	at time.Time
}

func listAgents(s *client.State) []agentLine {
	lines := []agentLine{}
	for _, a := range s.Agents {
		lines = append(lines, agentLine{
			AgentID: a.ID, Hostname: a.Hostname, Address: a.Addr(), Active: a.Active, Version: a.Version, Attributes: a.Attributes,
			Resources: a.Resources, Used: a.Used, Offered: a.Offered, Registered: stamp(a.Registered), at: client.Time(a.Registered),
			State: agentState(a),
		})
	}
	slices.SortFunc(lines, func(a, b agentLine) int {
		return cmp.Or(cmp.Compare(a.Hostname, b.Hostname), cmp.Compare(a.Address, b.Address), cmp.Compare(a.AgentID, b.AgentID))
	})
	return lines
}

// agentState is whether an agent is of use, and why not.
func agentState(a client.Agent) string {
	switch {
	case a.Drain != nil:
		return strings.ToLower(a.Drain.State)
	case a.Deactivated:
		return "deactivated"
	case !a.Active:
		return "disconnected"
	}
	return "active"
}
