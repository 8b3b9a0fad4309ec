package e2e

import (
	"fmt"
	"io"
	"log"
	"net"
	"net/http"
	"net/http/httptest"
	"net/url"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"testing"
	"time"

	"google.golang.org/protobuf/proto"

	"mesos/actors/scheduler"
	"mesos/messages/ids"
	v1 "mesos/messages/mesos/v1"
	"mesos/messages/resources"
	"mesos/tests/cluster"
)

// pods runs task groups on a cluster of their own; the cluster's one agent has
// room for one.
type pods struct {
	checked
	cl *cluster.Cluster
}

func startPods(t *testing.T) *pods {
	t.Helper()
	return startPodsAs(t, true)
}

func startPodsAs(t *testing.T, checkpoint bool) *pods {
	t.Helper()
	cl := cluster.Start(t, cluster.Options{
		Agents: 1, Separate: true, Resources: "cpus:4;mem:1024;disk:0;ports:[31000-31000]",
		AgentFlags: []string{"--registration_backoff_factor=100ms", "--executor_reregistration_timeout=15secs"},
	})
	info := &v1.FrameworkInfo{
		User: proto.String("root"), Name: proto.String("pods"), Checkpoint: &checkpoint, FailoverTimeout: proto.Float64(60),
		Capabilities: []*v1.FrameworkInfo_Capability{{Type: v1.FrameworkInfo_Capability_TASK_KILLING_STATE.Enum()}},
	}
	return &pods{checked{framework: startFrameworkAs(t, cl, info), waiting: map[string][]*v1.TaskStatus{}, seen: map[string]bool{}, dir: t.TempDir()}, cl}
}

// run launches tasks as one group and waits until all of them run.
func (p *pods) run(tasks ...*v1.TaskInfo) {
	p.t.Helper()
	o := p.offer("cpus:4;mem:1024;ports:[31000-31000]")
	for _, task := range tasks {
		task.AgentId = o.AgentId
	}
	e := &v1.ExecutorInfo{ExecutorId: ids.Executor("pod"), Resources: resources.MustParse("cpus:0.1;mem:32").Proto()}
	p.driver.LaunchGroup(o.GetId(), e, tasks, scheduler.RefuseFor(3600))
	for _, task := range tasks {
		p.next(task.GetTaskId().GetValue(), "STARTING")
		p.next(task.GetTaskId().GetValue(), "RUNNING")
	}
}

// sandbox is the executor's.
func (p *pods) sandbox() string {
	p.t.Helper()
	dirs, err := filepath.Glob(filepath.Join(p.cl.AgentWorkDir(0), "slaves", "*", "frameworks", "*", "executors", "pod", "runs", "latest"))
	if err != nil || len(dirs) != 1 {
		p.t.Fatalf("sandbox of the pod: %v, %v, want one", dirs, err)
	}
	return dirs[0]
}

// quiet waits until nothing of the pod is left.
func (p *pods) quiet() {
	p.t.Helper()
	eventually(p.t, "all processes of the pod to end", func() bool { return len(processesIn(p.t, p.cl.AgentWorkDir(0))) == 0 })
}

// processesIn are the command lines of the processes that were started in sandboxes below dir.
func processesIn(t *testing.T, dir string) (lines []string) {
	t.Helper()
	procs, err := filepath.Glob("/proc/[0-9]*/environ")
	if err != nil {
		t.Fatal(err)
	}
	for _, environ := range procs {
		if strings.Contains(readFile(environ), "MESOS_SANDBOX="+dir+"/") {
			lines = append(lines, readFile(filepath.Join(filepath.Dir(environ), "cmdline")))
		}
	}
	return lines
}

func sharing(t *v1.TaskInfo, at string) *v1.TaskInfo {
	t.Container = &v1.ContainerInfo{Type: v1.ContainerInfo_MESOS.Enum(), Volumes: []*v1.Volume{{
		ContainerPath: &at, Mode: v1.Volume_RW.Enum(), Source: &v1.Volume_Source{
			Type: v1.Volume_Source_SANDBOX_PATH.Enum(), SandboxPath: &v1.Volume_Source_SandboxPath{
				Type: v1.Volume_Source_SandboxPath_PARENT.Enum(), Path: proto.String("common"),
			},
		},
	}}}
	return t
}

// Two tasks of a pod share a directory of the pod's sandbox. What each writes is
// found under its name, on disk and over HTTP.
func TestPodSharesAVolume(t *testing.T) {
	t.Parallel()
	p := startPods(t)
	p.run(
		sharing(shellTask("writer", "until [ -e "+p.path("go")+" ]; do sleep 0.02; done; echo hello > out/word.part; mv out/word.part out/word", "cpus:0.5;mem:64"), "out"),
		sharing(shellTask("reader", "until [ -e in/word ]; do sleep 0.02; done; cat in/word; echo \"$MESOS_ALLOCATION_ROLE\" $MESOS_CONTAINER_IP; pwd", "cpus:0.5;mem:64"), "in"),
	)
	p.touch("go")
	p.next("writer", "FINISHED Command exited with status 0")
	p.next("reader", "FINISHED Command exited with status 0")
	p.quiet()
	got := readFile(filepath.Join(p.sandbox(), "tasks", "reader", "stdout"))
	lines := strings.Split(strings.TrimSpace(got), "\n")
	if len(lines) != 3 || lines[0] != "hello" || lines[1] != "* "+p.cl.IP() || !strings.Contains(lines[2], "/containers/") {
		t.Errorf("the reader wrote %q, want the writer's word, role * and address %s, and a sandbox of its own", got, p.cl.IP())
	}
	file := "/frameworks/" + p.driver.FrameworkID() + "/executors/pod/runs/latest/tasks/reader/stdout"
	resp, err := http.Get("http://" + p.cl.AgentAddr(0) + "/files/download?path=" + url.QueryEscape(file))
	if err != nil {
		t.Fatal(err)
	}
	defer resp.Body.Close()
	if body, err := io.ReadAll(resp.Body); err != nil || string(body) != got {
		t.Errorf("%s: got %s %q, %v, want what is on disk", file, resp.Status, body, err)
	}
}

// One task fails: the others of its pod are killed, with what they started.
func TestPodFailsTogether(t *testing.T) {
	t.Parallel()
	p := startPods(t)
	p.run(
		shellTask("bad", "until [ -e "+p.path("go")+" ]; do sleep 0.02; done; exit 3", "cpus:0.5;mem:64"),
		shellTask("good", "setsid sleep 600 & echo $! > "+p.path("child")+".part; mv "+p.path("child")+".part "+p.path("child")+"; exec sleep 600", "cpus:0.5;mem:64"),
	)
	eventually(t, "the child to start", func() bool { return readFile(p.path("child")) != "" })
	p.touch("go")
	p.next("bad", "FAILED Command exited with status 3")
	p.next("good", "KILLING")
	p.next("good", "KILLED Command terminated with signal Terminated")
	p.quiet()
	if pid := strings.TrimSpace(readFile(p.path("child"))); alive(t, pid) {
		t.Errorf("the child %s of a killed task is alive", pid)
	}
}

// A kill is a task's chance to end well; the rest of the pod goes with it.
func TestPodIsKilled(t *testing.T) {
	t.Parallel()
	p := startPods(t)
	stubborn := shellTask("stubborn", "trap '' TERM; touch "+p.path("ready")+"; while :; do sleep 0.05; done", "cpus:0.5;mem:64")
	stubborn.KillPolicy = &v1.KillPolicy{GracePeriod: &v1.DurationInfo{Nanoseconds: proto.Int64(int64(50 * time.Millisecond))}}
	p.run(shellTask("polite", "trap 'echo bye; exit 0' TERM; touch "+p.path("listens")+"; while :; do sleep 0.05; done", "cpus:0.5;mem:64"), stubborn)
	eventually(t, "both to be ready", func() bool {
		_, err := os.Stat(p.path("ready"))
		_, err2 := os.Stat(p.path("listens"))
		return err == nil && err2 == nil
	})
	p.driver.Kill("polite", &v1.KillPolicy{GracePeriod: &v1.DurationInfo{Nanoseconds: proto.Int64(int64(time.Minute))}})
	p.next("polite", "KILLING")
	p.next("polite", "KILLED Command exited with status 0")
	p.next("stubborn", "KILLING")
	p.next("stubborn", "KILLED Command terminated with signal Killed")
	p.quiet()
	if got := readFile(filepath.Join(p.sandbox(), "tasks", "polite", "stdout")); got != "bye\n" {
		t.Errorf("the polite task wrote %q, want bye", got)
	}
}

// kill -9 of the agent while a pod runs: it goes on, and its end is told once.
func TestPodOutlivesItsAgent(t *testing.T) {
	t.Parallel()
	p := startPods(t)
	const ticks = 30
	tick := func(id string) *v1.TaskInfo {
		return shellTask(id, fmt.Sprintf("i=1; while [ $i -le %d ] || [ ! -e %s ]; do echo tick $i; i=$((i+1)); sleep 0.1; done", ticks, p.path("back")), "cpus:0.5;mem:64")
	}
	p.run(tick("a"), tick("b"), shellTask("c", "until [ -e "+p.path("down")+" ]; do sleep 0.02; done; exit 0", "cpus:0.5;mem:64"))
	for range 3 {
		p.cl.Agents[0].Kill()
		p.touch("down") // c ends while its agent is away
		time.Sleep(100 * time.Millisecond)
		p.cl.Agents[0].Restart()
	}
	p.next("c", "FINISHED Command exited with status 0")
	p.touch("back")
	for _, id := range []string{"a", "b"} {
		p.next(id, "FINISHED Command exited with status 0")
		got := readFile(filepath.Join(p.sandbox(), "tasks", id, "stdout"))
		for i, line := range strings.Split(strings.TrimSpace(got), "\n") {
			if want := fmt.Sprint("tick ", i+1); line != want {
				t.Fatalf("task %s wrote %q as line %d, want %q", id, line, i+1, want)
			}
		}
	}
	p.quiet()
}

// Without checkpoints a pod ends with its agent: the executor sees to that, for
// nobody else is there.
func TestPodEndsWithItsAgent(t *testing.T) {
	t.Parallel()
	p := startPodsAs(t, false)
	p.run(
		shellTask("a", "echo $$ > "+p.path("pid")+".part; mv "+p.path("pid")+".part "+p.path("pid")+"; exec sleep 600", "cpus:0.5;mem:64"),
		shellTask("b", "trap '' TERM; while :; do sleep 0.05; done", "cpus:0.5;mem:64"),
	)
	eventually(t, "task a to run", func() bool { return readFile(p.path("pid")) != "" })
	p.cl.Agents[0].Kill()
	p.quiet()
	if pid := strings.TrimSpace(readFile(p.path("pid"))); alive(t, pid) {
		t.Errorf("task a, process %s, is alive", pid)
	}
}

// A task that turns unhealthy is killed, and its pod with it. The check's command
// runs in the task's sandbox, with its environment.
func TestPodIsChecked(t *testing.T) {
	t.Parallel()
	p := startPods(t)
	sick := shellTask("sick", "touch here; exec sleep 600", "cpus:0.5;mem:64")
	sick.Command.Environment = &v1.Environment{Variables: []*v1.Environment_Variable{{Name: proto.String("FLAG"), Value: proto.String(p.path("sick"))}}}
	sick.HealthCheck = p.byCommand(2, `[ -e here ] && [ -e "$MESOS_SANDBOX/here" ] && [ ! -e "$FLAG" ]`)
	sick.HealthCheck.GracePeriodSeconds = proto.Float64(60) // until the file is there
	well := http.HandlerFunc(func(http.ResponseWriter, *http.Request) {})
	plain := httptest.NewServer(well)
	defer plain.Close()
	web := shellTask("web", "exec sleep 600", "cpus:0.5;mem:64")
	web.Check = &v1.CheckInfo{
		Type: v1.CheckInfo_HTTP.Enum(), DelaySeconds: proto.Float64(0), IntervalSeconds: proto.Float64(0.05),
		Http: &v1.CheckInfo_Http{Port: proto.Uint32(portIn(t, plain.Listener.Addr().String())), Path: proto.String("/")},
	}
	secure := httptest.NewUnstartedServer(well)
	secure.Config.ErrorLog = log.New(io.Discard, "", 0) // the last probe is killed in the middle
	secure.StartTLS()
	defer secure.Close()
	web.HealthCheck = often(1)
	web.HealthCheck.Type = v1.HealthCheck_HTTP.Enum()
	web.HealthCheck.Http = &v1.HealthCheck_HTTPCheckInfo{Scheme: proto.String("https"), Port: proto.Uint32(portIn(t, secure.Listener.Addr().String()))}
	o := p.offer("cpus:4;mem:1024;ports:[31000-31000]")
	sick.AgentId, web.AgentId = o.AgentId, o.AgentId
	e := &v1.ExecutorInfo{ExecutorId: ids.Executor("pod"), Resources: resources.MustParse("cpus:0.1;mem:32").Proto()}
	p.driver.LaunchGroup(o.GetId(), e, []*v1.TaskInfo{sick, web}, scheduler.RefuseFor(3600))
	p.next("sick", "STARTING")
	p.next("sick", "RUNNING")
	p.next("sick", "RUNNING healthy=true"+healthReason)
	p.next("web", "STARTING type:HTTP http:{}")
	p.next("web", "RUNNING type:HTTP http:{}")
	for s := (&v1.TaskStatus{}); !s.GetHealthy() || s.GetCheckStatus().GetHttp().GetStatusCode() != http.StatusOK; { // in whichever order they are found
		if s = p.take("web"); s.GetState() != v1.TaskState_TASK_RUNNING || s.Healthy != nil && !s.GetHealthy() {
			t.Fatalf("got update %q of the task with checks over HTTP and HTTPS, want it running and healthy", describe(s))
		}
	}
	p.touch("sick")
	for i := 1; i <= 2; i++ {
		p.next("sick", fmt.Sprintf("RUNNING healthy=false%s Health check (COMMAND) failed %d of 2 times: command exited with status 1", healthReason, i))
	}
	p.next("sick", "KILLING")
	p.next("sick", "KILLED healthy=false Command terminated with signal Terminated")
	p.quiet()
}

func portIn(t *testing.T, addr string) uint32 {
	t.Helper()
	_, port, err := net.SplitHostPort(addr)
	if err != nil {
		t.Fatal(err)
	}
	n, err := strconv.ParseUint(port, 10, 16)
	if err != nil {
		t.Fatal(err)
	}
	return uint32(n)
}
