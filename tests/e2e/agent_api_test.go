package e2e

import (
	"bytes"
	"encoding/json"
	"io"
	"maps"
	"net/http"
	"slices"
	"strings"
	"testing"

	"google.golang.org/protobuf/proto"

	"mesos/actors/httpapi"
	v1 "mesos/messages/mesos/v1"
	agentv1 "mesos/messages/mesos/v1/agent"
	"mesos/tests/cluster"
)

// agentCall sends a call of the operator API to an agent.
func agentCall(t *testing.T, url string, kind httpapi.Type, c *agentv1.Call) (int, []byte) {
	t.Helper()
	body, err := httpapi.Marshal(kind, c)
	if err != nil {
		t.Fatal(err)
	}
	w := request(t, url+"/api/v1", kind.String(), "", bytes.NewReader(body))
	defer w.Body.Close()
	answer, err := io.ReadAll(w.Body)
	if err != nil {
		t.Fatal(err)
	}
	return w.StatusCode, answer
}

// TestAgentCalls sends every call to an agent that runs one task, in both encodings.
func TestAgentCalls(t *testing.T) {
	c := cluster.Start(t, cluster.Options{Agents: 1, Separate: true})
	run := startMesos(t, c, "run", "--name", "sleeper", "--", "sh", "-c", "echo started; sleep 1000")
	run.until(&run.stdout, "started")
	url := "http://" + c.Agents[0].Addr

	kind := func(t agentv1.Call_Type) *agentv1.Call { return &agentv1.Call{Type: t.Enum()} }
	level := func(n uint32, nanoseconds int64) *agentv1.Call {
		return &agentv1.Call{Type: agentv1.Call_SET_LOGGING_LEVEL.Enum(), SetLoggingLevel: &agentv1.Call_SetLoggingLevel{
			Level: &n, Duration: &v1.DurationInfo{Nanoseconds: &nanoseconds},
		}}
	}
	sandbox := ""
	for _, encoding := range []httpapi.Type{httpapi.JSON, httpapi.Protobuf} {
		done := map[agentv1.Call_Type]bool{}
		check := func(call *agentv1.Call, code int, good func(r *agentv1.Response) bool) {
			t.Helper()
			done[call.GetType()] = true
			got, answer := agentCall(t, url, encoding, call)
			switch {
			case got != code:
				t.Errorf("%s %v: got %d %q, want %d", encoding, call, got, answer, code)
			case good != nil:
				r := &agentv1.Response{}
				if err := httpapi.Unmarshal(encoding, answer, r); err != nil || r.GetType().String() != call.GetType().String() || !good(r) {
					t.Errorf("%s %v: got %.600v (%v)", encoding, call, r, err)
				}
			case code == 200 && len(answer) > 0:
				t.Errorf("%s %v: got the body %q, want none", encoding, call, answer)
			}
		}
		check(kind(agentv1.Call_GET_HEALTH), 200, func(r *agentv1.Response) bool { return r.GetGetHealth().GetHealthy() })
		check(kind(agentv1.Call_GET_FLAGS), 200, func(r *agentv1.Response) bool { return len(r.GetGetFlags().GetFlags()) > 5 })
		check(kind(agentv1.Call_GET_VERSION), 200, func(r *agentv1.Response) bool {
			return strings.Count(r.GetGetVersion().GetVersionInfo().GetVersion(), ".") == 2
		})
		check(kind(agentv1.Call_GET_METRICS), 200, func(r *agentv1.Response) bool {
			return slices.ContainsFunc(r.GetGetMetrics().GetMetrics(), func(m *v1.Metric) bool { return m.GetName() == "slave/tasks_running" && m.GetValue() == 1 })
		})
		check(kind(agentv1.Call_SET_LOGGING_LEVEL), 400, nil)
		check(level(2, 3600e9), 200, nil)
		check(kind(agentv1.Call_GET_LOGGING_LEVEL), 200, func(r *agentv1.Response) bool { return r.GetGetLoggingLevel().GetLevel() == 2 })
		check(level(0, 0), 200, nil)
		check(kind(agentv1.Call_GET_STATE), 200, func(r *agentv1.Response) bool {
			s := r.GetGetState()
			return len(s.GetGetTasks().GetLaunchedTasks()) == 1 && len(s.GetGetExecutors().GetExecutors()) == 1 && len(s.GetGetFrameworks().GetFrameworks()) == 1
		})
		check(kind(agentv1.Call_GET_TASKS), 200, func(r *agentv1.Response) bool {
			l := r.GetGetTasks().GetLaunchedTasks()
			return len(l) == 1 && l[0].GetState() == v1.TaskState_TASK_RUNNING && l[0].GetName() == "sleeper"
		})
		check(kind(agentv1.Call_GET_EXECUTORS), 200, func(r *agentv1.Response) bool {
			return len(r.GetGetExecutors().GetExecutors()) == 1 && len(r.GetGetExecutors().GetCompletedExecutors()) == 0
		})
		check(kind(agentv1.Call_GET_FRAMEWORKS), 200, func(r *agentv1.Response) bool { return len(r.GetGetFrameworks().GetFrameworks()) == 1 })
		check(kind(agentv1.Call_GET_AGENT), 200, func(r *agentv1.Response) bool {
			return strings.HasSuffix(r.GetGetAgent().GetAgentInfo().GetId().GetValue(), "-S0")
		})
		check(kind(agentv1.Call_GET_OPERATIONS), 200, func(r *agentv1.Response) bool { return r.GetGetOperations() != nil })
		check(kind(agentv1.Call_GET_RESOURCE_PROVIDERS), 200, func(r *agentv1.Response) bool { return r.GetGetResourceProviders() != nil })
		check(kind(agentv1.Call_GET_CONTAINERS), 200, func(r *agentv1.Response) bool {
			l := r.GetGetContainers().GetContainers()
			if len(l) != 1 {
				return false
			}
			sandbox = "/frameworks/" + l[0].GetFrameworkId().GetValue() + "/executors/" + l[0].GetExecutorId().GetValue() + "/runs/latest"
			s := l[0].GetResourceStatistics()
			return l[0].GetContainerStatus().GetExecutorPid() > 0 && s.GetMemRssBytes() > 0 && s.GetCpusSoftLimit() > 0
		})
		check(kind(agentv1.Call_LIST_FILES), 400, nil)
		check(&agentv1.Call{Type: agentv1.Call_LIST_FILES.Enum(), ListFiles: &agentv1.Call_ListFiles{Path: &sandbox}}, 200, func(r *agentv1.Response) bool {
			return slices.ContainsFunc(r.GetListFiles().GetFileInfos(), func(f *v1.FileInfo) bool { return f.GetPath() == sandbox+"/stdout" })
		})
		check(kind(agentv1.Call_READ_FILE), 400, nil)
		read := func(path string) *agentv1.Call {
			return &agentv1.Call{Type: agentv1.Call_READ_FILE.Enum(), ReadFile: &agentv1.Call_ReadFile{Path: &path, Offset: proto.Uint64(0)}}
		}
		check(read(sandbox+"/stdout"), 200, func(r *agentv1.Response) bool { return bytes.Contains(r.GetReadFile().GetData(), []byte("started")) })
		check(read(sandbox+"/nothing"), 404, nil)
		check(&agentv1.Call{}, 400, nil)
		check(kind(agentv1.Call_UNKNOWN), 501, nil)
		for n := range agentv1.Call_Type_name {
			switch k := agentv1.Call_Type(n); {
			case done[k]:
			case k == agentv1.Call_PRUNE_IMAGES: // there are none
				check(kind(k), 200, nil)
			default: // its part is missing; what it does else is tried in TestContainerCalls and in tests/conformance
				check(kind(k), 400, nil)
			}
		}
	}
	containerEndpoints(t, url)
}

// containerEndpoints compares the keys of the unversioned endpoints with those of the original.
func containerEndpoints(t *testing.T, url string) {
	t.Helper()
	fetch := func(path string) (code int, list []map[string]any) {
		t.Helper()
		w, err := http.Get(url + path)
		if err != nil {
			t.Fatal(err)
		}
		defer w.Body.Close()
		if w.StatusCode == http.StatusOK {
			if err := json.NewDecoder(w.Body).Decode(&list); err != nil {
				t.Fatal(err)
			}
		}
		return w.StatusCode, list
	}
	keys := func(v any) string {
		m, _ := v.(map[string]any)
		delete(m, "figures") // ours, where the kernel tells how long a container waited
		return strings.Join(slices.Sorted(maps.Keys(m)), " ")
	}
	const statistics = "cpus_soft_limit cpus_system_time_secs cpus_user_time_secs mem_limit_bytes mem_rss_bytes mem_soft_limit_bytes timestamp"
	for path, want := range map[string]string{
		"/containers":                  "container_id executor_id executor_name framework_id source statistics status",
		"/slave(1)/monitor/statistics": "executor_id executor_name framework_id source statistics",
	} {
		code, list := fetch(path)
		if code != 200 || len(list) != 1 || keys(list[0]) != want || keys(list[0]["statistics"]) != statistics {
			t.Errorf("%s: got %d %v, want one container with %s", path, code, list, want)
		}
	}
	_, all := fetch("/containers")
	id, framework, executor := all[0]["container_id"].(string), all[0]["framework_id"].(string), all[0]["executor_id"].(string)
	for query, want := range map[string]struct{ code, found int }{
		"?container_id=" + id:        {200, 1},
		"?container_id=nope":         {200, 0},
		"?framework_id=" + framework: {200, 1},
		"?framework_id=" + framework + "&executor_id=" + executor: {200, 1},
		"?framework_id=" + framework + "&executor_id=nope":        {200, 0},
		"?executor_id=" + executor:                                {400, 0},
		"?container_id=" + id + "&framework_id=" + framework:      {400, 0},
	} {
		if code, list := fetch("/containers" + query); code != want.code || len(list) != want.found {
			t.Errorf("%s: got %d and %d containers, want %d and %d", query, code, len(list), want.code, want.found)
		}
	}
}
