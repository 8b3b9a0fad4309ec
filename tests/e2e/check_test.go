package e2e

import (
	"fmt"
	"io"
	"log"
	"net"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"google.golang.org/protobuf/encoding/prototext"
	"google.golang.org/protobuf/proto"

	"mesos/messages/ids"
	v1 "mesos/messages/mesos/v1"
	schedulerv1 "mesos/messages/mesos/v1/scheduler"
	"mesos/tests/cluster"
)

// checked runs tasks with checks on a cluster of their own and hands out the
// updates of each in order.
type checked struct {
	*framework
	waiting map[string][]*v1.TaskStatus
	seen    map[string]bool // uuids of updates
	dir     string          // for files that tasks and test tell each other things by
}

func startChecked(t *testing.T, tasks func(c *checked) []*v1.TaskInfo) *checked {
	t.Helper()
	cl := cluster.Start(t, cluster.Options{Agents: 1, Separate: true, Resources: "cpus:4;mem:1024;disk:0;ports:[31000-31000]"})
	c := &checked{framework: startFramework(t, cl, "checked"), waiting: map[string][]*v1.TaskStatus{}, seen: map[string]bool{}, dir: t.TempDir()}
	c.launch(c.offer("cpus:4;mem:1024;ports:[31000-31000]"), nil, tasks(c)...)
	return c
}

// next waits for the next update of a task and compares it with what is wanted:
// state, health, check status, reason, message.
func (c *checked) next(task, want string) *v1.TaskStatus {
	c.t.Helper()
	s := c.take(task)
	if got := describe(s); got != want {
		c.t.Fatalf("task %s: got update %q, want %q", task, got, want)
	}
	return s
}

func (c *checked) take(task string) *v1.TaskStatus {
	c.t.Helper()
	deadline := time.After(60 * time.Second)
	for len(c.waiting[task]) == 0 {
		select {
		case s := <-c.updates:
			id, uuid := s.GetTaskId().GetValue(), string(s.GetUuid())
			if uuid != "" && c.seen[uuid] {
				continue // repeated: its acknowledgement was lost with a session
			}
			c.seen[uuid] = true
			c.waiting[id] = append(c.waiting[id], s)
		case <-deadline:
			c.t.Fatalf("task %s: no update for 60 s", task)
		}
	}
	s := c.waiting[task][0]
	c.waiting[task] = c.waiting[task][1:]
	return s
}

func describe(s *v1.TaskStatus) string {
	out := []string{strings.TrimPrefix(s.GetState().String(), "TASK_")}
	if s.Healthy != nil {
		out = append(out, fmt.Sprint("healthy=", s.GetHealthy()))
	}
	if s.CheckStatus != nil {
		out = append(out, strings.ReplaceAll(prototext.MarshalOptions{}.Format(s.CheckStatus), "  ", " "))
	}
	if s.Reason != nil {
		out = append(out, s.GetReason().String())
	}
	if s.Message != nil {
		out = append(out, s.GetMessage())
	}
	return strings.Join(out, " ")
}

func (c *checked) path(name string) string { return filepath.Join(c.dir, name) }

func (c *checked) touch(name string) {
	c.t.Helper()
	if err := os.WriteFile(c.path(name), nil, 0o666); err != nil {
		c.t.Fatal(err)
	}
}

// often is a health check without delay, every 50 ms, without grace.
func often(limit uint32) *v1.HealthCheck {
	return &v1.HealthCheck{
		DelaySeconds: proto.Float64(0), IntervalSeconds: proto.Float64(0.05), TimeoutSeconds: proto.Float64(60),
		GracePeriodSeconds: proto.Float64(0), ConsecutiveFailures: &limit,
	}
}

func (c *checked) byCommand(limit uint32, line string) *v1.HealthCheck {
	h := often(limit)
	h.Type, h.Command = v1.HealthCheck_COMMAND.Enum(), &v1.CommandInfo{Value: &line}
	return h
}

const (
	healthReason = " REASON_TASK_HEALTH_CHECK_STATUS_UPDATED"
	checkReason  = " REASON_TASK_CHECK_STATUS_UPDATED"
)

// A task that turns unhealthy is told as such as often as it fails, and killed
// at the third failure in a row. One that recovers in between lives.
func TestHealthCheckKills(t *testing.T) {
	t.Parallel()
	c := startChecked(t, func(c *checked) []*v1.TaskInfo {
		task := shellTask("sick", "exec sleep 600", "cpus:1;mem:64")
		task.HealthCheck = c.byCommand(3, "[ ! -e "+c.path("sick")+" ]")
		return []*v1.TaskInfo{task}
	})
	c.next("sick", "STARTING")
	c.next("sick", "RUNNING")
	s := c.next("sick", "RUNNING healthy=true"+healthReason)
	if s.GetContainerStatus().GetContainerId().GetValue() == "" || s.GetSource() != v1.TaskStatus_SOURCE_EXECUTOR {
		t.Errorf("got container %v, source %v, want both as in any update of an executor", s.GetContainerStatus(), s.GetSource())
	}
	c.driver.Reconcile(&schedulerv1.Call_Reconcile_Task{TaskId: ids.Task("sick")})
	if s := c.take("sick"); s.GetReason() != v1.TaskStatus_REASON_RECONCILIATION || !s.GetHealthy() {
		t.Errorf("got %v as answer to a reconciliation, want one that knows of its health", s)
	}
	c.touch("sick")
	for i := 1; i <= 3; i++ {
		c.next("sick", fmt.Sprintf("RUNNING healthy=false%s Health check (COMMAND) failed %d of 3 times: command exited with status 1", healthReason, i))
	}
	c.next("sick", "KILLED healthy=false Command terminated with signal Terminated")
}

// Failures within the grace period are not told, however many; the first
// success ends the period, long before its time is over.
func TestHealthCheckGracePeriod(t *testing.T) {
	t.Parallel()
	c := startChecked(t, func(c *checked) []*v1.TaskInfo {
		task := shellTask("slow", "exec sleep 600", "cpus:1;mem:64")
		task.HealthCheck = c.byCommand(2, "echo >> "+c.path("probes")+"; [ -e "+c.path("well")+" ]")
		task.HealthCheck.GracePeriodSeconds = proto.Float64(3600)
		return []*v1.TaskInfo{task}
	})
	c.next("slow", "STARTING")
	c.next("slow", "RUNNING")
	for strings.Count(readFile(c.path("probes")), "\n") < 5 { // each of them failed
		time.Sleep(10 * time.Millisecond)
	}
	c.touch("well")
	c.next("slow", "RUNNING healthy=true"+healthReason)
	os.Remove(c.path("well"))
	for i := 1; i <= 2; i++ {
		c.next("slow", fmt.Sprintf("RUNNING healthy=false%s Health check (COMMAND) failed %d of 2 times: command exited with status 1", healthReason, i))
	}
	c.next("slow", "KILLED healthy=false Command terminated with signal Terminated")
}

// HTTP and HTTPS health checks: statuses from 200 to 399 are healthy, redirects
// are followed, certificates are not looked at.
func TestHTTPHealthChecks(t *testing.T) {
	t.Parallel()
	var status atomic.Int64
	mux := http.NewServeMux()
	mux.HandleFunc("/health", func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(int(status.Load())) })
	mux.Handle("/", http.RedirectHandler("/health", http.StatusFound))
	status.Store(http.StatusNoContent)
	plain := httptest.NewServer(mux)
	defer plain.Close()
	secure := httptest.NewUnstartedServer(mux)
	secure.Config.ErrorLog = log.New(io.Discard, "", 0) // the last probe is killed in the middle
	secure.StartTLS()
	defer secure.Close()
	web := func(name, scheme string, s *httptest.Server, path string) *v1.TaskInfo {
		task := shellTask(name, "exec sleep 600", "cpus:1;mem:64")
		task.HealthCheck = often(1)
		task.HealthCheck.Type = v1.HealthCheck_HTTP.Enum()
		task.HealthCheck.Http = &v1.HealthCheck_HTTPCheckInfo{Scheme: &scheme, Port: proto.Uint32(uint32(s.Listener.Addr().(*net.TCPAddr).Port)), Path: &path}
		return task
	}
	c := startChecked(t, func(*checked) []*v1.TaskInfo {
		return []*v1.TaskInfo{web("http", "http", plain, "/"), web("https", "https", secure, "/health")}
	})
	urls := map[string]string{"http": plain.URL + "/", "https": secure.URL + "/health"}
	for id := range urls {
		c.next(id, "STARTING")
		c.next(id, "RUNNING")
		c.next(id, "RUNNING healthy=true"+healthReason)
	}
	status.Store(http.StatusServiceUnavailable)
	for id, url := range urls {
		c.next(id, "RUNNING healthy=false"+healthReason+" Health check (HTTP "+url+") failed 1 of 1 times: HTTP status 503")
		c.next(id, "KILLED healthy=false Command terminated with signal Terminated")
	}
}

// A check tells what it finds, and every change of it; the task lives on.
func TestChecks(t *testing.T) {
	t.Parallel()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer l.Close()
	c := startChecked(t, func(c *checked) []*v1.TaskInfo {
		tcp := shellTask("tcp", "exec sleep 600", "cpus:1;mem:64")
		tcp.Check = &v1.CheckInfo{Type: v1.CheckInfo_TCP.Enum(), Tcp: &v1.CheckInfo_Tcp{Port: proto.Uint32(uint32(l.Addr().(*net.TCPAddr).Port))}}
		command := shellTask("command", "exec sleep 600", "cpus:1;mem:64")
		command.Check = &v1.CheckInfo{Type: v1.CheckInfo_COMMAND.Enum(), Command: &v1.CheckInfo_Command{Command: &v1.CommandInfo{
			Value: proto.String("[ ! -e " + c.path("seven") + " ] || exit 7")}}}
		command.HealthCheck = c.byCommand(1, "true")
		command.HealthCheck.DelaySeconds = proto.Float64(1) // after the first finding of the check
		tasks := []*v1.TaskInfo{tcp, command}
		for _, task := range tasks {
			task.Check.DelaySeconds, task.Check.IntervalSeconds = proto.Float64(0), proto.Float64(0.05)
		}
		return tasks
	})
	c.next("tcp", "STARTING type:TCP tcp:{}")
	c.next("tcp", "RUNNING type:TCP tcp:{}")
	c.next("tcp", "RUNNING type:TCP tcp:{succeeded:true}"+checkReason)
	l.Close()
	c.next("tcp", "RUNNING type:TCP tcp:{succeeded:false}"+checkReason)

	c.next("command", "STARTING type:COMMAND command:{}")
	c.next("command", "RUNNING type:COMMAND command:{}")
	c.next("command", "RUNNING type:COMMAND command:{exit_code:0}"+checkReason)
	c.next("command", "RUNNING healthy=true type:COMMAND command:{exit_code:0}"+healthReason)
	c.touch("seven")
	c.next("command", "RUNNING healthy=true type:COMMAND command:{exit_code:7}"+checkReason)
	c.driver.Kill("command", nil)
	c.next("command", "KILLED type:COMMAND command:{} Command terminated with signal Terminated")
}

// The master refuses a check that cannot be made, and says which field is wrong.
func TestCheckIsRefused(t *testing.T) {
	t.Parallel()
	c := startChecked(t, func(c *checked) []*v1.TaskInfo {
		task := shellTask("bad", "exec sleep 600", "cpus:1;mem:64")
		task.HealthCheck = often(1)
		task.HealthCheck.Type = v1.HealthCheck_TCP.Enum()
		return []*v1.TaskInfo{task}
	})
	s := c.next("bad", "ERROR REASON_TASK_INVALID task bad: health_check.tcp must be set for type TCP")
	if s.GetSource() != v1.TaskStatus_SOURCE_MASTER {
		t.Errorf("got source %v", s.GetSource())
	}
}
