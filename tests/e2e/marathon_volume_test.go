package e2e

import (
	"fmt"
	"io"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"mesos/tests/cluster"
)

// counter counts on disk how often it was started.
const counter = `n=$(cat data/count || echo 0); echo $((n+1)) > data/new && mv data/new data/count && exec sleep 100000`

// A program that keeps a counter on disk goes on counting when its app is restarted and when marathon and its agent are
// killed; it begins anew when its volume is wiped, and leaves nothing when the app is deleted.
func TestMarathonKeepsACounterOnDisk(t *testing.T) {
	t.Parallel()
	c := cluster.Start(t, cluster.Options{Agents: 2, Resources: "cpus:8;mem:2048;disk:1024;ports:[31000-31099]", Separate: true})
	port := cluster.FreePort(t)
	m := marathonAt{t, fmt.Sprintf("http://%s:%d", c.IP(), port)}
	program := startMarathon(t, c, port, "--mesos_role=services")
	counts := func() map[string]int { // by volume
		out := map[string]int{}
		for i := range c.Agents {
			files, err := filepath.Glob(filepath.Join(c.AgentWorkDir(i), "volumes", "roles", "services", "*", "count"))
			if err != nil {
				t.Fatal(err)
			}
			for _, f := range files {
				var n int
				if b, err := os.ReadFile(f); err == nil {
					if _, err := fmt.Sscan(string(b), &n); err == nil {
						out[f] = n
					}
				}
			}
		}
		return out
	}
	// counted says that there is one volume, in which so many starts are counted at least, and what it is. A busy machine
	// may make an agent start the program once more.
	counted := func(volume *string, least int) func() bool {
		return func() bool {
			var x struct {
				App struct {
					Running     int   `json:"tasksRunning"`
					Deployments []any `json:"deployments"`
				} `json:"app"`
			}
			now := counts()
			for v, n := range now {
				*volume = v
				if len(now) == 1 && n >= least {
					return m.ask("GET", "/v2/apps/counter", nil, &x) == 200 && x.App.Running == 1 && len(x.App.Deployments) == 0
				}
			}
			return false
		}
	}
	var first, volume string
	m.must("PUT", "/v2/apps/counter", map[string]any{
		"cmd": counter, "cpus": 0.1, "mem": 32,
		"container": map[string]any{"type": "MESOS", "volumes": []any{map[string]any{
			"containerPath": "data", "mode": "RW", "persistent": map[string]any{"size": 16},
		}}},
	})
	eventuallyIn(t, 3*time.Minute, "the first start", counted(&first, 1))
	starts := counts()[first]
	m.must("POST", "/v2/apps/counter/restart", nil)
	eventuallyIn(t, 3*time.Minute, "another start", counted(&volume, starts+1))

	if err := program.Process.Kill(); err != nil {
		t.Fatal(err)
	}
	_ = program.Wait()
	for _, a := range c.Agents {
		a.Kill()
		a.Restart()
	}
	startMarathon(t, c, port, "--mesos_role=services")
	starts = counts()[first]
	m.must("DELETE", "/v2/apps/counter/tasks", nil)
	eventuallyIn(t, 5*time.Minute, "another start", counted(&volume, starts+1))

	if volume != first {
		t.Errorf("the program counts in %s, want %s, where it began", volume, first)
	}
	m.must("DELETE", "/v2/apps/counter/tasks?wipe=true", nil)
	eventuallyIn(t, 3*time.Minute, "a start on another volume alone", func() bool { return counted(&volume, 1)() && volume != first })
	m.must("DELETE", "/v2/apps/counter", nil)
	eventuallyIn(t, 3*time.Minute, "no volume and no reservation", func() bool {
		resp, err := http.Get(c.URL("/slaves"))
		if err != nil {
			return false
		}
		defer resp.Body.Close()
		body, err := io.ReadAll(resp.Body)
		return err == nil && len(counts()) == 0 && strings.Contains(string(body), `"slaves":[{`) && !strings.Contains(string(body), "marathon_instance_id")
	})
}
