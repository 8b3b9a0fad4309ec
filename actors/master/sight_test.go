package master

import (
	"fmt"
	"net/http"
	"strings"
	"testing"

	"google.golang.org/protobuf/proto"

	"mesos/actors/authorization"
	"mesos/actors/httpapi"
	"mesos/messages/ids"
	v1 "mesos/messages/mesos/v1"
	masterv1 "mesos/messages/mesos/v1/master"
	"mesos/messages/resources"
)

// partlySeen is a master of which eve may see what the user nobody runs, and the roles below web, and admin all.
// What she may not see has the word hidden in it.
func partlySeen(t *testing.T) (s *standing, agentID, shown, hidden string) {
	t.Helper()
	text := `{"permissive":true`
	for a, own := range map[authorization.Action]string{
		authorization.ViewFrameworks: "nobody", authorization.ViewTasks: "nobody", authorization.ViewExecutors: "nobody",
		authorization.ViewRoles: "web/%", authorization.GetQuotas: "web/%",
	} {
		text += fmt.Sprintf(`,%q:[{"principals":{"values":["admin"]},%q:{"type":"ANY"}},{"principals":{"type":"ANY"},%q:{"values":[%q]}},{"principals":{"type":"ANY"},%q:{"type":"NONE"}}]`,
			a, a.Objects(), a.Objects(), own, a.Objects())
	}
	for _, a := range []authorization.Action{authorization.ViewFlags, authorization.GetMaintenanceSchedules, authorization.GetMaintenanceStatuses} {
		text += fmt.Sprintf(`,%q:[{"principals":{"values":["admin"]},%q:{"type":"ANY"}},{"principals":{"type":"NONE"},%q:{"type":"ANY"}}]`, a, a.Objects(), a.Objects())
	}
	rules, err := authorization.Parse([]byte(text + "}"))
	if err != nil {
		t.Fatal(err)
	}
	s = stand(t, Config{Rules: rules, Flags: map[string]string{"hidden_flag": "x"}, Weights: map[string]float64{"hidden/w": 2, "web/w": 3}})
	agentID = s.register(t, 1, "cpus:4;mem:4096;cpus(hidden/s):1;cpus(web/s):1")[0]
	other := proto.CloneOf(webFramework)
	other.User, other.Name, other.Roles = proto.String("root"), proto.String("hidden-framework"), []string{"hidden/r"}
	shown, hidden = s.framework(t, webFramework), s.framework(t, other)
	s.do(t, func() {
		res := resources.MustParse("cpus:0.1;mem:32")
		s.launchTask(shown, agentID, "shown-task", res.Allocate("web/a"))
		s.launchTask(hidden, agentID, "hidden-one", res.Allocate("hidden/r"))
		f := s.frameworks[shown]
		f.tasks["hidden-two"] = newTask(f, &v1.TaskInfo{Name: proto.String("n"), TaskId: ids.Task("hidden-two"), AgentId: ids.Agent(agentID), Command: &v1.CommandInfo{User: proto.String("root")}}, res.Allocate("web/a"))
		for id, user := range map[string]string{"shown-executor": "nobody", "hidden-executor": "root"} {
			put(f.executors, agentID, id, &executor{info: &v1.ExecutorInfo{ExecutorId: ids.Executor(id), FrameworkId: ids.Framework(shown), Command: &v1.CommandInfo{User: &user}}})
		}
	})
	return s, agentID, shown, hidden
}

// Reads are not refused: they show what who asks may see, and to others at the same time what they may.
func TestReadsAreFiltered(t *testing.T) {
	s, _, shown, hidden := partlySeen(t)
	call := func(kind string) string { return fmt.Sprintf(`{"type":%q}`, kind) }
	for _, tt := range []struct{ path, call, shown, admins string }{
		{"/state", "", "shown-task", "hidden-one"}, {"/master/state.json", "", "shown-executor", "hidden-executor"}, {"/state", "", "web/s", "hidden_flag"},
		{"/state-summary", "", shown, "hidden-framework"}, {"/frameworks", "", "shown-task", "hidden-two"}, {"/frameworks?framework_id=" + hidden, "", `"frameworks"`, "hidden-framework"},
		{"/tasks", "", "shown-task", "hidden-two"}, {"/slaves", "", "web/s", "hidden/s"}, {"/roles", "", "web/s", "hidden/s"}, {"/weights", "", "web/w", "hidden/w"},
		{"/api/v1", call("GET_STATE"), "shown-task", "hidden-framework"}, {"/api/v1", call("GET_TASKS"), "shown-task", "hidden-two"},
		{"/api/v1", call("GET_EXECUTORS"), "shown-executor", "hidden-executor"}, {"/api/v1", call("GET_FRAMEWORKS"), shown, "hidden-framework"},
		{"/api/v1", call("GET_AGENTS"), "web/s", "hidden/s"}, {"/api/v1", call("GET_ROLES"), "web/s", "hidden/s"}, {"/api/v1", call("GET_WEIGHTS"), "web/w", "hidden/w"},
	} {
		method := http.MethodGet
		if tt.call != "" {
			method = http.MethodPost
		}
		if w := s.as("eve", method, tt.path, tt.call); w.Code != 200 || !strings.Contains(w.Body.String(), tt.shown) || strings.Contains(w.Body.String(), "hidden") || strings.Contains(w.Body.String(), hidden) {
			t.Errorf("%s %s of eve: got %d %s, want %q and nothing that is hidden", tt.path, tt.call, w.Code, w.Body, tt.shown)
		}
		if w := s.as("admin", method, tt.path, tt.call); w.Code != 200 || !strings.Contains(w.Body.String(), tt.admins) {
			t.Errorf("%s %s of admin: got %d %s, want %q", tt.path, tt.call, w.Code, w.Body, tt.admins)
		}
	}
	for _, path := range []string{"/explain", "/live/state", "/live/task?framework=" + hidden + "&task=hidden-one", "/registrar(1)/registry", "/flags", "/framework/" + hidden + "/v2/apps"} {
		if w := s.as("eve", "GET", path, ""); w.Code != http.StatusForbidden {
			t.Errorf("%s of eve, which shows all: got %d %.200s, want 403", path, w.Code, w.Body)
		}
	}
	if w := s.as("admin", "GET", "/explain", ""); w.Code == http.StatusForbidden {
		t.Errorf("/explain of admin: got %d %.200s, want it", w.Code, w.Body)
	}
}

// What all use of an agent is no secret, and who runs there is.
func TestSumsStayWhole(t *testing.T) {
	s, _, _, _ := partlySeen(t)
	c, err := s.Snapshot()
	if err != nil {
		t.Fatal(err)
	}
	part := c.For(s.conf.Rules.Sight("eve"))
	if got, want := part.Used(part.Agents[0]), c.Used(c.Agents[0]); !got.Equal(want) || got.IsEmpty() {
		t.Errorf("used of the agent: eve sees %v, want all of %v", got, want)
	}
	if len(part.Frameworks) != 1 || len(part.Frameworks[0].Tasks) != 1 || len(c.Frameworks) != 2 {
		t.Errorf("eve sees %d frameworks of %d, want 1 of 2 and 1 task", len(part.Frameworks), len(c.Frameworks))
	}
}

// A stream of events begins with what its reader may see, and goes on with that.
func TestEventStreamIsFiltered(t *testing.T) {
	s, agentID, shown, hidden := partlySeen(t)
	events := subscribeTo(t, strings.Replace(serve(t, s), "http://", "http://eve:secret@", 1), httpapi.JSON)
	first := events.want(masterv1.Event_SUBSCRIBED)[0]
	if text := first.String(); !strings.Contains(text, "shown-task") || strings.Contains(text, "hidden") {
		t.Errorf("SUBSCRIBED: got %s, want what eve may see", text)
	}
	res := resources.MustParse("cpus:0.1;mem:32")
	s.do(t, func() {
		s.launchTask(hidden, agentID, "hidden-three", res.Allocate("hidden/r"))
		s.removeFramework(s.frameworks[hidden], "test")
		s.launchTask(shown, agentID, "shown-last", res.Allocate("web/a"))
	})
	if got := events.want(masterv1.Event_TASK_ADDED)[0].GetTaskAdded().GetTask().GetTaskId().GetValue(); got != "shown-last" {
		t.Errorf("the first event: got the task %s, want shown-last, since nothing else may be seen", got)
	}
}
