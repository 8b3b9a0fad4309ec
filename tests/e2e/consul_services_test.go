package e2e

import (
	"encoding/json"
	"fmt"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"syscall"
	"testing"

	"mesos/tests/cluster"
	"mesos/tests/consul"
)

// consulEntry is what load balancers read of Consul.
type consulEntry struct {
	Node    struct{ Node string }
	Service struct {
		ID, Address string
		Port        int
		Tags        []string
		Meta        map[string]string
	}
	Checks []struct{ Status, Output string }
}

// consulAt is a Consul server as load balancers and operators see it.
type consulAt struct {
	t    *testing.T
	base string
}

// get reads JSON; it is false when there is no answer, or none with status 200.
func (c consulAt) get(path string, v any) bool {
	c.t.Helper()
	r, err := http.Get(c.base + path)
	if err != nil {
		return false
	}
	defer r.Body.Close()
	return r.StatusCode == http.StatusOK && json.NewDecoder(r.Body).Decode(v) == nil
}

func (c consulAt) service(name string) []consulEntry {
	c.t.Helper()
	var all []consulEntry
	if !c.get("/v1/health/service/"+name, &all) {
		return nil
	}
	return all
}

// has says that a service has so many entries that pass, and so many that do not.
func (c consulAt) has(name string, passing, critical int) func() bool {
	return func() bool {
		p, k := 0, 0
		for _, e := range c.service(name) {
			if len(e.Checks) == 1 && e.Checks[0].Status == "passing" {
				p++
			} else {
				k++
			}
		}
		return p == passing && k == critical
	}
}

func (c consulAt) put(path, body string) {
	c.t.Helper()
	req, err := http.NewRequestWithContext(c.t.Context(), http.MethodPut, c.base+path, strings.NewReader(body))
	if err != nil {
		c.t.Fatal(err)
	}
	r, err := http.DefaultClient.Do(req)
	if err != nil {
		c.t.Fatal(err)
	}
	defer r.Body.Close()
	if r.StatusCode != http.StatusOK {
		c.t.Fatalf("PUT %s: %s", path, r.Status)
	}
}

// Instances of an app are services in Consul, with their health, for as long as they run: while two registrars and Consul are killed,
// too. What others have registered there stays.
func TestConsulServices(t *testing.T) {
	t.Parallel()
	servers := consul.Start(t, consul.Options{Servers: 1})
	k := consulAt{t, "http://" + servers.All[0].Addr}
	k.put("/v1/agent/service/register", `{"Name": "db", "Port": 5432}`)
	k.put("/v1/catalog/register", `{"Node": "elsewhere", "Address": "192.0.2.1", "Service": {"Service": "mail", "Port": 25}}`)

	c := cluster.Start(t, cluster.Options{Agents: 1, Separate: true, Resources: "cpus:4;mem:1024;disk:64;ports:[31000-31099]"})
	port := cluster.FreePort(t)
	m := marathonAt{t, fmt.Sprintf("http://%s:%d", c.IP(), port)}
	startMarathon(t, c, port)
	registrars := []*program{startMesos(t, c, "consul", "--consul", servers.URL), startMesos(t, c, "consul", "--consul", servers.URL)}

	sick := t.TempDir()
	m.must("PUT", "/v2/apps/web", map[string]any{
		"cmd": "sleep 1000", "instances": 2, "cpus": 0.1, "mem": 16, "labels": map[string]string{"tags": "blue", "traefik.enable": "true", "team": "x"},
		"portDefinitions": []any{map[string]any{"name": "http"}, map[string]any{"name": "admin"}},
		"healthChecks": []any{map[string]any{
			"protocol": "COMMAND", "command": map[string]string{"value": "test ! -e " + sick + "/$PORT0"}, "delaySeconds": 0, "intervalSeconds": 1, "timeoutSeconds": 60,
			"gracePeriodSeconds": 300, "maxConsecutiveFailures": 1000,
		}},
	})
	eventually(t, "two healthy services", k.has("web", 2, 0))
	one := k.service("web")[0]
	if one.Service.Address != c.IP() || one.Service.Port < 31000 || fmt.Sprint(one.Service.Tags) != "[blue http marathon traefik.enable=true]" ||
		one.Service.Meta["team"] != "x" || !strings.HasPrefix(one.Node.Node, "mesos-") {
		t.Errorf("got %+v, want the agent's address, a port of it, tags, and the node of the agent", one)
	}
	eventually(t, "their second ports", k.has("web-admin", 2, 0))

	file := filepath.Join(sick, fmt.Sprint(one.Service.Port))
	if err := os.WriteFile(file, nil, 0o600); err != nil {
		t.Fatal(err)
	}
	eventually(t, "one to be critical", k.has("web", 1, 1))
	if err := os.Remove(file); err != nil {
		t.Fatal(err)
	}
	eventually(t, "both to pass", k.has("web", 2, 0))

	for _, r := range registrars {
		r.signal(syscall.SIGKILL)
		<-r.done
	}
	m.must("PUT", "/v2/apps/web", map[string]any{"instances": 1})
	eventually(t, "one instance", m.healthy(1))
	if !k.has("web", 2, 0)() {
		t.Error("services went though nobody could remove them")
	}
	last := startMesos(t, c, "consul", "--consul", servers.URL)
	eventually(t, "the next one to correct it", k.has("web", 1, 0))

	servers.All[0].Kill()
	last.until(&last.stderr, "session with Consul is lost")
	m.must("PUT", "/v2/apps/web", map[string]any{"instances": 3})
	eventually(t, "three instances", m.healthy(3))
	servers.All[0].Start()
	eventuallyIn(t, 2*patience, "what changed while Consul was down", k.has("web", 3, 0))

	m.must("DELETE", "/v2/apps/web", nil)
	eventually(t, "no service", k.has("web", 0, 0))
	eventually(t, "no node", func() bool {
		var nodes []struct{ Node string }
		return k.get("/v1/catalog/nodes", &nodes) && len(nodes) == 2
	})
	if len(k.service("db")) != 1 || len(k.service("mail")) != 1 {
		t.Error("services of others are gone")
	}
}
