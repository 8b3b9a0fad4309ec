package hosts

import (
	"cmp"
	"fmt"
	"net"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	"mesos/tests/cluster"
	"mesos/tests/consul"
)

// What a world has of each.
const (
	masters = 3
	servers = 3
	agents  = 5
)

// world is a cluster whose hosts are network namespaces, with tasks that must not
// notice what befalls it.
type world struct {
	t       *testing.T
	net     *network
	consul  *consul.Servers
	fronts  []*front
	rec     *recorder
	c       *cluster.Cluster
	f       *framework
	traffic *traffic
	tasks   int
	first   map[string]process // by task, as they were started

	masterHosts, serverHosts, agentHosts []*host
}

// starting lets worlds start one after the other: to start a hundred tasks is what
// this machine has to do most, and masters that get no time lose their sessions.
var starting sync.Mutex

// options are what a case wants otherwise than usual.
type options struct {
	tasks int    // 0 means 100
	dir   string // of Consul's data; "" means a temporary one
	watch string // path of the registry whose history is kept; "" means that of the masters

	masterFlags, agentFlags []string
}

// start starts a world and its tasks.
func start(t *testing.T, o options) *world {
	t.Helper()
	starting.Lock()
	defer starting.Unlock()
	w := newWorld(t, o)
	w.f = startFramework(t, w.net.address(254), w.url(), w.tasks)
	eventually(t, "all tasks to run", func() string {
		_, s := leading(w.c.Masters)
		return unlike("running tasks", len(s.running()), w.tasks)
	})
	w.first = w.processes()
	w.traffic = startTraffic(t, w.rec.start, addresses(w.c.Masters))
	w.untouched()
	return w
}

// newWorld starts all but the tasks. The caller holds starting.
func newWorld(t *testing.T, o options) *world {
	t.Helper()
	o.tasks, o.watch = cmp.Or(o.tasks, 100), cmp.Or(o.watch, masterPath)
	consul.Binary(t) // or skip
	w := &world{t: t, net: newNetwork(t), rec: &recorder{path: o.watch, start: time.Now()}, tasks: o.tasks}
	hosts := func(n int, what string) (out []*host) {
		for i := range n {
			out = append(out, w.net.host(what+"-"+strconv.Itoa(i)))
		}
		return out
	}
	w.serverHosts, w.masterHosts, w.agentHosts = hosts(servers, "consul"), hosts(masters, "master"), hosts(agents, "agent")
	w.startConsul(o.dir)
	w.startMesos(o)
	eventually(t, "all masters to stand for election", func() string {
		var sessions []struct{ Name string }
		if err := getJSON("http://"+w.consul.All[0].Addr+"/v1/session/list", &sessions); err != nil {
			return err.Error()
		}
		return unlike("sessions", len(sessions), masters)
	})
	return w
}

func (w *world) startConsul(dir string) {
	w.t.Helper()
	w.consul = consul.Start(w.t, consul.Options{
		Servers: servers, Dir: dir, Port: 8501, Place: func(i int) cluster.Place { return w.serverHosts[i].place() },
	})
	for i, s := range w.consul.All {
		f := &front{t: w.t, h: w.serverHosts[i], rec: w.rec, upstream: s.URL()}
		f.start()
		w.t.Cleanup(f.stop)
		w.fronts = append(w.fronts, f)
	}
}

func (w *world) startMesos(o options) {
	w.t.Helper()
	place := map[string]cluster.Place{}
	for _, h := range slices.Concat(w.masterHosts, w.agentHosts) {
		place[h.name] = h.place()
	}
	w.c = cluster.Start(w.t, cluster.Options{
		Separate: true, Agents: agents, Masters: masters, Consul: w.url(), Resources: "cpus:8;mem:2048;disk:1024;ports:[31000-31010]",
		Place:       func(name string) cluster.Place { return place[name] },
		MasterFlags: o.masterFlags, AgentFlags: o.agentFlags,
	})
}

// masterPath is that of the masters' keys in Consul.
const masterPath = "mesos"

// url names the fronts, and the masters' keys.
func (w *world) url() string { return w.urlOf(masterPath) }

func (w *world) urlOf(path string) string {
	var out []string
	for _, h := range w.serverHosts {
		out = append(out, net.JoinHostPort(h.ip, frontPort))
	}
	return "consul://" + strings.Join(out, ",") + "/" + path
}

// killServer kills a Consul server as kill -9 does; startServer starts it again.
func (w *world) killServer(s *consul.Server) {
	w.fronts[slices.Index(w.consul.All, s)].stop()
	s.Kill()
}

func (w *world) startServer(s *consul.Server) {
	s.Start()
	w.fronts[slices.Index(w.consul.All, s)].start()
}

// hostOf is where a master runs.
func (w *world) hostOf(p *cluster.Process) *host { return w.masterHosts[slices.Index(w.c.Masters, p)] }

func (w *world) others(but *cluster.Process) []*cluster.Process {
	return slices.DeleteFunc(slices.Clone(w.c.Masters), func(p *cluster.Process) bool { return p == but })
}

func addresses(all []*cluster.Process) (out []string) {
	for _, p := range all {
		out = append(out, p.Addr)
	}
	return out
}

func unlike(what string, got, want int) string {
	if got == want {
		return ""
	}
	return fmt.Sprintf("%s: got %d, want %d", what, got, want)
}

// process is a process that no other can be taken for.
type process struct {
	pid     int
	started string
}

// processes are those that tasks have marked. A task that was started twice fails the test.
func (w *world) processes() map[string]process {
	w.t.Helper()
	entries, err := os.ReadDir(w.f.marks)
	if err != nil {
		w.t.Fatal(err)
	}
	out := map[string]process{}
	for _, e := range entries {
		task, text, _ := strings.Cut(e.Name(), ".")
		pid, err := strconv.Atoi(text)
		if err != nil {
			w.t.Fatal(err)
		}
		if other, twice := out[task]; twice {
			w.t.Errorf("task %s was started twice: processes %d and %d", task, other.pid, pid)
		}
		out[task] = process{pid, startOf(pid)}
	}
	return out
}

// startOf is when a process was started, in the kernel's ticks, "" if it is gone.
func startOf(pid int) string {
	stat, err := os.ReadFile(filepath.Join("/proc", strconv.Itoa(pid), "stat"))
	if err != nil {
		return ""
	}
	fields := strings.Fields(string(stat[strings.LastIndexByte(string(stat), ')')+1:]))
	if len(fields) < 20 || fields[0] == "Z" {
		return ""
	}
	return fields[19]
}

// untouched fails the test unless each task runs as the process that it was started
// as and nobody counts it otherwise: the leader, its agent, its framework.
func (w *world) untouched() {
	w.t.Helper()
	now := w.processes()
	if len(now) != w.tasks {
		w.t.Errorf("%d tasks have processes, want %d", len(now), w.tasks)
	}
	for task, p := range w.first {
		if p.started == "" || now[task] != p {
			w.t.Errorf("task %s is process %+v, want %+v", task, now[task], p)
		}
	}
	eventually(w.t, "the leader to count all tasks", func() string {
		_, s := leading(w.c.Masters)
		if other := s.notRunning(); other != nil {
			return fmt.Sprintf("tasks in other states: %v", other)
		}
		return unlike("running tasks", len(s.running()), w.tasks)
	})
	eventually(w.t, "the agents to count all tasks", func() string {
		onAgents := map[string]int{}
		for _, a := range w.c.Agents {
			var s state
			if err := getJSON(a.URL("/state"), &s); err != nil {
				return err.Error()
			}
			for _, task := range s.onAgent() {
				onAgents[task]++
			}
		}
		for task, n := range onAgents {
			if n != 1 {
				return fmt.Sprintf("task %s is on %d agents", task, n)
			}
		}
		return unlike("tasks of agents", len(onAgents), w.tasks)
	})
	if c := w.f.complaint(); c != "" {
		w.t.Error(c)
	}
}

// lawful fails the test unless only leaders wrote, one after the other, and what was
// read was written.
func (w *world) lawful() {
	w.t.Helper()
	h := settled(w.rec.history())
	lawful(w.t, "registry", registryModel, h)
	lawful(w.t, "weight", weightModel, w.traffic.history())
	w.t.Logf("%d requests that concern the registry, writes by master: %v; %d changes and reads of a weight", len(h), w.rec.count(write), len(w.traffic.history()))
}
