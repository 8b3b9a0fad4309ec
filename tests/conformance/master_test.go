package conformance

import (
	"fmt"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"google.golang.org/protobuf/proto"

	v1 "mesos/messages/mesos/v1"
	masterv1 "mesos/messages/mesos/v1/master"
	"mesos/tests/cluster"
)

const (
	held      = `{"name":"disk","type":"SCALAR","scalar":{"value":%s},"reservations":[{"type":"DYNAMIC","role":"ops"}]`
	volume    = `,"disk":{"persistence":{"id":"v"},"volume":{"mode":"RW","container_path":"data"}}}`
	onSpare   = `"agent_id":{"value":"<spare>"}`
	machine   = `{"hostname":"<hostname>","ip":"<ip>"}`
	window    = `{"machine_ids":[` + machine + `],"unavailability":{"start":{"nanoseconds":4102444800000000000},"duration":{"nanoseconds":60000000000}}}`
	quotaOfIt = `"quota_configs":[{"role":"ops","guarantees":{"cpus":{"value":%s}},"limits":{"cpus":{"value":2}}}]`
)

func disk(mb string) string { return strings.Replace(held, "%s", mb, 1) }

// masterRows run in their order, once for each encoding: what one row sets up, a later one takes back.
var masterRows = []operatorRow{
	{call: "GET_HEALTH", code: 200, words: `"healthy":true`},
	{call: "GET_FLAGS", code: 200, words: `"name":"agent_ping_timeout"`},
	{call: "GET_VERSION", code: 200, words: `"version":"1.11.0"`},
	{call: "GET_METRICS", code: 200, words: `"name":"master/elected"`},
	{call: "GET_METRICS", name: "with a timeout", body: `"get_metrics":{"timeout":{"nanoseconds":5000000000}}`, code: 200, words: `"name":"master/elected"`},
	{call: "SET_LOGGING_LEVEL", body: `"set_logging_level":{"level":1,"duration":{"nanoseconds":1000000}}`, code: 200},
	{call: "SET_LOGGING_LEVEL", name: "without its part", code: 400, words: "set_logging_level"},
	{call: "GET_LOGGING_LEVEL", code: 200, words: `"level":`},
	{call: "LIST_FILES", name: "without its part", code: 400, words: "list_files"},
	{call: "LIST_FILES", name: "nothing there", body: `"list_files":{"path":"/nothing"}`, code: 404, words: "/nothing"},
	{call: "LIST_FILES", name: "a file", body: `"list_files":{"path":"/master/log"}`, code: 400, words: "directory"},
	{call: "READ_FILE", body: `"read_file":{"path":"/master/log","offset":0,"length":1}`, code: 200, words: `"data":`},
	{call: "READ_FILE", name: "nothing there", body: `"read_file":{"path":"/nothing","offset":0}`, code: 404, words: "/nothing"},
	{call: "GET_STATE", code: 200, words: `"get_agents"`},
	{call: "GET_AGENTS", code: 200, words: `"active":true`},
	{call: "GET_FRAMEWORKS", code: 200, words: `"name":"conform"`},
	{call: "GET_EXECUTORS", code: 200, words: `get_executors`},
	{call: "GET_OPERATIONS", code: 200, words: `get_operations`},
	{call: "GET_TASKS", code: 200, words: `"name":"t"`},
	{call: "GET_ROLES", code: 200, words: `"name":"conform"`},
	{call: "GET_MASTER", code: 200, words: `"hostname":`},
	{call: "GET_WEIGHTS", code: 200, words: `get_weights`},
	{call: "UPDATE_WEIGHTS", body: `"update_weights":{"weight_infos":[{"role":"ops","weight":2.5}]}`, code: 200},
	{call: "GET_WEIGHTS", name: "one that was set", code: 200, words: `"weight":2.5`},
	{call: "UPDATE_WEIGHTS", name: "not positive", body: `"update_weights":{"weight_infos":[{"role":"ops","weight":-1}]}`, code: 400, words: "weight"},
	{call: "UPDATE_WEIGHTS", name: "back", body: `"update_weights":{"weight_infos":[{"role":"ops","weight":1}]}`, code: 200},
	{call: "GET_QUOTA", code: 200, words: `get_quota`},
	{call: "UPDATE_QUOTA", body: `"update_quota":{` + strings.Replace(quotaOfIt, "%s", "1", 1) + `}`, code: 200},
	{call: "GET_QUOTA", name: "one that was set", code: 200, words: `"limits":{"cpus":{"value":2.0}}`},
	{call: "UPDATE_QUOTA", name: "guarantee above the limit", body: `"update_quota":{` + strings.Replace(quotaOfIt, "%s", "3", 1) + `}`, code: 400, words: "guarantee"},
	{call: "UPDATE_QUOTA", name: "a bad role", body: `"update_quota":{"quota_configs":[{"role":"a/../b","limits":{"cpus":{"value":1}}}]}`, code: 400, words: "role"},
	{call: "UPDATE_QUOTA", name: "more than there is", body: `"update_quota":{"quota_configs":[{"role":"ops","guarantees":{"cpus":{"value":9999}}}]}`, code: 400, words: "9999"},
	{call: "REMOVE_QUOTA", body: `"remove_quota":{"role":"ops"}`, code: 200},
	{call: "REMOVE_QUOTA", name: "none is set", body: `"remove_quota":{"role":"nobody"}`, code: 400, words: "nobody"},
	{call: "SET_QUOTA", body: `"set_quota":{"quota_request":{"role":"ops","guarantee":[{"name":"cpus","type":"SCALAR","scalar":{"value":1}}]}}`, code: 200},
	{call: "SET_QUOTA", name: "not a scalar", body: `"set_quota":{"quota_request":{"role":"ops2","guarantee":[{"name":"ports","type":"RANGES","ranges":{"range":[{"begin":1,"end":2}]}}]}}`, code: 400, words: "ports"},
	{call: "REMOVE_QUOTA", name: "back", body: `"remove_quota":{"role":"ops"}`, code: 200},
	{call: "RESERVE_RESOURCES", body: `"reserve_resources":{` + onSpare + `,"resources":[` + disk("100") + `}]}`, code: 202},
	{call: "RESERVE_RESOURCES", name: "more than there is", body: `"reserve_resources":{` + onSpare + `,"resources":[` + disk("1e9") + `}]}`, code: 409, words: "disk"},
	{call: "RESERVE_RESOURCES", name: "an unknown agent", body: `"reserve_resources":{"agent_id":{"value":"nobody"},"resources":[` + disk("1") + `}]}`, code: 400, words: "nobody"},
	{call: "CREATE_VOLUMES", body: `"create_volumes":{` + onSpare + `,"volumes":[` + disk("50") + volume + `]}`, code: 202},
	{call: "CREATE_VOLUMES", name: "without persistence", body: `"create_volumes":{` + onSpare + `,"volumes":[` + disk("10") + `}]}`, code: 400, words: "persistence"},
	{call: "GROW_VOLUME", body: `"grow_volume":{` + onSpare + `,"volume":` + disk("50") + volume + `,"addition":` + disk("25") + `}}`, code: 202},
	{call: "GROW_VOLUME", name: "without its part", code: 400, words: "grow_volume"},
	{call: "SHRINK_VOLUME", body: `"shrink_volume":{` + onSpare + `,"volume":` + disk("75") + volume + `,"subtract":{"value":25}}`, code: 202},
	{call: "SHRINK_VOLUME", name: "to nothing", body: `"shrink_volume":{` + onSpare + `,"volume":` + disk("50") + volume + `,"subtract":{"value":50}}`, code: 400, words: "subtract"},
	{call: "DESTROY_VOLUMES", body: `"destroy_volumes":{` + onSpare + `,"volumes":[` + disk("50") + volume + `]}`, code: 202},
	{call: "DESTROY_VOLUMES", name: "none is there", body: `"destroy_volumes":{` + onSpare + `,"volumes":[` + disk("50") + volume + `]}`, code: 409, words: "disk"},
	{call: "UNRESERVE_RESOURCES", body: `"unreserve_resources":{` + onSpare + `,"resources":[` + disk("100") + `}]}`, code: 202},
	{call: "UNRESERVE_RESOURCES", name: "not reserved", body: `"unreserve_resources":{` + onSpare + `,"resources":[{"name":"disk","type":"SCALAR","scalar":{"value":1}}]}`, code: 400, words: "reserv"},
	{call: "GET_MAINTENANCE_SCHEDULE", code: 200, words: `get_maintenance_schedule`},
	{call: "UPDATE_MAINTENANCE_SCHEDULE", body: `"update_maintenance_schedule":{"schedule":{"windows":[` + window + `]}}`, code: 200},
	{call: "UPDATE_MAINTENANCE_SCHEDULE", name: "a machine twice", body: `"update_maintenance_schedule":{"schedule":{"windows":[` + window + `,` + window + `]}}`, code: 400, words: "<hostname>"},
	{call: "GET_MAINTENANCE_STATUS", code: 200, words: `"draining_machines"`},
	{call: "DRAIN_AGENT", name: "one in a maintenance window", body: `"drain_agent":{` + onSpare + `}`, code: 400, words: "maintenance"},
	{call: "START_MAINTENANCE", body: `"start_maintenance":{"machines":[{"hostname":"elsewhere","ip":"10.9.9.9"}]}`, code: 400, words: "elsewhere"},
	{call: "STOP_MAINTENANCE", name: "one that is not down", body: `"stop_maintenance":{"machines":[` + machine + `]}`, code: 400, words: "<hostname>"},
	{call: "UPDATE_MAINTENANCE_SCHEDULE", name: "back", body: `"update_maintenance_schedule":{"schedule":{}}`, code: 200},
	{call: "UPDATE_MAINTENANCE_SCHEDULE", name: "of a machine without an agent", body: `"update_maintenance_schedule":{"schedule":{"windows":[{"machine_ids":[{"hostname":"elsewhere","ip":"10.9.9.9"}],"unavailability":{"start":{"nanoseconds":1}}}]}}`, code: 200},
	{call: "START_MAINTENANCE", name: "of it", body: `"start_maintenance":{"machines":[{"hostname":"elsewhere","ip":"10.9.9.9"}]}`, code: 200},
	{call: "STOP_MAINTENANCE", body: `"stop_maintenance":{"machines":[{"hostname":"elsewhere","ip":"10.9.9.9"}]}`, code: 200},
	{call: "DRAIN_AGENT", body: `"drain_agent":{` + onSpare + `,"max_grace_period":{"seconds":1}}`, code: 200},
	{call: "DRAIN_AGENT", name: "an unknown agent", body: `"drain_agent":{"agent_id":{"value":"nobody"}}`, code: 400, words: "nobody"},
	{call: "DEACTIVATE_AGENT", name: "an unknown agent", body: `"deactivate_agent":{"agent_id":{"value":"nobody"}}`, code: 400, words: "nobody"},
	{call: "REACTIVATE_AGENT", name: "an unknown agent", body: `"reactivate_agent":{"agent_id":{"value":"nobody"}}`, code: 400, words: "nobody"},
	{call: "REACTIVATE_AGENT", name: "a drained one", body: `"reactivate_agent":{` + onSpare + `}`, code: 200, waits: true},
	{call: "DEACTIVATE_AGENT", body: `"deactivate_agent":{` + onSpare + `}`, code: 200},
	{call: "REACTIVATE_AGENT", name: "again", body: `"reactivate_agent":{` + onSpare + `}`, code: 200},
	{call: "REACTIVATE_AGENT", name: "an active one", body: `"reactivate_agent":{` + onSpare + `}`, code: 400, words: "<spare>"},
	{call: "TEARDOWN", body: `"teardown":{"framework_id":{"value":"<doomed>"}}`, code: 200},
	{call: "TEARDOWN", name: "an unknown framework", body: `"teardown":{"framework_id":{"value":"nobody"}}`, code: 400, words: "nobody"},
	{call: "MARK_AGENT_GONE", name: "an unknown agent", body: `"mark_agent_gone":{"agent_id":{"value":"nobody"}}`, code: 404, words: "nobody"},
	{call: "MARK_AGENT_GONE", body: `"mark_agent_gone":{"agent_id":{"value":"<gone>"}}`, code: 200},
	{call: "MARK_AGENT_GONE", name: "again", body: `"mark_agent_gone":{"agent_id":{"value":"<gone>"}}`, code: 200},
}

func masterAPI(c *cluster.Cluster) operatorAPI {
	return operatorAPI{
		url:     c.URL("/api/v1"),
		newCall: func() proto.Message { return &masterv1.Call{} },
		newResponse: func() (proto.Message, func() string) {
			r := &masterv1.Response{}
			return r, func() string { return r.GetType().String() }
		},
	}
}

// agentsOf are the agents' infos in the order of the cluster.
func agentsOf(t *testing.T, c *cluster.Cluster, n int) []*v1.AgentInfo {
	t.Helper()
	got := request(t, http.MethodPost, c.URL("/api/v1"), []byte(`{"type":"GET_AGENTS"}`), "Content-Type", asJSON.media())
	r := &masterv1.Response{}
	if err := asJSON.decode(got.body, r); err != nil {
		t.Fatalf("GET_AGENTS: %d %s: %v", got.code, got.body, err)
	}
	out := make([]*v1.AgentInfo, n)
	for _, a := range r.GetGetAgents().GetAgents() {
		for i := range n {
			if strings.HasSuffix(a.GetPid(), "@"+c.AgentAddr(i)) {
				out[i] = a.GetAgentInfo()
			}
		}
	}
	return out
}

func TestMasterCalls(t *testing.T) {
	t.Parallel()
	c := cluster.Start(t, cluster.Options{Separate: true, Agents: 4, MasterFlags: []string{"--external_log_file=" + logFile(t)}})
	agents := agentsOf(t, c, 4)
	s := subscribeScheduler(t, c.URL("/api/v1/scheduler"), asJSON)
	runTask(s, agents[3].GetId().GetValue())
	api := masterAPI(c)
	m := api.play(t, "operator calls of the master", names(masterv1.Call_Type_name), masterRows, map[string]bool{"SUBSCRIBE": true}, func(e encoding) []string {
		doomed := subscribeScheduler(t, c.URL("/api/v1/scheduler"), e)
		return []string{
			"<spare>", agents[0].GetId().GetValue(), "<hostname>", agents[0].GetHostname(), "<ip>", c.IP(),
			"<gone>", agents[1+int(e)].GetId().GetValue(), "<doomed>", doomed.id,
		}
	})
	for _, e := range encodings {
		t.Run("SUBSCRIBE "+e.String(), func(t *testing.T) { m.note(t, "SUBSCRIBE", e, true, watchMaster(t, c, e)) })
		m.note(t, "SUBSCRIBE", e, false, api.unacceptable(t, e, "SUBSCRIBE"))
	}
	m.print(t, func(line string, column int) bool {
		return line != "LIST_FILES" || column%2 == 1 // a master shows no directory
	})
}

// logFile is a file for --external_log_file, which the files API shows.
func logFile(t *testing.T) string {
	t.Helper()
	path := filepath.Join(t.TempDir(), "log")
	if err := os.WriteFile(path, []byte("a line\n"), 0o644); err != nil {
		t.Fatal(err)
	}
	return path
}

// runTask runs a task on one agent; offers of others are declined.
func runTask(s *scheduler, agentID string) {
	s.t.Helper()
	for {
		for _, o := range s.event("OFFERS", nil).GetOffers().GetOffers() {
			if o.GetAgentId().GetValue() != agentID {
				s.call("DECLINE", fmt.Sprintf(`"decline":{"offer_ids":[{"value":%q}],"filters":{"refuse_seconds":1000}}`, o.GetId().GetValue()))
				continue
			}
			s.known = append(s.known, "<offer>", o.GetId().GetValue(), "<agent>", agentID)
			s.call("ACCEPT", launch("t", "echo started; sleep 1000"))
			st := s.event("UPDATE", nil).GetUpdate().GetStatus()
			for ; st.GetState() != v1.TaskState_TASK_RUNNING; st = s.event("UPDATE", nil).GetUpdate().GetStatus() {
				s.acknowledge(st)
			}
			s.acknowledge(st)
			return
		}
	}
}

func newMasterEvent() event[masterv1.Event_Type] { return &masterv1.Event{} }

// watchMaster subscribes to the event stream and lets a framework come, run a task and go.
func watchMaster(t *testing.T, c *cluster.Cluster, e encoding) bool {
	s := subscribe(t, c.URL("/api/v1"), e, e.encode(t, `{"type":"SUBSCRIBE"}`, &masterv1.Call{}), newMasterEvent)
	first := s.must("SUBSCRIBED", nil).(*masterv1.Event)
	if first.GetSubscribed().GetGetState().GetGetAgents() == nil || first.GetSubscribed().GetHeartbeatIntervalSeconds() <= 0 {
		t.Errorf("SUBSCRIBED is %v, want the whole state and a heartbeat interval", first)
	}
	s.must("HEARTBEAT", nil)
	f := subscribeScheduler(t, c.URL("/api/v1/scheduler"), e)
	f.prepare("<task>")
	f.call("UPDATE_FRAMEWORK", strings.NewReplacer("<framework>", f.id).Replace(
		`"update_framework":{"framework_info":{"user":"root","name":"other","id":{"value":"<framework>"},"roles":["conform"],"failover_timeout":1,"capabilities":[{"type":"PARTITION_AWARE"},{"type":"MULTI_ROLE"},{"type":"RESERVATION_REFINEMENT"}]}}`))
	f.call("TEARDOWN", "")
	for _, want := range []string{"FRAMEWORK_ADDED", "TASK_ADDED", "TASK_UPDATED", "FRAMEWORK_UPDATED", "FRAMEWORK_REMOVED"} {
		s.must(want, nil)
	}
	return !t.Failed()
}
