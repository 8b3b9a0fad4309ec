package daemon

import (
	"context"
	"fmt"
	"log/slog"
	"sync"

	"github.com/google/uuid"
	"google.golang.org/protobuf/proto"

	"mesos/actors"
	"mesos/actors/master"
	v1 "mesos/messages/mesos/v1"
	"mesos/registry"
	"mesos/registry/consul"
	"mesos/registry/leader"
)

// candidacy is one of several programs of a kind, masters or instances of a framework, that elect their leader in
// Consul: it stands by, leading whoever asks to the leader, until it leads. It never stands by again: a leader that
// is deposed ends, and its supervisor starts another.
type candidacy struct {
	who       string // "master"
	contender leader.Contender
	detector  leader.Detector
	log       *slog.Logger

	// To be set before start.
	info    *v1.MasterInfo             // this program, as the others find it
	standBy func(*v1.MasterInfo)       // another leads, nil for nobody; never runs once this one leads
	beside  func(context.Context)      // runs while it stands by; may be nil
	lead    func(registry.Store) error // starts what leads
	failed  func(error)                // is told that lead could not; may be nil

	cancel context.CancelFunc
	wg     sync.WaitGroup
	store  registry.Store // once it leads; read after wg
}

// newCandidacy reads where the election is, a consul:// URL; kind is the name under which those that elect are found
// in Consul, "" for masters.
func newCandidacy(url, kind, who string, log *slog.Logger) (*candidacy, error) {
	conf, err := consul.Parse(url)
	if err != nil {
		return nil, fmt.Errorf("flag --consul: %w", err)
	}
	if kind != "" {
		conf.Service = kind
	}
	contender, err := consul.NewContender(conf, log)
	if err != nil {
		return nil, err
	}
	detector, err := consul.NewDetector(conf, log)
	if err != nil {
		return nil, err
	}
	return &candidacy{who: who, contender: contender, detector: detector, log: log}, nil
}

// start begins to stand by.
func (c *candidacy) start() {
	ctx, cancel := context.WithCancel(context.Background())
	c.cancel = cancel
	watching, stopWatching := context.WithCancel(ctx)
	var watch sync.WaitGroup
	if c.beside != nil {
		watch.Go(func() { c.beside(watching) })
	}
	watch.Go(func() {
		c.detector.Watch(watching, func(info *v1.MasterInfo) {
			if info.GetId() == c.info.GetId() {
				info = nil // this one, which has not started to lead yet
			}
			c.log.Info("this "+c.who+" stands by", "leader", info.GetPid())
			c.standBy(info)
		})
	})
	c.wg.Go(func() {
		store, err := c.contender.Contend(ctx, c.info)
		stopWatching() // from here on nothing may say that another leads
		watch.Wait()
		if err != nil {
			return // the program ends
		}
		c.log.Info("this "+c.who+" is elected", "id", c.info.GetId())
		c.store = store
		if err := c.lead(store); err != nil && c.failed != nil {
			c.failed(err)
		}
	})
}

// stop ends the candidacy; what leads must have stopped before resign. Nothing is to stop where there are no rivals.
func (c *candidacy) stop() {
	if c == nil || c.cancel == nil {
		return
	}
	c.cancel()
	c.wg.Wait()
}

// resign lets another lead at once.
func (c *candidacy) resign() error {
	if c == nil || c.store == nil {
		return nil
	}
	return c.store.Close()
}

// instance describes one of several programs to the others, in the form in which masters do. process is the id of its
// actor.
func instance(a Address, addr, process string) *v1.MasterInfo {
	info := master.Info(master.Config{ID: uuid.NewString(), Hostname: a.hostname(addr)}, addr)
	info.Pid = proto.String(actors.UPID{ID: process, Addr: addr}.String())
	return info
}
