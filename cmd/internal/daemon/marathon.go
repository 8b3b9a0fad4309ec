package daemon

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net"
	"os"
	"sync"

	"mesos/actors"
	"mesos/actors/marathon"
	"mesos/actors/marathon/api"
	"mesos/actors/marathon/store"
	"mesos/cmd/flags"
	"mesos/cmd/internal/ssl"
	"mesos/cmd/internal/systemd"
	"mesos/cmd/internal/version"
	"mesos/registry"
)

// MarathonSettings are what marathon is started with.
type MarathonSettings struct {
	Address Address
	Config  marathon.Config // Store and Log are filled in
	WorkDir string          // of its state; "" without Consul: nothing survives
	Consul  string          // where several elect their leader; "": there are no others
}

// MarathonFrom reads the settings of marathon from its flags.
func MarathonFrom(f *flags.Set, log *slog.Logger) (MarathonSettings, error) {
	s := MarathonSettings{
		Address: Address{IP: f.String("ip"), Port: f.Int("http_port"), Hostname: f.String("hostname")}, WorkDir: f.String("work_dir"), Consul: f.String("consul"),
	}
	switch {
	case s.Address.IP != "" && net.ParseIP(s.Address.IP) == nil:
		return s, fmt.Errorf("flag --ip: %q is not an IP address", s.Address.IP)
	case s.WorkDir == "" && s.Consul == "":
		return s, errors.New("one of --work_dir and --consul must be given: apps must outlive this program")
	case s.WorkDir != "" && s.Consul != "":
		return s, errors.New("only one of --work_dir and --consul may be given: state is kept in one place")
	case f.Int("local_port_min") > f.Int("local_port_max"):
		return s, fmt.Errorf("flag --local_port_max: %d is less than --local_port_min", f.Int("local_port_max"))
	}
	var err error
	if s.Address.TLS, err = ssl.FromEnvironment(os.Environ(), true, log); err != nil {
		return s, err
	}
	master, detector, err := Masters(f.String("master"), 0, log)
	if err != nil {
		return s, fmt.Errorf("flag --master: %w", err)
	}
	principal, own, err := frameworkCredential(f, log)
	if err != nil {
		return s, err
	}
	s.Config = marathon.Config{
		Principal: principal, Credential: own,
		Master: master, Detector: detector, Name: f.String("framework_name"), Role: f.String("mesos_role"), User: f.String("mesos_user"), WebURL: f.String("webui_url"),
		FailoverTimeout: f.Duration("failover_timeout"), LaunchTimeout: f.Duration("task_launch_timeout"),
		PortMin: f.Int("local_port_min"), PortMax: f.Int("local_port_max") + 1, Versions: f.Int("max_versions"),
	}
	if s.Address.Hostname == "" {
		if s.Address.Hostname, err = os.Hostname(); err != nil {
			return s, fmt.Errorf("flag --hostname: %w", err)
		}
	}
	return s, nil
}

// Marathon is marathon with what it needs of a program.
type Marathon struct {
	System *actors.System
	URL    string

	conf MarathonSettings
	log  *slog.Logger
	http *frontDoor
	run  *candidacy      // nil without rivals
	idle *actors.Process // answers while it does not lead
	stop context.CancelFunc

	mu      sync.Mutex
	service *marathon.Service // once it leads
	store   registry.Store
}

// StartMarathon starts marathon and returns when it serves: as the one that leads,
// or in the hope to.
func StartMarathon(s MarathonSettings, log *slog.Logger) (*Marathon, error) {
	ctx, cancel := context.WithCancel(context.Background())
	m := &Marathon{conf: s, log: log, http: newFrontDoor(s.Address.TLS), stop: cancel}
	network, err := s.Address.listen("marathon", m.http, log)
	if err != nil {
		cancel()
		return nil, err
	}
	m.System = actors.NewSystem(network, actors.WithLogger(log))
	m.URL = s.Address.url(m.System.Addr())
	if m.idle, err = m.System.Spawn("idle", actors.ActorFunc(func(*actors.Process) {})); err == nil {
		err = m.begin(ctx)
	}
	if err != nil {
		return nil, errors.Join(fmt.Errorf("start of marathon: %w", err), m.Stop())
	}
	return m, nil
}

func (m *Marathon) begin(ctx context.Context) error {
	if m.conf.Consul != "" {
		return m.stand(ctx)
	}
	if m.conf.WorkDir == "" {
		return m.lead(ctx, registry.NewMemory())
	}
	st, err := store.Open(m.conf.WorkDir)
	if err != nil {
		return err
	}
	return m.lead(ctx, st)
}

// lead starts the service on a store, which is m's from now on.
func (m *Marathon) lead(ctx context.Context, st registry.Store) error {
	c := m.conf.Config
	c.Store, c.Log, c.Hostname = st, m.log, m.conf.Address.Hostname
	m.mu.Lock()
	defer m.mu.Unlock()
	m.store = st
	if c.WebURL == "" {
		c.WebURL = m.URL
	}
	s, err := marathon.Start(ctx, m.System, c)
	if err != nil {
		return err
	}
	m.service = s
	o := api.Options{Version: version.Version, Leader: m.leaderName(), Server: map[string]any{"http_port": m.conf.Address.Port}}
	if m.run != nil {
		o.Resign = func() { m.failed(errors.New("the leadership was given up, as was asked for")) }
	}
	m.http.open(api.New(s, o))
	return nil
}

// leaderName is host:port under which others reach the API.
func (m *Marathon) leaderName() string {
	_, port, _ := net.SplitHostPort(m.System.Addr()) // it is one
	if m.conf.Address.Hostname == "" {
		return m.System.Addr()
	}
	return net.JoinHostPort(m.conf.Address.Hostname, port)
}

func (m *Marathon) failed(err error) {
	if m.conf.Config.OnFailed != nil {
		m.conf.Config.OnFailed(err)
	}
}

// Look asks marathon's actor whether it is alive.
func (m *Marathon) Look() (systemd.Health, error) {
	m.mu.Lock()
	s := m.service
	m.mu.Unlock()
	if s == nil {
		_, err := actors.Call(m.idle, func() struct{} { return struct{}{} })
		return systemd.Health{Ready: true, Status: "standing by"}, err
	}
	x, err := s.Info(context.Background())
	if err != nil {
		return systemd.Health{}, err
	}
	c := x.Counts
	return systemd.Health{Ready: true, Status: fmt.Sprintf("leading; apps: %d, instances: %d, deployments: %d", c.Apps+c.Pods, c.Instances, c.Deployments)}, nil
}

// Stop ends marathon; its tasks run on. Of several the next one leads at once.
func (m *Marathon) Stop() error {
	m.stop()
	m.run.stop()
	m.System.Shutdown()
	m.mu.Lock()
	defer m.mu.Unlock()
	if m.service != nil {
		m.service.Wait()
	}
	if m.store == nil {
		return nil
	}
	return m.store.Close()
}
