package master

import (
	"fmt"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"testing"

	"mesos/actors/authorization"
)

// onlyAdmin are rules by which admin may do everything, and nobody else anything; but holds some of others, in front.
func onlyAdmin(tb testing.TB, but string) *authorization.Rules {
	tb.Helper()
	text := `{"permissive":false`
	for _, a := range authorization.Actions() {
		front := ""
		if strings.HasPrefix(but, fmt.Sprintf("%q:", a)) {
			front = strings.TrimPrefix(but, fmt.Sprintf("%q:", a)) + ","
		}
		text += fmt.Sprintf(`,%q:[%s{"principals":{"values":["admin"]},%q:{"type":"ANY"}}]`, a, front, a.Objects())
	}
	r, err := authorization.Parse([]byte(text + "}"))
	if err != nil {
		tb.Fatal(err)
	}
	return r
}

// as sends a request of a principal.
func (s *standing) as(principal, method, path, body string) *httptest.ResponseRecorder {
	r := httptest.NewRequest(method, path, strings.NewReader(body))
	r.SetBasicAuth(principal, "secret")
	r.Header.Set("Content-Type", "application/json")
	if strings.Contains(body, "=") {
		r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	}
	w := httptest.NewRecorder()
	s.http.ServeHTTP(w, r)
	return w
}

// Each order of an operator is for those whom a rule of its action lets, under every name that it has.
func TestOrdersAreAuthorized(t *testing.T) {
	s := stand(t, Config{Rules: onlyAdmin(t, "")})
	framework, other := s.framework(t, webFramework), s.framework(t, webFramework)
	const machines = `[{"hostname":"h","ip":"10.0.0.1"}]`
	v1 := func(kind, body string) [3]string {
		return [3]string{"POST", "/api/v1", fmt.Sprintf(`{"type":%q,%q:{%s}}`, kind, strings.ToLower(kind), body)}
	}
	quota := `"quota_configs":[{"role":"r","limits":{"cpus":{"value":1}}}]`
	for _, tt := range []struct {
		request [3]string
		action  authorization.Action
	}{
		{v1("TEARDOWN", `"framework_id":{"value":"`+framework+`"}`), authorization.TeardownFrameworks},
		{v1("MARK_AGENT_GONE", `"agent_id":{"value":"x"}`), authorization.MarkAgentsGone},
		{v1("DRAIN_AGENT", `"agent_id":{"value":"x"}`), authorization.DrainAgents},
		{v1("DEACTIVATE_AGENT", `"agent_id":{"value":"x"}`), authorization.DeactivateAgents},
		{v1("REACTIVATE_AGENT", `"agent_id":{"value":"x"}`), authorization.ReactivateAgents},
		{v1("UPDATE_MAINTENANCE_SCHEDULE", `"schedule":{}`), authorization.UpdateMaintenanceSchedules},
		{v1("START_MAINTENANCE", `"machines":`+machines), authorization.StartMaintenances},
		{v1("STOP_MAINTENANCE", `"machines":`+machines), authorization.StopMaintenances},
		{v1("UPDATE_WEIGHTS", `"weight_infos":[{"role":"r","weight":2}]`), authorization.UpdateWeights},
		{v1("UPDATE_QUOTA", quota), authorization.UpdateQuotas},
		{v1("SET_QUOTA", `"quota_request":{"role":"r","guarantee":[{"name":"cpus","type":"SCALAR","scalar":{"value":1}}]}`), authorization.UpdateQuotas},
		{v1("REMOVE_QUOTA", `"role":"r"`), authorization.UpdateQuotas},
		{v1("SET_LOGGING_LEVEL", `"level":0,"duration":{"nanoseconds":1}`), authorization.SetLogLevel},
		{v1("GET_FLAGS", ``), authorization.ViewFlags},
		{[3]string{"GET", "/flags"}, authorization.ViewFlags},
		{[3]string{"GET", "/metrics/snapshot"}, authorization.GetEndpoints},
		{[3]string{"GET", "/metrics"}, authorization.GetEndpoints},
		{[3]string{"GET", "/files/debug"}, authorization.GetEndpoints},
		{[3]string{"GET", "/logging/toggle?level=0&duration=1ns"}, authorization.GetEndpoints},
		{[3]string{"PUT", "/weights", `[{"role":"r","weight":2}]`}, authorization.UpdateWeights},
		{[3]string{"POST", "/master/quota", `{"role":"r","guarantee":[{"name":"cpus","type":"SCALAR","scalar":{"value":1}}]}`}, authorization.UpdateQuotas},
		{[3]string{"DELETE", "/quota/r"}, authorization.UpdateQuotas},
		{[3]string{"POST", "/maintenance/schedule", `{"windows":[]}`}, authorization.UpdateMaintenanceSchedules},
		{[3]string{"POST", "/machine/down", machines}, authorization.StartMaintenances},
		{[3]string{"POST", "/machine/up", machines}, authorization.StopMaintenances},
		{[3]string{"POST", "/teardown", url.Values{"frameworkId": {other}}.Encode()}, authorization.TeardownFrameworks},
	} {
		r := tt.request
		if w := s.as("eve", r[0], r[1], r[2]); w.Code != http.StatusForbidden || !strings.Contains(w.Body.String(), "no rule "+string(tt.action)+" of --acls") {
			t.Errorf("%q of eve: got %d %s, want 403 that names %s", r, w.Code, w.Body, tt.action)
		}
		if w := s.as("admin", r[0], r[1], r[2]); w.Code == http.StatusForbidden || w.Code == http.StatusUnauthorized {
			t.Errorf("%q of admin: got %d %s, want it let through", r, w.Code, w.Body)
		}
	}
}

// Operations of operators are for those who may carry them out, and so is registering an agent.
func TestOperatorsOperationsAreAuthorized(t *testing.T) {
	s := stand(t, Config{Rules: onlyAdmin(t, `"register_agents":{"principals":{"type":"ANY"},"agents":{"type":"ANY"}}`)})
	id := s.register(t, 1, "cpus:4;mem:4096;disk:100")[0]
	const reserved = `[{"name":"cpus","type":"SCALAR","scalar":{"value":1},"reservations":[{"type":"DYNAMIC","role":"r"}]}]`
	form := url.Values{"slaveId": {id}, "resources": {reserved}}.Encode()
	call := fmt.Sprintf(`{"type":"RESERVE_RESOURCES","reserve_resources":{"agent_id":{"value":%q},"resources":%s}}`, id, reserved)
	for path, body := range map[string]string{"/reserve": form, "/api/v1": call} {
		if w := s.as("eve", "POST", path, body); w.Code != http.StatusForbidden || !strings.Contains(w.Body.String(), "Not authorized to reserve resources as 'eve': no rule reserve_resources of --acls") {
			t.Errorf("eve reserves by %s: got %d %s, want 403", path, w.Code, w.Body)
		}
		if w := s.as("admin", "POST", path, body); w.Code != http.StatusAccepted {
			t.Errorf("admin reserves by %s: got %d %s, want 202", path, w.Code, w.Body)
		}
	}
	if w := s.as("eve", "POST", "/unreserve", form); w.Code != http.StatusForbidden {
		t.Errorf("eve unreserves: got %d %s, want 403", w.Code, w.Body)
	}
	s = stand(t, Config{Rules: onlyAdmin(t, "")})
	s.do(t, func() { s.registerAgentAt(1) })
	s.settled(t)
	s.do(t, func() {
		if len(s.agents) != 0 {
			t.Errorf("got %d agents, want none: nobody may register one", len(s.agents))
		}
	})
}

// Roles and principals of what an operator orders are told apart.
func TestOrdersAreAuthorizedByObject(t *testing.T) {
	weights := func(role string) string { return fmt.Sprintf(`[{"role":%q,"weight":2}]`, role) }
	s := stand(t, Config{Rules: onlyAdmin(t, `"update_weights":{"principals":{"values":["eve"]},"roles":{"values":["eng/%"]}}`)})
	for body, want := range map[string]int{weights("eng/a"): 200, weights("eng"): 403, `[{"role":"eng/a","weight":2},{"role":"ops","weight":2}]`: 403} {
		if w := s.as("eve", "PUT", "/weights", body); w.Code != want {
			t.Errorf("eve sets the weights %s: got %d %s, want %d", body, w.Code, w.Body, want)
		}
	}
	s = stand(t, Config{Rules: onlyAdmin(t, `"teardown_frameworks":{"principals":{"values":["eve"]},"framework_principals":{"values":["bob"]}}`)})
	id := s.framework(t, webFramework) // alice's
	form := url.Values{"frameworkId": {id}}.Encode()
	if w := s.as("eve", "POST", "/teardown", form); w.Code != http.StatusForbidden || !strings.Contains(w.Body.String(), `framework principals "alice"`) {
		t.Errorf("eve ends alice's framework: got %d %s, want 403 that names alice", w.Code, w.Body)
	}
	if w := s.as("eve", "POST", "/teardown", url.Values{"frameworkId": {"x"}}.Encode()); w.Code != http.StatusBadRequest {
		t.Errorf("eve ends a framework that is not known: got %d %s, want 400", w.Code, w.Body)
	}
	if w := s.as("admin", "POST", "/teardown", form); w.Code != http.StatusOK {
		t.Errorf("admin ends alice's framework: got %d %s, want 200", w.Code, w.Body)
	}
}
