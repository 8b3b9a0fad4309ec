package e2e

import (
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"strings"
	"testing"

	"mesos/tests/cluster"
)

// fetch gets a page of the master.
func fetch(t *testing.T, c *cluster.Cluster, path string) string {
	t.Helper()
	r, err := http.Get(c.URL(path))
	if err != nil {
		t.Fatal(err)
	}
	defer r.Body.Close()
	body, err := io.ReadAll(r.Body)
	if err != nil {
		t.Fatal(err)
	}
	return string(body)
}

// operate sends an operator call that must succeed.
func operate(t *testing.T, c *cluster.Cluster, call string) {
	t.Helper()
	if code, text := post(t, c.URL("/api/v1"), "application/json", "", strings.NewReader(call)); code != 200 {
		t.Fatalf("%s: got %d %q, want 200", call, code, text)
	}
}

// A limit holds what a role runs; the waiting job and `mesos explain` say so; the
// limit outlives a kill of the master; without it the job runs.
func TestQuota(t *testing.T) {
	t.Parallel()
	c := cluster.Start(t, cluster.Options{
		Agents: 2, Resources: "cpus:4;mem:1024", Separate: true, AgentFlags: []string{"--registration_backoff_factor=100ms"},
		MasterFlags: []string{"--weights=eng=3"},
	})
	eventually(t, "the weight of the flag to be durable", func() bool { return fetch(t, c, "/weights") == `[{"role":"eng","weight":3.0}]` })
	operate(t, c, `{"type":"UPDATE_QUOTA","update_quota":{"quota_configs":[{"role":"eng","limits":{"cpus":{"value":2}}}]}}`)
	operate(t, c, `{"type":"UPDATE_WEIGHTS","update_weights":{"weight_infos":[{"role":"eng","weight":2.5}]}}`)
	p := startMesos(t, c, "run", "--role", "eng/web", "--instances", "2", "--cpus", "2", "echo started; exec sleep 1000")
	p.until(&p.stdout, "started")
	p.until(&p.stderr, "the quota limit of role eng leaves too little")

	code, stdout, stderr := mesos(t, c, "explain", "role", "eng")
	if want := "quota limit of cpus: 2 of 2 are taken: nothing more is offered"; code != 0 || !strings.Contains(stdout, want) {
		t.Errorf("explain role: got %d %q %q, want %q", code, stdout, stderr, want)
	}
	code, stdout, stderr = mesos(t, c, "explain", "request", "--role", "eng/web", "--cpus", "2", "-o", "json")
	var x struct {
		Fits      int `json:"agents_that_fit"`
		Obstacles []struct {
			Reason string
			Agents int
		}
	}
	if err := json.Unmarshal([]byte(stdout), &x); err != nil || code != 0 || x.Fits != 0 || fmt.Sprint(x.Obstacles) != "[{quota limit 2}]" {
		t.Errorf("explain request: got %d %q %q, want the quota limit on 2 agents", code, stdout, stderr)
	}
	code, stdout, _ = mesos(t, c, "explain", "request", "--cpus", "100", "--attribute", "rack:a")
	if code != 0 || !strings.Contains(stdout, "2 agents: the attribute rack is another one") {
		t.Errorf("explain request of an attribute: got %d %q", code, stdout)
	}
	for _, bad := range [][]string{{"explain", "role", "nobody"}, {"explain", "agent", "nobody"}, {"explain", "framework", "nobody"}} {
		if code, _, stderr := mesos(t, c, bad...); code != 1 || !strings.Contains(stderr, "nobody") {
			t.Errorf("%v: got %d %q, want 1 and the name", bad, code, stderr)
		}
	}

	c.Master.Kill()
	c.Master.Restart()
	eventually(t, "the weight to be known again", func() bool { return fetch(t, c, "/weights") == `[{"role":"eng","weight":2.5}]` })
	eventually(t, "the task to be known again", func() bool {
		return strings.Contains(fetch(t, c, "/roles"), `"limit":{"cpus":2.0},"consumed":{"cpus":2.0`)
	})
	operate(t, c, `{"type":"REMOVE_QUOTA","remove_quota":{"role":"eng"}}`)
	eventually(t, "the other instance to run", func() bool { return strings.Count(p.stdout.String(), "started") == 2 })
	if got := fetch(t, c, "/quota"); got != "{}" {
		t.Errorf("/quota: got %s, want nothing", got)
	}
}

// The framework that sits on offers is named to those who wait for them.
func TestHoarderIsNamed(t *testing.T) {
	t.Parallel()
	c := cluster.Start(t, cluster.Options{Agents: 1, Resources: "cpus:4;mem:1024"})
	s := startScheduler(t, order{Master: c.Addr(), TaskID: "t", Command: "true", Hold: "OFFER"})
	s.await("an offer", func(l line) bool { return l.Event == "OFFER" })
	eventually(t, "the hoarder to be named", func() bool {
		code, stdout, _ := mesos(t, c, "explain", "request", "--cpus", "1")
		return code == 0 && strings.Contains(stdout, "hoarder: framework e2e") && strings.Contains(stdout, "has left 1 offers unanswered")
	})
}
