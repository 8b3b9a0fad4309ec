package chronos

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"log/slog"
	"strings"
	"time"

	"google.golang.org/protobuf/proto"

	"mesos/actors"
	"mesos/actors/authentication"
	"mesos/actors/chronos/job"
	"mesos/actors/chronos/plan"
	"mesos/actors/scheduler"
	"mesos/messages/ids"
	v1 "mesos/messages/mesos/v1"
	schedulerv1 "mesos/messages/mesos/v1/scheduler"
	"mesos/registry"
	"mesos/registry/leader"
)

// Config is what a Scheduler is started with. Zero values mean the defaults in parentheses.
type Config struct {
	Master   actors.UPID
	Detector leader.Detector // tells who leads instead; nil: Master always does
	Store    registry.Store  // of plan.Tables; this scheduler's alone

	Name            string                     // of the framework ("chronos")
	User            string                     // that jobs run as that do not say it ("": as the agent)
	Role            string                     // ("*")
	Principal       string                     // ("": none)
	Credential      *authentication.Credential // what it authenticates with; nil: with nothing
	WebUI           string                     // URL of the API
	FailoverTimeout time.Duration              // how long its tasks run on without it (a week)

	Job        job.Defaults  // of jobs that do not say it (0.1 cpus, 128 MB mem, 256 MB disk, a minute of epsilon)
	RetryDelay time.Duration // between two tries of a run, the first of which failed (a minute)
	History    int           // runs that are remembered of each job (20)
	NotifyURL  string        // is told of each run that did not succeed ("": only who the job names)

	Log      *slog.Logger
	OnFailed func(error) // the scheduler cannot go on; its program must end
}

// lostDelay is between a try that was lost and the next one.
const lostDelay = time.Second

// capabilities of the framework: it knows the difference between a task that is gone and one that cannot be reached.
var capabilities = []v1.FrameworkInfo_Capability_Type{v1.FrameworkInfo_Capability_PARTITION_AWARE, v1.FrameworkInfo_Capability_MULTI_ROLE, v1.FrameworkInfo_Capability_RESERVATION_REFINEMENT}

func (c *Config) complete() {
	c.Name, c.Role = cmp.Or(c.Name, "chronos"), cmp.Or(c.Role, "*")
	c.FailoverTimeout, c.RetryDelay = cmp.Or(c.FailoverTimeout, 7*24*time.Hour), cmp.Or(c.RetryDelay, time.Minute)
	c.History = cmp.Or(c.History, 20)
	c.Job.CPUs, c.Job.Mem, c.Job.Disk = cmp.Or(c.Job.CPUs, 0.1), cmp.Or(c.Job.Mem, 128), cmp.Or(c.Job.Disk, 256)
	c.Job.Epsilon, c.Job.User = cmp.Or(c.Job.Epsilon, time.Minute), cmp.Or(c.Job.User, c.User)
	if c.Log == nil {
		c.Log = slog.Default()
	}
	if c.OnFailed == nil {
		c.OnFailed = func(error) {}
	}
}

// Scheduler is chronos. All that has no lock is of the driver's actor.
type Scheduler struct {
	conf    Config
	state   *plan.State
	driver  *scheduler.Driver
	writer  *registry.Writer
	hooks   *hooks
	log     *slog.Logger
	hungry  bool     // the master was asked for offers
	effects []func() // of this turn: what happens when it is durable
}

// processID is the driver's name on its program.
const processID = "chronos"

// Start reads the store and starts a scheduler on sys. It does not close the store.
func Start(ctx context.Context, sys *actors.System, c Config) (*Scheduler, error) {
	c.complete()
	s := &Scheduler{conf: c, log: c.Log, state: plan.New(plan.Options{
		RetryDelay: c.RetryDelay, LostDelay: lostDelay, History: c.History, MaxRows: c.Store.Limits().Rows,
	})}
	err := c.Store.Load(ctx, s.state.Load)
	if err == nil {
		err = s.state.Loaded()
	}
	if err != nil {
		return nil, fmt.Errorf("reading what chronos knows: %w", err)
	}
	s.hooks = newHooks(c.Log)
	s.writer = registry.NewWriter(c.Store, "what chronos knows", c.OnFailed, c.Log)
	s.driver = scheduler.New(s.driverConfig(), scheduler.Callbacks{
		Subscribed: s.subscribed, Offers: s.offers, Update: s.update, Error: s.refused,
	})
	_, err = sys.SpawnReady(processID, actors.ActorFunc(func(p *actors.Process) {
		s.driver.Init(p)
		p.OnStop(s.hooks.close)
		p.OnStop(s.writer.Close)
		s.tick()
	}))
	if err != nil {
		s.writer.Close()
		s.hooks.close()
		return nil, fmt.Errorf("start of chronos: %w", err)
	}
	return s, nil
}

func (s *Scheduler) driverConfig() scheduler.Config {
	c := s.conf
	info := &v1.FrameworkInfo{
		Name: &c.Name, User: &c.User, Roles: []string{c.Role}, Checkpoint: proto.Bool(true), FailoverTimeout: proto.Float64(c.FailoverTimeout.Seconds()),
	}
	for _, t := range capabilities {
		info.Capabilities = append(info.Capabilities, &v1.FrameworkInfo_Capability{Type: t.Enum()})
	}
	if c.Principal != "" {
		info.Principal = &c.Principal
	}
	if c.WebUI != "" {
		info.WebuiUrl = &c.WebUI
	}
	if id := s.state.FrameworkID(); id != "" {
		info.Id = ids.Framework(id)
	}
	return scheduler.Config{Master: c.Master, Detector: c.Detector, Framework: info, SuppressedRoles: []string{c.Role}, Tasks: s.state.Alive(), ManualAck: true, Credential: c.Credential, Log: c.Log}
}

// Process is the actor of the scheduler.
func (s *Scheduler) Process() *actors.Process { return s.driver.Process() }

// then has f happen when all that was decided before is durable.
func (s *Scheduler) then(f func()) { s.effects = append(s.effects, f) }

// commit makes durable what was decided in this turn. What follows from it runs on the actor, unless another leads by then.
func (s *Scheduler) commit() {
	rows, effects := s.state.Take(), s.effects
	s.effects = nil
	if hooks := s.state.Hooks(); len(hooks) > 0 {
		effects = append(effects, func() { s.tell(hooks) })
	}
	if len(rows) == 0 && len(effects) == 0 {
		return
	}
	s.writer.Put(rows, func() {
		s.driver.Dispatch(func() {
			if registry.Deposed(s.conf.Store) {
				return // the program ends
			}
			for _, f := range effects {
				f()
			}
		})
	})
}

// subscribed keeps the framework's id before anything is launched under it.
func (s *Scheduler) subscribed(d *scheduler.Driver, _ *schedulerv1.Event_Subscribed) {
	s.state.SetFrameworkID(d.FrameworkID())
	s.commit()
	if s.hungry = len(s.state.Ready(time.Now())) > 0; s.hungry {
		d.Revive()
	} else {
		d.Suppress()
	}
}

// ErrRemoved is why a scheduler ends whose framework was removed from the cluster: one that is started on the same store is a
// new framework.
var ErrRemoved = errors.New("chronos was removed from the cluster, with all its tasks")

// refused gives up. A framework that was removed is forgotten first: its tasks are gone with it.
func (s *Scheduler) refused(_ *scheduler.Driver, err error) {
	if s.state.FrameworkID() == "" || !strings.Contains(err.Error(), "removed") {
		s.conf.OnFailed(fmt.Errorf("chronos was refused by the master: %w", err))
		return
	}
	s.state.Forget(time.Now())
	rows := s.state.Take()
	s.writer.Put(rows, func() {
		s.conf.OnFailed(fmt.Errorf("%w: %w", ErrRemoved, err))
	})
}

// update takes in what became of a task, and acknowledges it when that is durable.
func (s *Scheduler) update(d *scheduler.Driver, st *v1.TaskStatus) {
	kill := s.state.Update(st, time.Now())
	s.log.Info("task told", "framework_id", d.FrameworkID(), "task_id", st.GetTaskId().GetValue(), "agent_id", st.GetAgentId().GetValue(), "state", st.GetState().String(), "message", st.GetMessage())
	s.then(func() {
		d.Acknowledge(st)
		if kill {
			d.Kill(st.GetTaskId().GetValue(), nil)
		}
	})
	s.commit()
	s.appetite()
}

// errStopped is what users get of a scheduler that is no more.
var errStopped = errors.New("chronos is stopping")

// do has f change the state on the actor, and returns when the change is durable. kill are tasks to be killed then.
func (s *Scheduler) do(ctx context.Context, f func(now time.Time) (kill []string, err error)) error {
	done := make(chan error, 1)
	s.driver.Dispatch(func() {
		kill, err := f(time.Now())
		if err != nil {
			done <- err
			return
		}
		s.then(func() {
			for _, id := range kill {
				s.driver.Kill(id, nil)
			}
			done <- nil
		})
		s.commit()
		s.advance()
	})
	select {
	case err := <-done:
		return err
	case <-s.Process().Done():
		return errStopped
	case <-ctx.Done():
		return ctx.Err()
	}
}

// look has f read the state on the actor.
func (s *Scheduler) look(f func(st *plan.State)) error {
	_, err := actors.Call(s.Process(), func() struct{} {
		f(s.state)
		return struct{}{}
	})
	if err != nil {
		return errStopped
	}
	return nil
}
