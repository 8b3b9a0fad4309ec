package main

import (
	"context"
	"fmt"
	"time"

	"github.com/urfave/cli/v2"
	"google.golang.org/protobuf/proto"

	"mesos/cmd/mesos/internal/client"
	v1 "mesos/messages/mesos/v1"
	"mesos/messages/resources"
)

// heldLine is a reserved resource or a volume, as `mesos reserve list -o json` prints it.
type heldLine struct {
	AgentID   string `json:"agent_id"`
	Hostname  string `json:"agent_hostname"`
	Role      string `json:"role"`
	Principal string `json:"principal"`
	Static    bool   `json:"static"` // the agent's own, by its flags
	Volume    string `json:"volume"` // id, "" of what is none
	Path      string `json:"path"`
	Resource  string `json:"resource"`

	full *v1.Resource
}

var held = noun[heldLine]{
	name: "reserve", id: func(h heldLine) string { return h.AgentID },
	load: func(ctx context.Context, m *client.Client, _ bool) ([]heldLine, error) {
		all, err := m.Held(ctx)
		lines := []heldLine{}
		for _, h := range all {
			lines = append(lines, newHeldLine(h))
		}
		return lines, err
	},
	columns: []column[heldLine]{
		{name: "AGENT", text: func(h heldLine, _ time.Time) string { return h.Hostname }},
		{name: "ROLE", text: func(h heldLine, _ time.Time) string { return h.Role }},
		{name: "RESOURCE", text: func(h heldLine, _ time.Time) string { return h.Resource }},
		{name: "VOLUME", text: func(h heldLine, _ time.Time) string { return h.Volume }},
		{name: "PRINCIPAL", text: func(h heldLine, _ time.Time) string { return h.Principal }, wide: true},
		{name: "PATH", text: func(h heldLine, _ time.Time) string { return h.Path }, wide: true},
		{name: "AGENT_ID", text: func(h heldLine, _ time.Time) string { return h.AgentID }},
	},
}

func newHeldLine(h client.Held) heldLine {
	l := heldLine{AgentID: h.AgentID, Hostname: h.Hostname, full: h.Resource, Volume: h.Resource.GetDisk().GetPersistence().GetId(), Path: h.Resource.GetDisk().GetVolume().GetContainerPath()}
	if n := len(h.Resource.Reservations); n > 0 {
		last := h.Resource.Reservations[n-1]
		l.Role, l.Principal, l.Static = last.GetRole(), last.GetPrincipal(), last.GetType() == v1.Resource_ReservationInfo_STATIC
	}
	bare := proto.CloneOf(h.Resource)
	bare.Reservations, bare.Disk = nil, nil
	if r, err := resources.FromProto([]*v1.Resource{bare}); err == nil {
		l.Resource = r.String()
	}
	return l
}

func reserveCommand() *cli.Command {
	return group("reserve", "see and set what of an agent only one role gets",
		held.list("list", "mesos reserve list", "list what is reserved", "", "   $\n   $ -o wide"),
		order{
			name: "add", line: "mesos reserve add", args: "AGENT RESOURCES --role ROLE", usage: "reserve free resources of an agent for a role",
			examples: "   $ S3 'cpus:2;mem:512' --role eng", text: named, min: 2, max: 2, flags: []cli.Flag{roleFlag(), principalFlag()}, complete: agents.complete,
			do: func(ctx context.Context, c *cli.Context, m *client.Client, words []string) (string, error) {
				id, list, err := onAgent(ctx, c, m, words)
				if err != nil {
					return "", err
				}
				if err := m.Operate(ctx, "RESERVE_RESOURCES", "resources", id, list...); err != nil {
					return "", fmt.Errorf("reservation on agent %s: %w", id, err)
				}
				return words[1] + " of " + id + " is reserved for " + c.String("role"), nil
			},
		}.command(),
		order{
			name: "remove", line: "mesos reserve remove", args: "AGENT RESOURCES --role ROLE", usage: "give reserved resources back to all",
			examples: "   $ S3 'cpus:2;mem:512' --role eng", text: named + "A principal must be given as it was for `mesos reserve add`.\n\n", min: 2, max: 2, flags: []cli.Flag{roleFlag(), principalFlag()}, complete: agents.complete,
			do: func(ctx context.Context, c *cli.Context, m *client.Client, words []string) (string, error) {
				id, list, err := onAgent(ctx, c, m, words)
				if err != nil {
					return "", err
				}
				if err := m.Operate(ctx, "UNRESERVE_RESOURCES", "resources", id, list...); err != nil {
					return "", fmt.Errorf("reservation on agent %s: %w; `mesos reserve list -o wide` shows what there is", id, err)
				}
				return words[1] + " of " + id + " is free", nil
			},
		}.command(),
	)
}

func principalFlag() cli.Flag {
	return &cli.StringFlag{Name: "principal", Usage: "`NAME` in whose name that is done"}
}

// roleFlag is needed, but may stand behind the arguments, where urfave/cli does not look for flags that it requires.
func roleFlag() cli.Flag {
	return &cli.StringFlag{Name: "role", Usage: "`ROLE` that the resources are for"}
}

// onAgent reads an agent, and resources reserved for --role.
func onAgent(ctx context.Context, c *cli.Context, m *client.Client, words []string) (id string, list []*v1.Resource, err error) {
	if c.String("role") == "" {
		return "", nil, usageError(c, "for which role? write --role ROLE")
	}
	r, err := resources.Parse(words[1], "*")
	if err != nil {
		return "", nil, usageError(c, "%v", err)
	}
	a, err := agents.find(ctx, m, words[0])
	if err != nil {
		return "", nil, err
	}
	list = r.Proto()
	for _, one := range list {
		reservation := &v1.Resource_ReservationInfo{Type: v1.Resource_ReservationInfo_DYNAMIC.Enum(), Role: proto.String(c.String("role"))}
		if p := c.String("principal"); p != "" {
			reservation.Principal = &p
		}
		one.Role, one.Reservations = nil, []*v1.Resource_ReservationInfo{reservation}
	}
	return a.AgentID, list, nil
}
