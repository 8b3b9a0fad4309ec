package view

import (
	"bufio"
	"encoding/json"
	"fmt"
	"maps"
	"os"
	"slices"
	"strings"
	"testing"
	"time"

	"mesos/messages/jsonwriter"
	v1 "mesos/messages/mesos/v1"
	masterv1 "mesos/messages/mesos/v1/master"
	"mesos/messages/mesosjson"
	"mesos/messages/resources"
	"mesos/messages/states"
)

// The recordings are what one running Mesos 1.12-dev answered at one moment. Its GET_STATE is read back into a picture,
// and every endpoint made of that picture must be what the recording of that endpoint is.

// responses are the recorded answers of the operator API by type.
func responses(t *testing.T) map[masterv1.Response_Type]*masterv1.Response {
	t.Helper()
	f, err := os.Open("../../../messages/mesosjson/testdata/recorded/master_responses.jsonl")
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = f.Close() }()
	out := map[masterv1.Response_Type]*masterv1.Response{}
	lines := bufio.NewScanner(f)
	lines.Buffer(nil, 1<<20)
	for lines.Scan() {
		r := &masterv1.Response{}
		if err := mesosjson.Unmarshal(lines.Bytes(), r); err != nil {
			t.Fatal(err)
		}
		out[r.GetType()] = r
	}
	return out
}

func recordedCluster(t *testing.T) *Cluster {
	t.Helper()
	all := responses(t)
	parse := func(list []*v1.Resource) resources.Resources {
		r, err := resources.FromProto(list)
		if err != nil {
			t.Fatal(err)
		}
		return r
	}
	at := func(i *v1.TimeInfo) time.Time {
		if i.GetNanoseconds() == 0 {
			return time.Time{}
		}
		return time.Unix(0, i.GetNanoseconds())
	}
	master := all[masterv1.Response_GET_MASTER].GetGetMaster()
	instant := func(s float64) time.Time { return time.UnixMicro(int64(s*1e6 + 0.5)) }
	c := &Cluster{Master: &Master{
		Info: master.GetMasterInfo(), Build: all[masterv1.Response_GET_VERSION].GetGetVersion().GetVersionInfo(),
		Start: instant(master.GetStartTime()), Elected: instant(master.GetElectedTime()), Flags: map[string]string{},
	}}
	for _, f := range all[masterv1.Response_GET_FLAGS].GetGetFlags().GetFlags() {
		c.Master.Flags[f.GetName()] = f.GetValue()
	}
	state := all[masterv1.Response_GET_STATE].GetGetState()
	for _, a := range state.GetGetAgents().GetAgents() {
		v := &Agent{
			ID: a.GetAgentInfo().GetId().GetValue(), Info: a.GetAgentInfo(), PID: a.GetPid(), Version: a.GetVersion(), Active: a.GetActive(),
			Total: parse(a.GetTotalResources()), Registered: at(a.GetRegisteredTime()), Reregistered: at(a.GetReregisteredTime()),
		}
		for _, x := range a.GetCapabilities() {
			v.Capabilities = append(v.Capabilities, x.GetType())
		}
		c.Agents = append(c.Agents, v)
	}
	byID := map[string]*Framework{}
	for _, f := range state.GetGetFrameworks().GetFrameworks() {
		v := &Framework{
			ID: f.GetFrameworkInfo().GetId().GetValue(), Info: f.GetFrameworkInfo(), Roles: f.GetFrameworkInfo().GetRoles(), MultiRole: true,
			Active: f.GetActive(), Connected: f.GetConnected(), Recovered: f.GetRecovered(), Registered: at(f.GetRegisteredTime()),
		}
		for _, o := range f.GetOffers() {
			v.Offers = append(v.Offers, Offer{
				ID: o.GetId().GetValue(), FrameworkID: v.ID, AgentID: o.GetAgentId().GetValue(), Role: o.GetAllocationInfo().GetRole(),
				Resources: parse(o.GetResources()),
			})
		}
		byID[v.ID] = v
		c.Frameworks = append(c.Frameworks, v)
	}
	task := func(d *v1.Task) *Task {
		return &Task{
			ID: d.GetTaskId().GetValue(), FrameworkID: d.GetFrameworkId().GetValue(), AgentID: d.GetAgentId().GetValue(),
			ExecutorID: d.GetExecutorId().GetValue(), Desc: d, Resources: parse(d.GetResources()), State: d.GetState(),
			StatusState: d.GetStatusUpdateState(), StatusUUID: d.GetStatusUpdateUuid(), Statuses: d.GetStatuses(), Freed: states.Terminal(d.GetState()),
		}
	}
	for _, d := range state.GetGetTasks().GetTasks() {
		f := byID[d.GetFrameworkId().GetValue()]
		f.Tasks = append(f.Tasks, task(d))
	}
	for _, d := range state.GetGetTasks().GetCompletedTasks() {
		f := byID[d.GetFrameworkId().GetValue()]
		f.Completed = append(f.Completed, task(d))
	}
	for _, e := range state.GetGetExecutors().GetExecutors() {
		f := byID[e.GetExecutorInfo().GetFrameworkId().GetValue()]
		f.Executors = append(f.Executors, Executor{Info: e.GetExecutorInfo(), AgentID: e.GetAgentId().GetValue(), Resources: parse(e.GetExecutorInfo().GetResources())})
	}
	return c
}

// different are the places where our answer is not the recorded one, and why.
var different = map[string]string{
	"roles.roles[].weight":               "weights cannot be set yet: all are 1",
	"roles.roles[].quota.guarantee.cpus": "quota cannot be set yet",
	"roles.roles[].quota.limit.cpus":     "quota cannot be set yet",
	"GET_ROLES.get_roles.roles[].weight": "weights cannot be set yet: all are 1",
}

func TestRecorded(t *testing.T) {
	seen := map[string]bool{}
	t.Run("unversioned", func(t *testing.T) { unversioned(t, seen) })
	t.Run("operator", func(t *testing.T) { operatorAnswers(t, seen) })
	for path := range different {
		if !seen[path] {
			t.Errorf("%s is no longer different: take it out of the table", path)
		}
	}
}

func unversioned(t *testing.T, seen map[string]bool) {
	for name, write := range map[string]func(*Cluster, *writer){
		"state":         (*Cluster).State,
		"state-summary": (*Cluster).Summary,
		"slaves":        func(c *Cluster, j *writer) { c.Slaves(j, "") },
		"frameworks":    func(c *Cluster, j *writer) { c.FrameworkList(j, "") },
		"tasks":         func(c *Cluster, j *writer) { c.TaskList(j, TaskQuery{Limit: 100}) },
		"roles":         (*Cluster).Roles,
	} {
		t.Run(name, func(t *testing.T) {
			want, err := os.ReadFile("testdata/recorded/" + name + ".json")
			if err != nil {
				t.Fatal(err)
			}
			var j writer
			write(recordedCluster(t), &j)
			got, err := j.Bytes()
			if err != nil {
				t.Fatal(err)
			}
			compare(t, name, got, want, seen)
		})
	}
}

func operatorAnswers(t *testing.T, seen map[string]bool) {
	c := recordedCluster(t)
	for kind, answer := range map[masterv1.Response_Type]func() *masterv1.Response{
		masterv1.Response_GET_STATE:      func() *masterv1.Response { return &masterv1.Response{GetState: c.StateProto()} },
		masterv1.Response_GET_AGENTS:     func() *masterv1.Response { return &masterv1.Response{GetAgents: c.AgentProtos()} },
		masterv1.Response_GET_FRAMEWORKS: func() *masterv1.Response { return &masterv1.Response{GetFrameworks: c.FrameworkProtos()} },
		masterv1.Response_GET_EXECUTORS:  func() *masterv1.Response { return &masterv1.Response{GetExecutors: c.ExecutorProtos()} },
		masterv1.Response_GET_ROLES: func() *masterv1.Response {
			return &masterv1.Response{GetRoles: &masterv1.Response_GetRoles{Roles: c.RoleProtos()}}
		},
	} {
		t.Run(kind.String(), func(t *testing.T) {
			ours := answer()
			ours.Type = kind.Enum()
			var a, b writer
			WriteResponse(&a, ours)
			WriteResponse(&b, responses(t)[kind])
			got, err := a.Bytes()
			if err != nil {
				t.Fatal(err)
			}
			want, err := b.Bytes()
			if err != nil {
				t.Fatal(err)
			}
			compare(t, kind.String(), got, want, seen)
		})
	}
}

// TestEmptyLists wants the lists that Mesos prints even when they are empty.
func TestEmptyLists(t *testing.T) {
	c := &Cluster{Master: &Master{}}
	var j jsonwriter.Writer
	WriteResponse(&j, &masterv1.Response{Type: masterv1.Response_GET_STATE.Enum(), GetState: c.StateProto()})
	got, err := j.Bytes()
	if err != nil {
		t.Fatal(err)
	}
	want := `{"type":"GET_STATE","get_state":{"get_tasks":{"tasks":[],"unreachable_tasks":[],"completed_tasks":[]},"get_executors":{"executors":[]},` +
		`"get_frameworks":{"frameworks":[],"completed_frameworks":[]},"get_agents":{"agents":[],"recovered_agents":[]}}}`
	if string(got) != want {
		t.Errorf("got  %s\nwant %s", got, want)
	}
}

// compare wants both texts to say the same, but for what is known to be different. Lists may be in another order.
func compare(t *testing.T, name string, got, want []byte, seen map[string]bool) {
	t.Helper()
	var g, w any
	if err := json.Unmarshal(got, &g); err != nil {
		t.Fatalf("got no JSON: %v\n%s", err, got)
	}
	if err := json.Unmarshal(want, &w); err != nil {
		t.Fatalf("want no JSON: %v", err)
	}
	differ(name, g, w, func(path, what string) {
		seen[path] = true
		if different[path] == "" {
			t.Errorf("%s: %s", path, what)
		}
	})
}

func differ(path string, got, want any, report func(path, what string)) {
	switch w := want.(type) {
	case map[string]any:
		g, ok := got.(map[string]any)
		if !ok {
			report(path, fmt.Sprintf("got %T, want an object", got))
			return
		}
		for _, k := range slices.Sorted(maps.Keys(w)) {
			if v, there := g[k]; there {
				differ(path+"."+k, v, w[k], report)
			} else {
				report(path+"."+k, "is missing")
			}
		}
		for _, k := range slices.Sorted(maps.Keys(g)) {
			if _, there := w[k]; !there {
				report(path+"."+k, fmt.Sprintf("is %v, want nothing", g[k]))
			}
		}
	case []any:
		g, ok := got.([]any)
		if !ok || len(g) != len(w) {
			report(path, fmt.Sprintf("got %v, want %d elements", got, len(w)))
			return
		}
		order := func(a, b any) int { return strings.Compare(identity(a), identity(b)) }
		g, w = slices.Clone(g), slices.Clone(w)
		slices.SortStableFunc(g, order)
		slices.SortStableFunc(w, order)
		for i := range w {
			differ(path+"[]", g[i], w[i], report)
		}
	case float64:
		if g, ok := got.(float64); !ok || g != w && (g-w)*(g-w) > w*w*1e-24 {
			report(path, fmt.Sprintf("got %v, want %v", got, want))
		}
	default:
		if got != want {
			report(path, fmt.Sprintf("got %v, want %v", got, want))
		}
	}
}

// identity is what tells the elements of a list apart; "" keeps them in order.
func identity(v any) string {
	m, _ := v.(map[string]any)
	for _, key := range []string{"id", "task_id", "role", "agent_info"} {
		if m[key] != nil {
			return fmt.Sprint(m[key], m["name"])
		}
	}
	return fmt.Sprint(m["name"])
}
