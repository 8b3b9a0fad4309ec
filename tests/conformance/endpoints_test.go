package conformance

import (
	"encoding/json"
	"fmt"
	"net/http"
	"slices"
	"strings"
	"testing"

	"mesos/tests/cluster"
)

// endpointRow is a request to an unversioned endpoint. Good JSON answers are checked for the keys that they must have.
type endpointRow struct {
	path   string // with its query
	method string // GET unless said
	form   bool   // the body is a form, not JSON
	body   string
	code   int
	keys   string // of the answer's object, or of the first of its list: names with spaces between them
	words  string // in any other answer
}

const masterKeys = "version start_time id pid hostname activated_slaves deactivated_slaves unreachable_slaves leader leader_info slaves recovered_slaves frameworks completed_frameworks orphan_tasks unregistered_frameworks capabilities"

var masterEndpoints = []endpointRow{
	{path: "/health", code: 200},
	{path: "/version", code: 200, keys: "version build_date build_time build_user"},
	{path: "/flags", code: 200, keys: "flags"},
	{path: "/state", code: 200, keys: masterKeys},
	{path: "/master/state.json", code: 200, keys: masterKeys},
	{path: "/state?jsonp=f", code: 200, words: "f({"},
	{path: "/state-summary", code: 200, keys: "hostname slaves frameworks"},
	{path: "/slaves", code: 200, keys: "slaves recovered_slaves"},
	{path: "/slaves?slave_id=<spare>", code: 200, keys: "slaves recovered_slaves"},
	{path: "/frameworks", code: 200, keys: "frameworks completed_frameworks unregistered_frameworks"},
	{path: "/tasks", code: 200, keys: "tasks"},
	{path: "/tasks?limit=-1", code: 400, words: "limit"},
	{path: "/roles", code: 200, keys: "roles"},
	{path: "/weights", code: 200, words: "["},
	{path: "/weights", method: "PUT", body: `[{"role":"w","weight":2}]`, code: 200},
	{path: "/weights", method: "PUT", body: `[{"role":"w","weight":-1}]`, code: 400, words: "weight"},
	{path: "/quota", method: "POST", body: `{"role":"q","guarantee":[{"name":"cpus","type":"SCALAR","scalar":{"value":1}}]}`, code: 200},
	{path: "/quota", code: 200, keys: "infos configs"},
	{path: "/quota", method: "POST", body: `{"role":"q2","guarantee":[{"name":"cpus","type":"SCALAR","scalar":{"value":1},"role":"x"}]}`, code: 400, words: "role"},
	{path: "/quota/q", method: "DELETE", code: 200},
	{path: "/quota/nobody", method: "DELETE", code: 400, words: "nobody"},
	{path: "/maintenance/schedule", code: 200, words: "{"},
	{path: "/maintenance/schedule", method: "POST", body: `{"windows":[{"machine_ids":[{"hostname":"h","ip":"10.9.9.9"}],"unavailability":{"start":{"nanoseconds":1}}}]}`, code: 200},
	{path: "/maintenance/schedule", method: "POST", body: `{"windows":[{"machine_ids":[],"unavailability":{"start":{"nanoseconds":1}}}]}`, code: 400, words: "machine_ids"},
	{path: "/maintenance/status", code: 200, keys: "draining_machines"},
	{path: "/machine/down", method: "POST", body: `[{"hostname":"h","ip":"10.9.9.9"}]`, code: 200},
	{path: "/maintenance/status", code: 200, keys: "down_machines"},
	{path: "/machine/up", method: "POST", body: `[{"hostname":"h","ip":"10.9.9.9"}]`, code: 200},
	{path: "/machine/down", method: "POST", body: `[{"hostname":"other","ip":"10.9.9.8"}]`, code: 400, words: "other"},
	{path: "/machine/up", method: "POST", body: `[{"hostname":"h","ip":"127.0.0.9"}]`, code: 400, words: "127.0.0.9"},
	{path: "/reserve", method: "POST", form: true, body: `slaveId=<spare>&resources=[` + disk("100") + `}]`, code: 202},
	{path: "/reserve", method: "POST", form: true, body: `slaveId=nope&resources=[]`, code: 400, words: "slaveId"},
	{path: "/create-volumes", method: "POST", form: true, body: `slaveId=<spare>&volumes=[` + disk("50") + volume + `]`, code: 202},
	{path: "/create-volumes", method: "POST", form: true, body: `slaveId=<spare>&volumes=x`, code: 400, words: "volumes"},
	{path: "/destroy-volumes", method: "POST", form: true, body: `slaveId=<spare>&volumes=[` + disk("50") + volume + `]`, code: 202},
	{path: "/destroy-volumes", method: "POST", form: true, body: `slaveId=<spare>&volumes=[` + disk("50") + volume + `]`, code: 409, words: "disk"},
	{path: "/unreserve", method: "POST", form: true, body: `slaveId=<spare>&resources=[` + disk("100") + `}]`, code: 202},
	{path: "/unreserve", method: "POST", form: true, body: `resources=[]`, code: 400, words: "slaveId"},
	{path: "/teardown", method: "POST", form: true, body: `frameworkId=nope`, code: 400, words: "nope"},
	{path: "/redirect", code: 307},
	{path: "/redirect/x", code: 404},
	{path: "/registrar(1)/registry", code: 200, words: "{"},
	{path: "/metrics/snapshot", code: 200, keys: "master/elected master/uptime_secs master/cpus_total master/slaves_active master/tasks_running allocator/event_queue_dispatches registrar/queued_operations system/cpus_total"},
	{path: "/metrics", code: 200, words: "# HELP"},
	{path: "/system/stats.json", code: 200, keys: "avg_load_1min avg_load_5min avg_load_15min cpus_total mem_total_bytes mem_free_bytes"},
	{path: "/logging/toggle", code: 200},
	{path: "/logging/toggle?level=nine&duration=1secs", code: 400, words: "level"},
	{path: "/files/browse", code: 400, words: "path"},
	{path: "/files/read?path=/nope", code: 404, words: "/nope"},
	{path: "/files/read?path=/master/log&offset=0&length=6", code: 200, keys: "data offset"},
	{path: "/files/download?path=/master/log", code: 200, words: "a line"},
	{path: "/files/debug", code: 200, keys: "/master/log"},
	{path: "/help", code: 200, words: "/api/v1"},
	{path: "/help?format=json", code: 200, keys: "processes"},
	{path: "/help/state", code: 200, words: "/state"},
	{path: "/nonsense", code: 404},
	{path: "/state", method: "POST", code: 405},
	{path: "/api/v1", code: 405},
}

const agentKeys = "version start_time id pid hostname capabilities resources reserved_resources unreserved_resources reserved_resources_full unreserved_resources_full reserved_resources_allocated unreserved_resources_allocated resource_providers attributes flags frameworks completed_frameworks"

var agentEndpoints = []endpointRow{
	{path: "/health", code: 200},
	{path: "/version", code: 200, keys: "version"},
	{path: "/flags", code: 200, keys: "flags"},
	{path: "/state", code: 200, keys: agentKeys},
	{path: "/slave(1)/state", code: 200, keys: agentKeys},
	{path: "/slave(1)/state.json", code: 200, keys: agentKeys},
	{path: "/containers", code: 200, keys: "framework_id executor_id executor_name source container_id status statistics"},
	{path: "/containers?executor_id=x", code: 400, words: "framework_id"},
	{path: "/monitor/statistics", code: 200, keys: "executor_id executor_name framework_id source statistics"},
	{path: "/containerizer/debug", code: 200, keys: "pending"},
	{path: "/metrics/snapshot", code: 200, keys: "slave/registered slave/uptime_secs slave/cpus_total slave/tasks_running slave/executors_running containerizer/mesos/container_destroy_errors gc/path_removals_pending"},
	{path: "/metrics", code: 200, words: "# HELP"},
	{path: "/system/stats.json", code: 200, keys: "cpus_total"},
	{path: "/files/browse?path=<sandbox>", code: 200, keys: "path nlink size mtime mode uid gid"},
	{path: "/files/browse?path=<sandbox>/../..", code: 403},
	{path: "/files/read?path=<sandbox>/stdout", code: 200, keys: "data offset"},
	{path: "/files/download?path=<sandbox>/stdout", code: 200, words: "started"},
	{path: "/help", code: 200, words: "/api/v1"},
	{path: "/help?format=json", code: 200, keys: "processes"},
	{path: "/help/state", code: 200, words: "/state"},
	{path: "/nonsense", code: 404},
	{path: "/api/v1", code: 405},
	{path: "/api/v1/executor", code: 405},
}

func (r endpointRow) run(t *testing.T, url string, known []string) {
	t.Helper()
	fill := strings.NewReplacer(known...).Replace
	method, media := r.method, asJSON.media()
	if method == "" {
		method = http.MethodGet
	}
	body := fill(r.body)
	if r.form {
		media = "application/x-www-form-urlencoded"
		body = strings.NewReplacer("[", "%5B", "]", "%5D", "{", "%7B", "}", "%7D", `"`, "%22", ":", "%3A", ",", "%2C").Replace(body)
	}
	got := request(t, method, url+fill(r.path), []byte(body), "Content-Type", media)
	switch {
	case got.code != r.code:
		t.Errorf("answered %d %.300q, want %d", got.code, got.body, r.code)
	case r.keys == "" && !strings.Contains(string(got.body), fill(r.words)):
		t.Errorf("answered %.500q, want it to contain %q", got.body, r.words)
	case r.keys != "":
		for _, k := range strings.Fields(r.keys) {
			if have, err := keysOf(got.body); err != nil || !slices.Contains(have, k) {
				t.Errorf("the answer has the keys %q (%v), want %q among them", have, err, k)
			}
		}
	}
}

// keysOf are the keys of a JSON object, or of the first of a list.
func keysOf(body []byte) (out []string, err error) {
	var list []map[string]any
	if body[0] == '{' {
		body = slices.Concat([]byte("["), body, []byte("]"))
	}
	if err := json.Unmarshal(body, &list); err != nil || len(list) == 0 {
		return nil, fmt.Errorf("%.200q: %w", body, err)
	}
	for k := range list[0] {
		out = append(out, k)
	}
	slices.Sort(out)
	return out, nil
}

func TestEndpoints(t *testing.T) {
	t.Parallel()
	c := cluster.Start(t, cluster.Options{Separate: true, Agents: 2, MasterFlags: []string{"--external_log_file=" + logFile(t)}})
	agents := agentsOf(t, c, 2)
	s := subscribeScheduler(t, c.URL("/api/v1/scheduler"), asJSON)
	runTask(s, agents[1].GetId().GetValue())
	awaitOutput(t, "http://"+c.AgentAddr(1), s.id)
	known := []string{"<spare>", agents[0].GetId().GetValue(), "<sandbox>", fmt.Sprintf("/frameworks/%s/executors/t/runs/latest", s.id)}
	for _, side := range []struct {
		name, url string
		rows      []endpointRow
	}{{"master", "http://" + c.Addr(), masterEndpoints}, {"agent", "http://" + c.AgentAddr(1), agentEndpoints}} {
		for _, r := range side.rows {
			t.Run(strings.TrimSpace(side.name+" "+r.method+" "+r.path), func(t *testing.T) { r.run(t, side.url, known) })
		}
	}
}
