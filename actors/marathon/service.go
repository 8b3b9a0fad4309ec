package marathon

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"strings"
	"sync"
	"time"

	"google.golang.org/protobuf/proto"

	"mesos/actors"
	"mesos/actors/marathon/match"
	"mesos/actors/marathon/model"
	"mesos/actors/marathon/plan"
	"mesos/actors/marathon/store"
	"mesos/actors/scheduler"
	"mesos/messages/ids"
	v1 "mesos/messages/mesos/v1"
	schedulerv1 "mesos/messages/mesos/v1/scheduler"
	"mesos/messages/ordered"
	"mesos/registry"
)

// ErrStopped is what is answered by a Service that has ended.
var ErrStopped = errors.New("marathon has stopped")

// Service is marathon. What is not said to be otherwise belongs to the driver's actor.
type Service struct {
	conf Config
	log  *slog.Logger
	d    *scheduler.Driver
	keep *registry.Writer

	framework   string
	subscribed  bool
	specs       map[string]map[model.Timestamp]*model.Spec // all versions, by id
	current     map[string]*model.Spec                     // what is wanted
	groups      map[string]*model.Group
	deployments map[string]*plan.Deployment
	locked      map[string]*plan.Deployment // by the spec that it affects
	instances   map[string]*model.Instance
	bySpec      map[string]map[string]*model.Instance
	byTask      map[string]*model.Instance
	pending     map[string]bool // instances whose row is being written before they are launched
	fits        map[string]*match.Fit
	backoff     map[string]plan.Backoff
	results     map[string]plan.Decision // the newest of each spec
	queue       map[string]*waiting      // what waits to be launched
	watched     map[string]*watch        // health and readiness checks, by instance
	failures    map[string]*Failure      // the newest of each spec
	agents      map[string]*match.Offer  // as they were last offered
	stateful    bool                     // it made persistent volumes once
	former      map[string]bool          // ids that the framework had before it was removed
	leftover    map[string]time.Time     // instances that were forgotten, and whose volumes may still be there
	sweeping    time.Time                // until then offers are looked at for what is left over
	last        model.Timestamp          // the newest version that was given

	dirty   map[string]bool
	passing bool
	batch   []registry.Row
	hungry  hunger
	events  *hub

	ctx  context.Context // ends with the Service
	stop context.CancelFunc
	work sync.WaitGroup // probes
	fail sync.Once
}

// Start reads what an earlier run kept and begins to run, as the process
// "marathon" of sys. Errors: of the store, or what is wrong with its rows.
func Start(ctx context.Context, sys *actors.System, c Config) (*Service, error) {
	c.defaults()
	s := &Service{
		conf: c, log: c.Log, specs: map[string]map[model.Timestamp]*model.Spec{}, current: map[string]*model.Spec{}, groups: map[string]*model.Group{},
		deployments: map[string]*plan.Deployment{}, locked: map[string]*plan.Deployment{}, instances: map[string]*model.Instance{},
		bySpec: map[string]map[string]*model.Instance{}, byTask: map[string]*model.Instance{}, pending: map[string]bool{}, fits: map[string]*match.Fit{},
		backoff: map[string]plan.Backoff{}, results: map[string]plan.Decision{}, queue: map[string]*waiting{}, watched: map[string]*watch{},
		failures: map[string]*Failure{}, agents: map[string]*match.Offer{}, dirty: map[string]bool{}, events: newHub(),
		former: map[string]bool{}, leftover: map[string]time.Time{},
	}
	if err := c.Store.Load(ctx, s.loadRow); err != nil {
		return nil, fmt.Errorf("state of marathon: %w", err)
	}
	if err := s.recover(); err != nil {
		return nil, fmt.Errorf("state of marathon: %w", err)
	}
	s.ctx, s.stop = context.WithCancel(context.Background())
	s.d = scheduler.New(s.driverConfig(), scheduler.Callbacks{
		Subscribed: s.onSubscribed, Disconnected: func(*scheduler.Driver) { s.subscribed = false }, Offers: s.onOffers, Update: s.onUpdate,
		Operation: s.onOperation, Error: s.onError,
	})
	s.keep = registry.NewWriter(c.Store, "the state of marathon", s.onFailed, c.Log)
	if _, err := sys.SpawnReady("marathon", actors.ActorFunc(s.init)); err != nil {
		s.keep.Close()
		return nil, err
	}
	return s, nil
}

// init runs before the first message.
func (s *Service) init(p *actors.Process) {
	p.OnStop(func() {
		s.stop()
		s.events.close()
	})
	s.d.Init(p)
	for id := range s.bySpec {
		s.touch(id)
	}
	for id := range s.current {
		s.touch(id)
	}
	s.tick()
	s.reconcileAll()
}

func (s *Service) driverConfig() scheduler.Config {
	info := &v1.FrameworkInfo{
		Name: proto.String(s.conf.Name), User: proto.String(s.conf.User), Roles: []string{s.conf.Role}, Checkpoint: proto.Bool(true),
		FailoverTimeout: proto.Float64(s.conf.FailoverTimeout.Seconds()), Capabilities: capabilities,
	}
	if s.conf.Hostname != "" {
		info.Hostname = proto.String(s.conf.Hostname)
	}
	if s.conf.Principal != "" {
		info.Principal = proto.String(s.conf.Principal)
	}
	if s.conf.WebURL != "" {
		info.WebuiUrl = proto.String(s.conf.WebURL)
	}
	if s.framework != "" {
		info.Id = ids.Framework(s.framework)
	}
	c := scheduler.Config{
		Master: s.conf.Master, Detector: s.conf.Detector, Framework: info, ManualAck: true, Credential: s.conf.Credential, Log: s.log, Tasks: map[string]string{},
	}
	for id, i := range s.byTask {
		c.Tasks[id] = i.AgentID
	}
	return c
}

var capabilities = []*v1.FrameworkInfo_Capability{
	{Type: v1.FrameworkInfo_Capability_PARTITION_AWARE.Enum()}, {Type: v1.FrameworkInfo_Capability_MULTI_ROLE.Enum()},
	{Type: v1.FrameworkInfo_Capability_RESERVATION_REFINEMENT.Enum()}, {Type: v1.FrameworkInfo_Capability_TASK_KILLING_STATE.Enum()},
	{Type: v1.FrameworkInfo_Capability_REGION_AWARE.Enum()}, {Type: v1.FrameworkInfo_Capability_GPU_RESOURCES.Enum()},
}

func (s *Service) onSubscribed(d *scheduler.Driver, e *schedulerv1.Event_Subscribed) {
	s.subscribed = true
	if id := d.FrameworkID(); id != s.framework {
		s.framework = id
		s.batch = append(s.batch, registry.Row{Table: store.Framework, Key: idKey, Value: []byte(id)})
		s.commit(nil)
	}
	s.hungry.forget()
	s.feed()
	s.askForClaims(true)
	s.sweep()
	s.events.send("scheduler_registered_event", map[string]any{"frameworkId": s.framework, "master": e.GetMasterInfo().GetHostname()})
}

// onError is the master's refusal. A framework that it removed has no tasks any more:
// the next run begins as a new one, with the same apps.
func (s *Service) onError(_ *scheduler.Driver, err error) {
	if strings.Contains(err.Error(), "has been removed") {
		s.forget(store.Framework, idKey)
		if s.stateful {
			s.save(store.Framework, formerKey+s.framework, true)
		}
		for id, i := range ordered.All(s.instances) {
			if i.Resident && !i.Wipe && !i.Claims() {
				s.suspend(i) // its volumes outlive the framework
			} else {
				s.forget(store.Instances, id)
			}
		}
	}
	rows := s.batch
	s.batch = nil
	s.keep.Put(rows, func() { s.onFailed(err) })
}

// onFailed may be called on any goroutine.
func (s *Service) onFailed(err error) { s.fail.Do(func() { s.conf.OnFailed(err) }) }

// Stop ends marathon. Its tasks run on.
func (s *Service) Stop() {
	s.d.Stop()
	<-s.d.Process().Done()
	s.Wait()
}

// Wait returns when nothing of marathon runs any more; its actor must have been stopped.
func (s *Service) Wait() {
	s.stop()
	s.keep.Close()
	s.work.Wait()
	s.events.close()
}

// Dispatch runs f where all else of marathon runs.
func (s *Service) Dispatch(f func()) { s.d.Dispatch(f) }

// look runs f on the actor and waits for it.
func look[T any](ctx context.Context, s *Service, f func() T) (v T, err error) {
	done := make(chan T, 1)
	s.d.Dispatch(func() { done <- f() })
	select {
	case v = <-done:
		return v, nil
	case <-ctx.Done():
		return v, ctx.Err()
	case <-s.d.Process().Done():
		return v, ErrStopped
	}
}

// change runs f on the actor and waits until what it changed is durable.
func change[T any](ctx context.Context, s *Service, f func() (T, error)) (v T, err error) {
	done := make(chan struct{})
	s.d.Dispatch(func() {
		v, err = f()
		s.commit(func() { close(done) })
	})
	select {
	case <-done:
		return v, err
	case <-ctx.Done():
		var none T
		return none, ctx.Err()
	case <-s.d.Process().Done():
		var none T
		return none, ErrStopped
	}
}

// commit writes what was saved; done runs on the actor when it is durable.
func (s *Service) commit(done func()) {
	rows := s.batch
	s.batch = nil
	if done == nil && len(rows) == 0 {
		return
	}
	s.keep.Put(rows, func() {
		if done != nil {
			s.d.Dispatch(func() {
				if !registry.Deposed(s.conf.Store) { // else the program ends
					done()
				}
			})
		}
	})
}

// version is a name for what changes now, later than all before.
func (s *Service) version() model.Timestamp {
	now := model.At(time.Now())
	if !now.After(s.last) {
		now = model.At(s.last.Add(time.Millisecond))
	}
	s.last = now
	return now
}
