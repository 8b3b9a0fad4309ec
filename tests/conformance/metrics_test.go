package conformance

import (
	"encoding/json"
	"maps"
	"net/http"
	"os"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	v1 "mesos/messages/mesos/v1"
	"mesos/tests/cluster"
)

// leftOut are the metrics of Mesos, by the beginning of their names, that are not here, and why.
var leftOut = map[string]string{
	"registrar/log/ensemble_size":                 "the replicated log of Mesos: registries here are a file or Consul",
	"containerizer/mesos/filesystem":              "root file systems of containers are not counted",
	"containerizer/mesos/provisioner":             "images are not counted",
	"containerizer/mesos/disk":                    "there is no XFS isolator",
	"containerizer/docker":                        "of agents that have docker among their --containerizers: TestDocker of tests/e2e",
	"volume_gid_manager":                          "there are no volume gids",
	"csi_plugins":                                 "there are no CSI plugins yet",
	"resource_providers/<type>.<name>/csi_plugin": "there are no CSI plugins yet",
	"port_mapping":                                "only special builds of Mesos have it",
	"scheduler/":                                  "of libmesos in the framework's own process",
}

// elsewhere are metrics that the tests of the packages that make them look for.
var elsewhere = []string{"allocator/"}

// sometimes are metrics that only some clusters have; their own tests look for them.
var sometimes = map[string]string{
	"frameworks/<principal>/": "of frameworks with a principal: TestRateLimit of the simulator",
}

// TestEveryMetricOfMesos looks for every name in Mesos's list on a live cluster in which a bit happened.
func TestEveryMetricOfMesos(t *testing.T) {
	t.Parallel()
	c := cluster.Start(t, cluster.Options{Separate: true, Agents: 2})
	agents := agentsOf(t, c, 2)
	subscribeProvider(t, "http://"+c.AgentAddr(0), "metered", asJSON)
	runTask(subscribeScheduler(t, c.URL("/api/v1/scheduler"), asJSON), agents[0].GetId().GetValue())
	ended := subscribeScheduler(t, c.URL("/api/v1/scheduler"), asJSON)
	ended.prepare("<offer>")
	ended.call("ACCEPT", strings.ReplaceAll(launch("bad", "true"), `"value":0.1`, `"value":-1`))
	ended.await(schedulerRow{event: "UPDATE", holds: state(v1.TaskState_TASK_ERROR)})

	want := listedMetrics(t)
	var lacking []string
	for deadline := time.Now().Add(patience); ; time.Sleep(50 * time.Millisecond) {
		have := map[string]string{}
		for _, url := range []string{"http://" + c.Addr(), "http://" + c.AgentAddr(0)} {
			maps.Copy(have, metricsOf(t, url))
		}
		if lacking = missing(t, want, have); len(lacking) == 0 || time.Now().After(deadline) {
			break
		}
	}
	for _, m := range lacking {
		t.Error(m)
	}
}

type listed struct{ name, kind string }

func listedMetrics(t *testing.T) (out []listed) {
	t.Helper()
	text, err := os.ReadFile("testdata/metrics.tsv")
	if err != nil {
		t.Fatal(err)
	}
	for line := range strings.Lines(string(text)) {
		name, kind, _ := strings.Cut(strings.TrimSpace(line), "\t")
		out = append(out, listed{name, kind})
	}
	return out
}

// missing says what is wrong with the metrics that a cluster has, by their kinds.
func missing(t *testing.T, want []listed, have map[string]string) (out []string) {
	t.Helper()
	begins := func(name string) func(string) bool { return func(p string) bool { return strings.HasPrefix(name, p) } }
	used := map[string]bool{}
	for _, m := range want {
		if slices.ContainsFunc(elsewhere, begins(m.name)) || slices.ContainsFunc(slices.Collect(maps.Keys(sometimes)), begins(m.name)) {
			continue
		}
		pattern := regexp.MustCompile("^" + regexp.MustCompile(`<[a-z_]+>`).ReplaceAllString(regexp.QuoteMeta(m.name), ".+") + "$")
		found := ""
		for name, kind := range have {
			if pattern.MatchString(name) {
				found = kind
			}
		}
		why := ""
		for p, reason := range leftOut {
			if strings.HasPrefix(m.name, p) {
				why, used[p] = reason, true
			}
		}
		switch {
		case why != "" && found != "":
			out = append(out, m.name+" is here: it is not left out any more because "+why)
		case why == "" && found == "":
			out = append(out, m.name+" is missing")
		case found != "" && found != strings.TrimPrefix(m.kind, "timer-derived "):
			out = append(out, m.name+" is a "+found+", want a "+m.kind)
		}
	}
	for p := range leftOut {
		if !used[p] {
			out = append(out, p+" begins no name in Mesos's list")
		}
	}
	return out
}

// metricsOf are the names in /metrics/snapshot with their kinds in /metrics, where each must have a help text.
func metricsOf(t *testing.T, url string) map[string]string {
	t.Helper()
	kinds, helped := map[string]string{}, map[string]bool{}
	for line := range strings.Lines(string(request(t, http.MethodGet, url+"/metrics", nil).body)) {
		switch f := strings.Fields(line); {
		case len(f) >= 4 && f[1] == "TYPE":
			kinds[f[2]] = f[3]
		case len(f) >= 4 && f[1] == "HELP":
			helped[f[2]] = true
		}
	}
	var values map[string]float64
	got := request(t, http.MethodGet, url+"/metrics/snapshot", nil)
	if err := json.Unmarshal(got.body, &values); err != nil {
		t.Fatalf("/metrics/snapshot answered %d %.200q: %v", got.code, got.body, err)
	}
	out := map[string]string{}
	for name := range values {
		prom := "mesos_" + regexp.MustCompile(`[^a-zA-Z0-9_:]`).ReplaceAllString(name, "_")
		switch {
		case kinds[prom+"_total"] == "counter" && helped[prom+"_total"]:
			out[name] = "counter"
		case kinds[prom] == "gauge" && helped[prom]:
			out[name] = "gauge"
		}
		// Others came between the two reads.
	}
	return out
}
