package explain

import (
	"time"

	"mesos/messages/resources"
)

// Amounts are scalars by name: cpus and gpus in pieces, mem and disk in MB.
type Amounts map[string]float64

// Framework explains how one framework stands in each of its roles.
type Framework struct {
	Summary     []string   `json:"summary"`
	FrameworkID string     `json:"framework_id"`
	Name        string     `json:"name"`
	Active      bool       `json:"active"`
	Roles       []InRole   `json:"roles"`
	Hoarders    []Hoarder  `json:"hoarders"`
	Pause       *Pause     `json:"pause,omitempty"`
	At          *time.Time `json:"at"`
}

// InRole is how a framework stands in one role.
type InRole struct {
	Role        string    `json:"role"`
	Share       float64   `json:"share"` // dominant share of the role, 0 to 1
	Suppressed  bool      `json:"suppressed"`
	OffersMade  uint64    `json:"offers_made"`
	LastOffered string    `json:"last_offered,omitempty"` // RFC 3339
	Outstanding []Offer   `json:"outstanding_offers"`
	Holding     int       `json:"agents_held"` // of which it holds something
	Filters     int       `json:"filters"`     // refusals that hold
	Needs       []Amounts `json:"needs"`       // the smallest bundles worth an offer to it; one of them is enough
	WhyNotMore  []Reason  `json:"why_not_more"`
}

// Offer is an offer that was not answered yet.
type Offer struct {
	OfferID   string  `json:"offer_id"`
	AgentID   string  `json:"agent_id"`
	Hostname  string  `json:"hostname"`
	Age       float64 `json:"age_seconds"`
	Resources Amounts `json:"resources"`
}

// Reason says on how many agents something stands in the way of an offer.
type Reason struct {
	Reason   string  `json:"reason"`
	Agents   int     `json:"agents"`
	AgentID  string  `json:"agent_id"` // the one that comes nearest, or the longest known
	Hostname string  `json:"hostname"`
	Missing  Amounts `json:"missing,omitempty"` // on that agent
	Until    string  `json:"until,omitempty"`   // RFC 3339: when the first refusal ends
	Roles    []Share `json:"roles,omitempty"`   // whose limit or guarantee it is, or who has the agent
	Text     string  `json:"text"`
}

// Share is a role and its dominant share, from 0 to 1.
type Share struct {
	Role  string  `json:"role"`
	Share float64 `json:"share"`
}

// Hoarder is a framework that leaves offers unanswered.
type Hoarder struct {
	FrameworkID string  `json:"framework_id"`
	Name        string  `json:"name"`
	Offers      int     `json:"offers"`
	Oldest      float64 `json:"oldest_age_seconds"`
	Resources   Amounts `json:"resources"` // of those offers
}

// Pause says that nobody is offered anything yet after a change of masters.
type Pause struct {
	AgentsNeeded int    `json:"agents_needed"`
	AgentsHere   int    `json:"agents_here"`
	Until        string `json:"until"` // RFC 3339: at the latest
}

// Role explains how a role and those below it stand.
type Role struct {
	Summary    []string  `json:"summary"`
	Role       string    `json:"role"`
	Weight     float64   `json:"weight"`
	Share      float64   `json:"share"`
	Filters    int       `json:"filters"`
	Hungry     int       `json:"hungry_frameworks"`
	Suppressed int       `json:"suppressed_frameworks"`
	Inactive   int       `json:"inactive_frameworks"`
	Guarantees Amounts   `json:"guarantees,omitempty"`
	Limits     Amounts   `json:"limits,omitempty"`
	Charged    Amounts   `json:"charged,omitempty"`
	Lacks      Amounts   `json:"lacks,omitempty"` // what its guarantees lack: headroom that is kept for it
	Offers     int       `json:"outstanding_offers"`
	OldestAge  float64   `json:"oldest_offer_age_seconds"`
	Hoarders   []Hoarder `json:"hoarders"`
	Pause      *Pause    `json:"pause,omitempty"`
}

// Agent explains who has an agent and why others do not.
type Agent struct {
	Summary   []string      `json:"summary"`
	AgentID   string        `json:"agent_id"`
	Hostname  string        `json:"hostname"`
	Active    bool          `json:"active"`
	Total     Amounts       `json:"total"`
	Available Amounts       `json:"available"`
	Holders   []Holder      `json:"holders"`
	Filters   int           `json:"filters"`
	WhyNot    []ClientCount `json:"why_not"`
	Hoarders  []Hoarder     `json:"hoarders"`
}

// Holder is a framework in a role that has something of an agent.
type Holder struct {
	FrameworkID string  `json:"framework_id"`
	Name        string  `json:"name"`
	Role        string  `json:"role"`
	Resources   Amounts `json:"resources"`
	Offered     Amounts `json:"offered"`           // the part that it has not answered yet
	OfferAge    float64 `json:"offer_age_seconds"` // of the oldest such offer
}

// ClientCount says of how many frameworks a reason keeps the agent.
type ClientCount struct {
	Reason      string `json:"reason"`
	Frameworks  int    `json:"frameworks"` // each role of one counts
	FrameworkID string `json:"framework_id"`
	Role        string `json:"role"`
	Until       string `json:"until,omitempty"`
}

// Request explains what a need would meet now.
type Request struct {
	Summary    []string          `json:"summary"`
	Role       string            `json:"role"`
	Need       Amounts           `json:"need"`
	Attributes map[string]string `json:"attributes,omitempty"`
	Fits       int               `json:"agents_that_fit"`
	FitsOn     []Place           `json:"fits_on"` // some of them
	Obstacles  []Obstacle        `json:"obstacles"`
	Hoarders   []Hoarder         `json:"hoarders"`
	Agents     int               `json:"agents"`
}

// Place is an agent.
type Place struct {
	AgentID  string `json:"agent_id"`
	Hostname string `json:"hostname"`
}

// Obstacle says on how many agents something stands in the way.
type Obstacle struct {
	Reason  string `json:"reason"`
	Agents  int    `json:"agents"`
	Nearest []Miss `json:"nearest"`
	Text    string `json:"text"`
}

// Miss is an agent that comes near.
type Miss struct {
	Place
	Missing Amounts `json:"missing,omitempty"`
	Detail  string  `json:"detail,omitempty"`
}

func amountsOf(q resources.Quantities) Amounts {
	out := Amounts{}
	for name, n := range q.All() {
		out[name] = n.Float()
	}
	return out
}

func amountsFrom(m map[string]resources.Quantity) Amounts {
	out := Amounts{}
	for name, n := range m {
		out[name] = n.Float()
	}
	return out
}

func stamp(t time.Time) string {
	if t.IsZero() {
		return ""
	}
	return t.UTC().Format(time.RFC3339)
}
