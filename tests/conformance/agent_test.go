package conformance

import (
	"encoding/json"
	"fmt"
	"net/http"
	"strings"
	"testing"
	"time"

	"google.golang.org/protobuf/proto"

	agentv1 "mesos/messages/mesos/v1/agent"
	"mesos/tests/cluster"
)

const (
	child    = `"container_id":{"value":"<new>","parent":{"value":"<container>"}}`
	nobody   = `"container_id":{"value":"nobody"}`
	orphan   = `"container_id":{"value":"x","parent":{"value":"nobody"}}`
	sleeping = `"command":{"value":"sleep 1000"}`
	pool     = `"info":{"type":"org.mesos.rp.local.directory","name":"<new>","attributes":[{"name":"path","type":"TEXT","text":{"value":"<pool>"}},{"name":"size_mb","type":"SCALAR","scalar":{"value":100}}]}`
	provider = `"info":{"type":"org.apache.mesos.rp.local.storage","name":"x"}`
)

var largerPool = strings.Replace(pool, ":100}", ":200}", 1)

// agentRows run in their order, once for each encoding.
var agentRows = []operatorRow{
	{call: "GET_HEALTH", code: 200, words: `"healthy":true`},
	{call: "GET_FLAGS", code: 200, words: `"name":"work_dir"`},
	{call: "GET_VERSION", code: 200, words: `"version":"1.11.0"`},
	{call: "GET_METRICS", code: 200, words: `"name":"slave/tasks_running"`},
	{call: "SET_LOGGING_LEVEL", body: `"set_logging_level":{"level":1,"duration":{"nanoseconds":1000000}}`, code: 200},
	{call: "SET_LOGGING_LEVEL", name: "without its part", code: 400, words: "set_logging_level"},
	{call: "GET_LOGGING_LEVEL", code: 200, words: `"level":`},
	{call: "LIST_FILES", body: `"list_files":{"path":"<sandbox>"}`, code: 200, words: `"path":"<sandbox>/stdout"`},
	{call: "LIST_FILES", name: "nothing there", body: `"list_files":{"path":"/nothing"}`, code: 404, words: "/nothing"},
	{call: "READ_FILE", body: `"read_file":{"path":"<sandbox>/stdout","offset":0,"length":7}`, code: 200, words: `"data":"c3RhcnRlZA=="`},
	{call: "READ_FILE", name: "nothing there", body: `"read_file":{"path":"/nothing","offset":0}`, code: 404, words: "/nothing"},
	{call: "GET_STATE", code: 200, words: `"get_executors"`},
	{call: "GET_CONTAINERS", code: 200, words: `"container_id":{"value":"<container>"}`},
	{call: "GET_FRAMEWORKS", code: 200, words: `"name":"conform"`},
	{call: "GET_EXECUTORS", code: 200, words: `"executor_id":{"value":"t"}`},
	{call: "GET_OPERATIONS", code: 200, words: `get_operations`},
	{call: "GET_TASKS", code: 200, words: `"name":"t"`},
	{call: "GET_AGENT", code: 200, words: `"hostname":`},
	{call: "GET_RESOURCE_PROVIDERS", code: 200, words: `get_resource_providers`},
	{call: "LAUNCH_NESTED_CONTAINER", body: `"launch_nested_container":{` + child + `,` + sleeping + `}`, code: 200},
	{call: "LAUNCH_NESTED_CONTAINER", name: "once more", body: `"launch_nested_container":{` + child + `,` + sleeping + `}`, code: 202},
	{call: "LAUNCH_NESTED_CONTAINER", name: "below nothing", body: `"launch_nested_container":{` + orphan + `,` + sleeping + `}`, code: 400, words: "nobody"},
	{call: "GET_CONTAINERS", name: "nested ones", body: `"get_containers":{"show_nested":true}`, code: 200, words: `"value":"<new>"`},
	{call: "KILL_NESTED_CONTAINER", body: `"kill_nested_container":{` + child + `}`, code: 200},
	{call: "KILL_NESTED_CONTAINER", name: "none is there", body: `"kill_nested_container":{` + orphan + `}`, code: 404, words: "nobody"},
	{call: "WAIT_NESTED_CONTAINER", body: `"wait_nested_container":{` + child + `}`, code: 200, words: `"exit_status":9`},
	{call: "WAIT_NESTED_CONTAINER", name: "none is there", body: `"wait_nested_container":{` + orphan + `}`, code: 404, words: "nobody"},
	{call: "REMOVE_NESTED_CONTAINER", body: `"remove_nested_container":{` + child + `}`, code: 200},
	{call: "REMOVE_NESTED_CONTAINER", name: "without its part", code: 400, words: "remove_nested_container"},
	{call: "LAUNCH_CONTAINER", body: `"launch_container":{"container_id":{"value":"<new>"},"command":{"value":"exit 3"},"resources":[{"name":"cpus","type":"SCALAR","scalar":{"value":0.1}}]}`, code: 200},
	{call: "LAUNCH_CONTAINER", name: "a bad id", body: `"launch_container":{"container_id":{"value":"../x"},` + sleeping + `}`, code: 400, words: "container_id"},
	{call: "WAIT_CONTAINER", body: `"wait_container":{"container_id":{"value":"<new>"}}`, code: 200, words: `"exit_status":768`},
	{call: "WAIT_CONTAINER", name: "none is there", body: `"wait_container":{` + nobody + `}`, code: 404, words: "nobody"},
	{call: "REMOVE_CONTAINER", body: `"remove_container":{"container_id":{"value":"<new>"}}`, code: 200},
	{call: "REMOVE_CONTAINER", name: "without its part", code: 400, words: "remove_container"},
	{call: "LAUNCH_CONTAINER", name: "to be killed", body: `"launch_container":{"container_id":{"value":"<new>k"},` + sleeping + `}`, code: 200},
	{call: "KILL_CONTAINER", body: `"kill_container":{"container_id":{"value":"<new>k"},"signal":15}`, code: 200},
	{call: "KILL_CONTAINER", name: "none is there", body: `"kill_container":{` + nobody + `}`, code: 404, words: "nobody"},
	{call: "ATTACH_CONTAINER_OUTPUT", name: "none is there", body: `"attach_container_output":{` + nobody + `}`, code: 404, words: "nobody"},
	{call: "ATTACH_CONTAINER_INPUT", name: "not as a stream", body: `"attach_container_input":{"type":"CONTAINER_ID",` + nobody + `}`, code: 415, words: "recordio"},
	{call: "LAUNCH_NESTED_CONTAINER_SESSION", name: "below nothing", body: `"launch_nested_container_session":{` + orphan + `,` + sleeping + `}`, code: 400, words: "nobody"},
	{call: "ADD_RESOURCE_PROVIDER_CONFIG", body: `"add_resource_provider_config":{` + pool + `}`, code: 200},
	{call: "ADD_RESOURCE_PROVIDER_CONFIG", name: "the same again", body: `"add_resource_provider_config":{` + pool + `}`, code: 200},
	{call: "ADD_RESOURCE_PROVIDER_CONFIG", name: "another of the name", body: `"add_resource_provider_config":{` + largerPool + `}`, code: 409, words: "name <new>"},
	{call: "ADD_RESOURCE_PROVIDER_CONFIG", name: "an unknown type", body: `"add_resource_provider_config":{` + provider + `}`, code: 400, words: "it must be one of org.mesos.rp.local.directory"},
	{call: "ADD_RESOURCE_PROVIDER_CONFIG", name: "without its part", code: 400, words: "add_resource_provider_config"},
	{call: "GET_RESOURCE_PROVIDERS", name: "the pool", code: 200, words: `"name":"<new>"`, awaited: true},
	{call: "UPDATE_RESOURCE_PROVIDER_CONFIG", body: `"update_resource_provider_config":{` + largerPool + `}`, code: 200},
	{call: "UPDATE_RESOURCE_PROVIDER_CONFIG", name: "none is there", body: `"update_resource_provider_config":{` + strings.Replace(pool, "<new>", "none", 1) + `}`, code: 409, words: "there is no configuration"},
	{call: "GET_RESOURCE_PROVIDERS", name: "the larger pool", code: 200, words: `"scalar":{"value":200.0}`, awaited: true},
	{call: "REMOVE_RESOURCE_PROVIDER_CONFIG", body: `"remove_resource_provider_config":{"type":"org.mesos.rp.local.directory","name":"<new>"}`, code: 200},
	{call: "REMOVE_RESOURCE_PROVIDER_CONFIG", name: "none is there", body: `"remove_resource_provider_config":{"type":"x","name":"x"}`, code: 200},
	{call: "REMOVE_RESOURCE_PROVIDER_CONFIG", name: "without its part", code: 400, words: "remove_resource_provider_config"},
	{call: "MARK_RESOURCE_PROVIDER_GONE", body: `"mark_resource_provider_gone":{"resource_provider_id":{"value":"<provider>"}}`, code: 200},
	{call: "MARK_RESOURCE_PROVIDER_GONE", name: "again", body: `"mark_resource_provider_gone":{"resource_provider_id":{"value":"<provider>"}}`, code: 200},
	{call: "MARK_RESOURCE_PROVIDER_GONE", name: "none is there", body: `"mark_resource_provider_gone":{"resource_provider_id":{"value":"x"}}`, code: 404, words: "mark_resource_provider_gone.resource_provider_id"},
	{call: "PRUNE_IMAGES", body: `"prune_images":{}`, code: 200},
}

// streams are the calls whose good answers are streams: the suite of sessions in tests/e2e talks with them.
var streams = map[string]bool{"LAUNCH_NESTED_CONTAINER_SESSION": true, "ATTACH_CONTAINER_INPUT": true, "ATTACH_CONTAINER_OUTPUT": true}

func TestAgentCalls(t *testing.T) {
	t.Parallel()
	c := cluster.Start(t, cluster.Options{Separate: true, AgentFlags: []string{"--resource_provider_config_dir=" + t.TempDir()}})
	id := agentsOf(t, c, 1)[0].GetId().GetValue()
	s := subscribeScheduler(t, c.URL("/api/v1/scheduler"), asJSON)
	runTask(s, id)
	url := "http://" + c.AgentAddr(0)
	awaitOutput(t, url, s.id)
	api := operatorAPI{
		url:     url + "/slave(1)/api/v1",
		newCall: func() proto.Message { return &agentv1.Call{} },
		newResponse: func() (proto.Message, func() string) {
			r := &agentv1.Response{}
			return r, func() string { return r.GetType().String() }
		},
	}
	m := api.play(t, "operator calls of the agent", names(agentv1.Call_Type_name), agentRows, nil, func(e encoding) []string {
		return []string{
			"<container>", containerOf(t, url), "<sandbox>", fmt.Sprintf("/frameworks/%s/executors/t/runs/latest", s.id), "<new>", "new-" + e.String(),
			"<pool>", t.TempDir(), "<provider>", subscribeProvider(t, url, e.String(), e).id,
		}
	})
	m.print(t, func(line string, column int) bool { return column%2 == 1 || !streams[line] })
}

// awaitOutput waits until the task of runTask has written its line, which may come after it is told running.
func awaitOutput(t *testing.T, agentURL, frameworkID string) {
	t.Helper()
	url := fmt.Sprintf("%s/files/read?offset=0&path=/frameworks/%s/executors/t/runs/latest/stdout", agentURL, frameworkID)
	for deadline := time.Now().Add(patience); !strings.Contains(string(request(t, http.MethodGet, url, nil).body), "started"); time.Sleep(10 * time.Millisecond) {
		if time.Now().After(deadline) {
			t.Fatal("the task wrote nothing")
		}
	}
}

// containerOf is the id of the agent's one container.
func containerOf(t *testing.T, url string) string {
	t.Helper()
	got := request(t, http.MethodGet, url+"/containers", nil)
	var list []struct {
		ContainerID string `json:"container_id"`
	}
	if err := json.Unmarshal(got.body, &list); err != nil || len(list) != 1 {
		t.Fatalf("/containers answered %d %s (%v), want one container", got.code, got.body, err)
	}
	return list[0].ContainerID
}
