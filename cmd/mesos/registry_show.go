package main

import (
	"context"
	"fmt"
	"io"
	"time"

	"github.com/urfave/cli/v2"

	v1 "mesos/messages/mesos/v1"
	"mesos/registry"
)

// registrySummary is what a registry holds, as `mesos registry show -o json` prints it.
type registrySummary struct {
	File         string              `json:"file"` // or the URL of one in Consul
	Format       string              `json:"format"`
	Agents       []registryAgent     `json:"agents"`
	Unreachable  []registrySince     `json:"unreachable"`
	Gone         []registrySince     `json:"gone"`
	Frameworks   []registryFramework `json:"frameworks"` // that are away, or removed while something of them was
	Machines     []string            `json:"machines"`   // host name and address of those under maintenance
	Quota        []string            `json:"quota"`      // roles
	Weights      []string            `json:"weights"`    // roles
	Capabilities []string            `json:"minimum_capabilities"`
}

type registryAgent struct {
	ID          string `json:"id"`
	Hostname    string `json:"hostname"`
	Deactivated bool   `json:"deactivated"`
}

type registrySince struct {
	ID    string    `json:"id"`
	Since time.Time `json:"since"`
}

type registryFramework struct {
	ID       string     `json:"id"`
	Name     string     `json:"name"`
	Deadline *time.Time `json:"failover_deadline"` // null of a removed one
	Removed  *time.Time `json:"removed"`           // null of one that may come back
}

func showRegistry(ctx context.Context, c *cli.Context, at registryAt) error {
	if err := checkForm(c); err != nil {
		return err
	}
	s, err := at.read(ctx)
	if err != nil {
		return err
	}
	sum := summarizeRegistry(at.String(), s)
	if done, err := printed(c, c.App.Writer, sum); done {
		return err
	}
	return sum.write(c.App.Writer)
}

func summarizeRegistry(file string, s *registry.State) registrySummary {
	keys := func(t registry.Table) []string { return append([]string{}, s.Keys(t)...) }
	sum := registrySummary{
		File: file, Format: registry.Format, Agents: []registryAgent{}, Unreachable: []registrySince{}, Gone: []registrySince{}, Frameworks: []registryFramework{},
		Machines: keys(registry.Machines), Quota: keys(registry.Quota), Weights: keys(registry.Weights), Capabilities: keys(registry.Capabilities),
	}
	for _, a := range s.Agents() {
		sum.Agents = append(sum.Agents, registryAgent{a.GetInfo().GetId().GetValue(), a.GetInfo().GetHostname(), a.GetDeactivated()})
	}
	for _, a := range s.UnreachableAgents() {
		sum.Unreachable = append(sum.Unreachable, registrySince{a.GetId().GetValue(), *moment(a.GetTimestamp())})
	}
	for _, a := range s.GoneAgents() {
		sum.Gone = append(sum.Gone, registrySince{a.GetId().GetValue(), *moment(a.GetTimestamp())})
	}
	for _, f := range s.Frameworks() {
		sum.Frameworks = append(sum.Frameworks, registryFramework{f.GetInfo().GetId().GetValue(), f.GetInfo().GetName(), moment(f.FailoverDeadline), moment(f.Removed)})
	}
	return sum
}

func moment(t *v1.TimeInfo) *time.Time {
	if t == nil {
		return nil
	}
	at := time.Unix(0, t.GetNanoseconds()).UTC()
	return &at
}

func (s registrySummary) write(w io.Writer) error {
	text := fmt.Sprintf("%s is whole (%s).\n\nagents       %d\nunreachable  %d\ngone         %d\nframeworks   %d away or removed\nmachines     %d under maintenance\nquota        %d roles\nweights      %d roles\n",
		s.File, s.Format, len(s.Agents), len(s.Unreachable), len(s.Gone), len(s.Frameworks), len(s.Machines), len(s.Quota), len(s.Weights))
	for _, a := range s.Agents {
		text += fmt.Sprintf("\nagent        %s  %s", a.ID, a.Hostname)
		if a.Deactivated {
			text += "  deactivated"
		}
	}
	for _, a := range s.Unreachable {
		text += fmt.Sprintf("\nunreachable  %s  since %s", a.ID, a.Since.Format(time.RFC3339))
	}
	for _, a := range s.Gone {
		text += fmt.Sprintf("\ngone         %s  since %s", a.ID, a.Since.Format(time.RFC3339))
	}
	for _, f := range s.Frameworks {
		if f.Removed != nil {
			text += fmt.Sprintf("\nremoved      %s  %s  since %s", f.ID, f.Name, f.Removed.Format(time.RFC3339))
		} else if f.Deadline != nil {
			text += fmt.Sprintf("\naway         %s  %s  until %s", f.ID, f.Name, f.Deadline.Format(time.RFC3339))
		}
	}
	if len(s.Agents)+len(s.Unreachable)+len(s.Gone)+len(s.Frameworks) > 0 {
		text += "\n"
	}
	_, err := io.WriteString(w, text)
	return err
}
