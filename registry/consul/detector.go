package consul

import (
	"context"
	"log/slog"
	"math/rand/v2"
	"time"

	"google.golang.org/protobuf/proto"

	v1 "mesos/messages/mesos/v1"
	"mesos/messages/mesosjson"
)

// Detector tells who holds the leader's key.
type Detector struct {
	c   *client
	log *slog.Logger
}

// NewDetector makes one; nothing is asked yet.
func NewDetector(c Config, log *slog.Logger) (*Detector, error) {
	cl, err := newClient(c)
	if err != nil {
		return nil, err
	}
	return &Detector{cl, log}, nil
}

// Watch tells each leader. While Consul cannot be reached the last one stays.
func (d *Detector) Watch(ctx context.Context, told func(*v1.MasterInfo)) {
	const longest = 5 * time.Second
	var last *v1.MasterInfo
	first, index, backoff := true, uint64(0), 100*time.Millisecond
	for ctx.Err() == nil {
		info, next, err := d.look(ctx, index)
		if err != nil {
			if ctx.Err() == nil {
				d.log.Warn("who leads cannot be read from Consul; what is known stays", "error", err)
			}
			pause(ctx, backoff/2+rand.N(backoff))
			index, backoff = 0, min(2*backoff, longest)
			continue
		}
		index, backoff = next, 100*time.Millisecond
		if first || !proto.Equal(info, last) {
			first, last = false, info
			told(info)
		}
	}
}

func (d *Detector) look(ctx context.Context, index uint64) (*v1.MasterInfo, uint64, error) {
	pair, next, err := d.c.get(ctx, d.c.key("leader"), index)
	if err != nil || pair == nil || pair.Session == "" || len(pair.Value) == 0 { // no value: an import holds it
		return nil, next, err
	}
	info := &v1.MasterInfo{}
	if err := mesosjson.Unmarshal(pair.Value, info); err != nil {
		d.log.Error("the leader's key does not say who leads", "error", err)
		return nil, next, nil
	}
	return info, next, nil
}
