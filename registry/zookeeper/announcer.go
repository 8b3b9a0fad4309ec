package zookeeper

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"log/slog"
	"strings"
	"time"

	"github.com/go-zookeeper/zk"

	v1 "mesos/messages/mesos/v1"
	"mesos/messages/mesosjson"
)

// lostPause is how long an announcer waits whose node somebody took away, before it
// makes another: most likely this master is deposed and is about to learn it.
const lostPause = 500 * time.Millisecond

// Announcer tells that one master leads.
type Announcer struct {
	conf  Config
	mark  string // in the access lists of the cluster's nodes
	value []byte
	log   *slog.Logger

	had   bool   // it has, or had, a node in this session
	rival string // the last that was told
}

// NewAnnouncer makes one; nothing is asked yet. cluster is the same for all masters
// that may lead one after the other, and for no others.
func NewAnnouncer(c Config, cluster string, info *v1.MasterInfo, log *slog.Logger) (*Announcer, error) {
	value, err := mesosjson.Marshal(info)
	if err != nil {
		return nil, err
	}
	sum := sha256.Sum256([]byte(cluster))
	return &Announcer{conf: c, mark: "announcer-" + hex.EncodeToString(sum[:12]), value: value, log: log}, nil
}

// Run announces until ctx ends, which must be as soon as the master does not lead
// any more. Whatever happens to ZooKeeper, the master need not care.
func (a *Announcer) Run(ctx context.Context) {
	again(ctx, a.conf, a.log, "this master leads, but cannot say so in ZooKeeper", func(s *session) error { return a.step(ctx, s) })
}

// step makes things one step better, and waits when all is well.
func (a *Announcer) step(ctx context.Context, s *session) error {
	nodes, changed, err := a.look(s)
	if err != nil {
		return err
	}
	p := decide(nodes)
	a.tellRival(p.rival)
	for _, name := range p.remove {
		a.log.Info("a master's node is removed from ZooKeeper", "node", a.conf.Path+"/"+name)
		if err := s.Delete(a.conf.Path+"/"+name, -1); err != nil && !errors.Is(err, zk.ErrNoNode) {
			return err
		}
	}
	if p.create {
		if a.had {
			a.had = false
			pause(ctx, lostPause)
			return nil
		}
		return a.create(ctx, s)
	}
	a.had = p.rival == ""
	if len(p.remove) > 0 {
		return nil
	}
	select {
	case <-changed:
	case <-ctx.Done():
	}
	return nil
}

func (a *Announcer) create(ctx context.Context, s *session) error {
	if ctx.Err() != nil {
		return nil
	}
	name, err := s.Create(a.conf.Path+"/"+label, a.value, zk.FlagEphemeral|zk.FlagSequence, append(a.access(), zk.ACL{
		Perms: zk.PermRead, Scheme: "digest", ID: a.mark + ":-",
	}))
	if err == nil {
		a.log.Info("this master is announced in ZooKeeper", "node", name)
	}
	return err
}

// access is who may do what with the nodes: without a user anybody may do anything,
// with one the others may read.
func (a *Announcer) access() []zk.ACL {
	if a.conf.User == "" {
		return zk.WorldACL(zk.PermAll)
	}
	return append(zk.WorldACL(zk.PermRead), zk.AuthACL(zk.PermAll)...)
}

// look reads whose nodes there are, and what tells that it has to be read again.
func (a *Announcer) look(s *session) ([]node, <-chan zk.Event, error) {
	children, _, changed, err := s.ChildrenW(a.conf.Path)
	if errors.Is(err, zk.ErrNoNode) {
		if err = a.makePath(s); err == nil {
			children, _, changed, err = s.ChildrenW(a.conf.Path)
		}
	}
	if err != nil {
		return nil, nil, err
	}
	var out []node
	for _, n := range masters(children) {
		list, stat, err := s.GetACL(a.conf.Path + "/" + n.name)
		switch {
		case errors.Is(err, zk.ErrNoNode):
			continue
		case errors.Is(err, zk.ErrNoAuth): // ours may be read by all
		case err != nil:
			return nil, nil, err
		case stat.EphemeralOwner == s.SessionID():
			n.owner = mine
		case a.marked(list):
			n.owner = earlier
		}
		out = append(out, n)
	}
	return out, changed, nil
}

// marked is asked of what ZooKeeper may show with the part behind the colon left out.
func (a *Announcer) marked(list []zk.ACL) bool {
	for _, one := range list {
		if one.Scheme == "digest" && strings.HasPrefix(one.ID, a.mark+":") {
			return true
		}
	}
	return false
}

// makePath makes the nodes above the masters', which stay.
func (a *Announcer) makePath(s *session) error {
	for i := 1; i < len(a.conf.Path); i++ {
		end := strings.IndexByte(a.conf.Path[i:], '/')
		if end < 0 {
			end = len(a.conf.Path) - i
		}
		i += end
		if _, err := s.Create(a.conf.Path[:i], nil, 0, a.access()); err != nil && !errors.Is(err, zk.ErrNodeExists) {
			if there, _, _ := s.Exists(a.conf.Path[:i]); !there { // who may not make a node may yet use it
				return err
			}
		}
	}
	return nil
}

// tellRival says once why nothing is announced.
func (a *Announcer) tellRival(name string) {
	if name != "" && name != a.rival {
		a.log.Error("this master leads, but is not announced in ZooKeeper: a master of another cluster is there; use another path, or stop that one", "node", a.conf.Path+"/"+name)
	}
	a.rival = name
}
