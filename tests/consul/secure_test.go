package consul

import (
	"bytes"
	"context"
	"crypto/tls"
	"encoding/json"
	"fmt"
	"io"
	"log/slog"
	"math/rand/v2"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"mesos/actors/secure/securetest"
	v1 "mesos/messages/mesos/v1"
	"mesos/registry"
	"mesos/registry/consul"
	"mesos/tests/cluster"
)

// secure is a Consul server in datacenter "east" that speaks TLS alone, wants
// certificates of its clients, and does nothing without a token.
type secure struct {
	t        *testing.T
	addr     string // of its HTTPS
	down     string // of a server that does not run
	dir      string
	ca       *securetest.Authority
	caFile   string
	client   *http.Client
	root     string // token that may do anything
	certFile string // of a client
	keyFile  string
}

func startSecure(t *testing.T) *secure {
	t.Helper()
	binary := Binary(t)
	ip := fmt.Sprintf("127.%d.%d.20", 1+rand.IntN(254), rand.IntN(256))
	s := &secure{t: t, addr: ip + ":8501", down: ip + ":8502", dir: t.TempDir(), ca: securetest.NewAuthority(t, "ca"), root: "6b1f0f4e-5e0c-4a5c-9d55-7a3c5d1c0001"}
	s.caFile = s.ca.File(s.dir)
	s.certFile, s.keyFile = s.ca.Issue().Files(t.TempDir())
	cert, key := s.ca.Issue(ip).Files(t.TempDir())
	config, err := json.Marshal(map[string]any{
		"datacenter": "east", "performance": map[string]any{"raft_multiplier": 1}, "disable_update_check": true,
		"ports": map[string]int{"http": -1, "https": 8501, "dns": -1, "grpc": -1, "grpc_tls": -1, "serf_wan": -1},
		"tls":   map[string]any{"defaults": map[string]any{"ca_file": s.caFile, "cert_file": cert, "key_file": key, "verify_incoming": true}},
		"acl":   map[string]any{"enabled": true, "default_policy": "deny", "tokens": map[string]string{"initial_management": s.root, "agent": s.root}},
	})
	if err != nil {
		t.Fatal(err)
	}
	file := filepath.Join(s.dir, "consul.json")
	if err := os.WriteFile(file, config, 0o600); err != nil {
		t.Fatal(err)
	}
	one := &Server{t: t, Addr: s.addr, log: filepath.Join(s.dir, "log"), args: []string{
		binary, "agent", "-server", "-bootstrap-expect=1", "-node=s0", "-data-dir=" + filepath.Join(s.dir, "data"), "-bind=" + ip, "-client=" + ip, "-log-level=warn", "-config-file=" + file,
	}}
	one.Start()
	t.Cleanup(one.Kill)
	t.Cleanup(func() {
		if t.Failed() {
			text, _ := os.ReadFile(one.log)
			t.Logf("--- Consul at %s\n%s", one.Addr, text[max(0, len(text)-3000):])
		}
	})
	pair, err := tls.LoadX509KeyPair(s.certFile, s.keyFile)
	if err != nil {
		t.Fatal(err)
	}
	s.client = &http.Client{Timeout: 3 * time.Second, Transport: &http.Transport{TLSClientConfig: &tls.Config{Certificates: []tls.Certificate{pair}, RootCAs: s.ca.Pool()}}}
	t.Cleanup(s.client.CloseIdleConnections)
	// The token and a leader come some moments after the first answer.
	eventually(t, "Consul to have a leader and its token", func() bool { return s.put("/v1/acl/policy", map[string]string{"Name": "none"}, nil) == nil })
	return s
}

// put asks Consul with the token that may do anything.
func (s *secure) put(path string, body, answer any) error {
	text, err := json.Marshal(body)
	if err != nil {
		return err
	}
	r, err := http.NewRequest(http.MethodPut, "https://"+s.addr+path, bytes.NewReader(text))
	if err != nil {
		return err
	}
	r.Header.Set("X-Consul-Token", s.root)
	resp, err := s.client.Do(r)
	if err != nil {
		return err
	}
	defer resp.Body.Close()
	got, err := io.ReadAll(resp.Body)
	if err != nil || resp.StatusCode != http.StatusOK {
		return fmt.Errorf("%s: %s: %s, %w", path, resp.Status, got, err)
	}
	if answer == nil {
		return nil
	}
	return json.Unmarshal(got, answer)
}

// token is the name of a file with a token that has the rights of rules.
func (s *secure) token(name, rules string) string {
	s.t.Helper()
	var token struct{ SecretID string }
	if err := s.put("/v1/acl/policy", map[string]string{"Name": name, "Rules": rules}, nil); err != nil {
		s.t.Fatal(err)
	}
	if err := s.put("/v1/acl/token", map[string]any{"Policies": []map[string]string{{"Name": name}}}, &token); err != nil {
		s.t.Fatal(err)
	}
	return s.file(name, token.SecretID)
}

func (s *secure) file(name, text string) string {
	s.t.Helper()
	path := filepath.Join(s.dir, name)
	if err := os.WriteFile(path, []byte(text+"\n"), 0o600); err != nil {
		s.t.Fatal(err)
	}
	return path
}

// The rights that the documentation names, for masters and for those who look for them.
const (
	masterRights = `key_prefix "mesos/" { policy = "write" } service "mesos-master" { policy = "write" } session_prefix "" { policy = "write" }
		node_prefix "" { policy = "read" } agent_prefix "" { policy = "read" }`
	readerRights = `key "mesos/leader" { policy = "read" }`
)

// A cluster with tokens, TLS and a datacenter, whose first Consul server is down: masters
// elect a leader, agents and tools find it with fewer rights, and the registry is kept.
func TestSecureCluster(t *testing.T) {
	s := startSecure(t)
	url := func(token string) string {
		return fmt.Sprintf("consul://%s,%s/mesos?datacenter=east&ca_file=%s&cert_file=%s&key_file=%s&token_file=%s", s.down, s.addr, s.caFile, s.certFile, s.keyFile, token)
	}
	masters, readers := url(s.token("masters", masterRights)), url(s.token("readers", readerRights))
	c := cluster.Start(t, cluster.Options{Separate: true, Agents: 1, Masters: 2, Consul: masters, Detect: readers})
	if code, text := mesos(t, "agents", "--master="+readers); code != 0 || !strings.Contains(text, c.IP()) {
		t.Errorf("mesos agents by a token that may only read: exit %d, %q, want 0 and the agent", code, text)
	}
	first, _ := leading(c.Masters)
	first.Kill()
	rest := others(c.Masters, first)
	eventually(t, "the other master to lead with the agent", func() bool { _, st := leading(rest); return st.Active == 1 })
	if code, text := mesos(t, "registry", "show", "--consul="+masters); code != 0 || !strings.Contains(text, "agents       1") {
		t.Errorf("mesos registry show: exit %d, %q, want 0 and one agent", code, text)
	}
	if code, text := mesos(t, "registry", "show", "--consul="+readers); code != 1 || !strings.Contains(text, "lacks a right") {
		t.Errorf("mesos registry show by a token that may not: exit %d, %q, want 1 and why", code, text)
	}
}

// What is wrong is said where it shows: in the master's log, and by tools.
func TestSecureErrors(t *testing.T) {
	s := startSecure(t)
	stranger := securetest.NewAuthority(t, "stranger")
	strangerFile := stranger.File(t.TempDir())
	strangeCert, strangeKey := stranger.Issue().Files(t.TempDir())
	good := s.token("masters", masterRights)
	own := "&cert_file=" + s.certFile + "&key_file=" + s.keyFile
	for _, c := range []struct{ name, query, want string }{
		{"no token", "ca_file=" + s.caFile + own, "it wants a token: token_file="},
		{"unknown token", "ca_file=" + s.caFile + own + "&token_file=" + s.file("unknown", "6b1f0f4e-5e0c-4a5c-9d55-7a3c5d1c0002"), "the token is not known to Consul"},
		{"token without rights to write", "ca_file=" + s.caFile + own + "&token_file=" + s.token("readers", readerRights), `the token lacks a right. Who stands for election needs key_prefix "mesos/"`},
		{"token without sessions", "ca_file=" + s.caFile + own + "&token_file=" + s.token("sessionless", strings.ReplaceAll(masterRights, `session_prefix "" { policy = "write" }`, "")), `the token lacks a right`},
		{"wrong CA", "ca_file=" + strangerFile + own + "&token_file=" + good, "its certificate is not of the authority of ca_file=" + strangerFile},
		{"no CA", "tls=true" + own + "&token_file=" + good, "name the authority's by ca_file="},
		{"no TLS", "token_file=" + good, "it speaks TLS on this port: write tls=true"},
		{"no certificate", "ca_file=" + s.caFile + "&token_file=" + good, "it wants a certificate of its clients: name one by cert_file="},
		{"strange certificate", "ca_file=" + s.caFile + "&cert_file=" + strangeCert + "&key_file=" + strangeKey + "&token_file=" + good, "it does not accept the certificate of cert_file=" + strangeCert},
		{"unknown datacenter", "datacenter=west&ca_file=" + s.caFile + own + "&token_file=" + good, `it knows no datacenter "west"`},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			conf := config(t, "consul://"+s.addr+"/mesos?"+c.query)
			log := &logged{}
			contender, err := consul.NewContender(conf, slog.New(slog.NewTextHandler(log, nil)))
			if err != nil {
				t.Fatal(err)
			}
			ctx, cancel := context.WithCancel(t.Context())
			var wg sync.WaitGroup
			wg.Go(func() {
				if st, err := contender.Contend(ctx, info("m")); err == nil {
					t.Error("it leads")
					_ = st.Close() // the test has failed
				}
			})
			defer wg.Wait()
			defer cancel()
			want := strings.ReplaceAll(c.want, `"`, `\"`) // as the log quotes it
			eventually(t, "the log to say "+c.want, func() bool { return log.has(want) })
			if c.name == "token without rights to write" || c.name == "token without sessions" {
				return // readers need no more
			}
			// A server that refuses a certificate may end the connection before it is heard why.
			eventually(t, "an import to say "+c.want, func() bool {
				err := consul.Import(ctx, conf, registry.NewState(), quiet)
				return err != nil && strings.Contains(err.Error(), c.want)
			})
			if c.name == "no token" { // the detector asks for one key again and again
				seen := &logged{}
				d, err := consul.NewDetector(conf, slog.New(slog.NewTextHandler(seen, nil)))
				if err != nil {
					t.Fatal(err)
				}
				wg.Go(func() { d.Watch(ctx, func(*v1.MasterInfo) {}) })
				eventually(t, "the detector to say it, too", func() bool { return seen.has(want) })
			}
		})
	}
	t.Run("tools", func(t *testing.T) {
		t.Parallel()
		if code, text := mesos(t, "agents", "--master=consul://"+s.addr+"/mesos?ca_file="+s.caFile+own); code != 1 || !strings.Contains(text, "who leads was not found") || !strings.Contains(text, "it wants a token") {
			t.Errorf("mesos agents without a token: exit %d, %q, want 1 and why", code, text)
		}
	})
	if _, err := consul.NewContender(config(t, "consul://"+s.addr+"/mesos?ca_file=/does/not/exist"), quiet); err == nil || !strings.Contains(err.Error(), "/does/not/exist") {
		t.Errorf("a file that is not there: got %v, want an error that names it", err)
	}
}

// logged collects a log.
type logged struct {
	mu sync.Mutex
	b  bytes.Buffer
}

func (l *logged) Write(b []byte) (int, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.b.Write(b)
}

func (l *logged) has(text string) bool {
	l.mu.Lock()
	defer l.mu.Unlock()
	return strings.Contains(l.b.String(), text)
}
