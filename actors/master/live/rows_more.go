package live

import (
	"slices"
	"strconv"
	"strings"

	"mesos/actors/master/view"
	v1 "mesos/messages/mesos/v1"
	"mesos/messages/resources"
)

// Framework is one framework.
type Framework struct {
	ID           string   `json:"id"`
	Name         string   `json:"name"`
	User         string   `json:"user"`
	Principal    string   `json:"principal,omitempty"`
	Hostname     string   `json:"hostname,omitempty"`
	URL          string   `json:"url,omitempty"` // of its own page, as it says
	Roles        []string `json:"roles"`
	Suppressed   []string `json:"suppressed,omitempty"` // of its roles
	Capabilities []string `json:"capabilities,omitempty"`
	State        string   `json:"state"` // active, inactive, disconnected, recovered, completed
	Checkpoint   bool     `json:"checkpoint,omitempty"`
	Failover     float64  `json:"failover,omitempty"` // timeout, in seconds
	Registered   float64  `json:"registered"`
	Unregistered float64  `json:"unregistered,omitempty"`
	Sent         uint64   `json:"sent"` // offers, since this master leads
	Accepted     uint64   `json:"accepted"`
	Declined     uint64   `json:"declined"`
	Rescinded    uint64   `json:"rescinded"`
}

func frameworkRow(f *view.Framework, state string) Framework {
	i := f.Info
	row := Framework{
		ID: f.ID, Name: i.GetName(), User: i.GetUser(), Principal: i.GetPrincipal(), Hostname: i.GetHostname(), URL: i.GetWebuiUrl(),
		Roles: f.Roles, State: state, Checkpoint: i.GetCheckpoint(), Failover: i.GetFailoverTimeout(),
		Registered: stamp(later(f.Registered, f.Reregistered)), Unregistered: stamp(f.Unregistered),
	}
	for _, r := range f.Roles {
		if f.Suppressed[r] {
			row.Suppressed = append(row.Suppressed, r)
		}
	}
	for _, c := range i.GetCapabilities() {
		row.Capabilities = append(row.Capabilities, c.GetType().String())
	}
	if c := f.Counts; c != nil {
		row.Sent, row.Accepted, row.Declined, row.Rescinded = c.OffersSent.Load(), c.OffersAccepted.Load(), c.OffersDeclined.Load(), c.OffersRescinded.Load()
	}
	return row
}

func frameworkState(f *view.Framework) string {
	switch {
	case f.Recovered:
		return "recovered"
	case !f.Connected:
		return "disconnected"
	case !f.Active:
		return "inactive"
	}
	return "active"
}

func (f *Framework) same(o *Framework) bool {
	return f.Name == o.Name && f.State == o.State && f.Sent == o.Sent && f.Accepted == o.Accepted && f.Declined == o.Declined &&
		f.Rescinded == o.Rescinded && f.Registered == o.Registered && f.Unregistered == o.Unregistered && f.User == o.User &&
		f.Principal == o.Principal && f.Hostname == o.Hostname && f.URL == o.URL && f.Checkpoint == o.Checkpoint && f.Failover == o.Failover &&
		slices.Equal(f.Roles, o.Roles) && slices.Equal(f.Suppressed, o.Suppressed) && slices.Equal(f.Capabilities, o.Capabilities)
}

// Offer is resources of an agent that a framework has not answered yet. An
// inverse one asks it to leave the agent by a time.
type Offer struct {
	ID        string  `json:"id"`
	Framework string  `json:"framework"`
	Agent     string  `json:"agent"`
	Role      string  `json:"role,omitempty"`
	Made      float64 `json:"made,omitempty"`
	Res       Amounts `json:"res"`
	Inverse   *Window `json:"inverse,omitempty"`
}

func offerRow(o view.Offer) Offer {
	return Offer{ID: o.ID, Framework: o.FrameworkID, Agent: o.AgentID, Role: o.Role, Made: stamp(o.Made), Res: amountsOf(o.Resources)}
}

func inverseRow(o *v1.InverseOffer) Offer {
	return Offer{ID: o.GetId().GetValue(), Framework: o.GetFrameworkId().GetValue(), Agent: o.GetAgentId().GetValue(), Inverse: window(o.GetUnavailability())}
}

// Executor is a custom executor, with what it holds for itself.
type Executor struct {
	ID        string  `json:"id"`
	Name      string  `json:"name,omitempty"`
	Framework string  `json:"framework"`
	Agent     string  `json:"agent"`
	Role      string  `json:"role,omitempty"`
	Res       Amounts `json:"res"`
}

func executorRow(frameworkID string, e view.Executor) Executor {
	row := Executor{ID: e.Info.GetExecutorId().GetValue(), Name: e.Info.GetName(), Framework: frameworkID, Agent: e.AgentID, Res: amountsOf(e.Resources)}
	for r := range e.Resources.All() {
		row.Role = r.AllocationRole()
	}
	return row
}

// Settings are what operators set for roles. A role without a weight has 1.
type Settings struct {
	Weights map[string]float64 `json:"weights"`
	Quotas  map[string]Quota   `json:"quotas"`
}

// Quota is in the units of Amounts, for any resource.
type Quota struct {
	Guarantees map[string]float64 `json:"guarantees,omitempty"`
	Limits     map[string]float64 `json:"limits,omitempty"`
}

func settingsRow(c *view.Cluster) Settings {
	s := Settings{Weights: map[string]float64{}, Quotas: map[string]Quota{}}
	for role, w := range c.Weights {
		s.Weights[role] = w
	}
	for role, q := range c.Quotas {
		s.Quotas[role] = Quota{scalars(q.GetGuarantees()), scalars(q.GetLimits())}
	}
	return s
}

func scalars(m map[string]*v1.Value_Scalar) map[string]float64 {
	out := map[string]float64{}
	for name, v := range m {
		out[name] = v.GetValue()
	}
	return out
}

// Master is who leads.
type Master struct {
	ID          string   `json:"id"`
	PID         string   `json:"pid"`
	Hostname    string   `json:"hostname"`
	Cluster     string   `json:"cluster,omitempty"`
	Version     string   `json:"version"`
	Revision    string   `json:"revision,omitempty"`
	Elected     float64  `json:"elected"`
	Unreachable int      `json:"unreachable,omitempty"` // agents
	Missing     []string `json:"missing,omitempty"`     // hosts of agents of an earlier master that are not back; some of them
	MissingMore int      `json:"missing_more,omitempty"`
	Standbys    []string `json:"standbys,omitempty"` // host:port of masters that would lead next
}

// maxMissing bounds how many missing agents are named.
const maxMissing = 50

func masterRow(c *view.Cluster, standbys []string) Master {
	m := c.Master
	row := Master{
		ID: m.Info.GetId(), PID: m.Info.GetPid(), Hostname: m.Info.GetHostname(), Cluster: m.Cluster, Version: m.Build.GetVersion(),
		Revision: m.Build.GetGitSha(), Elected: stamp(m.Elected), Unreachable: c.Unreachable, Standbys: standbys,
	}
	for _, a := range c.Recovered {
		row.Missing = append(row.Missing, a.GetHostname())
	}
	slices.Sort(row.Missing)
	if n := len(row.Missing); n > maxMissing {
		row.Missing, row.MissingMore = row.Missing[:maxMissing], n-maxMissing
	}
	return row
}

func (m *Master) same(o *Master) bool {
	return m.ID == o.ID && m.Unreachable == o.Unreachable && m.MissingMore == o.MissingMore && slices.Equal(m.Missing, o.Missing) && slices.Equal(m.Standbys, o.Standbys)
}

func attributeText(a *v1.Attribute) string {
	_, text, _ := strings.Cut(resources.AttributesString([]*v1.Attribute{a}), ":")
	return text
}

func portsOf(r resources.Resources) string {
	var parts []string
	for e := range r.All() {
		if e.Name() != "ports" {
			continue
		}
		for _, x := range e.Ranges() {
			parts = append(parts, strconv.FormatUint(x.Begin, 10)+"–"+strconv.FormatUint(x.End, 10))
		}
	}
	return strings.Join(parts, ", ")
}
