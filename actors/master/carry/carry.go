// Package carry brings pages to programs that the master knows: to read what
// agents show, to have terminals beside containers, to call the API of marathon
// and chronos. It is ours, not Mesos's.
//
// A browser often cannot reach those programs, and pages that may load only from
// their own origin are easier to keep safe; so the master's HTTP has a [Carrier]
// carry the bytes, on its own goroutines, never on the master's actor. Of the
// cluster it asks only where somebody is ([Cluster]). It reads no more than the
// paths that it names, follows no redirect, and keeps nothing. Programs of
// frameworks are not told who the user is; agents are sent the credential that the
// master asked him for, since they may ask for it, too: the carrier acts for him.
package carry

import (
	"context"
	"log/slog"

	"mesos/actors/secure"
)

// Cluster is what a carrier must know. The master is one.
type Cluster interface {
	// AgentAddr is host:port of a registered agent's HTTP.
	AgentAddr(id string) (addr string, known bool, err error)
	// FrameworkURL is where a framework says that its page is, as it wrote it.
	FrameworkURL(id string) (said string, known bool, err error)
	// Done is closed when the master stops: nothing is carried on.
	Done() <-chan struct{}
}

// Carrier carries requests of pages.
type Carrier struct {
	cluster   Cluster
	log       *slog.Logger
	terminals chan struct{} // one for each that is open
	by        *secure.TLS   // how programs of the cluster speak

	agents, frameworks, streams bridge
}

// New makes a carrier. by is how programs of the cluster speak.
func New(c Cluster, by *secure.TLS, log *slog.Logger) *Carrier {
	return &Carrier{
		cluster: c, log: log, by: by, terminals: make(chan struct{}, maxTerminals),
		agents:     newBridge("reads of agents", maxAgentReads, maxReadsEach, by),
		frameworks: newBridge("requests to frameworks", maxFrameworkCalls, maxReadsEach, by),
		streams:    newBridge("streams of frameworks' events", maxFrameworkStreams, 0, by),
	}
}

// untilStop is a context that also ends with the master.
func (c *Carrier) untilStop(ctx context.Context) (context.Context, context.CancelFunc) {
	ctx, cancel := context.WithCancel(ctx)
	go func() { // ends with its caller, who cancels
		select {
		case <-c.cluster.Done():
			cancel()
		case <-ctx.Done():
		}
	}()
	return ctx, cancel
}
