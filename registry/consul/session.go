package consul

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"sync"
	"time"

	"github.com/google/uuid"
	"github.com/hashicorp/consul/api"

	v1 "mesos/messages/mesos/v1"
	"mesos/registry"
)

var errNoSession = errors.New("the session is not known to Consul any more")

// session is a master's session with Consul, bound to a check of its service. It is
// kept until it is lost or closed.
type session struct {
	c       *client
	log     *slog.Logger
	agent   *api.Client // where the service is registered and its check passed
	service string
	id      string

	ctx    context.Context
	cancel context.CancelFunc
	wg     sync.WaitGroup
	dead   context.Context // over when the session is lost
	die    context.CancelFunc

	mu    sync.Mutex
	lease lease
	timer *time.Timer // nil until there is a session
	why   error       // of lost
}

// newSession registers a service with one agent after the other, until one has it
// in its catalog and gives a session.
func newSession(ctx context.Context, c *client, info *v1.MasterInfo, log *slog.Logger) (s *session, err error) {
	err = c.ask(ctx, registerTime, func(ctx context.Context, a *api.Client) (err error) {
		s, err = openSession(ctx, c, a, info, log)
		return err
	})
	if err != nil {
		return nil, fmt.Errorf("session of this master: %w", err)
	}
	return s, nil
}

// openSession takes as long as the agent needs to bring the check to the catalog. The
// check is passed all the while: it fails sooner than a slow Consul makes a session.
func openSession(ctx context.Context, c *client, a *api.Client, info *v1.MasterInfo, log *slog.Logger) (*session, error) {
	if err := reach(ctx, a); err != nil {
		return nil, err
	}
	s := &session{
		c: c, log: log, agent: a, service: c.conf.service() + "-" + uuid.NewString(),
		lease: lease{check: c.conf.CheckTTL, lock: c.conf.LockDelay, session: c.conf.SessionTTL},
	}
	s.ctx, s.cancel = context.WithCancel(context.Background())
	s.dead, s.die = context.WithCancel(context.Background())
	err := s.register(ctx, info)
	if err == nil {
		s.wg.Go(func() { s.keep(c.conf.CheckTTL/4, c.conf.CheckTTL*3/4, s.pass) })
		err = s.create(ctx)
	}
	if err != nil {
		s.cancel()
		s.wg.Wait()
		s.deregister(ctx)
		return nil, err
	}
	s.wg.Go(func() {
		if pause(s.ctx, c.conf.SessionTTL/5); s.ctx.Err() == nil { // it is new
			s.keep(c.conf.SessionTTL/5, c.conf.SessionTTL/5, s.renew)
		}
	})
	return s, nil
}

// reach finds out quickly that an agent is not there, or has no part in Consul.
func reach(ctx context.Context, a *api.Client) error {
	ctx, cancel := context.WithTimeout(ctx, reachTime)
	defer cancel()
	leader, err := a.Status().LeaderWithQueryOptions((&api.QueryOptions{}).WithContext(ctx))
	if err == nil && leader == "" {
		err = errors.New("none of its servers leads")
	}
	return err
}

func (s *session) check() string { return "service:" + s.service }

// register makes the service and its check known to the agent.
func (s *session) register(ctx context.Context, info *v1.MasterInfo) error {
	ctx, cancel := context.WithTimeout(ctx, writeTime)
	defer cancel()
	a := info.GetAddress()
	return s.agent.Agent().ServiceRegisterOpts(&api.AgentServiceRegistration{
		ID: s.service, Name: s.c.conf.service(), Address: a.GetIp(), Port: int(a.GetPort()),
		Check: &api.AgentServiceCheck{
			CheckID: s.check(), TTL: s.c.conf.CheckTTL.String(), Status: api.HealthPassing, DeregisterCriticalServiceAfter: "1m",
		},
	}, api.ServiceRegisterOpts{}.WithContext(ctx))
}

// create asks for the session until the check is in the catalog; the lease begins
// with it. An agent that was refused by the servers once brings nothing to the catalog
// for a quarter of a minute: another one is quicker then.
func (s *session) create(ctx context.Context) error {
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	defer context.AfterFunc(s.dead, cancel)()
	entry := &api.SessionEntry{
		Name: s.c.conf.service(), TTL: s.c.conf.SessionTTL.String(), LockDelay: max(s.c.conf.LockDelay, time.Millisecond),
		Behavior: api.SessionBehaviorRelease, NodeChecks: []string{"serfHealth"}, ServiceChecks: []api.ServiceCheck{{ID: s.check()}},
	}
	for start := time.Now(); ; {
		now := time.Now()
		id, _, err := s.agent.Session().Create(entry, (&api.WriteOptions{}).WithContext(ctx))
		if err == nil {
			s.begin(id, now)
			return nil
		}
		if pause(ctx, 20*time.Millisecond); ctx.Err() != nil || answered(err) || time.Since(start) > writeTime {
			return err
		}
	}
}

// begin starts to count the lease. What was passed too long ago ends it at once.
func (s *session) begin(id string, asked time.Time) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.id, s.lease.renewed = id, asked
	s.timer = time.AfterFunc(time.Until(s.lease.until()), s.expired)
}

// keep asks again and again while the session lasts, and never before the last
// question is answered or too old: a Consul that is slow is not asked more than it can
// answer.
func (s *session) keep(every, limit time.Duration, ask func(context.Context) error) {
	for s.ctx.Err() == nil && s.dead.Err() == nil && s.once(limit, ask) {
		pause(s.ctx, every)
	}
}

// once asks, and says whether it makes sense to ask again.
func (s *session) once(limit time.Duration, ask func(context.Context) error) bool {
	ctx, cancel := context.WithTimeout(s.ctx, limit)
	defer cancel()
	err := ask(ctx)
	switch {
	case errors.Is(err, errNoSession):
		s.lose(err)
		return false
	case err != nil && s.ctx.Err() == nil:
		s.log.Warn("the session with Consul is not kept", "error", err)
	}
	return true
}

// pass tells that this master lives.
func (s *session) pass(ctx context.Context) error {
	now := time.Now()
	err := s.agent.Agent().UpdateTTLOpts(s.check(), "", api.HealthPassing, (&api.QueryOptions{}).WithContext(ctx))
	if err == nil {
		s.extend(func(l *lease) { l.passed = now })
	} else if answered(err) {
		err = fmt.Errorf("%w: its check: %w", errNoSession, err)
	}
	return err
}

// renew is asked of any agent, quickly.
func (s *session) renew(ctx context.Context) error {
	now := time.Now()
	var entry *api.SessionEntry
	err := s.c.ask(ctx, askTime, func(ctx context.Context, a *api.Client) (err error) {
		entry, _, err = a.Session().Renew(s.id, (&api.WriteOptions{}).WithContext(ctx))
		return err
	})
	switch {
	case err == nil && entry == nil:
		return errNoSession
	case err == nil:
		s.extend(func(l *lease) { l.renewed = now })
	}
	return err
}

func (s *session) extend(change func(*lease)) {
	s.mu.Lock()
	defer s.mu.Unlock()
	change(&s.lease)
	if s.timer != nil {
		s.timer.Reset(time.Until(s.lease.until()))
	}
}

// expired is told by the timer, which may run late, or beside an extension.
func (s *session) expired() {
	s.mu.Lock()
	left := time.Until(s.lease.until())
	s.mu.Unlock()
	if left <= 0 {
		s.lose(fmt.Errorf("%w: Consul did not answer in time: another master may lead soon", registry.ErrDeposed))
	}
}

// lose says once why the session is over.
func (s *session) lose(why error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.why == nil {
		s.why = why
		s.die()
		s.log.Warn("the session with Consul is lost", "reason", why)
	}
}

// over is why the session is lost, nil while it lasts. It may be asked before the
// timer has noticed, after a pause of the whole program, say.
func (s *session) over() error {
	s.expired()
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.why
}

// close ends the session, with what it holds, if ctx lasts long enough to tell it.
func (s *session) close(ctx context.Context) {
	s.cancel()
	s.timer.Stop()
	s.wg.Wait()
	if err := s.c.ask(ctx, askTime, func(ctx context.Context, a *api.Client) error {
		_, err := a.Session().Destroy(s.id, (&api.WriteOptions{}).WithContext(ctx))
		return err
	}); err != nil {
		s.log.Warn("the session with Consul was not ended; it ends by itself", "error", err)
	}
	s.deregister(ctx)
}

// deregister is a courtesy: a service whose check fails is removed after a minute.
func (s *session) deregister(ctx context.Context) {
	_ = s.agent.Agent().ServiceDeregisterOpts(s.service, (&api.QueryOptions{}).WithContext(ctx))
}
