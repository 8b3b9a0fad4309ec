package consul

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"time"

	"github.com/hashicorp/consul/api"

	v1 "mesos/messages/mesos/v1"
	"mesos/registry/catalog"
)

// What marks nodes and services as one owner's. Consul's own tools know the other marks: external-node is of nodes on which no agent
// of Consul runs, and external-source is shown by its pages.
const (
	ownerMeta  = "mesos-registrar"
	outsider   = "external-node"
	sourceMeta = "external-source"
	checkName  = "Mesos task"
)

// catalogLimit is how many entries a write has: each is up to three operations, and two are the guard.
const catalogLimit = 20

// readTime is how long one question for entries may take.
const readTime = 30 * time.Second

// Catalog keeps services in Consul's catalog while its session holds the leader's key. Its entries are on nodes of their own, on which
// no agent of Consul runs, so none of those corrects what stands there.
type Catalog struct {
	*Store
	owner string
	nodes map[string]string // address, of those that were written
}

var _ catalog.Catalog = (*Catalog)(nil)

// ContendCatalog waits until this program is the one that writes the entries of owner, however long Consul cannot be reached. The error
// is that of ctx.
func (c *Contender) ContendCatalog(ctx context.Context, info *v1.MasterInfo, owner string) (*Catalog, error) {
	s, err := c.contend(ctx, info)
	if err != nil {
		return nil, err
	}
	return &Catalog{Store: s, owner: owner}, nil
}

// Limit implements catalog.Catalog.
func (k *Catalog) Limit() int { return catalogLimit }

// Read implements catalog.Catalog.
func (k *Catalog) Read(ctx context.Context) (catalog.Held, error) {
	held := catalog.Held{Entries: map[catalog.Key]catalog.Entry{}, Nodes: map[string]bool{}}
	if err := k.readSequence(ctx); err != nil {
		return held, err
	}
	own := map[string]string{ownerMeta: k.owner}
	var nodes []*api.Node
	var checks api.HealthChecks
	if err := k.c.ask(ctx, readTime, func(ctx context.Context, a *api.Client) (err error) {
		if nodes, _, err = a.Catalog().Nodes((&api.QueryOptions{RequireConsistent: true, NodeMeta: own}).WithContext(ctx)); err != nil {
			return err
		}
		checks, _, err = a.Health().State(api.HealthAny, (&api.QueryOptions{RequireConsistent: true, NodeMeta: own}).WithContext(ctx))
		return err
	}); err != nil {
		return held, fmt.Errorf("own nodes: %w", err)
	}
	health := map[catalog.Key]*api.HealthCheck{}
	for _, c := range checks {
		health[catalog.Key{Node: c.Node, ID: c.ServiceID}] = c
	}
	k.nodes = map[string]string{}
	for _, n := range nodes {
		k.nodes[n.Node] = n.Address
		if err := k.readNode(ctx, n, health, held); err != nil {
			return held, fmt.Errorf("services of node %s: %w", n.Node, err)
		}
	}
	return held, nil
}

// readNode adds what stands on one of the owner's nodes.
func (k *Catalog) readNode(ctx context.Context, n *api.Node, health map[catalog.Key]*api.HealthCheck, held catalog.Held) error {
	var all *api.CatalogNodeServiceList
	if err := k.c.ask(ctx, readTime, func(ctx context.Context, a *api.Client) (err error) {
		all, _, err = a.Catalog().NodeServiceList(n.Node, (&api.QueryOptions{RequireConsistent: true}).WithContext(ctx))
		return err
	}); err != nil {
		return err
	}
	held.Nodes[n.Node] = false
	for _, s := range all.Services {
		if s.Meta[ownerMeta] != k.owner {
			held.Nodes[n.Node] = true
			continue
		}
		e := catalog.Entry{Node: n.Node, NodeAddr: n.Address, ID: s.ID, Service: s.Service, Addr: s.Address, Port: s.Port, Tags: s.Tags, Meta: s.Meta}
		delete(e.Meta, ownerMeta)
		delete(e.Meta, sourceMeta)
		if c := health[e.Key()]; c != nil {
			e.Healthy, e.Output = c.Status == api.HealthPassing, c.Output
		}
		held.Entries[e.Key()] = e
	}
	return nil
}

// Write implements catalog.Catalog. It tries until Consul answers, or the session is over.
func (k *Catalog) Write(ctx context.Context, c catalog.Change) error {
	var ops api.TxnOps
	written := map[string]string{}
	for _, e := range c.Put {
		if k.nodes[e.Node] != e.NodeAddr && written[e.Node] != e.NodeAddr {
			written[e.Node] = e.NodeAddr
			ops = append(ops, &api.TxnOp{Node: &api.NodeTxnOp{Verb: api.NodeSet, Node: api.Node{
				Node: e.Node, Address: e.NodeAddr, Meta: map[string]string{ownerMeta: k.owner, outsider: "true", sourceMeta: "mesos"},
			}}})
		}
		ops = append(ops, k.service(e), check(e))
	}
	for _, e := range c.Remove {
		ops = append(ops, &api.TxnOp{Service: &api.ServiceTxnOp{Verb: api.ServiceDelete, Node: e.Node, Service: api.AgentService{ID: e.ID, Service: e.Service}}})
	}
	for _, node := range c.Nodes {
		ops = append(ops, &api.TxnOp{Node: &api.NodeTxnOp{Verb: api.NodeDelete, Node: api.Node{Node: node}}})
	}
	if err := k.commit(ctx, ops, isRefused); isRefused(err) {
		return fmt.Errorf("%w: %w", catalog.ErrRefused, err)
	} else if err != nil {
		return err
	}
	for node, addr := range written {
		k.nodes[node] = addr
	}
	for _, node := range c.Nodes {
		delete(k.nodes, node)
	}
	return nil
}

func isRefused(err error) bool {
	var no refused
	return errors.As(err, &no)
}

func (k *Catalog) service(e catalog.Entry) *api.TxnOp {
	meta := map[string]string{ownerMeta: k.owner, sourceMeta: "mesos"}
	for name, v := range e.Meta {
		if !strings.EqualFold(name, ownerMeta) && !strings.EqualFold(name, sourceMeta) {
			meta[name] = v
		}
	}
	return &api.TxnOp{Service: &api.ServiceTxnOp{Verb: api.ServiceSet, Node: e.Node, Service: api.AgentService{
		ID: e.ID, Service: e.Service, Tags: e.Tags, Meta: meta, Port: e.Port, Address: e.Addr,
	}}}
}

func check(e catalog.Entry) *api.TxnOp {
	status := api.HealthCritical
	if e.Healthy {
		status = api.HealthPassing
	}
	return &api.TxnOp{Check: &api.CheckTxnOp{Verb: api.CheckSet, Check: api.HealthCheck{
		Node: e.Node, CheckID: e.ID, Name: checkName, Status: status, Output: e.Output, ServiceID: e.ID,
	}}}
}
