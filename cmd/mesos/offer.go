package main

import (
	"context"
	"fmt"
	"time"

	"github.com/urfave/cli/v2"

	"mesos/cmd/mesos/internal/client"
)

// offerLine is an offer as `mesos offer list -o json` prints it.
type offerLine struct {
	OfferID       string           `json:"offer_id"`
	FrameworkID   string           `json:"framework_id"`
	FrameworkName string           `json:"framework_name"`
	Role          string           `json:"role"`
	AgentID       string           `json:"agent_id"`
	AgentHostname string           `json:"agent_hostname"`
	Resources     client.Resources `json:"resources"`
}

var offers = noun[offerLine]{
	name: "offer",
	load: fromState(listOffers),
	id:   func(o offerLine) string { return o.OfferID },
	columns: []column[offerLine]{
		{name: "OFFER", text: func(o offerLine, _ time.Time) string { return o.OfferID }},
		{name: "FRAMEWORK", text: func(o offerLine, _ time.Time) string { return o.FrameworkName }},
		{name: "ROLE", text: func(o offerLine, _ time.Time) string { return o.Role }},
		{name: "AGENT", text: func(o offerLine, _ time.Time) string { return o.AgentHostname }},
		{name: "RESOURCES", text: func(o offerLine, _ time.Time) string { return amounts(o.Resources) }},
		{name: "FRAMEWORK_ID", text: func(o offerLine, _ time.Time) string { return o.FrameworkID }, wide: true},
		{name: "AGENT_ID", text: func(o offerLine, _ time.Time) string { return o.AgentID }, wide: true},
	},
}

func listOffers(s *client.State, _ bool) []offerLine {
	lines, hosts := []offerLine{}, hostnames(s)
	for _, f := range s.Frameworks {
		for _, o := range f.Offers {
			lines = append(lines, offerLine{o.ID, f.ID, f.Name, o.Allocation.Role, o.AgentID, hosts[o.AgentID], o.Resources})
		}
	}
	return lines
}

func hostnames(s *client.State) map[string]string {
	hosts := map[string]string{}
	for _, a := range s.Agents {
		hosts[a.ID] = a.Hostname
	}
	return hosts
}

func offerCommand() *cli.Command {
	return group("offer", "see the offers that frameworks have not answered yet, and take one back",
		offers.list("list", "mesos offer list", "list the offers that are not answered", "", "   $\n   $ -o wide --watch"),
		offers.show("mesos offer show", "O17"),
		order{
			name: "rescind", line: "mesos offer rescind", args: "OFFER", usage: "take an offer back, so that others get what it holds",
			examples: "   $ O17", text: named, min: 1, max: 1, complete: offers.complete,
			do: func(ctx context.Context, _ *cli.Context, m *client.Client, words []string) (string, error) {
				o, err := offers.find(ctx, m, words[0])
				if err != nil {
					return "", err
				}
				if err := m.Post(ctx, "/offers/rescind", map[string]string{"offerId": o.OfferID}); err != nil {
					return "", fmt.Errorf("offer %s: %w", o.OfferID, err)
				}
				return o.OfferID + " is taken back from " + o.FrameworkName, nil
			},
		}.command(),
	)
}
