package e2e

import (
	"encoding/json"
	"fmt"
	"io"
	"math/rand/v2"
	"net"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"time"

	"mesos/tests/cluster"
)

// cron is a chronos that a test kills and starts again.
type cron struct {
	t    *testing.T
	c    *cluster.Cluster
	at   string
	args []string
	run  *program
}

func startCron(t *testing.T, c *cluster.Cluster, args ...string) *cron {
	t.Helper()
	at := net.JoinHostPort(c.IP(), fmt.Sprint(cluster.FreePort(t)))
	k := &cron{t: t, c: c, at: at, args: append([]string{
		"--master=" + c.Addr(), "--ip=" + c.IP(), "--port=" + portOf(at), "--hostname=" + c.IP(),
	}, args...)}
	k.start()
	return k
}

func (k *cron) start() {
	k.t.Helper()
	k.run = startProgram(k.t, cluster.Binary(k.t, "chronos"), nil, k.args...)
	eventually(k.t, "chronos to answer", func() bool { code, _ := k.ask("GET", "/v1/scheduler/jobs", ""); return code == 200 })
}

// kill ends it as kill -9 does.
func (k *cron) kill() {
	k.t.Helper()
	k.run.signal(syscall.SIGKILL)
	k.run.wait()
}

// ask sends a request and returns code and body, 0 if nobody answers.
func (k *cron) ask(method, path, body string) (int, string) {
	req, err := http.NewRequest(method, "http://"+k.at+path, strings.NewReader(body))
	if err != nil {
		k.t.Fatal(err)
	}
	resp, err := http.DefaultClient.Do(req)
	if err != nil {
		return 0, err.Error()
	}
	defer resp.Body.Close()
	text, err := io.ReadAll(resp.Body)
	if err != nil {
		return 0, err.Error()
	}
	return resp.StatusCode, string(text)
}

func (k *cron) add(body string) {
	k.t.Helper()
	path := "/v1/scheduler/iso8601"
	if strings.Contains(body, `"parents"`) {
		path = "/v1/scheduler/dependency"
	}
	if code, text := k.ask("POST", path, body); code != http.StatusNoContent {
		k.t.Fatalf("%s: got %d %s", body, code, text)
	}
}

// outcomes are the runs of a job that have ended, by the milliseconds of their slots.
func (k *cron) outcomes(job string) map[int64][]string {
	code, text := k.ask("GET", "/v1/scheduler/job/history/"+job, "")
	var h struct {
		Runs []struct {
			Due     time.Time
			Outcome string
			Reason  string
		}
	}
	if code != 200 || json.Unmarshal([]byte(text), &h) != nil {
		return nil
	}
	out := map[int64][]string{}
	for _, r := range h.Runs {
		if r.Outcome != "" {
			out[r.Due.UnixMilli()] = append(out[r.Due.UnixMilli()], strings.TrimSpace(r.Outcome+" "+r.Reason))
		}
	}
	return out
}

// Jobs write a file when they begin and one when they end, while chronos and the master are killed again and again: each
// target has exactly one run that ended, and chronos, which keeps its state in a file, knows it. Package hosts has the same
// for several that keep it in Consul.
func TestChronosUnderFaults(t *testing.T) {
	t.Parallel()
	const every, span = 2 * time.Second, 15 * time.Second
	dir := t.TempDir()
	c := cluster.Start(t, cluster.Options{
		Agents: 2, Resources: "cpus:4;mem:2048;disk:64;ports:[31000-31010]", Separate: true, AgentFlags: []string{"--registration_backoff_factor=100ms"},
	})
	slots := int(span/every) + 1
	k := startCron(t, c, "--work_dir="+filepath.Join(dir, "chronos"), "--failure_retry=1secs", fmt.Sprintf("--job_history_limit=%d", slots+10))
	start := time.Now().Add(3 * time.Second).Truncate(time.Second).UTC()
	files := filepath.Join(dir, "runs")
	if err := os.Mkdir(files, 0o755); err != nil {
		t.Fatal(err)
	}
	command := `f=` + files + `/$CHRONOS_JOB_RUN_TIME.$CHRONOS_JOB_RUN_ATTEMPT; : >$f.start; sleep 1; : >$f.end`
	job := map[string]any{
		"name": "target", "command": command, "schedule": fmt.Sprintf("R%d/%s/PT%dS", slots, start.Format(time.RFC3339), every/time.Second),
		"epsilon": "P1D", "concurrent": true, "retries": 1000, "cpus": 0.05, "mem": 32, "disk": 1,
	}
	body, err := json.Marshal(job)
	if err != nil {
		t.Fatal(err)
	}
	k.add(string(body))
	k.add(`{"name":"follower","command":"true","parents":["target"],"concurrent":true,"cpus":0.05,"mem":32,"disk":1,"retries":1000}`)

	kills := 0
	for end := start.Add(span); time.Now().Before(end); kills++ {
		time.Sleep(time.Duration(rand.IntN(2500)) * time.Millisecond)
		if rand.IntN(2) == 0 {
			k.kill()
			time.Sleep(time.Duration(rand.IntN(1000)) * time.Millisecond)
			k.start()
		} else {
			c.Master.Kill()
			time.Sleep(time.Duration(rand.IntN(1000)) * time.Millisecond)
			c.Master.Restart()
		}
	}
	var known map[int64][]string
	eventuallyIn(t, 3*patience, "all runs to end", func() bool {
		known = k.outcomes("target")
		return len(known) == slots && len(k.outcomes("follower")) >= slots
	})
	t.Logf("%d kills, %d targets", kills, slots)
	judgeTargets(t, files, start, every, slots, known)
}

// judgeTargets counts the files of each target.
func judgeTargets(t *testing.T, files string, start time.Time, every time.Duration, slots int, known map[int64][]string) {
	t.Helper()
	entries, err := os.ReadDir(files)
	if err != nil {
		t.Fatal(err)
	}
	begun, ended := map[string]int{}, map[string]int{}
	for _, e := range entries {
		parts := strings.Split(e.Name(), ".")
		if parts[2] == "start" {
			begun[parts[0]]++
		} else {
			ended[parts[0]]++
		}
	}
	for n := range slots {
		due := start.Add(time.Duration(n) * every).UnixMilli()
		key := fmt.Sprint(due)
		if ended[key] != 1 || begun[key] != 1 || len(known[due]) != 1 || known[due][0] != "success" {
			t.Errorf("target %d: %d runs began and %d ended, and chronos knows %q, want one that succeeded", n, begun[key], ended[key], known[due])
		}
		delete(ended, key)
	}
	for key, n := range ended {
		t.Errorf("%d runs ended at %s, which is no target", n, key)
	}
}

// A chronos that was away says which slots it missed, and tells who wants to know.
func TestChronosTellsWhatItMissed(t *testing.T) {
	t.Parallel()
	told := make(chan string, 100)
	server := &http.Server{Handler: http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) {
		text, _ := io.ReadAll(r.Body)
		select {
		case told <- string(text):
		default:
		}
	})}
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	go server.Serve(l)
	defer server.Close()
	c := cluster.Start(t, cluster.Options{Agents: 1, Separate: true, AgentFlags: []string{"--registration_backoff_factor=100ms"}})
	k := startCron(t, c, "--work_dir="+t.TempDir())
	var at time.Time
	for lead := 3 * time.Second; ; lead *= 2 { // until this machine is quick enough
		at = time.Now().Add(lead).UTC()
		k.add(`{"name":"a","command":"true","schedule":"R2/` + at.Format("2006-01-02T15:04:05.000Z") + `/PT1S","epsilon":"PT1S","mem":32,"disk":1,"onFailure":"http://` + l.Addr().String() + `/missed"}`)
		k.kill()
		if time.Now().Before(at) {
			break
		}
		k.start()
		if code, text := k.ask("DELETE", "/v1/scheduler/job/a", ""); code != http.StatusNoContent {
			t.Fatalf("DELETE: got %d %s", code, text)
		}
	}
	time.Sleep(time.Until(at.Add(4 * time.Second))) // both slots and their epsilon
	k.start()
	eventually(t, "both slots in the history", func() bool { return len(k.outcomes("a")) == 1 })
	for _, o := range k.outcomes("a") {
		if len(o) != 1 || !strings.HasPrefix(o[0], "missed chronos came to it only at") {
			t.Errorf("got %q, want them missed, and why", o)
		}
	}
	select {
	case got := <-told: // of an earlier try, too, none of which failed
		if !strings.Contains(got, `"count":"2"`) || !strings.Contains(got, `"outcome":"missed"`) {
			t.Errorf("told: got %s", got)
		}
	case <-time.After(patience):
		t.Error("nobody was told")
	}
}
