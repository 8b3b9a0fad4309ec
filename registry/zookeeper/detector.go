package zookeeper

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"strings"

	"github.com/go-zookeeper/zk"
	"google.golang.org/protobuf/proto"

	v1 "mesos/messages/mesos/v1"
	"mesos/messages/mesosjson"
)

// Detector tells whose node has the lowest number, be it of our announcer or of
// Apache Mesos.
type Detector struct {
	conf Config
	log  *slog.Logger
}

// NewDetector makes one; nothing is asked yet.
func NewDetector(c Config, log *slog.Logger) *Detector { return &Detector{c, log} }

// Watch tells each leader. While ZooKeeper cannot be reached the last one stays.
func (d *Detector) Watch(ctx context.Context, told func(*v1.MasterInfo)) {
	var last *v1.MasterInfo
	first := true
	again(ctx, d.conf, d.log, "who leads cannot be read from ZooKeeper; what is known stays", func(s *session) error {
		info, changed, err := d.look(s)
		if err != nil {
			return err
		}
		if first || !proto.Equal(info, last) {
			first, last = false, info
			told(info)
		}
		select {
		case <-changed:
		case <-ctx.Done():
		}
		return nil
	})
}

// look reads who leads, and what tells that it has to be read again.
func (d *Detector) look(s *session) (*v1.MasterInfo, <-chan zk.Event, error) {
	children, _, changed, err := s.ChildrenW(d.conf.Path)
	if errors.Is(err, zk.ErrNoNode) {
		there, _, made, err := s.ExistsW(d.conf.Path)
		if err == nil && there {
			return d.look(s) // it was made meanwhile
		}
		return nil, made, err
	}
	if err != nil {
		return nil, nil, err
	}
	for _, n := range masters(children) {
		value, _, err := s.Get(d.conf.Path + "/" + n.name)
		if errors.Is(err, zk.ErrNoNode) {
			continue // gone since; the next one leads
		}
		if err != nil {
			return nil, nil, err
		}
		info, err := read(n.name, value)
		if err != nil {
			d.log.Error("a master's node does not say who leads", "error", err)
		}
		return info, changed, nil
	}
	return nil, changed, nil
}

func read(name string, value []byte) (*v1.MasterInfo, error) {
	if !strings.HasPrefix(name, label) {
		return nil, fmt.Errorf("node %s is of a Mesos before 0.24; %s… is needed", name, label)
	}
	info := &v1.MasterInfo{}
	if err := mesosjson.Unmarshal(value, info); err != nil {
		return nil, fmt.Errorf("node %s: %w", name, err)
	}
	return info, nil
}
