package e2e

import (
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"mesos/tests/cluster"
)

// pythonServer is a web app that answers with its version.
const pythonServer = `import http.server, os
class H(http.server.BaseHTTPRequestHandler):
    def do_GET(self):
        body = os.environ['VERSION'].encode()
        self.send_response(200)
        self.send_header('Content-Length', str(len(body)))
        self.end_headers()
        self.wfile.write(body)
    def log_message(self, *_): pass
http.server.ThreadingHTTPServer(('', int(os.environ['PORT0'])), H).serve_forever()`

// marathonAt is a marathon as its users see it.
type marathonAt struct {
	t    *testing.T
	base string
}

// ask sends a request; v, if not nil, gets the answer. It returns the status, 0 without an answer.
func (m marathonAt) ask(method, path string, body, v any) int {
	m.t.Helper()
	text, err := json.Marshal(body)
	if err != nil {
		m.t.Fatal(err)
	}
	r, err := http.NewRequestWithContext(m.t.Context(), method, m.base+path, strings.NewReader(string(text)))
	if err != nil {
		m.t.Fatal(err)
	}
	resp, err := http.DefaultClient.Do(r)
	if err != nil {
		return 0
	}
	defer resp.Body.Close()
	answer, err := io.ReadAll(resp.Body)
	if err == nil && v != nil {
		err = json.Unmarshal(answer, v)
	}
	if err != nil {
		return 0
	}
	return resp.StatusCode
}

// must sends a change until it is answered: marathon may be on its way back.
func (m marathonAt) must(method, path string, body any) {
	m.t.Helper()
	eventually(m.t, method+" "+path, func() bool {
		code := m.ask(method, path, body, nil)
		if code >= 400 && code != http.StatusServiceUnavailable {
			m.t.Fatalf("%s %s: got %d", method, path, code)
		}
		return code/100 == 2
	})
}

type marathonTask struct {
	Host  string `json:"host"`
	Ports []int  `json:"ports"`
	State string `json:"state"`
}

// healthy says that n instances of /web are well, no others are there and no deployment is under way.
func (m marathonAt) healthy(n int) func() bool {
	return func() bool { return m.instances("web", n) }
}

// instances says that an app has n instances that are well, no others, and no deployment is under way.
func (m marathonAt) instances(app string, n int) bool {
	var x struct {
		App struct {
			Healthy     int            `json:"tasksHealthy"`
			Tasks       []marathonTask `json:"tasks"`
			Deployments []any          `json:"deployments"`
		} `json:"app"`
	}
	return m.ask("GET", "/v2/apps/"+app, nil, &x) == 200 && x.App.Healthy == n && len(x.App.Tasks) == n && len(x.App.Deployments) == 0
}

func startMarathon(t *testing.T, c *cluster.Cluster, port int, flags ...string) *exec.Cmd {
	t.Helper()
	cmd := exec.Command(cluster.Binary(t, "marathon"), append([]string{
		"--master=" + c.Master.Addr, "--work_dir=" + filepath.Join(c.WorkDir, "marathon"),
		"--ip=" + c.IP(), "--hostname=" + c.IP(), fmt.Sprintf("--http_port=%d", port),
	}, flags...)...)
	var log strings.Builder
	cmd.Stderr = &log
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		_ = cmd.Process.Kill()
		_ = cmd.Wait()
		if t.Failed() {
			t.Logf("marathon:\n%s", log.String())
		}
	})
	return cmd
}

// visitor asks the instances of /web one after the other, as a load balancer does: another one if one is gone. It
// counts what it was answered, and requests that no instance answered.
type visitor struct {
	mu       sync.Mutex
	answers  map[string]int
	failures []string
	stop     chan bool
	done     sync.WaitGroup
}

func visit(m marathonAt) *visitor {
	v := &visitor{answers: map[string]int{}, stop: make(chan bool)}
	client := &http.Client{Timeout: 30 * time.Second}
	v.done.Go(func() {
		var known []marathonTask
		for n := 0; ; n++ {
			select {
			case <-v.stop:
				return
			case <-time.After(5 * time.Millisecond):
			}
			var x struct{ Tasks []marathonTask }
			if n%10 == 0 && m.ask("GET", "/v2/apps/web/tasks", nil, &x) == 200 { // without marathon what was known last
				known = nil
				for _, t := range x.Tasks {
					if t.State == "TASK_RUNNING" {
						known = append(known, t)
					}
				}
			}
			v.request(client, known, n)
		}
	})
	return v
}

func (v *visitor) request(client *http.Client, known []marathonTask, n int) {
	var errs []string
	for k := range known {
		t := known[(n+k)%len(known)]
		r, err := client.Get(fmt.Sprintf("http://%s:%d/", t.Host, t.Ports[0]))
		if err != nil {
			errs = append(errs, err.Error())
			continue
		}
		body, err := io.ReadAll(r.Body)
		r.Body.Close()
		if err != nil {
			errs = append(errs, err.Error())
			continue
		}
		v.mu.Lock()
		v.answers[string(body)]++
		v.mu.Unlock()
		return
	}
	v.mu.Lock()
	defer v.mu.Unlock()
	v.failures = append(v.failures, fmt.Sprintf("%d known: %v", len(known), errs))
}

func (v *visitor) answered(version string) int {
	v.mu.Lock()
	defer v.mu.Unlock()
	return v.answers[version]
}

// A web app in Python has 3, 10 and 1 instances, and is upgraded under requests while marathon is killed.
func TestMarathonKeepsAWebAppRunning(t *testing.T) {
	t.Parallel()
	if _, err := exec.LookPath("python3"); err != nil {
		t.Skip("the app needs python3")
	}
	c := cluster.Start(t, cluster.Options{Agents: 2, Resources: "cpus:8;mem:2048;disk:64;ports:[31000-31099]", Separate: true})
	port := cluster.FreePort(t)
	m := marathonAt{t, fmt.Sprintf("http://%s:%d", c.IP(), port)}
	program := startMarathon(t, c, port)

	env := map[string]string{"VERSION": "1"}
	m.must("PUT", "/v2/apps/web", map[string]any{
		"args": []string{"python3", "-c", pythonServer}, "instances": 3, "cpus": 0.1, "mem": 32, "env": env,
		"healthChecks": []any{map[string]any{"protocol": "HTTP", "path": "/", "delaySeconds": 0, "intervalSeconds": 1, "gracePeriodSeconds": 300}},
	})
	eventuallyIn(t, 3*time.Minute, "3 instances", m.healthy(3))
	m.must("PUT", "/v2/apps/web", map[string]any{"instances": 10})
	eventuallyIn(t, 3*time.Minute, "10 instances", m.healthy(10))

	v := visit(m)
	eventually(t, "the first answers", func() bool { return v.answered("1") > 20 })
	env["VERSION"] = "2"
	m.must("PUT", "/v2/apps/web", map[string]any{"env": env})
	eventuallyIn(t, 3*time.Minute, "the first answer of the new version", func() bool { return v.answered("2") > 0 })
	if err := program.Process.Kill(); err != nil {
		t.Fatal(err)
	}
	_ = program.Wait()
	startMarathon(t, c, port)
	eventuallyIn(t, 5*time.Minute, "the end of the upgrade", m.healthy(10))
	before := v.answered("1")
	eventually(t, "answers of the new version", func() bool { return v.answered("2") > 100 })
	if now := v.answered("1"); now > before+10 {
		t.Errorf("the old version answered %d more requests after the upgrade", now-before)
	}
	close(v.stop)
	v.done.Wait()
	if len(v.failures) > 0 {
		t.Errorf("%d requests failed; the first: %s", len(v.failures), v.failures[0])
	}
	t.Logf("answers by version: %v, failed: %d", v.answers, len(v.failures))

	m.must("PUT", "/v2/apps/web", map[string]any{"instances": 1})
	eventuallyIn(t, 3*time.Minute, "1 instance", m.healthy(1))
	m.must("DELETE", "/v2/apps/web", nil)
	eventuallyIn(t, 3*time.Minute, "nothing", func() bool {
		code, stdout, _ := mesos(t, c, "ps", "-o", "json")
		return code == 0 && !strings.Contains(stdout, "web.instance-")
	})
}

// The subcommands of `mesos app` do what a person wants of services.
func TestAppCommands(t *testing.T) {
	t.Parallel()
	c := cluster.Start(t, cluster.Options{Resources: "cpus:4;mem:1024;disk:64;ports:[31000-31099]", LocalFlags: []string{"--marathon=true", "--marathon_port=0"}})
	file := filepath.Join(c.WorkDir, "web.yaml")
	write := func(text string) {
		t.Helper()
		if err := os.WriteFile(file, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	write("id: /web\ncmd: sleep 1000\ninstances: 2\ncpus: 0.1\nmem: 16\n")
	must(t, c, "/web is new:", "app", "plan", file)
	must(t, c, "/web is as the file says", "app", "run", file)
	must(t, c, "2/2", "app", "list")
	must(t, c, "3 instances", "app", "scale", "web", "3")
	must(t, c, "3/3", "app", "list")
	write("id: /web\ncmd: sleep 2000\n")
	must(t, c, "+ cmd: \"sleep 2000\"", "app", "plan", file)
	must(t, c, "/web is as the file says", "app", "run", file)
	must(t, c, "sleep 2000", "app", "list")
	if code, stdout, stderr := mesos(t, c, "app", "history", "/web"); code != 0 || len(strings.Fields(stdout)) != 3 {
		t.Errorf("history: got %d, %q, %q, want three versions", code, stdout, stderr)
	}
	must(t, c, "/web is as at", "app", "revert", "/web")
	must(t, c, "sleep 1000", "app", "list")
	must(t, c, "new instances", "app", "restart", "/web")
	must(t, c, "60 instances", "app", "scale", "--detach", "--force", "web", "60") // more than fit
	var list []struct{ Deployments []struct{ ID string } }
	if _, stdout, stderr := mesos(t, c, "app", "list", "-o", "json"); json.Unmarshal([]byte(stdout), &list) != nil || len(list) != 1 || len(list[0].Deployments) != 1 {
		t.Fatalf("the deployment: got %q, %q, want one of one app", stdout, stderr)
	}
	eventuallyIn(t, time.Minute, "those that do not fit to wait for no delay", func() bool {
		code, stdout, _ := mesos(t, c, "app", "retry", "web")
		return code == 0 && strings.Contains(stdout, "/web waits no longer")
	})
	must(t, c, " is taken back", "app", "rollback", list[0].Deployments[0].ID)
	must(t, c, "3/3", "app", "list")
	if code, _, stderr := mesos(t, c, "app", "rollback", "no-such"); code != 1 || !strings.Contains(stderr, "no-such") {
		t.Errorf("rollback of no deployment: got %d, %q", code, stderr)
	}
	if code, _, stderr := mesos(t, c, "app", "retry", "web"); code != 1 || !strings.Contains(stderr, "/web in tasks queue does not exist") {
		t.Errorf("retry of what waits for nothing: got %d, %q", code, stderr)
	}
	write("id: /web\ncmd: sleep 1\ncpu: 3\n")
	if code, _, stderr := mesos(t, c, "app", "run", file); code != 1 || !strings.Contains(stderr, "/cpu: there is no such field") {
		t.Errorf("a field that there is not: got %d, %q", code, stderr)
	}
	must(t, c, "/web is removed", "app", "remove", "/web")

	// Pods are services, too; and the marathon of mesos local has a role, so that apps may keep disk.
	write("id: /duo\nnetworks: [{mode: host}]\ncontainers:\n- name: a\n  resources: {cpus: 0.1, mem: 32}\n  exec: {command: {shell: sleep 1000}}\n" +
		"- name: b\n  resources: {cpus: 0.1, mem: 32}\n  exec: {command: {shell: sleep 1000}}\n")
	must(t, c, "/duo is as the file says", "app", "run", file)
	must(t, c, "pod of a, b", "app", "list")
	must(t, c, "2 instances", "app", "scale", "duo", "2")
	must(t, c, "2/2", "app", "list")
	if code, stdout, stderr := mesos(t, c, "app", "history", "duo"); code != 0 || len(strings.Fields(stdout)) != 2 {
		t.Errorf("history of a pod: got %d, %q, %q, want two versions", code, stdout, stderr)
	}
	must(t, c, "/duo is as at", "app", "revert", "duo")
	must(t, c, "1/1", "app", "list")
	must(t, c, "/duo is removed", "app", "remove", "duo")
	write("id: /kept\ncmd: sleep 1000\ncpus: 0.1\nmem: 16\ncontainer:\n  type: MESOS\n  volumes: [{containerPath: data, mode: RW, persistent: {size: 8}}]\n")
	must(t, c, "/kept is as the file says", "app", "run", file)
	must(t, c, "kept#data#", "volume", "list")
	must(t, c, "/kept is removed", "app", "remove", "kept")
	if code, stdout, stderr := mesos(t, c, "app", "list", "-o", "json"); code != 0 || strings.TrimSpace(stdout) != "[]" {
		t.Errorf("list at the end: got %d, %q, %q", code, stdout, stderr)
	}
}
