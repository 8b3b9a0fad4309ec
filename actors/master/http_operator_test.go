package master

import (
	"bytes"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"google.golang.org/protobuf/proto"

	"mesos/actors/httpapi"
	"mesos/messages/ids"
	v1 "mesos/messages/mesos/v1"
	masterv1 "mesos/messages/mesos/v1/master"
	"mesos/messages/resources"
)

func serve(tb testing.TB, s *standing) string {
	tb.Helper()
	server := httptest.NewServer(s.http)
	tb.Cleanup(server.Close)
	return server.URL
}

// post sends a body and returns the answer's code, headers and body.
func post(tb testing.TB, url, contentType, accept string, body []byte) (int, http.Header, []byte) {
	tb.Helper()
	r, err := http.NewRequest(http.MethodPost, url, bytes.NewReader(body))
	if err != nil {
		tb.Fatal(err)
	}
	if contentType != "" {
		r.Header.Set("Content-Type", contentType)
	}
	if accept != "" {
		r.Header.Set("Accept", accept)
	}
	w, err := http.DefaultClient.Do(r)
	if err != nil {
		tb.Fatal(err)
	}
	defer func() { _ = w.Body.Close() }()
	answer, err := io.ReadAll(w.Body)
	if err != nil {
		tb.Fatal(err)
	}
	return w.StatusCode, w.Header, answer
}

// callCase is one call and what its answer must be.
type callCase struct {
	call  *masterv1.Call
	code  int
	check func(r *masterv1.Response) bool // of a 200 with a body; nil: there must be no body
	words string                          // in the sentence of a refusal
}

func operatorCases(agent, framework string) []callCase {
	kind := func(t masterv1.Call_Type) *masterv1.Call { return &masterv1.Call{Type: t.Enum()} }
	return []callCase{
		{kind(masterv1.Call_GET_HEALTH), 200, func(r *masterv1.Response) bool { return r.GetGetHealth().GetHealthy() }, ""},
		{kind(masterv1.Call_GET_FLAGS), 200, func(r *masterv1.Response) bool {
			f := r.GetGetFlags().GetFlags()
			return len(f) == 2 && f[0].GetName() == "cluster" && f[1].GetValue() == "5050"
		}, ""},
		{kind(masterv1.Call_GET_VERSION), 200, func(r *masterv1.Response) bool { return r.GetGetVersion().GetVersionInfo().GetVersion() == "1.11.0" }, ""},
		{kind(masterv1.Call_GET_METRICS), 200, hasMetric("master/tasks_running", 1), ""},
		{&masterv1.Call{Type: masterv1.Call_GET_METRICS.Enum(), GetMetrics: &masterv1.Call_GetMetrics{Timeout: &v1.DurationInfo{Nanoseconds: proto.Int64(5e9)}}}, 200,
			hasMetric("master/slaves_active", 1), ""},
		{kind(masterv1.Call_GET_LOGGING_LEVEL), 200, func(r *masterv1.Response) bool { return r.GetGetLoggingLevel().GetLevel() == 0 }, ""},
		{kind(masterv1.Call_SET_LOGGING_LEVEL), 400, nil, "set_logging_level"},
		{setLevel(1, -1), 400, nil, "duration"},
		{setLevel(3, 3600e9), 200, nil, ""},
		{kind(masterv1.Call_GET_LOGGING_LEVEL), 200, func(r *masterv1.Response) bool { return r.GetGetLoggingLevel().GetLevel() == 3 }, ""},
		{setLevel(0, 0), 200, nil, ""},
		{kind(masterv1.Call_LIST_FILES), 400, nil, "list_files"},
		{listFiles("/nothing"), 404, nil, "/nothing"},
		{listFiles("/dir"), 200, func(r *masterv1.Response) bool {
			f := r.GetListFiles().GetFileInfos()
			return len(f) == 1 && f[0].GetPath() == "/dir/hello" && f[0].GetSize() == 12
		}, ""},
		{kind(masterv1.Call_READ_FILE), 400, nil, "read_file"},
		{readFile("/dir/nothing", 0, nil), 404, nil, "/dir/nothing"},
		{readFile("/dir", 0, nil), 400, nil, "/dir"},
		{readFile("/dir/hello", 6, proto.Uint64(3)), 200, isFile("wor", 12), ""},
		{readFile("/dir/hello", 6, nil), 200, isFile("world\n", 12), ""},
		{readFile("/dir/hello", 100, nil), 200, isFile("", 12), ""},
		{readFile("/dir/hello", 1<<64-1, proto.Uint64(1<<64-1)), 200, isFile("", 12), ""},
		{kind(masterv1.Call_GET_STATE), 200, func(r *masterv1.Response) bool {
			s := r.GetGetState()
			return len(s.GetGetTasks().GetTasks()) == 1 && len(s.GetGetAgents().GetAgents()) == 1 && len(s.GetGetFrameworks().GetFrameworks()) == 1
		}, ""},
		{kind(masterv1.Call_GET_AGENTS), 200, func(r *masterv1.Response) bool {
			a := r.GetGetAgents().GetAgents()
			return len(a) == 1 && a[0].GetAgentInfo().GetId().GetValue() == agent && a[0].GetActive() && len(a[0].GetAllocatedResources()) == 1
		}, ""},
		{kind(masterv1.Call_GET_FRAMEWORKS), 200, func(r *masterv1.Response) bool {
			f := r.GetGetFrameworks().GetFrameworks()
			return len(f) == 1 && f[0].GetFrameworkInfo().GetId().GetValue() == framework && !f[0].GetConnected()
		}, ""},
		{kind(masterv1.Call_GET_EXECUTORS), 200, func(r *masterv1.Response) bool {
			e := r.GetGetExecutors().GetExecutors()
			return len(e) == 1 && e[0].GetExecutorInfo().GetExecutorId().GetValue() == "pod" && e[0].GetAgentId().GetValue() == agent
		}, ""},
		{kind(masterv1.Call_GET_OPERATIONS), 200, func(r *masterv1.Response) bool { return r.GetGetOperations() != nil }, ""},
		{kind(masterv1.Call_GET_TASKS), 200, func(r *masterv1.Response) bool {
			l := r.GetGetTasks().GetTasks()
			return len(l) == 1 && l[0].GetState() == v1.TaskState_TASK_RUNNING && len(l[0].GetStatuses()) == 2
		}, ""},
		{kind(masterv1.Call_GET_ROLES), 200, func(r *masterv1.Response) bool {
			l := r.GetGetRoles().GetRoles()
			return len(l) == 2 && l[0].GetName() == "web" && l[1].GetName() == "web/a" && l[1].GetFrameworks()[0].GetValue() == framework
		}, ""},
		{kind(masterv1.Call_GET_WEIGHTS), 200, func(r *masterv1.Response) bool { return r.GetGetWeights() != nil }, ""},
		{kind(masterv1.Call_GET_MASTER), 200, func(r *masterv1.Response) bool {
			return r.GetGetMaster().GetMasterInfo().GetId() == "m" && r.GetGetMaster().GetStartTime() > 0
		}, ""},
		{kind(masterv1.Call_GET_MAINTENANCE_STATUS), 200, func(r *masterv1.Response) bool { return r.GetGetMaintenanceStatus().GetStatus() != nil }, ""},
		{kind(masterv1.Call_GET_MAINTENANCE_SCHEDULE), 200, func(r *masterv1.Response) bool { return r.GetGetMaintenanceSchedule().GetSchedule() != nil }, ""},
		{kind(masterv1.Call_GET_QUOTA), 200, func(r *masterv1.Response) bool { return r.GetGetQuota().GetStatus() != nil }, ""},
		{kind(masterv1.Call_UPDATE_QUOTA), 400, nil, "update_quota"}, // well ones are in quota_test.go
		{kind(masterv1.Call_SET_QUOTA), 400, nil, "set_quota"},
		{kind(masterv1.Call_REMOVE_QUOTA), 400, nil, "remove_quota"},
		{kind(masterv1.Call_UPDATE_WEIGHTS), 400, nil, "update_weights"},
		{kind(masterv1.Call_MARK_AGENT_GONE), 400, nil, "mark_agent_gone"},
		{markGoneCall("nope"), 404, nil, "nope"},
		{markGoneCall(agent), 200, nil, ""},
		{markGoneCall(agent), 200, nil, ""},
		{kind(masterv1.Call_DRAIN_AGENT), 400, nil, "drain_agent"}, // well ones are in orders_test.go
		{kind(masterv1.Call_DEACTIVATE_AGENT), 400, nil, "deactivate_agent"},
		{kind(masterv1.Call_REACTIVATE_AGENT), 400, nil, "reactivate_agent"},
		{kind(masterv1.Call_UPDATE_MAINTENANCE_SCHEDULE), 400, nil, "update_maintenance_schedule"},
		{kind(masterv1.Call_START_MAINTENANCE), 400, nil, "start_maintenance"},
		{kind(masterv1.Call_STOP_MAINTENANCE), 400, nil, "stop_maintenance"},
		{kind(masterv1.Call_RESERVE_RESOURCES), 400, nil, "reserve_resources"}, // well ones are in ophttp_test.go
		{kind(masterv1.Call_UNRESERVE_RESOURCES), 400, nil, "unreserve_resources"},
		{kind(masterv1.Call_CREATE_VOLUMES), 400, nil, "create_volumes"},
		{kind(masterv1.Call_DESTROY_VOLUMES), 400, nil, "destroy_volumes"},
		{kind(masterv1.Call_GROW_VOLUME), 400, nil, "grow_volume"},
		{kind(masterv1.Call_SHRINK_VOLUME), 400, nil, "shrink_volume"},
		{kind(masterv1.Call_TEARDOWN), 400, nil, "teardown"},
		{teardownCall("nope"), 400, nil, "nope"},
		{teardownCall(framework), 200, nil, ""},
		{teardownCall(framework), 400, nil, framework},
		{&masterv1.Call{}, 400, nil, "type"},
		{kind(masterv1.Call_UNKNOWN), 501, nil, "UNKNOWN"},
	}
}

// TestEveryOperatorCall sends every call, well and ill, in both encodings with both kinds of answer.
func TestEveryOperatorCall(t *testing.T) {
	for _, in := range []httpapi.Type{httpapi.JSON, httpapi.Protobuf} {
		for _, out := range []httpapi.Type{httpapi.JSON, httpapi.Protobuf} {
			t.Run(fmt.Sprintf("%s to %s", in, out), func(t *testing.T) { everyCall(t, in, out) })
		}
	}
}

func everyCall(t *testing.T, in, out httpapi.Type) {
	s := stand(t, Config{Flags: map[string]string{"port": "5050", "cluster": "c"}})
	dir := t.TempDir()
	if err := os.WriteFile(filepath.Join(dir, "hello"), []byte("hello world\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	if err := s.files.Attach("/dir", dir); err != nil {
		t.Fatal(err)
	}
	agent, framework := s.oneTask(t)
	url := serve(t, s)
	done := map[masterv1.Call_Type]bool{masterv1.Call_SUBSCRIBE: true} // has its own test
	check := func(c callCase) {
		t.Helper()
		done[c.call.GetType()] = true
		body, err := httpapi.Marshal(in, c.call)
		if err != nil {
			t.Fatal(err)
		}
		code, header, answer := post(t, url+"/api/v1", in.String(), out.String(), body)
		switch {
		case code != c.code:
			t.Errorf("%v: got %d %q, want %d", c.call, code, answer, c.code)
		case code >= 400:
			if got := header.Get("Content-Type"); got != "text/plain; charset=utf-8" || !strings.Contains(string(answer), c.words) {
				t.Errorf("%v: got %s %q, want a sentence with %q", c.call, got, answer, c.words)
			}
		case c.check == nil:
			if len(answer) > 0 {
				t.Errorf("%v: got the body %q, want none", c.call, answer)
			}
		default:
			r := &masterv1.Response{}
			if err := httpapi.Unmarshal(out, answer, r); err != nil || header.Get("Content-Type") != out.String() {
				t.Errorf("%v: answer of type %s: %v", c.call, header.Get("Content-Type"), err)
			} else if r.GetType().String() != c.call.GetType().String() || !c.check(r) {
				t.Errorf("%v: got %.500v", c.call, r)
			}
		}
	}
	for _, c := range operatorCases(agent, framework) {
		check(c)
	}
	for n := range masterv1.Call_Type_name {
		if kind := masterv1.Call_Type(n); !done[kind] {
			check(callCase{&masterv1.Call{Type: kind.Enum()}, 501, nil, kind.String()})
		}
	}
}

// oneTask makes one agent and one framework with one running task and one executor.
func (s *standing) oneTask(tb testing.TB) (agent, framework string) {
	tb.Helper()
	agent = s.register(tb, 1, "cpus:4;mem:4096")[0]
	framework = s.framework(tb, webFramework)
	s.do(tb, func() {
		s.launchTask(framework, agent, "web.1", resources.MustParse("cpus:0.1").Allocate("web/a"))
		e := &executor{info: &v1.ExecutorInfo{
			ExecutorId: ids.Executor("pod"), FrameworkId: ids.Framework(framework), Type: v1.ExecutorInfo_DEFAULT.Enum(),
		}}
		put(s.frameworks[framework].executors, agent, "pod", e)
		put(s.agents[agent].executors, framework, "pod", e)
	})
	return agent, framework
}

// TestOperatorRequests sends what is no call at all.
func TestOperatorRequests(t *testing.T) {
	url := serve(t, stand(t, Config{}))
	health := []byte(`{"type":"GET_HEALTH"}`)
	for _, c := range []struct {
		name, path, contentType, accept string
		body                            []byte
		code                            int
	}{
		{"plain", "/api/v1", "application/json", "", health, 200},
		{"behind the process", "/master/api/v1", "application/json", "", health, 200},
		{"longer path", "/api/v1/operator", "application/json", "", health, 200},
		{"no content type", "/api/v1", "", "", health, 400},
		{"another content type", "/api/v1", "text/plain", "", health, 415},
		{"with a parameter", "/api/v1", "application/json; charset=utf-8", "", health, 415},
		{"nothing acceptable", "/api/v1", "application/json", "text/html", health, 406},
		{"no JSON", "/api/v1", "application/json", "", []byte("{"), 400},
		{"an unknown type", "/api/v1", "application/json", "", []byte(`{"type":"GET_LOST"}`), 400},
		{"an unknown key", "/api/v1", "application/json", "", []byte(`{"type":"GET_HEALTH","more":1}`), 200},
		{"a required field missing", "/api/v1", "application/json", "", []byte(`{"type":"READ_FILE","read_file":{"path":"/"}}`), 400},
		{"no protobuf", "/api/v1", "application/x-protobuf", "", []byte("\xff\xff"), 400},
		{"an empty protobuf", "/api/v1", "application/x-protobuf", "", nil, 400},
	} {
		if code, _, answer := post(t, url+c.path, c.contentType, c.accept, c.body); code != c.code {
			t.Errorf("%s: got %d %q, want %d", c.name, code, answer, c.code)
		}
	}
	w, err := http.Get(url + "/api/v1")
	if err != nil {
		t.Fatal(err)
	}
	_ = w.Body.Close()
	if w.StatusCode != http.StatusMethodNotAllowed || w.Header.Get("Allow") != "POST" {
		t.Errorf("GET: got %d, Allow %q; want 405, POST", w.StatusCode, w.Header.Get("Allow"))
	}
}

func hasMetric(name string, value float64) func(*masterv1.Response) bool {
	return func(r *masterv1.Response) bool {
		for _, m := range r.GetGetMetrics().GetMetrics() {
			if m.GetName() == name {
				return m.GetValue() == value
			}
		}
		return false
	}
}

func isFile(data string, size uint64) func(*masterv1.Response) bool {
	return func(r *masterv1.Response) bool {
		return string(r.GetReadFile().GetData()) == data && r.GetReadFile().GetSize() == size
	}
}

func setLevel(level uint32, nanoseconds int64) *masterv1.Call {
	return &masterv1.Call{Type: masterv1.Call_SET_LOGGING_LEVEL.Enum(), SetLoggingLevel: &masterv1.Call_SetLoggingLevel{
		Level: proto.Uint32(level), Duration: &v1.DurationInfo{Nanoseconds: proto.Int64(nanoseconds)},
	}}
}

func listFiles(path string) *masterv1.Call {
	return &masterv1.Call{Type: masterv1.Call_LIST_FILES.Enum(), ListFiles: &masterv1.Call_ListFiles{Path: proto.String(path)}}
}

func readFile(path string, offset uint64, length *uint64) *masterv1.Call {
	return &masterv1.Call{Type: masterv1.Call_READ_FILE.Enum(), ReadFile: &masterv1.Call_ReadFile{Path: proto.String(path), Offset: &offset, Length: length}}
}

func markGoneCall(agent string) *masterv1.Call {
	return &masterv1.Call{Type: masterv1.Call_MARK_AGENT_GONE.Enum(), MarkAgentGone: &masterv1.Call_MarkAgentGone{AgentId: ids.Agent(agent)}}
}

func teardownCall(framework string) *masterv1.Call {
	return &masterv1.Call{Type: masterv1.Call_TEARDOWN.Enum(), Teardown: &masterv1.Call_Teardown{FrameworkId: ids.Framework(framework)}}
}
