package e2e

import (
	"context"
	"fmt"
	"io"
	"maps"
	"net"
	"net/http"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	"mesos/tests/cluster"
)

// webPrograms are web servers of other people as their users start them: each answers with $VERSION on $PORT0.
var webPrograms = []struct{ name, needs, cmd string }{
	{"nginx", "nginx", `printf 'pid nginx.pid; error_log stderr; events {} http { access_log off; server { listen %s; location / { return 200 "%s"; } } }' $PORT0 $VERSION > nginx.conf
exec nginx -p $PWD -c $PWD/nginx.conf -g 'daemon off;'`},
	{"python", "gunicorn", `printf 'import os\ndef app(environ, start):\n    start("200 OK", [("Content-Type", "text/plain")])\n    return [os.environ["VERSION"].encode()]\n' > web.py
exec gunicorn --bind 0.0.0.0:$PORT0 --threads 4 web:app`},
	{"node", "node", `exec node -e '
const server = require("http").createServer((request, answer) => answer.end(process.env.VERSION));
server.listen(process.env.PORT0);
process.on("SIGTERM", () => server.close(() => process.exit(0)));'`},
}

// haproxyConfig is what a user writes, but for the addresses: names of services come from mesos dns.
const haproxyConfig = `
global
    maxconn 1000
defaults
    mode http
    timeout connect 10s
    timeout client 60s
    timeout server 60s
    timeout queue 60s
    timeout check 20s
    option redispatch
    retries 3
resolvers mesos
    nameserver dns DNS
    accepted_payload_size 8192
    resolve_retries 3
    timeout resolve 500ms
    timeout retry 1s
    hold valid 1s
    hold obsolete 2s
`

// haproxyService is one service of it.
const haproxyService = `
listen NAME
    bind ADDRESS
    balance roundrobin
    option httpchk GET /
    server-template NAME 24 _NAME._tcp.marathon.mesos resolvers mesos resolve-opts allow-dup-ip init-addr none check inter 1s fall 3
`

// startHAProxy has haproxy serve names, each at an address of its own.
func startHAProxy(t *testing.T, c *cluster.Cluster, dns string, names []string) (addrs map[string]string) {
	t.Helper()
	addrs = map[string]string{}
	text := strings.Replace(haproxyConfig, "DNS", dns, 1)
	for _, name := range names {
		addrs[name] = net.JoinHostPort(c.IP(), fmt.Sprint(cluster.FreePort(t)))
		text += strings.NewReplacer("NAME", name, "ADDRESS", addrs[name]).Replace(haproxyService)
	}
	file := filepath.Join(c.WorkDir, "haproxy.cfg")
	if err := os.WriteFile(file, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	startProgram(t, findProgram("haproxy"), nil, "-db", "-f", file)
	return addrs
}

// findProgram is the path of a program, "" if it is not there.
func findProgram(name string) string {
	for _, dir := range append(filepath.SplitList(os.Getenv("PATH")), "/usr/sbin", "/usr/bin") {
		path := filepath.Join(dir, name)
		if s, err := os.Stat(path); err == nil && s.Mode().Perm()&0o111 != 0 {
			return path
		}
	}
	return ""
}

// traffic is a constant load of requests on one service, from several clients.
type traffic struct {
	mu       sync.Mutex
	answers  map[string]int
	failures []string
	stop     context.CancelFunc
	done     sync.WaitGroup
}

func startTraffic(addr string, clients int) *traffic {
	ctx, cancel := context.WithCancel(context.Background())
	l := &traffic{answers: map[string]int{}, stop: cancel}
	for range clients {
		l.done.Go(func() {
			// A connection for each request: nothing is sent again by the client, so each failure is seen.
			client := &http.Client{Timeout: 2 * time.Minute, Transport: &http.Transport{DisableKeepAlives: true}}
			for ctx.Err() == nil {
				l.note(visitOnce(client, addr))
				time.Sleep(10 * time.Millisecond)
			}
		})
	}
	return l
}

func visitOnce(client *http.Client, addr string) (string, error) {
	r, err := client.Get("http://" + addr + "/")
	if err != nil {
		return "", err
	}
	defer r.Body.Close()
	body, err := io.ReadAll(r.Body)
	if err == nil && r.StatusCode != http.StatusOK {
		err = fmt.Errorf("%s: %.100s", r.Status, body)
	}
	return string(body), err
}

func (l *traffic) note(answer string, err error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	if err != nil {
		l.failures = append(l.failures, time.Now().Format("15:04:05.000 ")+err.Error())
		return
	}
	l.answers[answer]++
}

func (l *traffic) answered(version string) int {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.answers[version]
}

// end stops the load and gives what came of it.
func (l *traffic) end() (answers map[string]int, failures []string) {
	l.stop()
	l.done.Wait()
	return maps.Clone(l.answers), slices.Clone(l.failures)
}

// nginx, a Python and a Node web app are scaled from 3 to 10 instances and to 1, and upgraded, while clients send requests all the time
// through haproxy, which finds instances by mesos dns alone: no request fails.
func TestHAProxyLosesNoRequest(t *testing.T) {
	t.Parallel()
	if findProgram("haproxy") == "" {
		t.Skip("no haproxy here (Debian's package haproxy)")
	}
	c := cluster.Start(t, cluster.Options{Agents: 2, Resources: "cpus:8;mem:4096;disk:64;ports:[29{n}00-29{n}99]", Separate: true})
	port := cluster.FreePort(t)
	m := marathonAt{t, fmt.Sprintf("http://%s:%d", c.IP(), port)}
	startMarathon(t, c, port)
	dns := net.JoinHostPort(c.IP(), fmt.Sprint(cluster.FreePort(t)))
	startMesos(t, c, "dns", "--listen", dns, "--ttl", "0s", "--healthy")

	var names []string
	for _, p := range webPrograms {
		path := findProgram(p.needs)
		if path == "" {
			t.Logf("without %s: it is not here", p.needs)
			continue
		}
		names = append(names, p.name)
		m.must("PUT", "/v2/apps/"+p.name, webApp(strings.Replace(p.cmd, "exec "+p.needs, "exec "+path, 1)))
	}
	if len(names) == 0 {
		t.Skip("none of the web servers is here")
	}
	addrs := startHAProxy(t, c, dns, names)
	each := func(what string, f func(name string) bool) {
		t.Helper()
		for _, name := range names {
			eventuallyIn(t, 3*time.Minute, name+": "+what, func() bool { return f(name) })
		}
	}
	each("3 instances", func(name string) bool { return m.instances(name, 3) })
	each("the first answer", func(name string) bool {
		answer, err := visitOnce(http.DefaultClient, addrs[name])
		return err == nil && answer == "1"
	})
	loads := map[string]*traffic{}
	for _, name := range names {
		loads[name] = startTraffic(addrs[name], 4)
	}
	all := func(change map[string]any) {
		for _, name := range names {
			m.must("PUT", "/v2/apps/"+name, change)
		}
	}
	upgrades := upgrades(t)
	for n := range upgrades {
		version := fmt.Sprint(n + 2)
		all(map[string]any{"env": map[string]string{"VERSION": version}})
		each("the end of the upgrade", func(name string) bool { return m.instances(name, 3) && loads[name].answered(version) > 100 })
	}
	last := fmt.Sprint(upgrades + 1)
	all(map[string]any{"instances": 10})
	each("10 instances", func(name string) bool { return m.instances(name, 10) })
	all(map[string]any{"instances": 1})
	each("1 instance", func(name string) bool { return m.instances(name, 1) })
	for _, name := range names {
		before := loads[name].answered(last)
		eventually(t, name+": answers of the last instance", func() bool { return loads[name].answered(last) > before+100 })
		answers, failures := loads[name].end()
		t.Logf("%s: requests answered by version: %v, failed: %d", name, answers, len(failures))
		if len(failures) > 0 || answers["1"] == 0 || len(answers) != upgrades+1 {
			t.Errorf("%s: got answers %v, failures %q, want answers of all %d versions and no failure", name, answers, failures, upgrades+1)
		}
	}
}

// upgrades is how often the apps are upgraded: once, or UPGRADES times.
func upgrades(t *testing.T) int {
	t.Helper()
	text := os.Getenv("UPGRADES")
	if text == "" {
		return 1
	}
	n, err := strconv.Atoi(text)
	if err != nil || n < 1 {
		t.Fatalf("UPGRADES=%s: want a number of 1 or more", text)
	}
	return n
}

// webApp is an app of marathon that leaves discovery before it ends.
func webApp(cmd string) map[string]any {
	return map[string]any{
		"cmd": cmd, "instances": 3, "cpus": 0.1, "mem": 64, "env": map[string]string{"VERSION": "1"},
		"labels":          map[string]string{"MESOS_DRAIN_PERIOD": "10secs"},
		"portDefinitions": []any{map[string]any{"port": 0, "protocol": "tcp", "name": "http"}},
		"healthChecks": []any{map[string]any{
			"protocol": "MESOS_HTTP", "path": "/", "delaySeconds": 0, "intervalSeconds": 1, "timeoutSeconds": 60, "gracePeriodSeconds": 300, "maxConsecutiveFailures": 100,
		}},
	}
}
