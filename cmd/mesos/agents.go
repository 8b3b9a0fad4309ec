package main

import (
	"cmp"
	"slices"
	"strings"
	"time"

	"github.com/urfave/cli/v2"

	"mesos/cmd/mesos/internal/client"
)

func agentsCommand() *cli.Command {
	return listing[agentLine]{
		name: "agents", usage: "list the agents and how much of each is used",
		usageText: "mesos agents [-o json]\n\nExamples:\n" +
			"   mesos agents\n" +
			"   mesos agents -o json | jq '.[] | select(.active) | .hostname'",
		description: "CPUS, MEM and DISK are used/total; memory and disk are in MB.\n\n",
		lines:       func(_ *cli.Context, s *client.State) []agentLine { return listAgents(s) },
		header:      agentHeader, rows: agentRows,
	}.command()
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

var agentHeader = []string{"HOST", "ADDRESS", "STATE", "AGE", "CPUS", "MEM", "DISK", "GPUS", "ATTRIBUTES", "AGENT"}

func agentRows(agents []agentLine, now time.Time) [][]string {
	var rows [][]string
	for _, a := range agents {
		rows = append(rows, []string{
			a.Hostname, a.Address, a.State, since(a.at, now),
			ofTotal(a.Used.CPUs, a.Resources.CPUs), ofTotal(a.Used.Mem, a.Resources.Mem), ofTotal(a.Used.Disk, a.Resources.Disk),
			ofTotal(a.Used.GPUs, a.Resources.GPUs), attributes(a.Attributes), a.AgentID,
		})
	}
	return rows
}
