package daemon

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"sync"
	"sync/atomic"

	"mesos/actors"
	"mesos/actors/chronos"
	"mesos/actors/chronos/job"
	"mesos/cmd/flags"
	"mesos/cmd/internal/systemd"
	v1 "mesos/messages/mesos/v1"
	"mesos/registry"
)

// ChronosSettings are what chronos is started with.
type ChronosSettings struct {
	Address Address
	WorkDir string // of its file
	Consul  string // of several instances, as consul.Parse reads it; "" = no other one
	Config  chronos.Config
}

// ChronosFlags are the flags of chronos.
func ChronosFlags() *flags.Set { return flags.NewSet(flags.Chronos()) }

// ChronosFrom reads the settings of chronos from its flags.
func ChronosFrom(f *flags.Set) (ChronosSettings, error) {
	addr, err := addressFrom(f)
	if err != nil {
		return ChronosSettings{}, err
	}
	log, _ := Logging(f)
	at, detector, err := Masters(f.String("master"), f.Duration("zk_session_timeout"), log)
	if err != nil {
		return ChronosSettings{}, fmt.Errorf("flag --master: %w", err)
	}
	principal, own, err := frameworkCredential(f, log)
	if err != nil {
		return ChronosSettings{}, err
	}
	s := ChronosSettings{Address: addr, WorkDir: f.String("work_dir"), Consul: f.String("consul"), Config: chronos.Config{
		Master: at, Detector: detector, Name: f.String("mesos_framework_name"), User: f.String("user"), Role: f.String("mesos_role"),
		Principal: principal, Credential: own, FailoverTimeout: f.Duration("failover_timeout"),
		Job: job.Defaults{
			CPUs: job.Number(f.Float("mesos_task_cpu")), Mem: job.Number(f.Float("mesos_task_mem")), Disk: job.Number(f.Float("mesos_task_disk")),
			Epsilon: f.Duration("task_epsilon"), User: f.String("user"),
		},
		RetryDelay: f.Duration("failure_retry"), History: f.Int("job_history_limit"), NotifyURL: f.String("http_notification_url"),
	}}
	switch {
	case s.Consul == "" && s.WorkDir == "":
		return s, errors.New("flag --work_dir: chronos needs a directory for what it must not forget, or --consul")
	case s.Consul != "" && s.WorkDir != "":
		return s, errors.New("flag --work_dir: with --consul jobs and runs are kept there: leave one of both away")
	}
	return s, nil
}

// Chronos is a running instance of chronos.
type Chronos struct {
	System *actors.System
	URL    string // http://host:port
	http   *chronos.HTTP
	log    *slog.Logger
	addr   string // that others are led to
	conf   chronos.Config

	cancel context.CancelFunc
	wg     sync.WaitGroup
	run    *candidacy     // nil without rivals
	store  registry.Store // once it leads; read after run.stop

	leading atomic.Pointer[chronos.Scheduler]
	failed  func(error)
	removed chan struct{} // holds one item when the scheduler ended because its framework was removed
}

// StartChronos starts chronos and returns when it serves. One of several leads later, or never.
func StartChronos(s ChronosSettings, log *slog.Logger) (*Chronos, error) {
	c := &Chronos{http: chronos.NewHTTP(), log: log, conf: s.Config, failed: s.Config.OnFailed, removed: make(chan struct{}, 1)}
	c.conf.OnFailed = c.onFailed
	net, err := s.Address.listen("chronos", c.http, log)
	if err != nil {
		return nil, err
	}
	c.System = actors.NewSystem(net, actors.WithLogger(log))
	info := instance(s.Address, c.System.Addr(), "chronos")
	c.addr, c.URL = webAddress(info), s.Address.url(c.System.Addr())
	c.conf.WebUI, c.conf.Log = s.Address.url(c.addr), log
	ctx, cancel := context.WithCancel(context.Background())
	c.cancel = cancel
	c.wg.Go(func() { c.again(ctx) })
	if s.Consul != "" {
		err = c.stand(ctx, s.Consul, info)
	} else {
		err = c.alone(ctx, s.WorkDir)
	}
	if err != nil {
		return nil, errors.Join(err, c.Stop())
	}
	return c, nil
}

// alone leads with a file of its own.
func (c *Chronos) alone(ctx context.Context, workDir string) error {
	store, err := chronos.OpenFile(workDir)
	if err != nil {
		return err
	}
	c.store = store
	return c.lead(ctx)
}

// lead starts the scheduler on the store.
func (c *Chronos) lead(ctx context.Context) error {
	c.conf.Store = c.store
	s, err := chronos.Start(ctx, c.System, c.conf)
	if err != nil {
		return err
	}
	c.leading.Store(s)
	c.http.Lead(s, c.addr)
	return nil
}

// onFailed hears why the scheduler cannot go on. It may run on the scheduler's actor.
func (c *Chronos) onFailed(err error) {
	if !errors.Is(err, chronos.ErrRemoved) {
		c.failed(err)
		return
	}
	c.log.Warn("chronos begins anew as another framework", "error", err)
	c.removed <- struct{}{}
}

// again starts another scheduler when the framework of the last one was removed.
func (c *Chronos) again(ctx context.Context) {
	for {
		select {
		case <-ctx.Done():
			return
		case <-c.removed:
		}
		<-c.leading.Load().Process().Done()
		if err := c.lead(ctx); err != nil {
			c.failed(err)
		}
	}
}

// stand waits until this instance is elected, leading users to the one that is.
func (c *Chronos) stand(ctx context.Context, url string, info *v1.MasterInfo) (err error) {
	if c.run, err = newCandidacy(url, "mesos-chronos", "chronos", c.log); err != nil {
		return err
	}
	c.run.info, c.run.failed = info, c.failed
	c.run.standBy = func(leader *v1.MasterInfo) {
		if leader == nil {
			c.http.StandBy("")
			return
		}
		c.http.StandBy(webAddress(leader))
	}
	c.run.lead = func(store registry.Store) error {
		c.store = store
		return c.lead(ctx)
	}
	c.run.start()
	return nil
}

// Stop ends chronos, whose tasks run on, and lets another instance lead.
func (c *Chronos) Stop() error {
	c.cancel()
	c.run.stop()
	c.wg.Wait()
	c.System.Shutdown()
	if c.store == nil {
		return nil
	}
	return c.store.Close()
}

// Look asks the actor of chronos whether it is alive.
func (c *Chronos) Look() (systemd.Health, error) {
	s := c.leading.Load()
	if s == nil {
		return systemd.Health{Ready: true, Status: "standing by"}, nil
	}
	p, err := s.Pulse()
	if err != nil {
		return systemd.Health{}, err
	}
	status := fmt.Sprintf("leading; jobs: %d, runs: %d", p.Jobs, p.Runs)
	if p.Framework == "" {
		status += "; not subscribed yet"
	}
	return systemd.Health{Ready: true, Status: status}, nil
}
