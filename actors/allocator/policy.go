package allocator

import (
	"cmp"
	"fmt"
	"iter"
	"math/rand/v2"
	"slices"
	"strings"

	"mesos/messages/resources"
)

// ClientID is a small number that stands for a [Client] while the core knows
// it. Numbers are used again after [Policy.RemoveClient].
type ClientID int32

// Client is a framework in one of its roles: the unit that receives offers.
type Client struct {
	Framework string
	Role      string // a path such as "eng/web"; "*" is a role like any other
}

// compareClients orders clients by framework, then role.
func compareClients(a, b Client) int {
	return cmp.Or(strings.Compare(a.Framework, b.Framework), strings.Compare(a.Role, b.Role))
}

// Policy says whose turn it is. The core tells it of everything that matters to
// shares and asks for an order; the policy never decides what an offer holds.
// A policy is called from one goroutine and must be deterministic (a random one
// draws from the source it was given).
type Policy interface {
	// AddClient introduces a client, not active, holding nothing.
	AddClient(id ClientID, c Client)
	// RemoveClient ends a client; it holds nothing any more.
	RemoveClient(id ClientID)
	// SetActive says whether the client wants offers now. A client that is not
	// active still counts in the shares of its role.
	SetActive(id ClientID, active bool)
	// SetWeight sets the weight (> 0) of a role, known or not yet. Weights are 1
	// until set.
	SetWeight(role string, weight float64)
	// SetCapacity tells what all agents have together, shared resources left out.
	SetCapacity(total resources.Quantities)
	// Allocated adds to what a client holds.
	Allocated(id ClientID, q resources.Quantities)
	// Unallocated takes from what a client holds.
	Unallocated(id ClientID, q resources.Quantities)
	// Order yields the active members of among in the order in which they shall
	// be asked whether they can use the agent. The policy is not changed while
	// the sequence runs, which is good until the next call.
	Order(agentID string, among *Set) iter.Seq[ClientID]
}

// PolicyOptions is what policies are made from. Each takes what it needs.
type PolicyOptions struct {
	// FairShareExcluded names resources that do not count in dominant shares.
	FairShareExcluded []string
	// Rand is the source of randomness of policies that need one.
	Rand *rand.Rand
}

// MakePolicy makes a policy, or says which option is missing.
type MakePolicy func(PolicyOptions) (Policy, error)

// policies is written by Register from init functions only.
var policies = map[string]MakePolicy{}

// Register makes a policy known under a name (that of the master's --allocator
// flag). It is for init functions; a name given twice panics.
func Register(name string, m MakePolicy) {
	if _, ok := policies[name]; ok {
		panic("allocator: policy " + name + " is registered twice")
	}
	policies[name] = m
}

// Policies lists the names of the registered policies in order.
func Policies() []string {
	names := make([]string, 0, len(policies))
	for name := range policies {
		names = append(names, name)
	}
	slices.Sort(names)
	return names
}

// NewPolicy makes the policy registered under name. A name of the form
// id@host:port is that of a [NewRanker] actor in another program.
func NewPolicy(name string, o PolicyOptions) (Policy, error) {
	if strings.Contains(name, "@") {
		p, err := newExternal(name, o)
		if err != nil {
			return nil, fmt.Errorf("allocator policy %q: %w", name, err)
		}
		return p, nil
	}
	m, ok := policies[name]
	if !ok {
		return nil, fmt.Errorf("allocator policy %q is unknown, known are: %s, and id@host:port of a policy that runs by itself", name, strings.Join(Policies(), ", "))
	}
	p, err := m(o)
	if err != nil {
		return nil, fmt.Errorf("allocator policy %q: %w", name, err)
	}
	return p, nil
}
