package agent

import (
	"bufio"
	"encoding/json"
	"maps"
	"os"
	"slices"
	"strings"
	"testing"

	"google.golang.org/protobuf/proto"

	"mesos/actors"
	"mesos/actors/containerizer"
	"mesos/actors/memnet"
	"mesos/actors/operator"
	"mesos/messages/jsonwriter"
	v1 "mesos/messages/mesos/v1"
	agentv1 "mesos/messages/mesos/v1/agent"
	"mesos/messages/mesosjson"
	"mesos/messages/resources"
)

// recordedState is what one running Mesos 1.12-dev answered to GET_STATE; its /state of the same moment is in testdata.
func recordedState(t *testing.T) *agentv1.Response_GetState {
	t.Helper()
	f, err := os.Open("../../messages/mesosjson/testdata/recorded/agent_responses.jsonl")
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = f.Close() }()
	lines := bufio.NewScanner(f)
	lines.Buffer(nil, 1<<20)
	for lines.Scan() {
		r := &agentv1.Response{}
		if err := mesosjson.Unmarshal(lines.Bytes(), r); err != nil {
			t.Fatal(err)
		}
		if r.GetGetState() != nil {
			return r.GetGetState()
		}
	}
	t.Fatal("the recordings have no GET_STATE")
	return nil
}

// holder is an actor that only has an address.
type holder struct{ p *actors.Process }

func (h *holder) Init(p *actors.Process) { h.p = p }

// recordedAgent is an agent with what the recorded one had. It does not run.
func recordedAgent(t *testing.T) *Agent {
	t.Helper()
	sys := actors.NewSystem(memnet.NewNet().Node("127.0.0.1:15151"))
	t.Cleanup(sys.Shutdown)
	self := &holder{}
	if _, err := sys.SpawnReady(ProcessID, self); err != nil {
		t.Fatal(err)
	}
	a := New(Config{Hostname: "localhost", Master: actors.UPID{ID: "master", Addr: "localhost:15150"}, Resources: resources.MustParse("cpus:4;mem:4096;disk:10224;ports:[31000-32000]")})
	volume := &v1.Resource{}
	if err := mesosjson.Unmarshal([]byte(`{"name":"disk","type":"SCALAR","scalar":{"value":16},"reservations":[{"type":"DYNAMIC","role":"web/a","principal":"alice"}],
		"disk":{"persistence":{"id":"v1","principal":"alice"},"volume":{"mode":"RW","container_path":"data"}}}`), volume); err != nil {
		t.Fatal(err)
	}
	reserved, err := resources.FromProto([]*v1.Resource{volume})
	if err != nil {
		t.Fatal(err)
	}
	a.p, a.id, a.registered, a.total = self.p, "A", true, a.total.Add(reserved)
	s := recordedState(t)
	for _, m := range s.GetGetFrameworks().GetFrameworks() {
		f := &framework{id: m.GetFrameworkInfo().GetId().GetValue(), info: m.GetFrameworkInfo(), executors: map[string]*executor{}}
		a.frameworks[f.id] = f
	}
	add := func(info *v1.ExecutorInfo) *executor {
		return &executor{id: info.GetExecutorId().GetValue(), f: a.frameworks[info.GetFrameworkId().GetValue()], info: info, state: running, tasks: map[string]*task{}}
	}
	for _, m := range s.GetGetExecutors().GetExecutors() {
		e := add(m.GetExecutorInfo())
		e.f.executors[e.id] = e
	}
	for _, m := range s.GetGetExecutors().GetCompletedExecutors() {
		e := add(m.GetExecutorInfo())
		e.state = terminated
		e.f.completed = append(e.f.completed, e)
	}
	for _, d := range s.GetGetTasks().GetLaunchedTasks() {
		e := a.executorOfTask(d)
		e.tasks[d.GetTaskId().GetValue()] = taskOf(d)
	}
	for _, d := range s.GetGetTasks().GetCompletedTasks() {
		e := a.frameworks[d.GetFrameworkId().GetValue()].completed[0]
		e.completed = append(e.completed, taskOf(d))
	}
	return a
}

func (a *Agent) executorOfTask(d *v1.Task) *executor {
	id := d.GetExecutorId().GetValue()
	if id == "" {
		id = d.GetTaskId().GetValue()
	}
	return a.frameworks[d.GetFrameworkId().GetValue()].executors[id]
}

func taskOf(d *v1.Task) *task {
	info := &v1.TaskInfo{
		Name: d.Name, TaskId: d.TaskId, AgentId: d.AgentId, Resources: d.Resources, Labels: d.Labels, Discovery: d.Discovery, HealthCheck: d.HealthCheck,
	}
	if d.ExecutorId != nil {
		info.Executor = &v1.ExecutorInfo{ExecutorId: d.ExecutorId}
	}
	return &task{frameworkID: d.GetFrameworkId().GetValue(), info: info, state: d.GetState(), statuses: d.Statuses}
}

// TestStateHasEveryRecordedKey compares the keys of /state, at every depth, with those of Mesos.
func TestStateHasEveryRecordedKey(t *testing.T) {
	recorded, err := os.ReadFile("testdata/recorded/state.json")
	if err != nil {
		t.Fatal(err)
	}
	build := &v1.VersionInfo{
		Version: proto.String("1.12.0"), GitSha: proto.String("x"), GitBranch: proto.String("x"),
		BuildDate: proto.String("2026-11-21"), BuildTime: proto.Float64(1), BuildUser: proto.String("builder"),
	}
	var j jsonwriter.Writer
	recordedAgent(t).writeState(&j, &operator.Common{Build: build}, nil)
	body, err := j.Bytes()
	if err != nil {
		t.Fatal(err)
	}
	got, want := keyPaths(t, body), keyPaths(t, recorded)
	for _, k := range slices.Sorted(maps.Keys(want)) {
		if !got[k] {
			t.Errorf("/state has no key %s", k)
		}
	}
	for _, k := range slices.Sorted(maps.Keys(got)) {
		if !want[k] {
			t.Errorf("/state has the key %s, which Mesos has not", k)
		}
	}
}

// TestStateCountsWhatIsHeld compares what the recorded agent had given out.
func TestStateCountsWhatIsHeld(t *testing.T) {
	var j jsonwriter.Writer
	recordedAgent(t).writeState(&j, &operator.Common{Build: &v1.VersionInfo{}}, nil)
	body, err := j.Bytes()
	if err != nil {
		t.Fatal(err)
	}
	var s struct {
		Unreserved map[string]any            `json:"unreserved_resources_allocated"`
		Reserved   map[string]map[string]any `json:"reserved_resources_allocated"`
	}
	if err := json.Unmarshal(body, &s); err != nil {
		t.Fatal(err)
	}
	if s.Unreserved["cpus"] != 0.5 || s.Unreserved["mem"] != 160.0 || s.Unreserved["ports"] != "[31001-31002]" || s.Reserved["web/a"]["disk"] != 16.0 {
		t.Errorf("got %v and %v in use, want cpus 0.5, mem 160, two ports and 16 of the reserved disk", s.Unreserved, s.Reserved)
	}
}

// TestPendingContainers names what is on its way in or out.
func TestPendingContainers(t *testing.T) {
	a := recordedAgent(t)
	for _, f := range a.frameworks {
		f.executors["pod-ex"].containerID, f.executors["pod-ex"].launched = "c1", true
		f.executors["web.1"].containerID, f.executors["web.1"].state, f.executors["web.1"].process = "c2", terminating, containerizer.Process{PID: 1}
	}
	a.inner["c1.n"] = &inner{key: "c1.n", state: innerStarting}
	a.inner["c1.m"] = &inner{key: "c1.m", state: innerRunning}
	want := []pendingContainer{{"c1", "launch"}, {"c2", "destroy"}, {"c1.n", "launch"}}
	if got := a.pendingContainers(); !slices.Equal(got, want) {
		t.Errorf("got %v, want %v", got, want)
	}
}

// keyPaths are the paths of all keys; list elements share theirs.
func keyPaths(t *testing.T, body []byte) map[string]bool {
	t.Helper()
	var v any
	if err := json.Unmarshal(body, &v); err != nil {
		t.Fatalf("%v in %s", err, body)
	}
	out := map[string]bool{}
	var walk func(path []string, v any)
	walk = func(path []string, v any) {
		switch v := v.(type) {
		case map[string]any:
			for k, x := range v {
				p := append(slices.Clip(path), k)
				out[strings.Join(p, ".")] = true
				walk(p, x)
			}
		case []any:
			for _, x := range v {
				walk(path, x)
			}
		}
	}
	walk(nil, v)
	return out
}
