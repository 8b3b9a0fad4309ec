package conformance

import (
	"fmt"
	"net/http"
	"strings"
	"testing"

	v1 "mesos/messages/mesos/v1"
	masterv1 "mesos/messages/mesos/v1/master"
	schedulerv1 "mesos/messages/mesos/v1/scheduler"
	"mesos/tests/cluster"
)

// inverse are the events of maintenance, whose suite waits for them.
var inverse = map[string]bool{"INVERSE_OFFERS": true, "RESCIND_INVERSE_OFFER": true}

// TestSchedulerEvents has every event come, in both encodings.
func TestSchedulerEvents(t *testing.T) {
	t.Parallel()
	c := cluster.Start(t, cluster.Options{Separate: true, Agents: 3})
	agents := agentsOf(t, c, 3)
	m := newMatrix("scheduler events", names(schedulerv1.Event_Type_name))
	for _, e := range encodings {
		t.Run(e.String(), func(t *testing.T) {
			for _, kind := range hearAll(t, c, e, int(e), agents[int(e)].GetId().GetValue(), agents[2].GetId().GetValue()) {
				m.note(t, kind, e, true, true)
			}
		})
	}
	m.print(t, func(line string, column int) bool { return column%2 == 0 && !inverse[line] })
}

// hearAll lets a framework live through all that it may hear of, up to the end of the agent it is on. It also holds an
// offer of another agent, part of which an operator takes.
func hearAll(t *testing.T, c *cluster.Cluster, e encoding, agent int, agentID, spare string) []string {
	t.Helper()
	s := subscribeScheduler(t, c.URL("/api/v1/scheduler"), e)
	s.event("HEARTBEAT", nil)
	offers := map[string]string{} // by agent
	for offers[agentID] == "" || offers[spare] == "" {
		for _, o := range s.event("OFFERS", nil).GetOffers().GetOffers() {
			offers[o.GetAgentId().GetValue()] = o.GetId().GetValue()
		}
	}
	operator := func(kind, body string, code int) {
		t.Helper()
		call := e.encode(t, fmt.Sprintf(`{"type":%q,%s}`, kind, body), &masterv1.Call{})
		if got := request(t, http.MethodPost, c.URL("/api/v1"), call, "Content-Type", e.media()); got.code != code {
			t.Fatalf("%s answered %d %q, want %d", kind, got.code, got.body, code)
		}
	}
	operator("RESERVE_RESOURCES", fmt.Sprintf(`"reserve_resources":{"agent_id":{"value":%q},"resources":[%s}]}`, spare, disk("100")), http.StatusAccepted)
	s.event("RESCIND", nil)
	s.known = append(s.known, "<offer>", offers[agentID], "<agent>", agentID)
	operations := fmt.Sprintf(`{"id":{"value":"op"},"type":"RESERVE","reserve":{"resources":[%s]}},{"type":"LAUNCH","launch":{"task_infos":[%s]}}`, reserved, runs("t"))
	s.call("ACCEPT", `"accept":{"offer_ids":[{"value":"<offer>"}],"operations":[`+operations+`],"filters":{"refuse_seconds":0}}`)
	x := &executor{t: t, e: e, url: "http://" + c.AgentAddr(agent) + "/api/v1/executor", known: s.known}
	x.become()
	x.must("LAUNCH", nil)
	s.event("UPDATE_OPERATION_STATUS", operation(v1.OperationState_OPERATION_FINISHED))
	x.call("MESSAGE", "", `"message":{"data":"aGk="}`)
	s.event("MESSAGE", nil)
	x.call("UPDATE", "", fmt.Sprintf(status, "TASK_RUNNING", goodUUID))
	s.event("UPDATE", state(v1.TaskState_TASK_RUNNING))
	operator("MARK_AGENT_GONE", fmt.Sprintf(`"mark_agent_gone":{"agent_id":{"value":%q}}`, agentID), http.StatusOK)
	s.event("FAILURE", func(ev *schedulerv1.Event) bool { return ev.GetFailure().GetAgentId().GetValue() == agentID })
	again := strings.Replace(subscription, `{"type"`, fmt.Sprintf(`{"framework_id":{"value":%q},"type"`, s.id), 1)
	again = strings.Replace(again, `"name":"conform"`, fmt.Sprintf(`"name":"conform","id":{"value":%q}`, s.id), 1)
	next := &scheduler{t: t, url: s.url, e: e, id: s.id}
	next.stream = subscribe(t, s.url, e, e.encode(t, again, &schedulerv1.Call{}), newSchedulerEvent)
	next.streamID = next.reply.header.Get("Mesos-Stream-Id")
	next.event("SUBSCRIBED", nil)
	s.event("ERROR", nil)
	next.call("TEARDOWN", "")
	return s.types()
}

// TestOperatorEvents has every event of the operator stream come, in both encodings.
func TestOperatorEvents(t *testing.T) {
	t.Parallel()
	c := cluster.Start(t, cluster.Options{Separate: true, MasterFlags: []string{"--agent_ping_timeout=1secs", "--max_agent_ping_timeouts=8"}})
	agentsOf(t, c, 1)
	m := newMatrix("operator events", names(masterv1.Event_Type_name))
	for _, e := range encodings {
		t.Run(e.String(), func(t *testing.T) {
			s := subscribe(t, c.URL("/api/v1"), e, e.encode(t, `{"type":"SUBSCRIBE"}`, &masterv1.Call{}), newMasterEvent)
			s.must("SUBSCRIBED", nil)
			watchMaster(t, c, e)
			c.Agents[0].Kill()
			s.must("AGENT_REMOVED", nil)
			c.Agents[0].Restart()
			s.must("AGENT_ADDED", nil)
			for _, kind := range s.types() {
				m.note(t, kind, e, true, true)
			}
		})
	}
	m.print(t, func(_ string, column int) bool { return column%2 == 0 })
}

// TestReadsInEveryForm asks the reads as JavaScript and compressed.
func TestReadsInEveryForm(t *testing.T) {
	t.Parallel()
	c := cluster.Start(t, cluster.Options{Separate: true})
	agentsOf(t, c, 1)
	for _, url := range []string{
		c.URL("/state"), c.URL("/state-summary"), c.URL("/slaves"), c.URL("/frameworks"), c.URL("/tasks"), c.URL("/roles"), c.URL("/weights"), c.URL("/quota"),
		c.URL("/maintenance/schedule"), c.URL("/maintenance/status"), c.URL("/flags"), c.URL("/version"), c.URL("/metrics/snapshot"), c.URL("/system/stats.json"),
		"http://" + c.AgentAddr(0) + "/state", "http://" + c.AgentAddr(0) + "/containers", "http://" + c.AgentAddr(0) + "/monitor/statistics",
		"http://" + c.AgentAddr(0) + "/flags", "http://" + c.AgentAddr(0) + "/metrics/snapshot", "http://" + c.AgentAddr(0) + "/containerizer/debug",
	} {
		got := request(t, http.MethodGet, url+"?jsonp=call.back", nil)
		if body := string(got.body); got.code != 200 || !strings.HasPrefix(body, "call.back(") || !strings.Contains(body, ")") || got.header.Get("Content-Type") != "text/javascript" {
			t.Errorf("%s with jsonp answered %d %q %.100q, want call.back(...) as text/javascript", url, got.code, got.header.Get("Content-Type"), body)
		}
		plain := request(t, http.MethodGet, url, nil, "Accept-Encoding", "identity")
		packed := request(t, http.MethodGet, url, nil, "Accept-Encoding", "gzip")
		if is, want := packed.header.Get("Content-Encoding") == "gzip", len(plain.body) >= 1024; is != want && len(plain.body) > 1100 {
			t.Errorf("%s of %d bytes: compressed %v, want %v", url, len(plain.body), is, want)
		}
	}
	got := request(t, http.MethodPost, c.URL("/api/v1"), asJSON.encode(t, `{"type":"GET_METRICS"}`, &masterv1.Call{}), "Content-Type", asJSON.media(), "Accept-Encoding", "gzip")
	if got.header.Get("Content-Encoding") != "gzip" {
		t.Errorf("GET_METRICS is not compressed")
	}
}
