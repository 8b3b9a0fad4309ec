package e2e

import (
	"context"
	"encoding/base64"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"mesos/messages/recordio"
	"mesos/tests/cluster"
)

// containerTask runs a sleeping task and gives the address of its agent's API
// and the id of its container.
func containerTask(t *testing.T, c *cluster.Cluster) (url, container string) {
	t.Helper()
	run := startMesos(t, c, "run", "--name", "sleeper", "--env", "SEEN=by sessions", "--", "sh", "-c", "echo started; sleep 1000")
	run.until(&run.stdout, "started")
	url = "http://" + c.AgentAddr(0) + "/api/v1"
	_, text := post(t, url, "application/json", "", strings.NewReader(`{"type":"GET_CONTAINERS"}`))
	var r struct {
		Containers struct {
			Containers []struct {
				ID struct{ Value string } `json:"container_id"`
			}
		} `json:"get_containers"`
	}
	if err := json.Unmarshal([]byte(text), &r); err != nil || len(r.Containers.Containers) != 1 {
		t.Fatalf("got %s (%v), want one container", text, err)
	}
	return url, r.Containers.Containers[0].ID.Value
}

func nested(parent, name string) string {
	return fmt.Sprintf(`"container_id":{"value":%q,"parent":{"value":%q}}`, name, parent)
}

// TestContainerCalls goes through every container call and what it is answered.
func TestContainerCalls(t *testing.T) {
	t.Parallel()
	c := cluster.Start(t, cluster.Options{Agents: 1, Separate: true})
	url, task := containerTask(t, c)
	a, alone := nested(task, "a"), `"container_id":{"value":"alone"}`
	deep := fmt.Sprintf(`"container_id":{"value":"deep","parent":{"value":"a","parent":{"value":%q}}}`, task)
	for _, s := range []struct {
		name, call string
		code       int
		says       string
	}{
		{"no such parent", `{"type":"LAUNCH_CONTAINER","launch_container":{` + nested("nobody", "a") + `,"command":{"value":"true"}}}`, 400, "outer container nobody"},
		{"no part", `{"type":"LAUNCH_CONTAINER"}`, 400, "'launch_container'"},
		{"no command", `{"type":"LAUNCH_CONTAINER","launch_container":{` + a + `}}`, 400, "command.value"},
		{"docker", `{"type":"LAUNCH_CONTAINER","launch_container":{` + a + `,"command":{"value":"true"},"container":{"type":"DOCKER"}}}`, 400, "container.type"},
		{"a dot in the id", `{"type":"LAUNCH_CONTAINER","launch_container":{` + nested(task, "a.b") + `,"command":{"value":"true"}}}`, 400, "dot"},
		{"a way out in the id", `{"type":"LAUNCH_CONTAINER","launch_container":{` + nested(task, "../x") + `,"command":{"value":"true"}}}`, 400, "slashes"},
		{"no such program", `{"type":"LAUNCH_CONTAINER","launch_container":{` + a + `,"command":{"shell":false,"value":"/no/such"}}}`, 400, "/no/such"},
		{"launch", `{"type":"LAUNCH_CONTAINER","launch_container":{` + a + `,"command":{"value":"echo nested; sleep 1000"}}}`, 200, ""},
		{"again", `{"type":"LAUNCH_CONTAINER","launch_container":{` + a + `,"command":{"value":"echo nested; sleep 1000"}}}`, 202, ""},
		{"again, the old call", `{"type":"LAUNCH_NESTED_CONTAINER","launch_nested_container":{` + a + `,"command":{"value":"sleep 1"}}}`, 202, ""},
		{"deeper, the old call", `{"type":"LAUNCH_NESTED_CONTAINER","launch_nested_container":{` + deep + `,"command":{"value":"exit 7"}}}`, 200, ""},
		{"wait, the old call", `{"type":"WAIT_NESTED_CONTAINER","wait_nested_container":{` + deep + `}}`, 200, `"exit_status":1792`},
		{"kill of what has ended", `{"type":"KILL_CONTAINER","kill_container":{` + deep + `}}`, 404, "cannot be found"},
		{"old call for a standalone container", `{"type":"LAUNCH_NESTED_CONTAINER","launch_nested_container":{` + alone + `,"command":{"value":"true"}}}`, 400, "parent"},
		{"standalone", `{"type":"LAUNCH_CONTAINER","launch_container":{` + alone + `,"command":{"value":"sleep 1000"},"resources":[{"name":"cpus","type":"SCALAR","scalar":{"value":0.1}}]}}`, 200, ""},
		{"executors' containers alone", `{"type":"GET_CONTAINERS"}`, 200, ""},
		{"nested ones", `{"type":"GET_CONTAINERS","get_containers":{"show_nested":true}}`, 200, `"value":"a"`},
		{"standalone ones", `{"type":"GET_CONTAINERS","get_containers":{"show_standalone":true}}`, 200, `"value":"alone"`},
		{"remove of what runs", `{"type":"REMOVE_CONTAINER","remove_container":{` + a + `}}`, 400, "KILL it first"},
		{"attach of input in one piece", `{"type":"ATTACH_CONTAINER_INPUT","attach_container_input":{"type":"CONTAINER_ID",` + a + `}}`, 415, "application/recordio"},
		{"attach to nothing", `{"type":"ATTACH_CONTAINER_OUTPUT","attach_container_output":{` + nested(task, "none") + `}}`, 404, "cannot be found"},
		{"attach to one without a terminal", `{"type":"ATTACH_CONTAINER_OUTPUT","attach_container_output":{"container_id":{"value":"` + task + `"}}}`, 400, "tty_info"},
		{"a signal that is none", `{"type":"KILL_CONTAINER","kill_container":{` + a + `,"signal":99}}`, 400, "signal"},
		{"signal", `{"type":"KILL_CONTAINER","kill_container":{` + a + `,"signal":15}}`, 200, ""},
		{"wait", `{"type":"WAIT_CONTAINER","wait_container":{` + a + `}}`, 200, `"exit_status":15`},
		{"wait again", `{"type":"WAIT_CONTAINER","wait_container":{` + a + `}}`, 200, `"exit_status":15`},
		{"remove", `{"type":"REMOVE_NESTED_CONTAINER","remove_nested_container":{` + a + `}}`, 200, ""},
		{"remove again", `{"type":"REMOVE_CONTAINER","remove_container":{` + a + `}}`, 200, ""},
		{"wait after that", `{"type":"WAIT_CONTAINER","wait_container":{` + a + `}}`, 404, "cannot be found"},
		{"wait for an executor's", `{"type":"WAIT_CONTAINER","wait_container":{"container_id":{"value":"` + task + `"}}}`, 404, ""},
		{"kill", `{"type":"KILL_CONTAINER","kill_container":{` + alone + `}}`, 200, ""},
		{"wait for the standalone one", `{"type":"WAIT_CONTAINER","wait_container":{` + alone + `}}`, 200, `"exit_status":9`},
		{"remove it", `{"type":"REMOVE_CONTAINER","remove_container":{` + alone + `}}`, 200, ""},
		{"remove it again", `{"type":"REMOVE_CONTAINER","remove_container":{` + alone + `}}`, 404, ""},
	} {
		code, text := post(t, url, "application/json", "", strings.NewReader(s.call))
		if code != s.code || !strings.Contains(text, s.says) {
			t.Errorf("%s: got %d %q, want %d with %q", s.name, code, text, s.code, s.says)
		}
		if s.name == "executors' containers alone" && (strings.Contains(text, "alone") || strings.Contains(text, `"a"`)) {
			t.Errorf("%s: got %s", s.name, text)
		}
	}
	for _, dir := range []string{"run/*/containers/*", "containers/*", "slaves/*/frameworks/*/executors/*/runs/*/containers/*"} {
		eventually(t, "the directories of removed containers to go", func() bool {
			left, err := filepath.Glob(filepath.Join(c.AgentWorkDir(0), dir))
			return err == nil && len(left) == 0
		})
	}
}

// TestContainerMediaTypes sends streams where none belong and accepts them where
// none come.
func TestContainerMediaTypes(t *testing.T) {
	t.Parallel()
	c := cluster.Start(t, cluster.Options{Agents: 1, Separate: true})
	url, task := containerTask(t, c)
	record := func(s string) string { return string(recordio.Append(nil, []byte(s))) }
	first := `{"type":"ATTACH_CONTAINER_INPUT","attach_container_input":{"type":"CONTAINER_ID",` + nested(task, "none") + `}}`
	session := `{"type":"LAUNCH_NESTED_CONTAINER_SESSION","launch_nested_container_session":{` + nested(task, "%s") + `,"command":{"value":"echo $SEEN; echo oops >&2"}}}`
	type h map[string]string
	for _, s := range []struct {
		name    string
		headers h
		body    string
		code    int
		says    string // in the body, or in its only records
		kind    string
	}{
		{"recordio without Message-Content-Type", h{"Content-Type": "application/recordio"}, record(first), 400, "Message-Content-Type", ""},
		{"recordio of something else", h{"Content-Type": "application/recordio", "Message-Content-Type": "text/plain"}, record(first), 415, "text/plain", ""},
		{"recordio for another call", h{"Content-Type": "application/recordio", "Message-Content-Type": "application/json"}, record(`{"type":"GET_HEALTH"}`), 415, "GET_HEALTH", ""},
		{"no record", h{"Content-Type": "application/recordio", "Message-Content-Type": "application/json"}, "x", 400, "first record", ""},
		{"input for nobody", h{"Content-Type": "application/recordio", "Message-Content-Type": "application/json"}, record(first), 404, "cannot be found", ""},
		{"recordio as the answer to a read", h{"Content-Type": "application/json", "Accept": "application/recordio"}, `{"type":"GET_HEALTH"}`, 406, "", ""},
		{"recordio as the answer to a wait", h{"Content-Type": "application/json", "Accept": "application/recordio"}, `{"type":"WAIT_CONTAINER","wait_container":{` + nested(task, "none") + `}}`, 406, "WAIT_CONTAINER", ""},
		{"recordio of what nobody writes", h{"Content-Type": "application/json", "Accept": "application/recordio", "Message-Accept": "text/plain"}, fmt.Sprintf(session, "x"), 406, "Message-Accept", ""},
		{"session in recordio", h{"Content-Type": "application/json", "Accept": "application/recordio", "Message-Accept": "application/json"}, fmt.Sprintf(session, "y"), 200, `"STDERR"`, "application/recordio"},
		{"session in JSON", h{"Content-Type": "application/json", "Accept": "application/json"}, fmt.Sprintf(session, "z"), 200, base64.StdEncoding.EncodeToString([]byte("by sessions\n")), "application/json"},
	} {
		req, err := http.NewRequest(http.MethodPost, url, strings.NewReader(s.body))
		if err != nil {
			t.Fatal(err)
		}
		for k, v := range s.headers {
			req.Header.Set(k, v)
		}
		resp, err := http.DefaultClient.Do(req)
		if err != nil {
			t.Fatal(err)
		}
		text, err := io.ReadAll(resp.Body)
		resp.Body.Close()
		if err != nil || resp.StatusCode != s.code || !strings.Contains(string(text), s.says) {
			t.Errorf("%s: got %d %q (%v), want %d with %q", s.name, resp.StatusCode, text, err, s.code, s.says)
		}
		if got := resp.Header.Get("Content-Type"); s.kind != "" && got != s.kind {
			t.Errorf("%s: got the type %q, want %q", s.name, got, s.kind)
		}
	}
}

// TestSessionEndsWithItsConnection drops the connection of a session, then kills
// the agent under another: neither leaves anything running.
func TestSessionEndsWithItsConnection(t *testing.T) {
	t.Parallel()
	c := cluster.Start(t, cluster.Options{Agents: 1, Separate: true})
	url, task := containerTask(t, c)
	for i, end := range []func(cancel func()){
		func(cancel func()) { cancel() },
		func(func()) { c.Agents[0].Kill() },
	} {
		ctx, cancel := context.WithCancel(t.Context())
		call := `{"type":"LAUNCH_NESTED_CONTAINER_SESSION","launch_nested_container_session":{` + nested(task, fmt.Sprint("s", i)) +
			`,"command":{"value":"(setsid sleep 1000 & echo $! >daemon); echo $$ >main; echo ready; sleep 1000"}}}`
		req, err := http.NewRequestWithContext(ctx, http.MethodPost, url, strings.NewReader(call))
		if err != nil {
			t.Fatal(err)
		}
		req.Header.Set("Content-Type", "application/json")
		resp, err := http.DefaultClient.Do(req)
		if err != nil {
			t.Fatal(err)
		}
		if _, err := recordio.NewReader(resp.Body, 1<<20).Read(); err != nil {
			t.Fatalf("first output: %v", err)
		}
		var pids []string
		for _, name := range []string{"main", "daemon"} { // in the task's sandbox
			files, err := filepath.Glob(filepath.Join(c.AgentWorkDir(0), "slaves/*/frameworks/*/executors/*/runs", task, name))
			if err != nil || len(files) != 1 {
				t.Fatalf("got %v (%v), want one file %s", files, err, name)
			}
			b, err := os.ReadFile(files[0])
			if err != nil {
				t.Fatal(err)
			}
			pids = append(pids, strings.TrimSpace(string(b)))
		}
		end(cancel)
		for _, pid := range pids {
			eventually(t, "process "+pid+" of the session to die", func() bool { return !alive(t, pid) })
		}
		cancel()
		resp.Body.Close()
	}
}

// TestContainersOutliveTheAgent kills the agent under nested and standalone
// containers; the next one knows them, and how those ended that did meanwhile.
func TestContainersOutliveTheAgent(t *testing.T) {
	t.Parallel()
	c := cluster.Start(t, cluster.Options{Agents: 1, Separate: true})
	url, task := containerTask(t, c)
	call := func(want int, text string) string {
		t.Helper()
		code, answer := post(t, url, "application/json", "", strings.NewReader(text))
		if code != want {
			t.Fatalf("%s: got %d %q, want %d", text, code, answer, want)
		}
		return answer
	}
	gate := filepath.Join(t.TempDir(), "gate")
	stays, ends, alone := nested(task, "stays"), nested(task, "ends"), `"container_id":{"value":"alone"}`
	call(200, `{"type":"LAUNCH_CONTAINER","launch_container":{`+stays+`,"command":{"value":"trap 'exit 3' TERM; while :; do sleep 0.05; done"}}}`)
	call(200, `{"type":"LAUNCH_CONTAINER","launch_container":{`+ends+`,"command":{"value":"while [ ! -e `+gate+` ]; do sleep 0.05; done; exit 5"}}}`)
	call(200, `{"type":"LAUNCH_CONTAINER","launch_container":{`+alone+`,"command":{"value":"sleep 1000"}}}`)
	c.Agents[0].Kill()
	if err := os.WriteFile(gate, nil, 0o600); err != nil {
		t.Fatal(err)
	}
	eventually(t, "the container to end", func() bool {
		files, err := filepath.Glob(filepath.Join(c.AgentWorkDir(0), "run", task, "containers", "ends", "status"))
		return err == nil && len(files) == 1
	})
	c.Agents[0].Restart()
	eventually(t, "the agent to have recovered", func() bool {
		code, _ := post(t, url, "application/json", "", strings.NewReader(`{"type":"WAIT_CONTAINER","wait_container":{`+nested(task, "none")+`}}`))
		return code == 404
	})
	if got := call(200, `{"type":"WAIT_CONTAINER","wait_container":{`+ends+`}}`); !strings.Contains(got, `"exit_status":1280`) {
		t.Errorf("the one that ended: got %s, want exit status 5", got)
	}
	got := call(200, `{"type":"GET_CONTAINERS","get_containers":{"show_nested":true,"show_standalone":true}}`)
	for _, name := range []string{"stays", "alone"} {
		if !strings.Contains(got, `"`+name+`"`) {
			t.Errorf("container %s is not known any more: %s", name, got)
		}
	}
	call(200, `{"type":"KILL_CONTAINER","kill_container":{`+stays+`,"signal":15}}`)
	if got := call(200, `{"type":"WAIT_CONTAINER","wait_container":{`+stays+`}}`); !strings.Contains(got, `"exit_status":768`) {
		t.Errorf("the one that stayed: got %s, want exit status 3", got)
	}
	call(200, `{"type":"KILL_CONTAINER","kill_container":{`+alone+`}}`)
	call(200, `{"type":"WAIT_CONTAINER","wait_container":{`+alone+`}}`)
}
