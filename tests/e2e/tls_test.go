package e2e

import (
	"context"
	"fmt"
	"io"
	"net"
	"net/http"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"testing"

	"mesos/actors/secure"
	"mesos/actors/secure/securetest"
	"mesos/tests/cluster"
)

// Daemons that encrypt: tasks, pages and files by HTTPS, an agent that is killed under its task; nobody comes in without TLS,
// without a certificate or with one of another authority, and all hear why.
func TestEncrypted(t *testing.T) {
	t.Parallel()
	ca := securetest.NewAuthority(t, "ours")
	c := cluster.Start(t, cluster.Options{Separate: true, Authority: ca, AgentFlags: []string{"--registration_backoff_factor=100ms"}})
	if code, stdout, stderr := mesos(t, c, "run", "--", "sh", "-c", "echo hello; exit 3"); code != 3 || stdout != "hello\n" {
		t.Errorf("mesos run: got %d, %q, %q, want 3 and hello", code, stdout, stderr)
	}
	encryptedScheduler(t, c)
	gate := filepath.Join(t.TempDir(), "gate")
	p := startMesos(t, c, "run", "--name", "long", "--", "sh", "-c", "echo begin; until [ -e "+gate+" ]; do sleep 0.1; done; echo end")
	p.until(&p.stdout, "begin\n")
	c.Agents[0].Kill()
	c.Agents[0].Restart()
	c.WaitAgents(1)
	if err := os.WriteFile(gate, nil, 0o600); err != nil {
		t.Fatal(err)
	}
	if code := p.wait(); code != 0 || !strings.HasSuffix(p.stdout.String(), "end\n") {
		t.Errorf("a task whose agent was killed: got %d, %q, want it to end well", code, p.stdout.String())
	}
	encryptedPages(t, c)
	plainRefused(t, c)
	foreignersRefused(t, c, ca)
}

// ask is a GET with a client of its own; a failure is a code of 0.
func ask(t *testing.T, by *http.Client, url string) (int, string) {
	t.Helper()
	resp, err := by.Get(url)
	if err != nil {
		return 0, err.Error()
	}
	defer resp.Body.Close()
	body, err := io.ReadAll(resp.Body)
	if err != nil {
		t.Fatal(err)
	}
	return resp.StatusCode, string(body)
}

// encryptedScheduler subscribes by the v1 API.
func encryptedScheduler(t *testing.T, c *cluster.Cluster) {
	t.Helper()
	call := `{"type":"SUBSCRIBE","subscribe":{"framework_info":{"user":"root","name":"by https","roles":["*"],"capabilities":[{"type":"MULTI_ROLE"}]}}}`
	by := c.Client()
	by.Timeout = 0
	resp, err := by.Post(c.URL("/api/v1/scheduler"), "application/json", strings.NewReader(call))
	if err != nil {
		t.Fatal(err)
	}
	defer resp.Body.Close()
	got := ""
	for b := make([]byte, 4096); !strings.Contains(got, `"OFFERS"`); {
		n, err := resp.Body.Read(b)
		if got += string(b[:n]); err != nil {
			t.Fatalf("subscription: got %q and %v, want an offer", got, err)
		}
	}
	if !strings.Contains(got, `"scheme":"https"`) {
		t.Errorf("offer: got %q, want the URL of its agent to be https", got)
	}
}

// encryptedPages reads a page of the master, and a sandbox, from the agent and by the master.
func encryptedPages(t *testing.T, c *cluster.Cluster) {
	t.Helper()
	if code, body := ask(t, c.Client(), c.URL("/")); code != 200 {
		t.Errorf("page: got %d %.100q, want 200", code, body)
	}
	stdouts, err := filepath.Glob(filepath.Join(c.AgentWorkDir(0), "slaves/*/frameworks/*/executors/*/runs/latest/stdout"))
	if err != nil || len(stdouts) != 2 {
		t.Fatalf("sandboxes: got %q (%v), want two", stdouts, err)
	}
	id := strings.Split(strings.TrimPrefix(stdouts[0], c.AgentWorkDir(0)), "/")[2]
	for _, path := range stdouts {
		path = strings.TrimPrefix(path, c.AgentWorkDir(0)+"/slaves/"+id)
		for _, url := range []string{c.Agents[0].URL("/files/download?path=" + path), c.URL("/agent/" + id + "/files/download?path=" + path)} {
			if code, body := ask(t, c.Client(), url); code != 200 || !strings.Contains(body, "hello") && !strings.Contains(body, "begin") {
				t.Errorf("%s: got %d %.200q, want what the task wrote", url, code, body)
			}
		}
	}
}

// plainRefused asks without TLS, as a person and as a command.
func plainRefused(t *testing.T, c *cluster.Cluster) {
	t.Helper()
	for _, addr := range []string{c.Addr(), c.AgentAddr(0)} {
		if code, body := ask(t, http.DefaultClient, "http://"+addr+"/state"); code != 400 || !strings.Contains(body, "https://") {
			t.Errorf("http://%s: got %d %q, want 400 and a word on https", addr, code, body)
		}
	}
	p := startProgram(t, cluster.Binary(t, "mesos"), []string{"MESOS_MASTER=" + c.Addr()}, "agents")
	if code := p.wait(); code == 0 || !strings.Contains(p.stderr.String(), "HTTPS") {
		t.Errorf("mesos agents without TLS: got %d %q, want it refused with a word on HTTPS", code, p.stderr.String())
	}
}

// foreignersRefused has others come that belong to another authority, or to none.
func foreignersRefused(t *testing.T, c *cluster.Cluster, ca *securetest.Authority) {
	t.Helper()
	nobody := &http.Client{Transport: (&secure.TLS{Roots: ca.Pool(), VerifyServers: true, Depth: 1}).Transport(&http.Transport{})}
	if code, text := ask(t, nobody, c.URL("/state")); code != 0 || !strings.Contains(text, "wants a certificate") {
		t.Errorf("without a certificate: got %d %s, want it refused with a word on certificates", code, text)
	}
	other := securetest.NewAuthority(t, "theirs")
	dir := t.TempDir()
	cert, key := other.Issue(c.IP()).Files(dir)
	environ := []string{"LIBPROCESS_SSL_ENABLED=true", "LIBPROCESS_SSL_CERT_FILE=" + cert, "LIBPROCESS_SSL_KEY_FILE=" + key, "MESOS_MASTER=" + c.Addr()}

	// One that believes everybody hears that it is not believed.
	p := startProgram(t, cluster.Binary(t, "mesos"), environ, "agents")
	if code := p.wait(); code == 0 || !strings.Contains(p.stderr.String(), "does not believe this program's certificate") {
		t.Errorf("mesos agents with a foreign certificate: got %d %q, want it refused with a word on its certificate", code, p.stderr.String())
	}
	eventually(t, "the master to tell of the foreign certificate", func() bool {
		return strings.Contains(c.Master.Log(), `CN=theirs`) && strings.Contains(c.Master.Log(), "none of the authorities of LIBPROCESS_SSL_CA_FILE=")
	})

	// One that believes only its own does not believe the master.
	work := t.TempDir()
	agent := startProgram(t, cluster.Binary(t, "mesos-agent"), append(environ, "LIBPROCESS_SSL_VERIFY_SERVER_CERT=true", "LIBPROCESS_SSL_CA_FILE="+other.File(dir)),
		"--ip="+c.IP(), "--port=0", "--work_dir="+work, "--resources=cpus:1;mem:64;disk:64", "--launcher_dir="+filepath.Dir(cluster.Binary(t, "mesos-executor")))
	agent.until(&agent.stderr, `is none of the authorities of LIBPROCESS_SSL_CA_FILE=`+filepath.Join(dir, "ca.pem"))
	eventually(t, "the master to tell of the foreign agent", func() bool {
		return strings.Contains(c.Master.Log(), "the peer does not believe this program's certificate")
	})
	agent.until(&agent.stderr, fmt.Sprintf("TLS with %s", c.Addr()))
}

// Marathon, chronos and DNS of a cluster that encrypts are reached by HTTPS, and reach their master.
func TestEncryptedFrameworks(t *testing.T) {
	t.Parallel()
	c := cluster.Start(t, cluster.Options{Separate: true, Authority: securetest.NewAuthority(t, "ours"), AgentFlags: []string{"--registration_backoff_factor=100ms"}})
	at := func(port int) string { return net.JoinHostPort(c.IP(), strconv.Itoa(port)) }
	var ports [4]int
	for i := range ports {
		ports[i] = cluster.FreePort(t)
	}
	m := c.Daemon("marathon", at(ports[0]), nil, "/ping", cluster.Binary(t, "marathon"), "--master="+c.Addr(), "--work_dir="+t.TempDir(),
		"--ip="+c.IP(), "--hostname="+c.IP(), fmt.Sprintf("--http_port=%d", ports[0]))
	j := c.Daemon("chronos", at(ports[1]), nil, "/v1/scheduler/jobs", cluster.Binary(t, "chronos"), "--master="+c.Addr(), "--work_dir="+t.TempDir(),
		"--ip="+c.IP(), "--hostname="+c.IP(), fmt.Sprintf("--port=%d", ports[1]))
	dns := startMesos(t, c, "dns", "--listen", at(ports[2]), "--http", at(ports[3]))

	// Who lists them finds where they are at the master.
	app := `{"id":"/web","cmd":"sleep 600","cpus":0.1,"mem":16,"instances":1}`
	if resp, err := c.Client().Post(m.URL("/v2/apps"), "application/json", strings.NewReader(app)); err != nil || resp.Body.Close() != nil || resp.StatusCode != http.StatusCreated {
		t.Fatalf("new app: got %v, %v, want 201", resp, err)
	}
	listed := func(text string, args ...string) func() bool {
		return func() bool {
			code, stdout, _ := mesos(t, c, args...)
			return code == 0 && strings.Contains(stdout, text)
		}
	}
	eventually(t, "the app's instance", listed("1/1", "app", "list"))
	job := `{"name":"once","command":"true","schedule":"R1/2040-01-01T00:00:00Z/PT1H","epsilon":"PT1M","owner":"o@example.com"}`
	if resp, err := c.Client().Post(j.URL("/v1/scheduler/iso8601"), "application/json", strings.NewReader(job)); err != nil || resp.Body.Close() != nil || resp.StatusCode != http.StatusNoContent {
		t.Fatalf("new job: got %v, %v, want 204", resp, err)
	}
	eventually(t, "the job", listed("once", "job", "list"))

	resolver := net.Resolver{PreferGo: true, Dial: func(ctx context.Context, network, _ string) (net.Conn, error) {
		return new(net.Dialer).DialContext(ctx, network, at(ports[2]))
	}}
	eventually(t, "the app's name", func() bool {
		addrs, err := resolver.LookupHost(t.Context(), "web.marathon.mesos")
		return err == nil && len(addrs) == 1 && addrs[0] == c.IP()
	})
	dns.until(&dns.stderr, "answering")
	if code, text := ask(t, c.Client(), "https://"+at(ports[3])+"/metrics"); code != 200 || !strings.Contains(text, "mesos_dns_queries_answered_total") {
		t.Errorf("page of DNS: got %d %.200s, want its metrics", code, text)
	}
}
