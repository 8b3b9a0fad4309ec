package view

import (
	"sync"
	"sync/atomic"
	"time"

	v1 "mesos/messages/mesos/v1"
	quotav1 "mesos/messages/mesos/v1/quota"
	schedulerv1 "mesos/messages/mesos/v1/scheduler"
	"mesos/messages/resources"
)

// Master is what never changes while a master runs.
type Master struct {
	Info    *v1.MasterInfo
	Build   *v1.VersionInfo
	Start   time.Time
	Elected time.Time
	Cluster string            // display name; "" = none
	Flags   map[string]string // as /flags shows them
}

// Cluster is a consistent picture of a cluster. What it points to never changes.
type Cluster struct {
	Master      *Master
	Agents      []*Agent        // registered
	Frameworks  []*Framework    // known and not removed; those known only from agents included
	Leaving     []*Framework    // removed, but agents still have something of them
	Completed   []*Framework    // history; may hold those of Leaving
	Unreachable int             // agents
	Recovered   []*v1.AgentInfo // agents of an earlier master that are not back

	Quotas  map[string]*quotav1.QuotaConfig // by role
	Weights map[string]float64              // of roles whose weight was set

	Pending map[v1.Offer_Operation_Type]int // operations under way

	once sync.Once
	sums sums

	see   Sight    // of who looks; nil: all
	whole *Cluster // that somebody sees some of; nil: this is all
}

// Agent is one registered agent.
type Agent struct {
	ID           string
	Info         *v1.AgentInfo
	PID          string // slave(1)@ip:port
	Scheme       string // of its HTTP; "" is http
	Version      string
	Capabilities []v1.AgentInfo_Capability_Type
	Total        resources.Resources        // with what its resource providers have
	Providers    []*v1.ResourceProviderInfo // by their ids
	Active       bool                       // connected and not deactivated
	Deactivated  bool                       // by an operator
	Drain        *v1.DrainInfo              // nil if nobody asked for it
	DrainStart   time.Time                  // as this master knows it
	Unavailable  *v1.Unavailability         // by the maintenance schedule; nil if it is not in it

	Registered, Reregistered time.Time
}

// Framework is one framework with what it holds.
type Framework struct {
	ID        string
	Info      *v1.FrameworkInfo
	PID       string // of a driver that is an actor, else ""
	Roles     []string
	MultiRole bool
	Active    bool // gets offers
	Connected bool
	Recovered bool // known only from agents so far

	OfferConstraints *schedulerv1.OfferConstraints // nil if there are none
	Suppressed       map[string]bool               // its roles that get no offers
	Counts           *Counts

	Registered, Reregistered, Unregistered time.Time

	Tasks       []*Task // not acknowledged as ended
	Unreachable []*Task
	Completed   []*Task
	Executors   []Executor
	Offers      []Offer

	InverseOffers []*v1.InverseOffer
}

// Executor is a custom executor on an agent. Command executors belong to the agent alone.
type Executor struct {
	Info      *v1.ExecutorInfo // nil: it is hidden
	AgentID   string
	Resources resources.Resources
}

// Offer is resources of one agent held out to one framework.
type Offer struct {
	ID, FrameworkID, AgentID, Role string
	Made                           time.Time
	Resources                      resources.Resources // allocated to Role
}

// Task is one task at one moment.
type Task struct {
	ID, FrameworkID, AgentID string
	ExecutorID               string   // "" for command tasks
	Desc                     *v1.Task // what does not change: name, labels, container, …
	Resources                resources.Resources

	State       v1.TaskState // newest that the agent knows
	StatusState v1.TaskState // newest that was sent to the framework
	StatusUUID  []byte
	Statuses    []*v1.TaskStatus
	Freed       bool // its resources are no longer counted as used

	text atomic.Pointer[[]byte] // in /state; made by the first reader, since most tasks are the same from read to read
}

// Role is the role whose share the task's resources count to.
func (t *Task) Role() string { return allocationRole(t.Resources) }

func allocationRole(r resources.Resources) string {
	for e := range r.All() {
		return e.AllocationRole()
	}
	return ""
}
