package e2e

import (
	"encoding/json"
	"fmt"
	"net/http"
	"net/url"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"mesos/tests/cluster"
)

// secretFile writes what must stay among us.
func secretFile(t *testing.T, text string) string {
	t.Helper()
	path := filepath.Join(t.TempDir(), "secret")
	if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	return path
}

// Daemons that authenticate let only those in over HTTP who know a secret: the command line from run to logs and exec, what
// pages read of agents, frameworks. Nobody acts for another principal.
func TestAuthentication(t *testing.T) {
	t.Parallel()
	known := secretFile(t, `{"credentials":[{"principal":"alice","secret":"a b:c"},{"principal":"bob","secret":"x"}]}`)
	agent := secretFile(t, "bob x\n")
	all := []string{"--authenticate_http_readonly", "--authenticate_http_readwrite", "--http_authenticators=basic"}
	c := cluster.Start(t, cluster.Options{
		Separate: true, User: url.UserPassword("alice", "a b:c"),
		MasterFlags: append(all[:3:3], "--authenticate_http_frameworks", "--http_framework_authenticators=basic", "--authenticate_frameworks", "--authenticate_agents", "--credentials=file://"+known),
		AgentFlags:  append(all[:3:3], "--http_credentials="+known, "--credential="+agent),
	})
	strangers(t, c)
	_, text := get(t, c.URL("/slaves"))
	var slaves struct{ Slaves []struct{ ID string } }
	if err := json.Unmarshal([]byte(text), &slaves); err != nil || len(slaves.Slaves) != 1 {
		t.Fatalf("/slaves for alice: got %s (%v), want the one agent", text, err)
	}
	agentID := slaves.Slaves[0].ID
	if code, text := get(t, c.URL("/agent/"+agentID+"/state")); code != 200 || !strings.Contains(text, agentID) {
		t.Errorf("a page's read of an agent for alice: got %d %.100s, want it carried in her name", code, text)
	}
	for principal, want := range map[string]int{"alice": 202, "bob": 400} {
		body := fmt.Sprintf(`{"type":"RESERVE_RESOURCES","reserve_resources":{"agent_id":{"value":%q},"resources":[{"name":"cpus","type":"SCALAR","scalar":{"value":0.1},`+
			`"reservations":[{"type":"DYNAMIC","role":"r","principal":%q}]}]}}`, agentID, principal)
		if code, text := post(t, c.URL("/api/v1"), "application/json", "", strings.NewReader(body)); code != want {
			t.Errorf("alice reserves for %s: got %d %s, want %d", principal, code, text, want)
		}
	}
	commandsWithCredential(t, c)
	frameworksWithPrincipals(t, c)
}

// strangers are turned away by master and agent.
func strangers(t *testing.T, c *cluster.Cluster) {
	t.Helper()
	for _, path := range []string{"/state", "/master/state.json", "/slave(1)/state", "/metrics/snapshot", "/flags", "/files/browse?path=/", "/api/v1"} {
		for addr, foreign := range map[string]string{c.Addr(): "/slave", c.AgentAddr(0): "/master"} {
			if strings.HasPrefix(path, foreign) {
				continue
			}
			for _, user := range []string{"", "alice:@", "alice:x@", "eve:x@"} {
				resp, err := http.Get("http://" + user + addr + path)
				if err != nil {
					t.Fatal(err)
				}
				_ = resp.Body.Close()
				if got := resp.Header.Get("WWW-Authenticate"); resp.StatusCode != http.StatusUnauthorized || !strings.HasPrefix(got, `Basic realm="mesos-`) {
					t.Errorf("%s%s%s: got %d and the challenge %q, want 401 and one", user, addr, path, resp.StatusCode, got)
				}
			}
		}
	}
}

// frameworksWithPrincipals subscribe in their own name alone, and nobody calls in another's.
func frameworksWithPrincipals(t *testing.T, c *cluster.Cluster) {
	t.Helper()
	subscription := func(principal string) string {
		return fmt.Sprintf(`{"type":"SUBSCRIBE","subscribe":{"framework_info":{"user":"root","name":"x","principal":%q}}}`, principal)
	}
	at := func(user string) string { return "http://" + user + c.Addr() + "/api/v1/scheduler" }
	for user, want := range map[string]int{"": 401, "bob:x@": 400} {
		if code, text := post(t, at(user), "application/json", "", strings.NewReader(subscription("alice"))); code != want {
			t.Errorf("%q subscribes for alice: got %d %s, want %d", user, code, text, want)
		}
	}
	s := openStream(t, c.URL("/api/v1/scheduler"), "application/json", subscription("alice"))
	_, rest, ok := strings.Cut(s.next(t), `"framework_id":{"value":"`)
	if !ok {
		t.Fatal("the first event of alice's framework is none with its id")
	}
	id, _, _ := strings.Cut(rest, `"`)
	revive := fmt.Sprintf(`{"type":"REVIVE","framework_id":{"value":%q}}`, id)
	for user, want := range map[string]int{"": 401, "bob:x@": 400, "alice:a%20b%3Ac@": 202} {
		if code, text := post(t, at(user), "application/json", s.streamID, strings.NewReader(revive)); code != want {
			t.Errorf("%q revives alice's framework: got %d %s, want %d", user, code, text, want)
		}
	}
}

// commandsWithCredential are those that ask the master, and those that ask the agent.
func commandsWithCredential(t *testing.T, c *cluster.Cluster) {
	t.Helper()
	own := secretFile(t, `{"principal":"alice","secret":"a b:c"}`)
	as := func(credential string, args ...string) (int, string, string) {
		p := startProgram(t, cluster.Binary(t, "mesos"), []string{"MESOS_MASTER=" + c.Addr(), "MESOS_CREDENTIAL=" + credential}, args...)
		code := p.wait()
		return code, p.stdout.String(), p.stderr.String()
	}
	if code, _, stderr := as("", "ps"); code != 1 || !strings.Contains(stderr, "HTTP Basic authentication") || !strings.Contains(stderr, "MESOS_CREDENTIAL") {
		t.Errorf("mesos ps for nobody: got %d %q, want 1 and a word of MESOS_CREDENTIAL", code, stderr)
	}
	if code, _, stderr := as(own+"x", "ps"); code != 1 || !strings.Contains(stderr, "MESOS_CREDENTIAL: file of credentials: ") {
		t.Errorf("mesos ps with a credential that is not there: got %d %q, want 1 and a word of the file", code, stderr)
	}
	if code, stdout, stderr := as(own, "run", "--name=talker", "--", "echo", "hello"); code != 0 || stdout != "hello\n" {
		t.Errorf("mesos run: got %d %q %q, want 0 and hello", code, stdout, stderr)
	}
	job := startProgram(t, cluster.Binary(t, "mesos"), []string{"MESOS_MASTER=" + c.Addr(), "MESOS_CREDENTIAL=file://" + own},
		"run", "--name=sleeper", "--", "sh", "-c", "echo up; exec sleep 600")
	job.until(&job.stdout, "up\n")
	for _, cmd := range []struct {
		args []string
		want string
	}{
		{[]string{"ps"}, "sleeper"}, {[]string{"agents"}, "active"}, {[]string{"logs", "sleeper"}, "up\n"}, {[]string{"exec", "sleeper", "--", "echo", "within"}, "within\n"},
		{[]string{"kill", "sleeper"}, ""},
	} {
		if code, stdout, stderr := as(own, cmd.args...); code != 0 || !strings.Contains(stdout, cmd.want) {
			t.Errorf("mesos %q: got %d %q %q, want 0 and %q", cmd.args, code, stdout, stderr, cmd.want)
		}
	}
	job.wait()
}

// Daemons say what is wrong with the flags by which they authenticate, and do not start.
func TestAuthenticationFlags(t *testing.T) {
	t.Parallel()
	for _, d := range []struct {
		flags []string
		want  string
	}{
		{[]string{"--authenticate_http_readonly"}, "flag --authenticate_http_readonly needs --credentials: the file of the principals that are known and their secrets"},
		{[]string{"--http_authenticators=kerberos"}, `flag --http_authenticators: there is no authenticator "kerberos": basic is the only one`},
		{[]string{"--credentials=/nowhere/at/all"}, "flag --credentials: file of credentials: open /nowhere/at/all"},
		{[]string{"--authenticate_http", "--credentials=" + secretFile(t, "alice topsecret more")}, "line 1 has 3 words: want a principal and its secret"},
	} {
		p := startProgram(t, cluster.Binary(t, "mesos-master"), nil, append(d.flags, "--ip=127.0.0.1", "--port=0", "--registry=in_memory")...)
		if code := p.wait(); code == 0 || !strings.Contains(p.stderr.String(), d.want) || strings.Contains(p.stderr.String(), "topsecret") {
			t.Errorf("%q: got %d %q, want an error with %q and without the secret", d.flags, code, p.stderr.String(), d.want)
		}
	}
}
