package e2e

import (
	"encoding/json"
	"fmt"
	"net/http"
	"path/filepath"
	"strings"
	"testing"

	"google.golang.org/protobuf/proto"

	"mesos/messages/ids"
	v1 "mesos/messages/mesos/v1"
	"mesos/messages/resources"
	"mesos/tests/cluster"
)

// startIsolated starts a cluster whose agent isolates by all that the machine has.
func startIsolated(t *testing.T) (*checked, *cluster.Cluster) {
	t.Helper()
	cluster.NeedCgroups(t, "cpu", "memory", "pids")
	cl := cluster.Start(t, cluster.Options{
		Agents: 1, Separate: true, Resources: "cpus:4;mem:1024;disk:0;ports:[31000-31000]",
		AgentFlags: []string{
			"--isolation=cgroups/cpu,cgroups/mem,cgroups/pids,namespaces/pid", "--cgroups_enable_cfs", "--cgroups_pids_limit=60", "--executor_reregistration_timeout=15secs",
		},
	})
	return asIsolated(t, cl), cl
}

// asIsolated is a framework whose tasks outlive the death of the agent.
func asIsolated(t *testing.T, cl *cluster.Cluster) *checked {
	t.Helper()
	info := &v1.FrameworkInfo{User: proto.String("root"), Name: proto.String("isolated"), Checkpoint: proto.Bool(true), FailoverTimeout: proto.Float64(60)}
	return &checked{framework: startFrameworkAs(t, cl, info), waiting: map[string][]*v1.TaskStatus{}, seen: map[string]bool{}, dir: t.TempDir()}
}

func isolatedTask(name, amounts, command string) *v1.TaskInfo {
	return &v1.TaskInfo{Name: &name, TaskId: ids.Task(name), Resources: resources.MustParse(amounts).Proto(), Command: &v1.CommandInfo{Value: &command}}
}

// TestIsolation runs tasks that go beyond what they have, beside one that does not:
// that one lives through it, and through the death of the agent.
func TestIsolation(t *testing.T) {
	t.Parallel()
	c, cl := startIsolated(t)
	c.launch(c.offer("cpus:4;mem:1024;ports:[31000-31000]"), nil,
		isolatedTask("calm", "cpus:0.25;mem:64", "cd /proc; echo processes [0-9]*; while :; do :; done"),
		isolatedTask("hungry", "cpus:0.5;mem:48", fmt.Sprintf("while [ ! -e %s ]; do sleep 0.05; done; tail /dev/zero", c.path("served"))),
		isolatedTask("bomb", "cpus:0.25;mem:64", fmt.Sprintf("b() { b | b & }; while [ ! -e %s ]; do b; done 2>/dev/null; exit 3", c.path("enough"))),
	)
	for _, task := range []string{"calm", "hungry", "bomb"} {
		c.next(task, "STARTING")
		c.next(task, "RUNNING")
	}
	c.touch("served")
	s := c.take("hungry")
	if s.GetState() != v1.TaskState_TASK_FAILED || s.GetReason() != v1.TaskStatus_REASON_CONTAINER_LIMITATION_MEMORY {
		t.Errorf("got %v, %v, want TASK_FAILED, REASON_CONTAINER_LIMITATION_MEMORY", s.GetState(), s.GetReason())
	}
	if l := s.GetLimitation().GetResources(); len(l) != 1 || l[0].GetName() != "mem" || l[0].GetScalar().GetValue() < 40 {
		t.Errorf("limitation: got %v, want what was used of mem", l)
	}
	if !strings.Contains(s.GetMessage(), "Memory limit exceeded: Requested: 48MB Limit: 48MB Maximum Used: ") {
		t.Errorf("message: got %.200q, want the figures", s.GetMessage())
	}
	first := statisticsOf(t, cl, "calm")
	cl.Agents[0].Kill()
	cl.Agents[0].Restart()
	cl.WaitAgents(1)
	var now statistics
	// It may have 0.25 cpus; how soon it gets them is the machine's matter, which has to serve other tests, too.
	var used float64
	eventually(t, "the calm task to use a second of cpu time more", func() bool {
		now = statisticsOf(t, cl, "calm")
		used = now.User + now.System - first.User - first.System
		return used >= 1
	})
	if most := 0.25*(now.Timestamp-first.Timestamp+0.2) + 0.1; used > most {
		t.Errorf("cpu time of the calm task: got %.2f s, want at most %.2f", used, most)
	}
	if now.CPUs != 0.25 || now.Mem != 64<<20 {
		t.Errorf("limits after the agent's restart: got %v cpus and %d bytes, want 0.25 and 64 MB", now.CPUs, now.Mem)
	}
	out := filepath.Join(cl.AgentWorkDir(0), "slaves", "*", "frameworks", "*", "executors", "calm", "runs", "latest", "stdout")
	files, err := filepath.Glob(out)
	if err != nil || len(files) != 1 {
		t.Fatalf("output of the calm task: %v, %v, want one file", files, err)
	}
	if got := strings.Fields(readFile(files[0])); len(got) > 3 || len(got) < 2 || got[1] != "1" {
		t.Errorf("processes that the calm task sees: got %v, want its executor and itself", got)
	}
	c.touch("enough")
	c.driver.Kill("bomb", nil)
	c.driver.Kill("calm", nil)
	if s := c.take("calm"); s.GetState() != v1.TaskState_TASK_KILLED {
		t.Errorf("end of the calm task: got %v, want TASK_KILLED", s.GetState())
	}
	c.take("bomb") // by its own end, or killed
	eventually(t, "all processes to end", func() bool { return len(processesIn(t, cl.AgentWorkDir(0))) == 0 })
}

type statistics struct {
	User      float64 `json:"cpus_user_time_secs"`
	System    float64 `json:"cpus_system_time_secs"`
	CPUs      float64 `json:"cpus_limit"`
	Mem       uint64  `json:"mem_limit_bytes"`
	Timestamp float64 `json:"timestamp"`
	Sent      float64 `json:"net_tx_packets"`
	Received  float64 `json:"net_rx_packets"`

	Perf perfCounts `json:"perf"`
}

// statisticsOf are those of an executor's container.
func statisticsOf(t *testing.T, cl *cluster.Cluster, executor string) (s statistics) {
	t.Helper()
	r, err := http.Get(cl.Agents[0].URL("/monitor/statistics"))
	if err != nil {
		t.Fatal(err)
	}
	defer r.Body.Close()
	var list []struct {
		Executor   string     `json:"executor_id"`
		Statistics statistics `json:"statistics"`
	}
	if err := json.NewDecoder(r.Body).Decode(&list); err != nil {
		t.Fatal(err)
	}
	for _, e := range list {
		if e.Executor == executor {
			return e.Statistics
		}
	}
	return s
}
