package conformance

import (
	"net/http"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"mesos/tests/cluster"
)

// TestRulesAndDashboard reads the alert rules and the dashboard that the project ships by Prometheus's own parser, and
// wants every metric that they query from a master or an agent.
func TestRulesAndDashboard(t *testing.T) {
	t.Parallel()
	bin, err := cluster.BuildModule("tests/tools/rules", ".")
	if err != nil {
		t.Fatal(err)
	}
	root, err := cluster.Root()
	if err != nil {
		t.Fatal(err)
	}
	ready := filepath.Join(root, "actors", "metrics", "ready")
	out, err := exec.Command(filepath.Join(bin, "rules"), filepath.Join(ready, "alerts.yml"), filepath.Join(ready, "dashboard.json")).CombinedOutput()
	if err != nil {
		t.Fatalf("rules: %v\n%s", err, out)
	}
	names := strings.Fields(string(out))
	if len(names) < 40 {
		t.Fatalf("metrics that are queried: got %d, want those of a whole dashboard: %v", len(names), names)
	}
	c := cluster.Start(t, cluster.Options{Separate: true})
	served := map[string]bool{}
	for _, url := range []string{c.URL(""), "http://" + c.AgentAddr(0)} {
		for line := range strings.Lines(string(request(t, http.MethodGet, url+"/metrics", nil).body)) {
			if name, _, ok := strings.Cut(line, " "); ok && !strings.HasPrefix(line, "#") {
				name, _, _ = strings.Cut(name, "{")
				served[name] = true
			}
		}
	}
	for _, name := range names {
		if !served[name] {
			t.Errorf("%s is queried, but neither master nor agent has it", name)
		}
	}
}
