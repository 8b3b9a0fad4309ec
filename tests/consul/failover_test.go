package consul

import (
	"encoding/json"
	"net/http"
	"os"
	"os/exec"
	"slices"
	"strconv"
	"strings"
	"syscall"
	"testing"
	"time"

	"mesos/tests/cluster"
)

// state is what these tests read of /state.
type state struct {
	ID         string  `json:"id"`
	PID        string  `json:"pid"`
	Active     float64 `json:"activated_slaves"`
	Frameworks []struct {
		Active bool `json:"active"`
		Tasks  []struct {
			ID    string `json:"id"`
			State string `json:"state"`
		} `json:"tasks"`
		Completed []json.RawMessage `json:"completed_tasks"`
	} `json:"frameworks"`
}

// leading is the master among candidates that serves /state itself, nil if none
// does, and what it says.
func leading(candidates []*cluster.Process) (*cluster.Process, state) {
	for _, m := range candidates {
		var s state
		if text := get(m.URL("/state")); text != "" && json.Unmarshal([]byte(text), &s) == nil {
			return m, s
		}
	}
	return nil, state{}
}

func others(all []*cluster.Process, but *cluster.Process) []*cluster.Process {
	return slices.DeleteFunc(slices.Clone(all), func(p *cluster.Process) bool { return p == but })
}

// running counts the tasks that run, as the master says.
func (s state) running() (n int) {
	for _, f := range s.Frameworks {
		for _, t := range f.Tasks {
			if t.State == "TASK_RUNNING" && f.Active {
				n++
			}
		}
	}
	return n
}

// world is a cluster with an elected master, and tasks that must not notice.
type world struct {
	t      *testing.T
	consul *Servers
	c      *cluster.Cluster
	tasks  int
	dir    string // of the tasks, which write their process ids there
	job    *exec.Cmd
	output *strings.Builder
}

func start(t *testing.T, agents, tasks int) *world {
	t.Helper()
	s := startServers(t, 3)
	w := &world{t: t, consul: s, tasks: tasks, dir: t.TempDir(), output: &strings.Builder{}}
	w.c = cluster.Start(t, cluster.Options{
		Separate: true, Agents: agents, Masters: 3, Consul: s.URL, Resources: "cpus:8;mem:2048;disk:1024;ports:[31000-31010]",
	})
	w.job = exec.Command(cluster.Binary(t, "mesos"), "run", "--master="+s.URL, "--instances="+strconv.Itoa(tasks), "--cpus=0.1", "--mem=8", "--disk=1",
		"--", "sh", "-c", "echo $$ > "+w.dir+"/$$; exec sleep 100000")
	w.job.Stdout, w.job.Stderr = w.output, w.output
	if err := w.job.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		_ = w.job.Process.Kill() // ends with the cluster's processes
		_ = w.job.Wait()
		if t.Failed() {
			t.Logf("--- mesos run\n%s", w.output)
		}
	})
	eventually(t, "all tasks to run", func() bool { _, s := leading(w.c.Masters); return s.running() == tasks })
	return w
}

// untouched fails the test unless the tasks are those that ran at the beginning.
func (w *world) untouched() {
	w.t.Helper()
	entries, err := os.ReadDir(w.dir)
	if err != nil {
		w.t.Fatal(err)
	}
	if len(entries) != w.tasks {
		w.t.Errorf("%d processes were started, want one for each of %d tasks", len(entries), w.tasks)
	}
	for _, e := range entries {
		if _, err := os.Stat("/proc/" + e.Name()); err != nil {
			w.t.Errorf("the process %s of a task is gone", e.Name())
		}
	}
}

// back waits until another master than old leads with all agents and tasks, and
// says how long it took until it served and until all were back.
func (w *world) back(since time.Time, candidates []*cluster.Process, old string) (serving, agents, all time.Duration, leader *cluster.Process) {
	w.t.Helper()
	var s state
	eventually(w.t, "a new leader", func() bool { leader, s = leading(candidates); return leader != nil && s.ID != old })
	serving = time.Since(since)
	eventually(w.t, "all agents to be back", func() bool { _, s = leading(candidates); return s.Active == float64(len(w.c.Agents)) })
	agents = time.Since(since)
	eventually(w.t, "all tasks to be back", func() bool { _, s = leading(candidates); return s.running() == w.tasks })
	return serving, agents, time.Since(since), leader
}

// The leader is killed, stopped and continued, asked to hand over: there is another
// one each time, the tasks do not notice, and the deposed one ends.
func TestLeaderIsReplaced(t *testing.T) {
	w := start(t, 3, 12)
	report := func(what string, since time.Time, candidates []*cluster.Process, old string) {
		t.Helper()
		serving, agents, all, _ := w.back(since, candidates, old)
		t.Logf("%s: a new leader serves after %v, all agents are back after %v, all tasks after %v", what, round(serving), round(agents), round(all))
		w.untouched()
	}

	first, s := leading(w.c.Masters)
	w.standbys(first)
	since := time.Now()
	first.Kill()
	report("kill -9", since, others(w.c.Masters, first), s.ID)
	first.Restart()

	second, s := leading(w.c.Masters)
	since = time.Now()
	second.Signal(syscall.SIGSTOP)
	report("SIGSTOP", since, others(w.c.Masters, second), s.ID)
	second.Signal(syscall.SIGCONT)
	select {
	case <-second.Done(): // it was deposed
	case <-time.After(patience):
		t.Error("a leader that was stopped for longer than its session goes on")
	}
	second.Restart()

	third, s := leading(w.c.Masters)
	since = time.Now()
	third.Signal(syscall.SIGTERM)
	report("SIGTERM", since, others(w.c.Masters, third), s.ID)
	<-third.Done()
	third.Restart()

	w.consul.Leader().Kill()
	leader, s := leading(w.c.Masters)
	t.Logf("the Consul server that leads is gone: master %v leads", leader != nil)
	since = time.Now()
	if leader != nil { // the one whose session was there may have handed over
		leader.Kill()
	}
	report("kill -9 while Consul elects", since, others(w.c.Masters, leader), s.ID)
}

func round(d time.Duration) time.Duration { return d.Round(10 * time.Millisecond) }

// standbys fails the test unless every other master leads clients to the leader.
func (w *world) standbys(leader *cluster.Process) {
	w.t.Helper()
	for _, m := range others(w.c.Masters, leader) {
		for path, want := range map[string]string{
			"/state?x=1": "//" + leader.Addr + "/state?x=1", "/master/redirect": "//" + leader.Addr, "/redirect": "//" + leader.Addr, "/api/v1": "//" + leader.Addr + "/api/v1",
		} {
			if code, at, _ := fetch(m.URL(path)); code != http.StatusTemporaryRedirect || at != want {
				w.t.Errorf("%s of a standby: got %d to %q, want 307 to %q", path, code, at, want)
			}
		}
		for path, want := range map[string]int{
			"/health": 200, "/flags": 200, "/version": 200, "/metrics/snapshot": 200, "/system/stats.json": 200, "/redirect/x": 404, "/registrar(1)/registry": 503,
		} {
			if code, _, body := fetch(m.URL(path)); code != want {
				w.t.Errorf("%s of a standby: got %d %q, want %d", path, code, body, want)
			}
		}
		if _, _, page := fetch(m.URL("/")); !strings.Contains(page, "//"+leader.Addr+"/") {
			w.t.Errorf("the page of a standby does not point to the leader: %q", page)
		}
		if got := get(m.URL("/metrics/snapshot")); !strings.Contains(got, `"master/elected":0`) {
			w.t.Errorf("master/elected of a standby is not 0")
		}
	}
}
