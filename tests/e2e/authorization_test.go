package e2e

import (
	"encoding/json"
	"fmt"
	"net/http"
	"net/url"
	"strings"
	"testing"

	"mesos/tests/cluster"
)

// principalsFile names alice and bob, whose secret is x.
const principalsFile = `{"credentials":[{"principal":"alice","secret":"x"},{"principal":"bob","secret":"x"}]}`

// authorizes is flags of daemons that know alice and bob, and let them do what rules say.
func authorizes(t *testing.T, credentials, rules string) []string {
	return []string{
		"--authenticate_http_readonly", "--authenticate_http_readwrite", credentials + "=" + secretFile(t, principalsFile), "--acls=" + rules,
	}
}

// Rules let one framework in and have another refused, in Mesos's words and naming the rule: roles, users of tasks and
// groups, operations. Nobody gets around them by leaving his name out.
func TestAuthorization(t *testing.T) {
	t.Parallel()
	const rules = `{
		"register_frameworks": [{"principals":{"values":["alice"]},"roles":{"values":["eng/%"]}}, {"principals":{"type":"NONE"},"roles":{"values":["eng/%"]}}],
		"run_tasks": [{"principals":{"values":["alice"]},"users":{"type":"ANY"}}, {"principals":{"type":"ANY"},"users":{"type":"NONE"}}],
		"reserve_resources": [{"principals":{"values":["alice"]},"roles":{"type":"ANY"}}, {"principals":{"type":"ANY"},"roles":{"type":"NONE"}}],
		"teardown_frameworks": [{"principals":{"values":["alice"]},"framework_principals":{"values":["alice","bob"]}}, {"principals":{"type":"ANY"},"framework_principals":{"type":"NONE"}}]
	}`
	file := secretFile(t, rules)
	c := cluster.Start(t, cluster.Options{
		Separate: true, User: url.UserPassword("alice", "x"),
		MasterFlags: append(authorizes(t, "--credentials", file), "--authenticate_http_frameworks"),
	})
	at := func(user, path string) string { return "http://" + user + ":x@" + c.Addr() + path }
	// Roles.
	subscription := func(info string) string {
		return `{"type":"SUBSCRIBE","subscribe":{"framework_info":{"user":"root","name":"x",` + info + `}}}`
	}
	const closed = `"capabilities":[{"type":"MULTI_ROLE"}],"roles":["eng/a","x"]`
	status, text := post(t, at("bob", "/api/v1/scheduler"), "application/json", "", strings.NewReader(subscription(closed)))
	if want := `Not authorized to use roles '{ eng/a, x }': the rule register_frameworks[1] of --acls refuses roles \"eng/a\" to the principal \"bob\"`; status != 200 || !strings.Contains(text, want) {
		t.Errorf("bob subscribes with the role eng/a: got %d %s, want an ERROR with %s", status, text, want)
	}
	own := openStream(t, at("alice", "/api/v1/scheduler"), "application/json", subscription(closed))
	own.until(t, `"type":"SUBSCRIBED"`)
	post(t, at("alice", "/teardown"), "application/x-www-form-urlencoded", "", strings.NewReader("frameworkId="+frameworkOf(t, at)))
	// Tasks.
	for user, want := range map[string]string{
		"bob":   `Not authorized to launch as user 'root': the rule run_tasks[1] of --acls refuses users "root" to the principal "bob"`,
		"alice": "hello\n",
	} {
		p := startProgram(t, cluster.Binary(t, "mesos"), []string{"MESOS_MASTER=" + c.Addr(), "MESOS_CREDENTIAL=" + secretFile(t, user+" x")}, "run", "--", "echo", "hello")
		code := p.wait()
		if out := p.stdout.String() + p.stderr.String(); (code == 0) != (user == "alice") || !strings.Contains(out, want) {
			t.Errorf("%s runs a task: got %d %s, want %q", user, code, out, want)
		}
	}
	refusedLaunches(t, at)
}

// frameworkOf is the id of the one framework that there is.
func frameworkOf(t *testing.T, at func(user, path string) string) string {
	t.Helper()
	_, text := get(t, at("alice", "/frameworks"))
	var list struct{ Frameworks []struct{ ID string } }
	if err := json.Unmarshal([]byte(text), &list); err != nil || len(list.Frameworks) != 1 {
		t.Fatalf("/frameworks: got %s (%v), want one", text, err)
	}
	return list.Frameworks[0].ID
}

// refusedLaunches are those of a framework of bob, who does not give his name.
func refusedLaunches(t *testing.T, at func(user, path string) string) {
	t.Helper()
	s := openStream(t, at("bob", "/api/v1/scheduler"), "application/json", `{"type":"SUBSCRIBE","subscribe":{"framework_info":{"user":"root","name":"x","capabilities":[{"type":"MULTI_ROLE"}],"roles":["r"]}}}`)
	first := s.until(t, `"type":"SUBSCRIBED"`)
	offer := s.until(t, `"type":"OFFERS"`)
	value := func(from, after string) string {
		_, rest, _ := strings.Cut(from, after)
		v, _, _ := strings.Cut(rest, `"`)
		return v
	}
	id, offerID, agentID := value(first, `"framework_id":{"value":"`), value(offer, `"offers":[{"id":{"value":"`), value(offer, `"agent_id":{"value":"`)
	const some = `"resources":[{"name":"cpus","type":"SCALAR","scalar":{"value":0.1}},{"name":"mem","type":"SCALAR","scalar":{"value":32}}]`
	task := func(name string) string {
		return fmt.Sprintf(`{"name":"n","task_id":{"value":%q},"agent_id":{"value":%q},"command":{"value":"true","user":"nobody"},%s}`, name, agentID, some)
	}
	reserve := `{"type":"RESERVE","id":{"value":"op"},"reserve":{"resources":[{"name":"cpus","type":"SCALAR","scalar":{"value":0.1},"allocation_info":{"role":"r"},"reservations":[{"type":"DYNAMIC","role":"r"}]}]}}`
	launch := fmt.Sprintf(`{"type":"LAUNCH","launch":{"task_infos":[%s]}}`, task("alone"))
	group := fmt.Sprintf(`{"type":"LAUNCH_GROUP","launch_group":{"executor":{"type":"DEFAULT","executor_id":{"value":"e"},"framework_id":{"value":%q},%s},"task_group":{"tasks":[%s,%s]}}}`, id, some, task("one"), task("two"))
	status, text := post(t, at("bob", "/api/v1/scheduler"), "application/json", s.streamID, strings.NewReader(fmt.Sprintf(
		`{"type":"ACCEPT","framework_id":{"value":%q},"accept":{"offer_ids":[{"value":%q}],"operations":[%s,%s,%s]}}`, id, offerID, launch, group, reserve)))
	if status != http.StatusAccepted {
		t.Fatalf("bob's ACCEPT was answered %d %s, want 202", status, text)
	}
	const why = "Not authorized to launch as user 'nobody': the rule run_tasks[1] of --acls"
	s.until(t, `"type":"UPDATE"`, `"alone"`, `"TASK_ERROR"`, `"REASON_TASK_UNAUTHORIZED"`, why)
	s.until(t, `"type":"UPDATE"`, `"one"`, `"TASK_ERROR"`, `"REASON_TASK_GROUP_UNAUTHORIZED"`, why)
	s.until(t, `"type":"UPDATE"`, `"two"`, `"TASK_ERROR"`, `"REASON_TASK_GROUP_UNAUTHORIZED"`, why)
	s.until(t, `"UPDATE_OPERATION_STATUS"`, `"OPERATION_ERROR"`, `Not authorized to reserve resources as 'bob': the rule reserve_resources[1] of --acls`)
	for _, try := range []struct {
		user string
		want int
	}{{"bob", 403}, {"alice", 200}} {
		if status, text := post(t, at(try.user, "/teardown"), "application/x-www-form-urlencoded", "", strings.NewReader("frameworkId="+id)); status != try.want {
			t.Errorf("%s ends bob's framework: got %d %s, want %d", try.user, status, text, try.want)
		}
	}
}

// An agent lets alice into what runs there and shows it to her; bob learns nothing of it.
func TestAgentAuthorization(t *testing.T) {
	t.Parallel()
	var rules []string
	for action, object := range map[string]string{
		"launch_nested_container_sessions_as_user": "users", "launch_nested_container_sessions_under_parent_with_user": "users",
		"kill_nested_containers": "users", "attach_containers_output": "users", "launch_standalone_containers": "users", "view_containers": "users",
		"view_frameworks": "users", "view_flags": "flags", "access_sandboxes": "users", "prune_images": "images",
	} {
		rules = append(rules, fmt.Sprintf(`%q:[{"principals":{"values":["alice"]},%q:{"type":"ANY"}},{"principals":{"type":"ANY"},%q:{"type":"NONE"}}]`, action, object, object))
	}
	c := cluster.Start(t, cluster.Options{
		Separate: true, User: url.UserPassword("alice", "x"),
		MasterFlags: []string{"--authenticate_http_readonly", "--authenticate_http_readwrite", "--credentials=" + secretFile(t, principalsFile)},
		AgentFlags:  authorizes(t, "--http_credentials", "{"+strings.Join(rules, ",")+"}"),
	})
	at := func(user, path string) string { return "http://" + user + ":x@" + c.AgentAddr(0) + path }
	own := secretFile(t, "alice x")
	env := []string{"MESOS_MASTER=" + c.Addr(), "MESOS_CREDENTIAL=" + own}
	job := startProgram(t, cluster.Binary(t, "mesos"), env, "run", "--name=sleeper", "--", "sh", "-c", "echo up; exec sleep 600")
	job.until(&job.stdout, "up\n")
	p := startProgram(t, cluster.Binary(t, "mesos"), env, "exec", "sleeper", "--", "echo", "within")
	if code := p.wait(); code != 0 || p.stdout.String() != "within\n" {
		t.Errorf("alice's exec: got %d %q %q, want 0 and within", code, p.stdout.String(), p.stderr.String())
	}
	_, text := get(t, at("alice", "/state"))
	var state struct {
		Frameworks []struct {
			Executors []struct{ Container, Directory string }
		}
	}
	if err := json.Unmarshal([]byte(text), &state); err != nil || len(state.Frameworks) != 1 || len(state.Frameworks[0].Executors) != 1 || !strings.Contains(text, `"flags"`) {
		t.Fatalf("/state of alice: got %s (%v), want her framework with an executor, and the flags", text, err)
	}
	e := state.Frameworks[0].Executors[0]
	inner := fmt.Sprintf(`{"value":"x","parent":{"value":%q}}`, e.Container)
	for _, tt := range []struct{ path, body, action string }{
		{"/api/v1", `{"type":"LAUNCH_NESTED_CONTAINER_SESSION","launch_nested_container_session":{"container_id":` + inner + `,"command":{"value":"id"}}}`, "launch_nested_container_sessions_under_parent_with_user"},
		{"/api/v1", `{"type":"KILL_NESTED_CONTAINER","kill_nested_container":{"container_id":` + inner + `}}`, "kill_nested_containers"},
		{"/api/v1", `{"type":"ATTACH_CONTAINER_OUTPUT","attach_container_output":{"container_id":{"value":"` + e.Container + `"}}}`, "attach_containers_output"},
		{"/api/v1", `{"type":"LAUNCH_CONTAINER","launch_container":{"container_id":{"value":"alone"},"command":{"value":"id"}}}`, "launch_standalone_containers"},
		{"/api/v1", `{"type":"LIST_FILES","list_files":{"path":"` + e.Directory + `"}}`, "access_sandboxes"},
		{"/api/v1", `{"type":"READ_FILE","read_file":{"path":"` + e.Directory + `/stdout","offset":0}}`, "access_sandboxes"},
		{"/api/v1", `{"type":"GET_FLAGS"}`, "view_flags"}, {"/api/v1", `{"type":"PRUNE_IMAGES"}`, "prune_images"},
		{"/files/browse?path=" + e.Directory, "", "access_sandboxes"}, {"/files/read?path=" + e.Directory + "/stdout", "", "access_sandboxes"},
		{"/files/download?path=/" + e.Directory + "//stdout", "", "access_sandboxes"}, {"/flags", "", "view_flags"},
	} {
		ask := func(user string) (int, string) {
			if tt.body == "" {
				return get(t, at(user, tt.path))
			}
			return post(t, at(user, tt.path), "application/json", "", strings.NewReader(tt.body))
		}
		if status, text := ask("bob"); status != http.StatusForbidden || !strings.Contains(text, "the rule "+tt.action+"[1] of --acls refuses") {
			t.Errorf("%s %s of bob: got %d %s, want 403 by %s[1]", tt.path, tt.body, status, text, tt.action)
		}
		if strings.Contains(tt.body, "LAUNCH") || strings.Contains(tt.body, "ATTACH") {
			continue // they go on for as long as what they start
		}
		if status, text := ask("alice"); status == http.StatusForbidden || status == http.StatusUnauthorized {
			t.Errorf("%s %s of alice: got %d %s, want her let through", tt.path, tt.body, status, text)
		}
	}
	hidden := func(path, body string) {
		status, text := 0, ""
		if body == "" {
			status, text = get(t, at("bob", path))
		} else {
			status, text = post(t, at("bob", path), "application/json", "", strings.NewReader(body))
		}
		if status != http.StatusOK || strings.Contains(text, e.Container) || strings.Contains(text, "sleeper") || strings.Contains(text, `"flags"`) {
			t.Errorf("%s %s of bob: got %d %s, want an answer without what alice runs", path, body, status, text)
		}
	}
	for _, path := range []string{"/state", "/containers", "/monitor/statistics"} {
		hidden(path, "")
	}
	for _, kind := range []string{"GET_STATE", "GET_TASKS", "GET_EXECUTORS", "GET_FRAMEWORKS", "GET_CONTAINERS"} {
		hidden("/api/v1", `{"type":"`+kind+`"}`)
	}
}

// Daemons with rules that are wrong say what, and do not start.
func TestAuthorizationFlags(t *testing.T) {
	t.Parallel()
	for _, d := range []struct {
		program string
		flags   []string
		want    string
	}{
		{"mesos-master", []string{`--acls={"run_task":[]}`}, `flag --acls: there is no action "run_task": want permissive or one of access_mesos_logs,`},
		{"mesos-master", []string{`--acls=/nowhere/at/all`}, `flag --acls: want JSON like {"run_tasks":[…]} or the path of a file with it: open /nowhere/at/all`},
		{"mesos-agent", []string{"--acls=" + secretFile(t, `{"run_tasks":[{"principal":{}}]}`)}, `run_tasks[0]: there is no field "principal": want principals and users`},
		{"mesos-agent", []string{"--acls=file://" + secretFile(t, `{"permissive":"no"}`)}, `flag --acls: permissive: it is "no": want true or false`},
		{"mesos-master", []string{"--authorizers=other"}, `"other" is not one of local`},
	} {
		flags := append(d.flags, "--ip=127.0.0.1", "--port=0", "--work_dir="+t.TempDir())
		if d.program == "mesos-agent" {
			flags = append(flags, "--master=127.0.0.1:1")
		}
		p := startProgram(t, cluster.Binary(t, d.program), nil, flags...)
		if code := p.wait(); code == 0 || !strings.Contains(p.stderr.String(), d.want) {
			t.Errorf("%s %q: got %d %q, want an error with %q", d.program, d.flags, code, p.stderr.String(), d.want)
		}
	}
}
