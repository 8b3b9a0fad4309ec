package daemon

import (
	"context"
	"fmt"
	"log/slog"
	"strings"
	"sync"

	"mesos/cmd/flags"
	v1 "mesos/messages/mesos/v1"
	"mesos/registry"
	"mesos/registry/consul"
	"mesos/registry/zookeeper"
)

// announceFrom reads where a leader is told of, besides where it is elected.
func announceFrom(f *flags.Set, s *MasterSettings) error {
	text := f.String("zk_announce")
	if text == "" {
		return nil
	}
	c, err := zookeeper.Parse(text)
	if err != nil {
		return fmt.Errorf("flag --zk_announce: %w", err)
	}
	if c.SessionTimeout = f.Duration("zk_session_timeout"); c.SessionTimeout <= 0 {
		return fmt.Errorf("flag --zk_session_timeout: %v must be above zero", c.SessionTimeout)
	}
	s.Announce = &c
	return nil
}

// announcement tells in ZooKeeper that this master leads, until it is withdrawn or
// the master leads no more. A nil one tells nothing.
type announcement struct {
	cancel context.CancelFunc
	wg     sync.WaitGroup
}

// announce begins to tell; it never waits for ZooKeeper.
func announce(s MasterSettings, info *v1.MasterInfo, store registry.Store, log *slog.Logger) (*announcement, error) {
	if s.Announce == nil {
		return nil, nil
	}
	a, err := zookeeper.NewAnnouncer(*s.Announce, clusterName(s, info), info, log)
	if err != nil {
		return nil, fmt.Errorf("announcement in ZooKeeper: %w", err)
	}
	ctx, cancel := context.WithCancel(context.Background())
	n := &announcement{cancel: cancel}
	n.wg.Go(func() {
		select {
		case <-store.Lost(): // of a store without rivals this never is
			cancel()
		case <-ctx.Done():
		}
	})
	n.wg.Go(func() { a.Run(ctx) })
	return n, nil
}

// clusterName is the same for all masters that lead one after the other.
func clusterName(s MasterSettings, info *v1.MasterInfo) string {
	if c, err := consul.Parse(s.Consul); err == nil {
		return strings.Join([]string{"consul", c.Datacenter, c.Path}, " ")
	}
	return "standalone " + info.GetPid()
}

// withdraw begins to take the announcement back.
func (n *announcement) withdraw() {
	if n != nil {
		n.cancel()
	}
}

// wait is for the end of that, a second or so if ZooKeeper does not answer.
func (n *announcement) wait() {
	if n != nil {
		n.wg.Wait()
	}
}
