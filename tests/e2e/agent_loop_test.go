package e2e

import (
	"fmt"
	"log/slog"
	"math/rand/v2"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"google.golang.org/protobuf/proto"

	"mesos/actors"
	"mesos/actors/link"
	"mesos/actors/scheduler"
	"mesos/messages/ids"
	v1 "mesos/messages/mesos/v1"
	"mesos/messages/resources"
	"mesos/messages/states"
	"mesos/tests/cluster"
)

// batch is a scheduler in the test's own process that launches commands on
// whatever is offered, and remembers all updates.
type batch struct {
	mu   sync.Mutex
	want []*v1.TaskInfo
	told map[string][]*v1.TaskStatus // each update once
}

func startBatch(t testing.TB, c *cluster.Cluster, commands map[string]string) *batch {
	t.Helper()
	var want []*v1.TaskInfo
	for id, command := range commands {
		want = append(want, &v1.TaskInfo{
			Name: proto.String(id), TaskId: ids.Task(id), Command: &v1.CommandInfo{Value: proto.String(command)},
			Resources: resources.MustParse("cpus:0.05;mem:16").Proto(),
		})
	}
	return startTasks(t, c, want)
}

// startTasks is startBatch for tasks of any kind.
func startTasks(t testing.TB, c *cluster.Cluster, want []*v1.TaskInfo) *batch {
	t.Helper()
	silent := slog.New(slog.DiscardHandler)
	net, err := link.DialOnly("127.0.0.1", link.Options{Log: silent})
	if err != nil {
		t.Fatal(err)
	}
	sys := actors.NewSystem(net, actors.WithLogger(silent))
	t.Cleanup(sys.Shutdown)
	master, err := actors.ParseUPID("master@" + c.Addr())
	if err != nil {
		t.Fatal(err)
	}
	b := &batch{want: want, told: map[string][]*v1.TaskStatus{}}
	info := &v1.FrameworkInfo{
		User: proto.String("root"), Name: proto.String("batch"), FailoverTimeout: proto.Float64(120), Checkpoint: proto.Bool(true),
		Capabilities: []*v1.FrameworkInfo_Capability{{Type: v1.FrameworkInfo_Capability_PARTITION_AWARE.Enum()}},
	}
	_, err = scheduler.Start(sys, "scheduler(1)", scheduler.Config{Master: master, Framework: info, Log: silent}, scheduler.Callbacks{
		Offers: b.offers, Update: b.update,
	})
	if err != nil {
		t.Fatal(err)
	}
	return b
}

func (b *batch) offers(d *scheduler.Driver, offers []*v1.Offer) {
	b.mu.Lock()
	defer b.mu.Unlock()
	for _, o := range offers {
		for _, t := range b.want {
			t.AgentId = o.GetAgentId()
		}
		d.Launch(o.GetId(), b.want, nil) // all fit, or the master says so
		b.want = nil
	}
}

func (b *batch) update(_ *scheduler.Driver, s *v1.TaskStatus) {
	b.mu.Lock()
	defer b.mu.Unlock()
	id := s.GetTaskId().GetValue()
	for _, old := range b.told[id] {
		if string(old.GetUuid()) == string(s.GetUuid()) {
			return
		}
	}
	b.told[id] = append(b.told[id], s)
}

// states are those that were told of a task, without what only repeats them.
func (b *batch) states(id string) (out []v1.TaskState) {
	b.mu.Lock()
	defer b.mu.Unlock()
	for _, s := range b.told[id] {
		if s.Uuid != nil {
			out = append(out, s.GetState())
		}
	}
	return out
}

func (b *batch) over() (n int) {
	b.mu.Lock()
	defer b.mu.Unlock()
	for _, all := range b.told {
		for _, s := range all {
			if s.Uuid != nil && states.Terminal(s.GetState()) {
				n++
				break
			}
		}
	}
	return n
}

// kill -9 of the agent, ten times while fifty tasks run: none is lost, none
// runs twice, and what they write goes on without a gap.
func TestKillTheAgentInALoop(t *testing.T) {
	t.Parallel()
	const tasks, kills, ticks = 50, 10, 24
	c := cluster.Start(t, cluster.Options{
		Agents: 1, Resources: "cpus:4;mem:4096;disk:64;ports:[31000-31010]", Separate: true,
		AgentFlags: []string{"--registration_backoff_factor=100ms", "--executor_reregistration_timeout=15secs"},
	})
	dir := t.TempDir()
	commands := map[string]string{}
	for i := range tasks {
		id := fmt.Sprintf("task-%02d", i)
		commands[id] = fmt.Sprintf("i=1; while [ $i -le %d ]; do echo tick $i; i=$((i+1)); sleep 0.5; done; echo done >> %s", ticks, filepath.Join(dir, id))
	}
	b := startBatch(t, c, commands)
	running := func() (n int) {
		for id := range commands {
			if s := b.states(id); len(s) >= 2 {
				n++
			}
		}
		return n
	}
	eventually(t, "half of the tasks to run", func() bool { return running() >= tasks/2 })
	for range kills {
		c.Agents[0].Kill()
		time.Sleep(rand.N(300 * time.Millisecond))
		c.Agents[0].Restart()
		time.Sleep(rand.N(600 * time.Millisecond))
	}
	if n := b.over(); n > 0 {
		t.Logf("%d tasks ended before the last kill", n)
	}
	eventually(t, "all tasks to end", func() bool { return b.over() == tasks })
	var want strings.Builder
	for i := range ticks {
		fmt.Fprintf(&want, "tick %d\n", i+1)
	}
	for id := range commands {
		got := b.states(id)
		if len(got) != 3 || got[2] != v1.TaskState_TASK_FINISHED {
			t.Errorf("%s: told %v, want one TASK_FINISHED in the end", id, got)
		}
		if ran := readFile(filepath.Join(dir, id)); ran != "done\n" {
			t.Errorf("%s ended its command %d times, want once", id, strings.Count(ran, "\n"))
		}
		out, err := filepath.Glob(filepath.Join(c.AgentWorkDir(0), "slaves", "*", "frameworks", "*", "executors", id, "runs", "latest", "stdout"))
		if err != nil || len(out) != 1 {
			t.Fatalf("stdout of %s: %v, %v, want one file", id, out, err)
		}
		if text := readFile(out[0]); text != want.String() {
			t.Errorf("%s wrote %q, want %d ticks", id, text, ticks)
		}
	}
	eventually(t, "the executors to end", func() bool { return len(executorsIn(t, c.AgentWorkDir(0))) == 0 })
}

// executorsIn are the processes mesos-executor whose sandboxes are below dir.
func executorsIn(t *testing.T, dir string) (pids []int) {
	t.Helper()
	procs, err := filepath.Glob("/proc/[0-9]*/comm")
	if err != nil {
		t.Fatal(err)
	}
	for _, comm := range procs {
		if strings.TrimSpace(readFile(comm)) != "mesos-executor" {
			continue
		}
		proc := filepath.Dir(comm)
		if cwd, err := os.Readlink(filepath.Join(proc, "cwd")); err != nil || !strings.HasPrefix(cwd, dir) {
			continue
		}
		var pid int
		if _, err := fmt.Sscan(filepath.Base(proc), &pid); err == nil {
			pids = append(pids, pid)
		}
	}
	return pids
}

// The first thing a stranger tries: kill the agent under a job and see the job live on.
func TestRunOutlivesItsAgent(t *testing.T) {
	t.Parallel()
	c := cluster.Start(t, cluster.Options{Agents: 1, Separate: true, AgentFlags: []string{"--registration_backoff_factor=100ms", "--executor_reregistration_timeout=10secs"}})
	p := startMesos(t, c, "run", "--", "sh", "-c", "echo before; sleep 4; echo after; exit 5")
	eventually(t, "the job's first line", func() bool { return p.stdout.String() == "before\n" })
	c.Agents[0].Kill()
	c.Agents[0].Restart()
	if code, got := p.wait(), p.stdout.String(); code != 5 || got != "before\nafter\n" {
		t.Errorf("the job ended with %d and wrote %q, want 5 and both lines", code, got)
	}
}
