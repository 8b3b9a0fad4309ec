package consul

import (
	"encoding/json"
	"fmt"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"time"

	"mesos/tests/cluster"
)

// Three programs chronos elect their leader. It is killed when a job is due, again and again: another one leads, the others
// send users to it, and no slot has two runs or none.
func TestChronosIsReplaced(t *testing.T) {
	s := startServers(t, 3)
	c := cluster.Start(t, cluster.Options{Separate: true, Agents: 1, AgentFlags: []string{"--registration_backoff_factor=100ms"}})
	var all []*cluster.Process
	for i := range 3 {
		port := fmt.Sprint(4400 + i)
		all = append(all, c.Daemon("chronos-"+port, c.IP()+":"+port, nil, "/ping", cluster.Binary(t, "chronos"), "--master="+c.Addr(),
			"--consul="+strings.TrimSuffix(s.URL, "/mesos")+"/chronos", "--ip="+c.IP(), "--port="+port, "--hostname="+c.IP(), "--failure_retry=1secs"))
	}
	const path = "/v1/scheduler/jobs/search?name=x"
	eventually(t, "all others to send users to the leader", func() bool {
		leader := chronosLeads(t, all)
		for _, p := range others(all, leader) {
			if code, at, _ := fetch(p.URL(path)); code != http.StatusTemporaryRedirect || at != leader.URL(path) {
				return false
			}
		}
		return true
	})

	const slots, kills = 12, 3
	dir, begin := t.TempDir(), time.Now().Add(4*time.Second).Truncate(time.Second).UTC()
	body := fmt.Sprintf(`{"name":"a","command":"echo run >>%s/$CHRONOS_JOB_RUN_TIME","schedule":"R%d/%s/PT1S","epsilon":"P1D","concurrent":true,"retries":100,"cpus":0.05,"mem":16,"disk":1}`,
		dir, slots, begin.Format(time.RFC3339))
	eventually(t, "another chronos to pass the job on to the leader", func() bool {
		r, err := http.Post(others(all, chronosLeads(t, all))[0].URL("/v1/scheduler/iso8601"), "application/json", strings.NewReader(body))
		if err != nil {
			return false
		}
		r.Body.Close()
		return r.StatusCode == http.StatusNoContent
	})
	for i := range kills {
		leader := chronosLeads(t, all)
		// At a slot's time, if there is still one to come; if not, the slots that came meanwhile are decided about just now.
		time.Sleep(time.Until(begin.Add(time.Duration(i*slots/kills) * time.Second)))
		_ = syscall.Kill(leader.PID(), syscall.SIGKILL) // fails if it has lost its session meanwhile, and ended
		<-leader.Done()
		t.Logf("%s killed; %s leads", leader.Name, chronosLeads(t, others(all, leader)).Name)
		leader.Restart()
	}
	eventually(t, "all runs to end", func() bool { return chronosEnded(all) == slots })
	files, err := os.ReadDir(dir)
	if err != nil {
		t.Fatal(err)
	}
	if len(files) != slots {
		t.Errorf("%d slots have runs, want %d", len(files), slots)
	}
	for i := range slots {
		due := begin.Add(time.Duration(i) * time.Second)
		if text, err := os.ReadFile(filepath.Join(dir, fmt.Sprint(due.UnixMilli()))); string(text) != "run\n" {
			t.Errorf("slot %d: got %q, %v, want one run", i, text, err)
		}
	}
}

// chronosLeads waits for one that answers for jobs itself.
func chronosLeads(t *testing.T, all []*cluster.Process) (leader *cluster.Process) {
	t.Helper()
	eventually(t, "a chronos to lead", func() bool {
		for _, p := range all {
			select {
			case <-p.Done(): // its session was lost, on a machine that has no time for it
				p.Restart()
			default:
			}
			if code, _, _ := fetch(p.URL("/v1/scheduler/jobs")); code == http.StatusOK {
				leader = p
			}
		}
		return leader != nil
	})
	return leader
}

// chronosEnded counts the runs that succeeded.
func chronosEnded(all []*cluster.Process) (n int) {
	for _, p := range all {
		var h struct{ Runs []struct{ Outcome string } }
		if json.Unmarshal([]byte(get(p.URL("/v1/scheduler/job/history/a"))), &h) != nil {
			continue
		}
		n = 0
		for _, r := range h.Runs {
			if r.Outcome == "success" {
				n++
			}
		}
	}
	return n
}
