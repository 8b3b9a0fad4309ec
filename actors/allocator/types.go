package allocator

import (
	v1 "mesos/messages/mesos/v1"
	"mesos/messages/resources"
)

// Capabilities are what a framework says that it can deal with, as far as it
// matters to what it is offered.
type Capabilities struct {
	GPU                   bool // GPU_RESOURCES: agents that have GPUs
	Shared                bool // SHARED_RESOURCES: shared persistent volumes
	Revocable             bool // REVOCABLE_RESOURCES: resources that can be taken away
	RegionAware           bool // REGION_AWARE: agents of other regions than the master's
	ReservationRefinement bool // RESERVATION_REFINEMENT: resources reserved more than once
}

// Framework is what the allocator knows of a framework.
type Framework struct {
	ID           string
	Roles        []string // roles it wants offers for
	Suppressed   []string // those of Roles for which it wants none now
	Capabilities Capabilities
	// Priority ranks the framework among those of a role, under policies that
	// know priorities: the larger goes first.
	Priority float64
	// MinAllocatable are the smallest bundles worth an offer in a role, instead of
	// those of [Options]; a role with an empty list takes anything. They come from
	// FrameworkInfo.offer_filters, see [MinimumsFrom].
	MinAllocatable map[string][]resources.Quantities
	// Constraints say, by role, which agents the framework wants offers of; in a
	// role that is not there any agent will do. See [CompileConstraints].
	Constraints map[string]*Constraint
}

// Agent is what the allocator knows of an agent.
type Agent struct {
	ID         string
	Run        int // tells this admission of the agent from earlier ones under the same id
	Hostname   string
	Total      resources.Resources // everything it has, without allocation info
	Attributes []*v1.Attribute
	Domain     *v1.DomainInfo // nil if it has none
	Remote     bool           // its fault domain is of another region than the master's
}

// Offer is a decision: these resources of this agent now belong to the
// framework in this role until they come back through [Core.Recover].
type Offer struct {
	FrameworkID string
	Role        string
	AgentID     string
	AgentRun    int                 // Agent.Run; if another one is known by now, the offer is void
	Resources   resources.Resources // with AllocationInfo.role set to Role
	Lent        bool                // it may be taken back for others, see [Core.Preempt]
}
