package localprovider

import (
	"context"
	"log/slog"
	"net/http"
	"sync"

	"mesos/actors/agent"
	"mesos/actors/operator"
	v1 "mesos/messages/mesos/v1"
)

// Daemon runs the providers of a directory of configurations. Its methods may be
// called from any goroutine; calls are carried out one after another.
type Daemon struct {
	dir   configDir
	types map[string]Type
	log   *slog.Logger

	mu      sync.Mutex
	configs map[key]config
	running map[key]*runner
	ctx     context.Context // nil before Run
	link    agent.ProviderLink
}

var _ agent.LocalProviders = (*Daemon)(nil)

// key names a provider among the configurations.
type key struct{ kind, name string }

func keyOf(info *v1.ResourceProviderInfo) key { return key{info.GetType(), info.GetName()} }

// config is a configuration and the file that has it.
type config struct {
	info *v1.ResourceProviderInfo
	file string
}

// runner is a provider that runs, or was marked gone.
type runner struct {
	cancel context.CancelFunc
	done   chan struct{}
}

// Open reads a directory of configurations, which must exist. Files that are not
// understood are logged and left alone: one bad provider must not take the
// agent's tasks with it.
func Open(dir string, types map[string]Type, log *slog.Logger) (*Daemon, error) {
	d := &Daemon{dir: configDir(dir), types: types, log: log, running: map[key]*runner{}}
	var err error
	d.configs, err = d.dir.load(types, log)
	return d, err
}

// Run implements [agent.LocalProviders].
func (d *Daemon) Run(ctx context.Context, link agent.ProviderLink) {
	d.mu.Lock()
	d.ctx, d.link = ctx, link
	for _, c := range d.configs {
		d.start(c.info, false)
	}
	d.mu.Unlock()
	<-ctx.Done()
	d.mu.Lock()
	defer d.mu.Unlock()
	for k := range d.running {
		d.stop(k)
	}
}

// Add implements [agent.LocalProviders]. A configuration that is there already is no conflict.
func (d *Daemon) Add(info *v1.ResourceProviderInfo) error {
	d.mu.Lock()
	defer d.mu.Unlock()
	if err := check(d.types, info); err != nil {
		return operator.Refuse(http.StatusBadRequest, "add_resource_provider_config.%v", err)
	}
	c, there := d.configs[keyOf(info)]
	switch {
	case there && equal(c.info, info):
		return nil
	case there:
		return operator.Refuse(http.StatusConflict, "add_resource_provider_config.info: there is another configuration of type %s and name %s: update or remove it", info.GetType(), info.GetName())
	}
	if err := d.checkPlace(info); err != nil {
		return operator.Refuse(http.StatusBadRequest, "add_resource_provider_config.%v", err)
	}
	return d.put(info, "")
}

// Update implements [agent.LocalProviders].
func (d *Daemon) Update(info *v1.ResourceProviderInfo) error {
	d.mu.Lock()
	defer d.mu.Unlock()
	if err := check(d.types, info); err != nil {
		return operator.Refuse(http.StatusBadRequest, "update_resource_provider_config.%v", err)
	}
	c, there := d.configs[keyOf(info)]
	if !there {
		return operator.Refuse(http.StatusConflict, "update_resource_provider_config.info: there is no configuration of type %s and name %s: add it", info.GetType(), info.GetName())
	}
	if err := d.checkPlace(info); err != nil {
		return operator.Refuse(http.StatusBadRequest, "update_resource_provider_config.%v", err)
	}
	return d.put(info, c.file)
}

// Remove implements [agent.LocalProviders].
func (d *Daemon) Remove(kind, name string) error {
	d.mu.Lock()
	defer d.mu.Unlock()
	k := key{kind, name}
	c, there := d.configs[k]
	if !there {
		return nil
	}
	if err := d.dir.remove(c.file); err != nil {
		return err
	}
	delete(d.configs, k)
	d.stop(k)
	d.log.Info("configuration of a resource provider removed", "type", kind, "name", name)
	return nil
}

// checkPlace refuses what another provider has already.
func (d *Daemon) checkPlace(info *v1.ResourceProviderInfo) error {
	return place(d.types, d.configs, info)
}

// put keeps a configuration and lets its provider follow.
func (d *Daemon) put(info *v1.ResourceProviderInfo, file string) error {
	file, err := d.dir.write(info, file)
	if err != nil {
		return err
	}
	k := keyOf(info)
	d.configs[k] = config{info, file}
	d.log.Info("configuration of a resource provider kept", "type", k.kind, "name", k.name, "file", file)
	if d.ctx != nil && d.ctx.Err() == nil {
		d.stop(k)
		d.start(info, true)
	}
	return nil
}

// start begins to run a provider.
func (d *Daemon) start(info *v1.ResourceProviderInfo, afresh bool) {
	log := d.log.With("type", info.GetType(), "name", info.GetName())
	p, err := d.types[info.GetType()].New(info, afresh, log)
	if err != nil {
		log.Error("resource provider does not start", "error", err)
		return
	}
	ctx, cancel := context.WithCancel(d.ctx)
	r := &runner{cancel, make(chan struct{})}
	d.running[keyOf(info)] = r
	go func() {
		defer close(r.done)
		p.Run(ctx, d.link)
	}()
}

// stop ends a provider and waits for its end.
func (d *Daemon) stop(k key) {
	if r := d.running[k]; r != nil {
		delete(d.running, k)
		r.cancel()
		<-r.done
	}
}
