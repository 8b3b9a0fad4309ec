package master

import (
	"context"
	"encoding/json"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"google.golang.org/protobuf/proto"

	"mesos/actors/master/life"
	"mesos/messages/ids"
	"mesos/messages/internalpb"
	v1 "mesos/messages/mesos/v1"
	"mesos/messages/resources"
	"mesos/registry"
)

// slow is a store that reads nothing before it is let.
type slow struct {
	registry.Store
	read chan struct{}
}

func (s slow) Load(ctx context.Context, row func(registry.Row) error) error {
	select {
	case <-s.read:
	case <-ctx.Done():
		return ctx.Err()
	}
	return s.Store.Load(ctx, row)
}

// Before the registry is read v1 calls are answered 503, v0 reads with what is
// known, and messages of agents are dropped.
func TestNotRecovered(t *testing.T) {
	store := slow{registry.NewMemory(), make(chan struct{})}
	s := standUp(t, Config{Store: store})
	s.http.patience = time.Millisecond
	server := httptest.NewServer(s.http)
	defer server.Close()
	ask := func(method, path, body string) int {
		t.Helper()
		r, err := http.NewRequestWithContext(t.Context(), method, server.URL+path, strings.NewReader(body))
		if err != nil {
			t.Fatal(err)
		}
		r.Header.Set("Content-Type", "application/json")
		w, err := http.DefaultClient.Do(r)
		if err != nil {
			t.Fatal(err)
		}
		defer w.Body.Close()
		if _, err := io.Copy(io.Discard, w.Body); err != nil {
			t.Fatal(err)
		}
		return w.StatusCode
	}
	calls := []struct {
		method, path, body string
		before, after      int
	}{
		{"POST", "/api/v1", `{"type":"GET_HEALTH"}`, 503, 200},
		{"POST", "/api/v1", `no call`, 503, 400},
		{"POST", "/api/v1/scheduler", `{}`, 503, 400},
		{"GET", "/registrar(1)/registry", "", 503, 200},
		{"GET", "/state", "", 200, 200},
		{"GET", "/health", "", 200, 200},
		{"GET", "/metrics/snapshot", "", 200, 200},
	}
	for _, c := range calls {
		if got := ask(c.method, c.path, c.body); got != c.before {
			t.Errorf("%s %s before recovery: got %d, want %d", c.method, c.path, got, c.before)
		}
	}
	early := afterRecovery(s.Master, s.registerAgent)
	s.do(t, func() {
		early(agentUPID(1), registration("cpus:4"))
		for range earlyLimit + 9 { // of one whose messages are too many, and the last ones too late
			early(agentUPID(2), registration("cpus:4"))
		}
		if len(s.agentAt) != 0 {
			t.Error("an agent was admitted before the registry was read")
		}
	})
	close(store.read)
	<-s.Recovered()
	s.settled(t)
	s.do(t, func() {
		if len(s.agents) != 2 || s.early != nil {
			t.Errorf("agents that registered before the registry was read: got %d admitted and %d messages kept, want 2 and none", len(s.agents), len(s.early))
		}
		if got := s.metrics.Dropped.Value(); got != 10 {
			t.Errorf("messages dropped: got %v, want those above the limit, 10", got)
		}
	})
	for _, c := range calls {
		if got := ask(c.method, c.path, c.body); got != c.after {
			t.Errorf("%s %s after recovery: got %d, want %d", c.method, c.path, got, c.after)
		}
	}
}

func TestRegistryEndpoint(t *testing.T) {
	s := stand(t, Config{})
	agent := s.register(t, 1, "cpus:4")[0]
	w := httptest.NewRecorder()
	s.http.ServeHTTP(w, httptest.NewRequest(http.MethodGet, "/registrar(1)/registry", nil))
	var got struct {
		Master struct{ Info struct{ ID string } }
		Slaves struct {
			Slaves []struct {
				Info struct{ ID struct{ Value string } }
			}
		}
	}
	if err := json.Unmarshal(w.Body.Bytes(), &got); err != nil {
		t.Fatal(err)
	}
	if len(got.Slaves.Slaves) != 1 || got.Slaves.Slaves[0].Info.ID.Value != agent || got.Master.Info.ID != "m" {
		t.Errorf("got %s, want agent %s and the master", w.Body, agent)
	}
}

// What an agent repeats while the registry writes is absorbed: it is admitted once.
func TestDoublesAreAbsorbed(t *testing.T) {
	s := stand(t, Config{})
	s.do(t, func() {
		for range 5 {
			s.registerAs(1, "cpus:4")
		}
	})
	s.settled(t)
	s.do(t, func() {
		if len(s.agents) != 1 || len(s.admitting) != 0 {
			t.Errorf("%d agents and %d being admitted, want one agent", len(s.agents), len(s.admitting))
		}
	})
	again := func(id, hostname string) *internalpb.ReregisterSlaveMessage {
		return &internalpb.ReregisterSlaveMessage{Slave: &v1.AgentInfo{Id: ids.Agent(id), Hostname: proto.String(hostname), Resources: resources.MustParse("cpus:4").Proto()}}
	}
	s.do(t, func() {
		for _, hostname := range []string{"one", "two", "three"} {
			s.reregisterAgent(agentUPID(2), again("earlier-S1", hostname))
		}
	})
	for range 3 { // the admission, and once more with the newest words
		s.settled(t)
	}
	s.do(t, func() {
		a := s.agents["earlier-S1"]
		if a == nil || a.info.GetHostname() != "three" || len(s.readmissions) != 0 {
			t.Errorf("got agent %v, want the newest that it said of itself", a)
		}
	})
	if st := s.registry.Stats(); st.Rows != 3 {
		t.Errorf("%d rows were written, want one for the first agent and two for the other", st.Rows)
	}
	// As it was admitted, it comes back without a write.
	s.do(t, func() {
		s.disconnectAgent(s.agents["earlier-S1"], "test")
		s.reregisterAgent(agentUPID(2), again("earlier-S1", "three"))
		if !s.agents["earlier-S1"].connected {
			t.Error("the agent is not connected again at once")
		}
	})
	if st := s.registry.Stats(); st.Rows != 3 {
		t.Errorf("%d rows were written, want no more", st.Rows)
	}
}

// While the registry writes what becomes of an agent an operator is told to wait.
func TestGoneWaits(t *testing.T) {
	s := stand(t, Config{})
	agent := s.register(t, 1, "cpus:4")[0]
	s.do(t, func() {
		s.markUnreachable(s.agents[agent])
		s.markGone(agent, func(a answer) {
			if a.Code != http.StatusServiceUnavailable || !strings.Contains(a.Text, "marking unreachable") {
				t.Errorf("got %d %q, want 503 and why", a.Code, a.Text)
			}
		})
	})
	s.settled(t)
	if got := s.gone(t, agent); got.Code != http.StatusOK {
		t.Errorf("got %d %q, want 200", got.Code, got.Text)
	}
}

// An agent that is too old is refused with the reason, and not admitted.
func TestVersionWindow(t *testing.T) {
	s := stand(t, Config{})
	for i, c := range []struct {
		version string
		ok      bool
	}{{"0.28.2", false}, {"1.0.0", true}, {"1.11.0", true}, {"2.0.0-dev", true}, {"", true}, {"new", false}} {
		m := registration("cpus:4")
		m.Version = proto.String(c.version)
		s.do(t, func() { s.registerAgent(agentUPID(10+i), m) })
		s.settled(t)
		s.do(t, func() {
			if got := s.agentAt[agentUPID(10+i)] != nil; got != c.ok {
				t.Errorf("version %q: admitted %v, want %v", c.version, got, c.ok)
			}
		})
	}
}

// An agent whose entry is pruned while an operator gives it up is not known any
// more, and may register again.
func TestGivenUpWhilePruned(t *testing.T) {
	s := stand(t, Config{})
	agent := s.register(t, 1, "cpus:4")[0]
	s.do(t, func() { s.markUnreachable(s.agents[agent]) })
	s.settled(t)
	told := make(chan answer, 1)
	s.do(t, func() {
		s.conf.RegistryMaxAgentAge = -time.Hour // everything is too old
		s.prune()
		s.markGone(agent, func(a answer) { told <- a })
	})
	if got := <-told; got.Code != http.StatusNotFound {
		t.Errorf("got %d %q, want 404", got.Code, got.Text)
	}
	s.do(t, func() {
		if s.lives.Of(agent) != life.Unknown || len(s.away.unreachable) != 0 {
			t.Errorf("the agent is %v and %d are unreachable, want it unknown", s.lives.Of(agent), len(s.away.unreachable))
		}
	})
}

// Words that the registry cannot keep change nothing about a registered agent.
func TestRejectedWords(t *testing.T) {
	s := stand(t, Config{Store: narrow{registry.NewMemory()}})
	agent := s.register(t, 1, "cpus:4")[0]
	long := strings.Repeat("x", 2000)
	s.do(t, func() {
		s.reregisterAgent(agentUPID(1), &internalpb.ReregisterSlaveMessage{Slave: &v1.AgentInfo{Id: ids.Agent(agent), Hostname: &long, Resources: resources.MustParse("cpus:4").Proto()}})
		s.reregisterAgent(agentUPID(2), &internalpb.ReregisterSlaveMessage{Slave: &v1.AgentInfo{Id: ids.Agent("earlier-S1"), Hostname: &long, Resources: resources.MustParse("cpus:4").Proto()}})
		s.registerAgent(agentUPID(3), &internalpb.RegisterSlaveMessage{Slave: &v1.AgentInfo{Hostname: &long, Resources: resources.MustParse("cpus:4").Proto()}})
	})
	s.settled(t)
	s.do(t, func() {
		if a := s.agents[agent]; a == nil || a.info.GetHostname() != "agent.test" || s.lives.Of(agent) != life.Registered || a.cancelPing == nil {
			t.Errorf("got %v, %v, want the agent registered as before", a, s.lives.Of(agent))
		}
		if len(s.agents) != 1 || len(s.lives) != 1 || len(s.readmissions)+len(s.admitting) != 0 {
			t.Errorf("%d agents, %d on their way, want the first alone", len(s.agents), len(s.lives))
		}
	})
}

// narrow keeps small values only.
type narrow struct{ registry.Store }

func (narrow) Limits() registry.Limits { return registry.Limits{Rows: 100, Bytes: 1000} }
