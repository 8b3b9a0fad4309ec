package explain

import (
	"context"
	"net/http"
	"net/url"
	"strings"

	"mesos/actors"
	"mesos/actors/allocator"
	"mesos/actors/operator"
)

// Allocator answers what explanations need of it, on its own actor.
type Allocator interface {
	Explain(frameworkID, role string, answer func(x allocator.Explanation, known bool))
	ExplainRole(role string, answer func(x allocator.RoleExplanation, known bool))
	ExplainAgent(agentID string, answer func(x allocator.AgentExplanation, known bool))
	ExplainRequest(r allocator.Request, answer func(x allocator.RequestExplanation))
}

// Asker answers one question.
type Asker struct {
	Cluster   *Cluster
	Allocator Allocator
	Stopped   <-chan struct{} // closed when the master stops: nobody answers any more
}

// Ask answers framework/ID, role/ROLE, agent/ID, or request with a need as its query, role=R&cpus=4&mem=8192&attribute=rack:a.
// Agents may be named by their hostnames as well, frameworks by their names. The error is an [operator.Refusal],
// [actors.ErrStopped], or that of ctx.
func (e *Asker) Ask(ctx context.Context, path string, query url.Values) (any, error) {
	kind, id, _ := strings.Cut(strings.Trim(path, "/"), "/")
	switch kind {
	case "framework":
		return e.framework(ctx, id)
	case "role":
		return e.role(ctx, id)
	case "agent":
		return e.agent(ctx, id)
	case "request":
		return e.request(ctx, query)
	}
	return nil, unknown("there is no page /explain/%.60s: there are framework/ID, role/ROLE, agent/ID and request", path)
}

func unknown(format string, args ...any) error {
	return operator.Refuse(http.StatusNotFound, format, args...)
}

func invalid(format string, args ...any) error {
	return operator.Refuse(http.StatusBadRequest, format, args...)
}

// asked waits for what the allocator answers, beside its actor.
func asked[T any](ctx context.Context, e *Asker, ask func(answer func(T, bool))) (x T, known bool, err error) {
	type result struct {
		x     T
		known bool
	}
	told := make(chan result, 1)
	ask(func(x T, known bool) { told <- result{x, known} })
	select {
	case got := <-told:
		return got.x, got.known, nil
	case <-e.Stopped:
		return x, false, actors.ErrStopped
	case <-ctx.Done():
		return x, false, ctx.Err()
	}
}

func (e *Asker) framework(ctx context.Context, name string) (any, error) {
	id, roles := e.Cluster.FindFramework(name)
	if id == "" {
		return nil, unknown("no framework with the id or name %.100q is known", name)
	}
	var said []allocator.Explanation
	shares := map[string]float64{}
	for _, role := range roles {
		s, known, err := asked(ctx, e, func(answer func(allocator.Explanation, bool)) { e.Allocator.Explain(id, role, answer) })
		if err != nil {
			return nil, err
		}
		if !known {
			continue // it left the role meanwhile
		}
		said = append(said, s)
		for _, n := range s.Reasons {
			for _, r := range n.Roles {
				shares[r] = 0
			}
		}
	}
	for role := range shares {
		s, _, err := asked(ctx, e, func(answer func(allocator.RoleExplanation, bool)) { e.Allocator.ExplainRole(role, answer) })
		if err != nil {
			return nil, err
		}
		shares[role] = s.Share
	}
	x, _ := e.Cluster.Framework(id, said, shares)
	return x, nil
}

func (e *Asker) role(ctx context.Context, role string) (any, error) {
	s, known, err := asked(ctx, e, func(answer func(allocator.RoleExplanation, bool)) { e.Allocator.ExplainRole(role, answer) })
	if err != nil {
		return nil, err
	}
	if !known {
		return nil, unknown("role %.100q is not known: no framework is in it or below it, and it has no quota", role)
	}
	return e.Cluster.Role(s), nil
}

func (e *Asker) agent(ctx context.Context, name string) (any, error) {
	id := e.Cluster.FindAgent(name)
	s, known, err := asked(ctx, e, func(answer func(allocator.AgentExplanation, bool)) { e.Allocator.ExplainAgent(id, answer) })
	if err != nil {
		return nil, err
	}
	if !known {
		return nil, unknown("no agent with the id or hostname %.100q is registered", name)
	}
	return e.Cluster.Agent(s), nil
}

func (e *Asker) request(ctx context.Context, q url.Values) (any, error) {
	need, err := needOf(q)
	if err != nil {
		return nil, err
	}
	need.Offered = e.Cluster.OffersTo(need.FrameworkID, need.Role)
	s, _, err := asked(ctx, e, func(answer func(allocator.RequestExplanation, bool)) {
		e.Allocator.ExplainRequest(need, func(x allocator.RequestExplanation) { answer(x, true) })
	})
	if err != nil {
		return nil, err
	}
	return e.Cluster.Request(need, s), nil
}
