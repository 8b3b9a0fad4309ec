package marathon

import (
	"context"
	"slices"
	"strings"
	"time"

	"mesos/actors/checks"
	"mesos/actors/marathon/match"
	"mesos/actors/marathon/model"
)

// watch is what marathon itself finds out about an instance that runs.
type watch struct {
	runners []*checks.Runner
	cancel  context.CancelFunc // of the readiness check
	result  *ReadinessResult
}

// ReadinessResult is what a readiness check found last.
type ReadinessResult struct {
	Name         string         `json:"name"`
	TaskID       string         `json:"taskId"`
	Ready        bool           `json:"ready"`
	LastResponse *ReadyResponse `json:"lastResponse,omitempty"`
}

// ReadyResponse is an answer that is kept for people to read.
type ReadyResponse struct {
	Status      int    `json:"status"`
	ContentType string `json:"contentType"`
	Body        string `json:"body"`
}

// watchInstance begins to check an instance that runs, and ends that when it does not.
func (s *Service) watchInstance(i *model.Instance) {
	if c := i.Condition(); c != model.Running {
		if c != model.Unreached || s.watched[i.ID] != nil {
			s.unwatch(i.ID)
		}
		return
	}
	spec := s.specOf(i)
	if s.watched[i.ID] != nil || spec == nil || spec.App == nil {
		return
	}
	w := &watch{}
	s.watched[i.ID] = w
	i.Health = nil
	for k := range spec.App.HealthChecks {
		if h := &spec.App.HealthChecks[k]; h.ByMarathon() {
			i.Health = append(i.Health, model.Health{})
			s.checkHealth(i, w, spec.App, h, len(i.Health)-1)
		}
	}
	if spec.HasReadiness() && !i.WasReady {
		s.checkReadiness(i, w, spec.App)
	}
}

// unwatch ends all checks of an instance.
func (s *Service) unwatch(id string) {
	w := s.watched[id]
	if w == nil {
		return
	}
	delete(s.watched, id)
	for _, r := range w.runners {
		r.Stop()
	}
	if w.cancel != nil {
		w.cancel()
	}
}

func (s *Service) checkHealth(i *model.Instance, w *watch, a *model.App, h *model.HealthCheck, at int) {
	m, err := checks.NewHealth(match.HealthCheck(a, h, i.Ports))
	if err != nil {
		s.log.Error("a health check cannot be made", "app", a.ID, "error", err)
		return
	}
	r := checks.Run(s.d, &prober{s: s, host: address(a, i)}, time.Now, m, func(e checks.Effects) {
		if e.Health != nil && s.watched[i.ID] == w {
			s.foundHealth(i, h, at, e.Health)
		}
	})
	w.runners = append(w.runners, r)
}

// address is where marathon reaches an instance: at its agent, or where it has an address of its own, there.
func address(a *model.App, i *model.Instance) string {
	if !a.HostNetwork() && len(i.Tasks[0].IPs) > 0 && a.Networks[0].Mode == model.ContainerMode {
		return i.Tasks[0].IPs[0]
	}
	return i.Host
}

func (s *Service) foundHealth(i *model.Instance, check *model.HealthCheck, at int, h *checks.Health) {
	now := model.At(time.Now())
	x := &i.Health[at]
	changed := !x.Known || x.Alive != h.Healthy
	x.Known, x.Alive, x.Failures = true, h.Healthy, int(h.Failures)
	if h.Healthy {
		x.LastSuccess, x.Cause = now, ""
		if x.FirstSuccess.IsZero() {
			x.FirstSuccess = now
		}
	} else {
		x.LastFailure, x.Cause = now, h.Why
	}
	if changed {
		s.tellHealth(i, h.Healthy)
	}
	if h.Kill && check.MaxConsecutiveFailures > 0 && !i.Doomed {
		s.events.send("unhealthy_instance_kill_event", map[string]any{
			"appId": i.Spec, "instanceId": i.ID, "taskId": i.Tasks[0].ID, "version": i.Version, "reason": h.Why, "host": i.Host, "slaveId": i.AgentID,
		})
		s.failed(i, h.Why, now.Time)
		s.doom(i, "it is unhealthy: "+h.Why)
	}
	s.settleReady(i)
	s.touch(i.Spec)
}

// prober makes probes of one instance from where marathon runs.
type prober struct {
	s    *Service
	host string
}

// Probe implements checks.Prober. The address that an executor would use is made that of the instance.
func (p *prober) Probe(x checks.Probe, done func(checks.Result)) (cancel func()) {
	for _, own := range []string{"127.0.0.1:", "[::1]:"} {
		x.URL = strings.Replace(x.URL, "//"+own, "//"+bracketed(p.host)+":", 1)
		if rest, ok := strings.CutPrefix(x.Address, own); ok {
			x.Address = bracketed(p.host) + ":" + rest
		}
	}
	ctx, cancel := context.WithCancel(p.s.ctx)
	p.s.work.Go(func() {
		defer cancel()
		r := p.s.conf.Probe(ctx, x)
		p.s.d.Dispatch(func() { done(r) })
	})
	return cancel
}

func bracketed(host string) string {
	if strings.Contains(host, ":") {
		return "[" + host + "]"
	}
	return host
}

// checkReadiness asks until a new instance says that it is ready.
func (s *Service) checkReadiness(i *model.Instance, w *watch, a *model.App) {
	r := a.ReadinessChecks[0]
	k := a.PortNamed(r.PortName)
	port := i.Ports[k]
	if port == 0 && a.Container != nil {
		port = a.Container.PortMappings[k].ContainerPort
	}
	url := strings.ToLower(r.Protocol) + "://" + bracketed(address(a, i)) + ":" + itoa(port) + "/" + strings.TrimPrefix(r.Path, "/")
	ctx, cancel := context.WithCancel(s.ctx)
	w.cancel = cancel
	w.result = &ReadinessResult{Name: r.Name, TaskID: i.Tasks[0].ID}
	s.work.Go(func() {
		defer cancel()
		for ctx.Err() == nil {
			one, end := context.WithTimeout(ctx, time.Duration(r.TimeoutSeconds)*time.Second)
			status, kind, body, err := s.conf.Get(one, url)
			end()
			ready := err == nil && slices.Contains(r.HTTPStatusCodesForReady, status)
			s.d.Dispatch(func() { s.foundReadiness(i, w, r, ready, ReadyResponse{status, kind, body}, err) })
			if ready {
				return
			}
			pause(ctx, time.Duration(r.IntervalSeconds)*time.Second)
		}
	})
}

func (s *Service) foundReadiness(i *model.Instance, w *watch, r model.ReadinessCheck, ready bool, answer ReadyResponse, err error) {
	if s.watched[i.ID] != w {
		return
	}
	w.result.Ready = ready
	if r.PreserveLastResponse && err == nil {
		w.result.LastResponse = &answer
	}
	if ready {
		i.Readied = true
		s.settleReady(i)
		s.touch(i.Spec)
	}
}

// pause waits, but not beyond ctx.
func pause(ctx context.Context, d time.Duration) {
	t := time.NewTimer(d)
	defer t.Stop()
	select {
	case <-t.C:
	case <-ctx.Done():
	}
}
