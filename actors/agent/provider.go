package agent

import (
	"errors"
	"fmt"
	"net/http"

	"google.golang.org/protobuf/proto"

	"mesos/actors/agent/store"
	"mesos/messages/ids"
	v1 "mesos/messages/mesos/v1"
	rpv1 "mesos/messages/mesos/v1/resource_provider"
	"mesos/messages/ordered"
	"mesos/messages/resources"
)

// ProviderConn is where the events of a resource provider go. Send does not
// block. StreamID is what its calls must name, "" for a provider in this program.
type ProviderConn interface {
	Send(*rpv1.Event)
	Close()
	StreamID() string
}

// provider is a resource provider that is not gone. What it has counts while it
// is subscribed; of one that is away only what tasks use is told the master.
type provider struct {
	id    string
	info  *v1.ResourceProviderInfo // with its id; replaced as a whole
	conn  ProviderConn             // nil while it is away
	told  bool                     // what it has, since it subscribed
	shown bool                     // it was told since the agent started

	total   resources.Resources // what it has, with what operations made of it
	version []byte              // uuid that it gave that
	// epoch is the uuid by which the master knows it. It changes whenever the master must not count any more on what it
	// was told, which is more often than the provider has reason to: so operations that were sent before are dropped here.
	epoch []byte

	lastTold    resources.Resources     // that it has, to the master
	publishing  map[string]*publication // that it was asked for, by uuid
	unpublished []*publication          // that it is to be asked for when it is back
}

// providers are all that ever got an id here.
type providers struct {
	all  map[string]*provider
	gone map[string]bool // for ever
	ops  providerCounts
}

func newProviders() providers {
	return providers{all: map[string]*provider{}, gone: map[string]bool{}, ops: providerCounts{}}
}

// name is how people and metrics call a provider: its type and name.
func (p *provider) name() string { return p.info.GetType() + "." + p.info.GetName() }

// present says that what the provider has can be offered and used.
func (p *provider) present() bool { return p != nil && p.conn != nil && p.told }

// restoreProviders takes up those that earlier runs admitted. They are away.
func (a *Agent) restoreProviders(s *store.State) {
	for _, row := range s.Providers {
		id := row.Info.GetId().GetValue()
		if row.Gone {
			a.providers.gone[id] = true
			continue
		}
		a.providers.all[id] = &provider{id: id, info: row.Info, publishing: map[string]*publication{}}
	}
}

// subscribeProvider connects a resource provider: a new one, which gets an id
// when that is durable, or one that comes back. 200 means that SUBSCRIBED
// follows on conn. It runs on the actor.
func (a *Agent) subscribeProvider(info *v1.ResourceProviderInfo, conn ProviderConn) answer {
	id := info.GetId().GetValue()
	p := a.providers.all[id]
	if why := a.mayNotSubscribe(info, p); why != nil {
		a.log.Warn("resource provider refused", "resource_provider_id", id, "type", info.GetType(), "name", info.GetName(), "error", why)
		code := http.StatusBadRequest
		if a.providers.gone[id] {
			code = http.StatusGone
		}
		return answer{Code: code, Text: why.Error()}
	}
	if p == nil {
		p = &provider{id: a.newUUID(), epoch: a.newUUIDBytes(), publishing: map[string]*publication{}}
		a.providers.all[p.id] = p
	} else if p.conn != nil {
		old := p.conn
		a.providerAway(p, "it subscribed again")
		old.Close()
	}
	p.info, p.conn = proto.CloneOf(info), conn
	p.info.Id = ids.Provider(p.id)
	a.metrics.providersCame.Inc()
	a.log.Info("resource provider subscribed", "resource_provider_id", p.id, "type", info.GetType(), "name", info.GetName())
	a.conf.Store.Commit(func() {
		a.p.Dispatch(func() {
			if p.conn == conn {
				conn.Send(&rpv1.Event{Type: rpv1.Event_SUBSCRIBED.Enum(), Subscribed: &rpv1.Event_Subscribed{ProviderId: ids.Provider(p.id)}})
			}
		})
	}, store.PutProvider(store.Provider{Info: p.info}))
	return answer{Code: http.StatusOK}
}

// mayNotSubscribe refuses ids that were not given here, and those of others.
func (a *Agent) mayNotSubscribe(info *v1.ResourceProviderInfo, p *provider) error {
	const field = "subscribe.resource_provider_info"
	id := info.GetId().GetValue()
	switch {
	case info.GetType() == "":
		return errors.New(field + ".type must not be empty")
	case info.GetName() == "":
		return errors.New(field + ".name must not be empty")
	case info.Id == nil:
		return nil
	case a.providers.gone[id]:
		return fmt.Errorf("%s.id %q was marked gone by an operator: it never comes back", field, id)
	case p == nil:
		return fmt.Errorf("%s.id %q is not known to this agent: a new resource provider must leave the id out", field, id)
	case p.info.GetType() != info.GetType() || p.info.GetName() != info.GetName():
		return fmt.Errorf("%s: id %q is that of the resource provider %s, which cannot become %s.%s", field, id, p.name(), info.GetType(), info.GetName())
	}
	return nil
}

// providerConnLost notes the end of a subscription, if it is still the provider's.
func (a *Agent) providerConnLost(conn ProviderConn, why string) {
	for _, p := range ordered.All(a.providers.all) {
		if p.conn == conn {
			a.providerAway(p, why)
		}
	}
}

// providerAway takes what a provider has off the agent, but for what tasks use.
func (a *Agent) providerAway(p *provider, why string) {
	a.log.Info("resource provider away", "resource_provider_id", p.id, "reason", why)
	a.metrics.providersWent.Inc()
	told := p.told
	p.conn, p.told, p.total, p.version = nil, false, resources.Resources{}, nil
	p.publishLater()
	if told {
		a.retellProvider(p)
	}
}

// releaseProvided tells the master when tasks have ended that used something of a
// provider which is away: it must not offer that.
func (a *Agent) releaseProvided() {
	for id, p := range ordered.All(a.providers.all) {
		if !p.present() && !p.lastTold.Equal(a.usedOf(id)) {
			a.retellProvider(p)
		}
	}
}

// retellProvider tells the master anew what a provider has: what was sent on the
// strength of what it knew is dropped.
func (a *Agent) retellProvider(p *provider) {
	p.epoch = a.newUUIDBytes()
	a.report()
}

// offered is what the master is told that a provider has.
func (a *Agent) offered(p *provider) resources.Resources {
	if p.present() {
		return p.total
	}
	return a.usedOf(p.id)
}

// usedOf is what tasks and executors use of a provider.
func (a *Agent) usedOf(id string) resources.Resources {
	return a.inUse().OfProvider(id).SharedOnce()
}

// everything is what the agent and its providers have, and what it lends beyond that.
func (a *Agent) everything() resources.Resources {
	sum := a.total.Add(a.lent())
	for _, p := range ordered.All(a.providers.all) {
		sum = sum.Add(a.offered(p))
	}
	return sum
}
