package consul

import (
	"context"
	"errors"
	"log/slog"
	"math/rand/v2"
	"strings"
	"time"

	"github.com/hashicorp/consul/api"

	v1 "mesos/messages/mesos/v1"
	"mesos/messages/mesosjson"
	"mesos/registry"
)

// lockPoll is how often a key is asked for that nobody holds and that still may not
// be held, for the lock's delay.
const lockPoll = 50 * time.Millisecond

// winRetry is the time between two tries to read who leads, about.
const winRetry = 300 * time.Millisecond

// Contender elects the leading master in Consul.
type Contender struct {
	c   *client
	log *slog.Logger
}

// NewContender makes one; nothing is asked yet.
func NewContender(c Config, log *slog.Logger) (*Contender, error) {
	cl, err := newClient(c)
	if err != nil {
		return nil, err
	}
	return &Contender{cl, log}, nil
}

// Contend waits until this master leads, however long Consul cannot be reached.
func (c *Contender) Contend(ctx context.Context, info *v1.MasterInfo) (registry.Store, error) {
	st, err := c.contend(ctx, info)
	if err != nil {
		return nil, err // not a nil *Store
	}
	return st, nil
}

func (c *Contender) contend(ctx context.Context, info *v1.MasterInfo) (*Store, error) {
	value, err := mesosjson.Marshal(info)
	if err != nil {
		return nil, err
	}
	for {
		s, err := newSession(ctx, c.c, info, c.log)
		if err == nil {
			err = c.win(ctx, s, value)
			if err == nil {
				return newStore(c.c, s, c.log), nil
			}
			tidy, cancel := context.WithTimeout(context.Background(), askTime)
			s.close(tidy)
			cancel()
		}
		if ctx.Err() != nil {
			return nil, ctx.Err()
		}
		c.log.Warn("this master cannot stand for election; it tries again", "error", err)
		pause(ctx, 200*time.Millisecond+rand.N(time.Second))
	}
}

// win returns when the session holds the leader's key, or is over. What Consul does
// not answer in time is no reason to give the session up: to get another takes longer.
func (c *Contender) win(ctx context.Context, s *session, value []byte) error {
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	defer context.AfterFunc(s.dead, cancel)()
	index := uint64(0)
	for {
		pair, next, err := c.c.get(ctx, c.c.key("leader"), index)
		index = next
		switch over := s.over(); {
		case over != nil:
			return over
		case answered(err):
			return err
		case err != nil:
			c.log.Warn("who leads cannot be read from Consul; this master goes on to stand for election", "error", err)
			index = 0
			pause(ctx, winRetry/2+rand.N(winRetry))
		case pair != nil && pair.Session == s.id:
			return nil
		case pair == nil || pair.Session == "":
			if err := c.acquire(ctx, s, value); answered(err) || noSession(err) {
				return err
			} else if err != nil {
				c.log.Warn("whether this master leads now is not known", "error", err)
			}
			index = 0 // what came of it is read: an answer may have been lost
			if pair, _, err = c.c.get(ctx, c.c.key("leader"), 0); err == nil && pair != nil && pair.Session == s.id {
				return s.over()
			}
			pause(ctx, lockPoll)
		}
		if err := ctx.Err(); err != nil && s.over() == nil {
			return err
		}
	}
}

func (c *Contender) acquire(ctx context.Context, s *session, value []byte) error {
	return c.c.ask(ctx, writeTime, func(ctx context.Context, a *api.Client) error {
		_, _, err := a.KV().Acquire(&api.KVPair{Key: c.c.key("leader"), Value: value, Session: s.id}, (&api.WriteOptions{}).WithContext(ctx))
		return err
	})
}

// noSession says that Consul has no such session any more, as it says it itself.
func noSession(err error) bool {
	var status api.StatusError
	return errors.As(err, &status) && strings.Contains(status.Body, "invalid session")
}
