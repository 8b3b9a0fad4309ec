package docker

import (
	"context"
	"errors"
	"fmt"
	"math"
	"time"

	"mesos/actors/containerizer/docker/engine"
	"mesos/isolators"
	"mesos/isolators/cgroups"
)

// Recover implements isolators.Isolator.
func (r *Runtime) Recover(ctx context.Context, live []isolators.Live) error {
	r.mu.Lock()
	for _, l := range live {
		_, nested := isolators.Parent(l.ID)
		r.known[l.ID] = &made{demand: l.Demand, session: nested, limits: make(chan isolators.Limitation, 1)}
	}
	r.mu.Unlock()
	list, err := r.mine(ctx)
	if err != nil {
		return fmt.Errorf("containers of earlier runs: %w", err)
	}
	for _, c := range list {
		if r.find(c.Labels[LabelContainer]) != nil || c.State != running {
			continue
		}
		if !r.o.KillOrphans {
			r.o.Log.Warn("container of an earlier run is left running: --docker_kill_orphans is off", "container_id", c.Labels[LabelContainer])
			continue
		}
		r.o.Log.Info("container of an earlier run is killed", "container_id", c.Labels[LabelContainer])
		err := r.end(ctx, c.ID)
		if err == nil {
			err = r.vacate(ctx, c.Labels[LabelContainer])
		}
		if err != nil {
			return fmt.Errorf("container %s of an earlier run: %w", c.Labels[LabelContainer], err)
		}
	}
	r.sweeper.start()
	return nil
}

// running is the state of a container that runs.
const running = "running"

// mine are the containers that this agent has made.
func (r *Runtime) mine(ctx context.Context) ([]engine.Listed, error) {
	return r.o.Engine.List(ctx, LabelAgent+"="+r.o.Mark)
}

// end ends a container that may run, and waits for it.
func (r *Runtime) end(ctx context.Context, name string) error {
	if grace := r.o.StopTimeout; grace > 0 {
		return r.o.Engine.Stop(ctx, name, int(math.Ceil(grace.Seconds())))
	}
	if err := r.o.Engine.Kill(ctx, name, "SIGKILL"); err != nil {
		return err
	}
	_, err := r.o.Engine.Wait(ctx, name)
	if engine.NotFound(err) {
		return nil
	}
	return err
}

// Cleanup implements isolators.Isolator. What a session executes is found by its
// mark, like other processes.
func (r *Runtime) Cleanup(ctx context.Context, id string) error {
	m := r.find(id)
	if m == nil {
		return nil
	}
	if !m.session {
		if err := r.over(ctx, id, m); err != nil {
			return err
		}
		if err := r.vacate(ctx, id); err != nil {
			return err
		}
	}
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.known[id] != m {
		return nil
	}
	delete(r.known, id)
	close(m.limits)
	return nil
}

// over ends a container, tells whether it went beyond its memory, and has it
// removed.
func (r *Runtime) over(ctx context.Context, id string, m *made) error {
	name := Name(id)
	s, err := r.o.Engine.Inspect(ctx, name)
	if engine.NotFound(err) {
		return nil
	}
	if err != nil {
		return err
	}
	if s.State.Status == "created" { // and never started
		return r.o.Engine.Remove(ctx, s.ID)
	}
	if s.State.OOMKilled {
		select {
		case m.limits <- cgroups.OutOfMemory(r.demand(m)):
		default: // told by a cleanup that failed
		}
	}
	if s.State.Running {
		err = r.end(ctx, s.ID)
	}
	if err == nil && r.o.RemoveDelay == 0 {
		err = r.o.Engine.Remove(ctx, s.ID)
	}
	return err
}

// sweepEvery is how often is looked for containers whose time is over.
const sweepEvery = time.Minute

// sweeper removes containers that have ended a while ago, and those that came to
// be when their program was dead already.
type sweeper struct {
	r      *Runtime
	ctx    context.Context
	cancel context.CancelFunc
	done   chan struct{} // nil before start
}

func newSweeper(r *Runtime) *sweeper {
	s := &sweeper{r: r}
	s.ctx, s.cancel = context.WithCancel(context.Background())
	return s
}

func (s *sweeper) start() {
	s.done = make(chan struct{})
	go s.run()
}

func (s *sweeper) stop() {
	s.cancel()
	if s.done != nil {
		<-s.done
	}
}

func (s *sweeper) run() {
	defer close(s.done)
	tick := time.NewTicker(min(sweepEvery, max(s.r.o.RemoveDelay, time.Second)))
	defer tick.Stop()
	for {
		ctx, end := context.WithTimeout(s.ctx, sweepEvery)
		if err := s.r.sweep(ctx, time.Now()); err != nil && s.ctx.Err() == nil {
			s.r.o.Log.Warn("containers that have ended are not removed", "error", err)
		}
		end()
		select {
		case <-tick.C:
		case <-s.ctx.Done():
			return
		}
	}
}

// sweep removes what nobody knows any more.
func (r *Runtime) sweep(ctx context.Context, now time.Time) error {
	list, err := r.mine(ctx)
	if err != nil {
		return err
	}
	var errs []error
	for _, c := range list {
		if r.find(c.Labels[LabelContainer]) != nil {
			continue
		}
		s, err := r.o.Engine.Inspect(ctx, c.ID)
		switch {
		case engine.NotFound(err):
			continue
		case err != nil:
			errs = append(errs, err)
			continue
		case s.State.Running && !r.o.KillOrphans:
			continue
		case s.State.Running:
			err = errors.Join(r.end(ctx, c.ID), r.vacate(ctx, c.Labels[LabelContainer]))
		case s.State.Status == "created" || now.Sub(s.State.FinishedAt) >= r.o.RemoveDelay:
			err = errors.Join(r.o.Engine.Remove(ctx, c.ID), r.vacate(ctx, c.Labels[LabelContainer]))
		}
		errs = append(errs, err)
	}
	return errors.Join(errs...)
}
