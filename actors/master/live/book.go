package live

import (
	"maps"

	"mesos/actors/master/view"
	quotav1 "mesos/messages/mesos/v1/quota"
)

// Change is what differs between two pictures. Rows that are new or different
// come whole; of those that are gone only the keys do.
type Change struct {
	Master         *Master     `json:"master,omitempty"`
	Settings       *Settings   `json:"settings,omitempty"`
	Agents         []Agent     `json:"agents,omitempty"`
	AgentsGone     []string    `json:"agents_gone,omitempty"`
	Frameworks     []Framework `json:"frameworks,omitempty"`
	FrameworksGone []string    `json:"frameworks_gone,omitempty"`
	Tasks          []Task      `json:"tasks,omitempty"`
	TasksGone      [][2]string `json:"tasks_gone,omitempty"` // framework, task
	Offers         []Offer     `json:"offers,omitempty"`
	OffersGone     []string    `json:"offers_gone,omitempty"`
	Executors      []Executor  `json:"executors,omitempty"`
	ExecutorsGone  [][3]string `json:"executors_gone,omitempty"` // framework, agent, executor
}

// Empty says that nothing changed.
func (c *Change) Empty() bool {
	return c.Master == nil && c.Settings == nil && len(c.Agents)+len(c.AgentsGone)+len(c.Frameworks)+len(c.FrameworksGone)+
		len(c.Tasks)+len(c.TasksGone)+len(c.Offers)+len(c.OffersGone)+len(c.Executors)+len(c.ExecutorsGone) == 0
}

// Book is what readers were told.
type Book struct {
	master     Master
	settings   Settings
	quotas     map[string]*quotav1.QuotaConfig
	weights    map[string]float64
	agents     table[string, *view.Agent, Agent]
	frameworks table[string, *Framework, Framework]
	offers     table[string, Offer, Offer]
	executors  table[[3]string, view.Executor, Executor]
	tasks      tasks
}

// NewBook is of a cluster of which nothing is told yet.
func NewBook() *Book {
	return &Book{
		settings:   Settings{Weights: map[string]float64{}, Quotas: map[string]Quota{}},
		agents:     newTable[string](sameAgent, func(_ string, a *view.Agent) Agent { return agentRow(a) }),
		frameworks: newTable[string](func(a, b *Framework) bool { return a.same(b) }, func(_ string, f *Framework) Framework { return *f }),
		offers:     newTable[string](func(a, b Offer) bool { return a.ID == b.ID }, func(_ string, o Offer) Offer { return o }),
		executors: newTable[[3]string](func(a, b view.Executor) bool { return a.Info == b.Info && a.Resources.Equal(b.Resources) },
			func(key [3]string, e view.Executor) Executor { return executorRow(key[0], e) }),
		tasks: newTasks(),
	}
}

func sameAgent(a, b *view.Agent) bool {
	return a.Info == b.Info && a.PID == b.PID && a.Version == b.Version && a.Active == b.Active && a.Deactivated == b.Deactivated &&
		a.Drain == b.Drain && a.Unavailable == b.Unavailable && a.Registered.Equal(b.Registered) && a.Reregistered.Equal(b.Reregistered) &&
		a.Total.Equal(b.Total)
}

// Update takes a newer picture and says what is different in it.
func (b *Book) Update(c *view.Cluster, standbys []string) *Change {
	out := &Change{}
	if m := masterRow(c, standbys); !m.same(&b.master) {
		b.master, out.Master = m, &m
	}
	// The master never changes a quota: it sets another one.
	if !maps.Equal(c.Weights, b.weights) || !maps.Equal(c.Quotas, b.quotas) {
		b.settings, b.weights, b.quotas = settingsRow(c), maps.Clone(c.Weights), maps.Clone(c.Quotas)
		out.Settings = &b.settings
	}
	for _, a := range c.Agents {
		b.agents.see(a.ID, a)
	}
	b.tasks.begin()
	seen := map[string]bool{}
	for i, list := range [][]*view.Framework{c.Frameworks, c.Leaving, c.Completed} {
		for _, f := range list {
			if seen[f.ID] {
				continue
			}
			seen[f.ID] = true
			state := "completed"
			if i == 0 {
				state = frameworkState(f)
			}
			b.framework(f, state)
		}
	}
	out.Agents, out.AgentsGone = b.agents.changes()
	out.Frameworks, out.FrameworksGone = b.frameworks.changes()
	out.Offers, out.OffersGone = b.offers.changes()
	out.Executors, out.ExecutorsGone = b.executors.changes()
	out.Tasks, out.TasksGone = b.tasks.changes()
	return out
}

func (b *Book) framework(f *view.Framework, state string) {
	row := frameworkRow(f, state)
	b.frameworks.see(f.ID, &row)
	for _, o := range f.Offers {
		if b.offers.has(o.ID) {
			b.offers.keep(o.ID)
			continue
		}
		b.offers.see(o.ID, offerRow(o))
	}
	for _, o := range f.InverseOffers {
		b.offers.see(o.GetId().GetValue(), inverseRow(o))
	}
	for _, e := range f.Executors {
		b.executors.see([3]string{f.ID, e.AgentID, e.Info.GetExecutorId().GetValue()}, e)
	}
	b.tasks.framework(f)
}

// All is everything, as a change from nothing.
func (b *Book) All() *Change {
	return &Change{
		Master: &b.master, Settings: &b.settings, Agents: b.agents.all(), Frameworks: b.frameworks.all(), Tasks: b.tasks.all(),
		Offers: b.offers.all(), Executors: b.executors.all(),
	}
}

// Sums are how much of the cluster is there, used and offered.
func (b *Book) Sums() Sums {
	var total, used, offered sum
	for _, e := range b.agents.rows {
		if e.row.State != "disconnected" { // what that one has cannot be used now
			total.plus(e.row.Res)
		}
	}
	for _, t := range b.tasks.live.rows {
		if t.row.Holds {
			used.plus(t.row.Res)
		}
	}
	for _, e := range b.executors.rows {
		used.plus(e.row.Res)
	}
	for _, o := range b.offers.rows {
		offered.plus(o.row.Res)
	}
	return Sums{total.amounts(), used.amounts(), offered.amounts()}
}
