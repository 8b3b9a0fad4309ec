package master

import (
	"net/http"
	"strings"
	"testing"

	"google.golang.org/protobuf/proto"

	"mesos/actors/httpapi"
	"mesos/messages/internalpb"
	v1 "mesos/messages/mesos/v1"
	masterv1 "mesos/messages/mesos/v1/master"
	"mesos/messages/mesosjson"
)

// Each order is answered as Mesos answers it, and by a sentence that names the field
// and what is wrong. They run in their order.
func TestOrders(t *testing.T) {
	s := stand(t, Config{})
	url := serve(t, s)
	able := s.register(t, 1, "cpus:4;mem:4096")[0]
	s.do(t, func() {
		a := s.agents[able]
		a.capabilities = append(a.capabilities, v1.AgentInfo_Capability_AGENT_DRAINING)
		s.updateAgent(a.upid, &internalpb.UpdateSlaveMessage{SlaveId: a.info.Id, ResourceVersionUuid: &v1.UUID{Value: []byte(a.resourceVersion)}})
		s.registerAs(2, "cpus:4;mem:4096")
	})
	s.settled(t)
	var unable string
	s.do(t, func() { unable = s.agentAt[agentUPID(2)].id })
	const other = `{"hostname":"H","ip":"10.9.9.9"}`
	windows := func(w ...string) string {
		return `"update_maintenance_schedule":{"schedule":{"windows":[` + strings.Join(w, ",") + `]}}`
	}
	window := func(machines string) string {
		return `{"machine_ids":[` + machines + `],"unavailability":{"start":{"nanoseconds":1}}}`
	}
	own := `{"hostname":"Agent.TEST","ip":"10.0.0.1"}`
	for _, c := range []struct {
		name, kind, part string
		code             int
		words            string
	}{
		{"nobody", "DRAIN_AGENT", `"drain_agent":{"agent_id":{"value":"nobody"}}`, 400, "nobody"},
		{"not able", "DRAIN_AGENT", `"drain_agent":{"agent_id":{"value":"<unable>"}}`, 400, "AGENT_DRAINING"},
		{"negative grace", "DRAIN_AGENT", `"drain_agent":{"agent_id":{"value":"<able>"},"max_grace_period":{"seconds":-1}}`, 400, "max_grace_period"},
		{"grace of two signs", "DRAIN_AGENT", `"drain_agent":{"agent_id":{"value":"<able>"},"max_grace_period":{"seconds":1,"nanos":-1}}`, 400, "max_grace_period"},
		{"active", "REACTIVATE_AGENT", `"reactivate_agent":{"agent_id":{"value":"<able>"}}`, 400, "not deactivated"},
		{"deactivated", "DEACTIVATE_AGENT", `"deactivate_agent":{"agent_id":{"value":"<unable>"}}`, 200, ""},
		{"again", "DEACTIVATE_AGENT", `"deactivate_agent":{"agent_id":{"value":"<unable>"}}`, 200, ""},
		{"back", "REACTIVATE_AGENT", `"reactivate_agent":{"agent_id":{"value":"<unable>"}}`, 200, ""},
		{"no machine", "UPDATE_MAINTENANCE_SCHEDULE", windows(window("")), 400, "windows[0].machine_ids"},
		{"twice", "UPDATE_MAINTENANCE_SCHEDULE", windows(window(other), window(`{"hostname":"h","ip":"10.9.9.9"}`)), 400, "twice"},
		{"no address", "UPDATE_MAINTENANCE_SCHEDULE", windows(window(`{"hostname":"h","ip":"ten"}`)), 400, "ten"},
		{"no name", "UPDATE_MAINTENANCE_SCHEDULE", windows(window(`{}`)), 400, "neither"},
		{"ends before it begins", "UPDATE_MAINTENANCE_SCHEDULE", windows(`{"machine_ids":[` + other + `],"unavailability":{"start":{"nanoseconds":1},"duration":{"nanoseconds":-5}}}`), 400, "duration"},
		{"no machines", "START_MAINTENANCE", `"start_maintenance":{}`, 400, "start_maintenance.machines"},
		{"not scheduled", "START_MAINTENANCE", `"start_maintenance":{"machines":[` + other + `]}`, 400, "schedule it first"},
		{"not down", "STOP_MAINTENANCE", `"stop_maintenance":{"machines":[` + other + `]}`, 400, "not down"},
		{"scheduled", "UPDATE_MAINTENANCE_SCHEDULE", windows(window(own), window(other)), 200, ""},
		{"in a window", "DRAIN_AGENT", `"drain_agent":{"agent_id":{"value":"<able>"}}`, 400, "maintenance schedule"},
		{"down", "START_MAINTENANCE", `"start_maintenance":{"machines":[` + other + `]}`, 200, ""},
		{"without one that is down", "UPDATE_MAINTENANCE_SCHEDULE", windows(window(own)), 400, "down"},
		{"up", "STOP_MAINTENANCE", `"stop_maintenance":{"machines":[` + other + `]}`, 200, ""},
		{"no windows", "UPDATE_MAINTENANCE_SCHEDULE", windows(), 200, ""},
		{"drained at once", "DRAIN_AGENT", `"drain_agent":{"agent_id":{"value":"<able>"}}`, 200, ""},
		{"drained", "REACTIVATE_AGENT", `"reactivate_agent":{"agent_id":{"value":"<able>"}}`, 200, ""},
	} {
		part := strings.NewReplacer("<able>", able, "<unable>", unable).Replace(c.part)
		code, _, text := post(t, url+"/api/v1", httpapi.MediaJSON, httpapi.MediaJSON, []byte(`{"type":"`+c.kind+`",`+part+`}`))
		if code != c.code || !strings.Contains(string(text), c.words) || code == http.StatusOK && len(text) > 0 {
			t.Errorf("%s: %s: got %d %q, want %d with %q", c.name, c.kind, code, text, c.code, c.words)
		}
	}
}

// Reads tell of agents that are out of use, and count them so.
func TestReadsOfDrainingAgent(t *testing.T) {
	s := stand(t, Config{})
	agent, _ := s.oneTask(t)
	s.do(t, func() {
		a := s.agents[agent]
		a.capabilities = append(a.capabilities, v1.AgentInfo_Capability_AGENT_DRAINING)
	})
	told := make(chan answer, 1)
	s.do(t, func() { s.drain(agent, &v1.DrainConfig{MarkGone: proto.Bool(true)}, func(a answer) { told <- a }) })
	if a := <-told; a.Code != http.StatusOK {
		t.Fatalf("drain: got %d %q, want 200", a.Code, a.Text)
	}
	url := serve(t, s)
	_, _, text := post(t, url+"/api/v1", httpapi.MediaJSON, httpapi.MediaJSON, []byte(`{"type":"GET_AGENTS"}`))
	r := &masterv1.Response{}
	if err := mesosjson.Unmarshal(text, r); err != nil {
		t.Fatal(err)
	}
	a := r.GetGetAgents().GetAgents()[0]
	if a.GetActive() || !a.GetDeactivated() || a.GetDrainInfo().GetState() != v1.DrainState_DRAINING || !a.GetDrainInfo().GetConfig().GetMarkGone() || a.EstimatedDrainStartTime == nil {
		t.Errorf("GET_AGENTS: got %v, want an agent that drains and is to be gone", a)
	}
	c, err := s.Snapshot()
	if err != nil {
		t.Fatal(err)
	}
	if v := c.Agents[0]; v.Active || !v.Deactivated || v.Drain.GetState() != v1.DrainState_DRAINING {
		t.Errorf("the picture: got %+v, want an agent that drains", v)
	}
}

// An agent whose region this master cannot compare with its own is refused.
func TestCheckDomain(t *testing.T) {
	d := func(name string) *v1.DomainInfo {
		return &v1.DomainInfo{FaultDomain: &v1.DomainInfo_FaultDomain{
			Region: &v1.DomainInfo_FaultDomain_RegionInfo{Name: &name}, Zone: &v1.DomainInfo_FaultDomain_ZoneInfo{Name: &name},
		}}
	}
	for _, c := range []struct {
		name        string
		required    bool
		here, there *v1.DomainInfo
		words       string
	}{
		{"none", false, nil, nil, ""},
		{"agent without", false, d("a"), nil, ""},
		{"agent without, required", true, d("a"), nil, "--require_agent_domain"},
		{"both", true, d("a"), d("b"), ""},
		{"master without", false, nil, d("b"), "start every master with --domain"},
	} {
		m := New(Config{Domain: c.here, RequireAgentDomain: c.required})
		err := m.checkDomain(c.there)
		if (err != nil) != (c.words != "") || err != nil && !strings.Contains(err.Error(), c.words) {
			t.Errorf("%s: got %v, want an error with %q", c.name, err, c.words)
		}
	}
}
