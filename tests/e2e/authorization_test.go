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
	for user, want := range map[string]int{"bob": 403, "alice": 200} {
		if status, text := post(t, at(user, "/teardown"), "application/x-www-form-urlencoded", "", strings.NewReader("frameworkId="+id)); status != want {
			t.Errorf("%s ends bob's framework: got %d %s, want %d", user, status, text, want)
		}
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
