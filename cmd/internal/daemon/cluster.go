package daemon

import (
	"context"
	"log/slog"
	"sync"

	"mesos/actors/master"
	v1 "mesos/messages/mesos/v1"
	"mesos/registry"
	"mesos/registry/consul"
	"mesos/registry/leader"
)

// candidacy is a master that takes part in an election: it stands by, leading
// whoever asks to the leader, until it leads. It never stands by again: a leader
// that is deposed ends, and its supervisor starts another.
type candidacy struct {
	contender leader.Contender
	detector  leader.Detector
	info      *v1.MasterInfo
	http      *master.HTTP
	lead      func(registry.Store) error // starts the master
	failed    func(error)
	log       *slog.Logger

	cancel context.CancelFunc
	wg     sync.WaitGroup
	store  registry.Store // once it leads; read after wg
}

// newCandidacy is nil for a master that has no rivals.
func newCandidacy(s MasterSettings, log *slog.Logger) (*candidacy, error) {
	if s.Consul == "" {
		return nil, nil
	}
	conf, err := consul.Parse(s.Consul)
	if err != nil {
		return nil, err
	}
	contender, err := consul.NewContender(conf, log)
	if err != nil {
		return nil, err
	}
	detector, err := consul.NewDetector(conf, log)
	if err != nil {
		return nil, err
	}
	return &candidacy{contender: contender, detector: detector, failed: s.Config.OnFailed, log: log}, nil
}

// start begins to stand by.
func (c *candidacy) start() {
	ctx, cancel := context.WithCancel(context.Background())
	c.cancel = cancel
	watching, stopWatching := context.WithCancel(ctx)
	var watch sync.WaitGroup
	standing := newStandby(c.info)
	watch.Go(func() { standing.run(watching) })
	watch.Go(func() {
		c.detector.Watch(watching, func(info *v1.MasterInfo) {
			if info.GetId() == c.info.GetId() {
				info = nil // this one, which has not started to lead yet
			}
			c.log.Info("this master stands by", "leader", info.GetPid())
			c.http.StandBy(info)
			standing.leads(info)
		})
	})
	c.wg.Go(func() {
		store, err := c.contender.Contend(ctx, c.info)
		stopWatching() // from here on nothing may say that another leads
		watch.Wait()
		if err != nil {
			return // the program ends
		}
		c.log.Info("this master is elected", "master_id", c.info.GetId())
		c.store = store
		if err := c.lead(store); err != nil && c.failed != nil {
			c.failed(err)
		}
	})
}

// stop ends the candidacy. The master must have stopped before resign.
func (c *candidacy) stop() {
	c.cancel()
	c.wg.Wait()
}

// resign lets another master lead at once.
func (c *candidacy) resign() error {
	if c.store == nil {
		return nil
	}
	return c.store.Close()
}
