package e2e

import (
	"fmt"
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"testing"
	"time"

	"google.golang.org/protobuf/proto"

	"mesos/messages/ids"
	v1 "mesos/messages/mesos/v1"
	"mesos/messages/resources"
	"mesos/messages/states"
	"mesos/tests/cluster"
)

// startLending starts a cluster whose agent lends two cpus, and takes them back under pressure of cpus.
func startLending(t *testing.T, o ...string) (*checked, *cluster.Cluster) {
	t.Helper()
	cluster.NeedCgroups(t, "cpu")
	if _, err := os.ReadFile("/proc/pressure/cpu"); err != nil {
		t.Skipf("the kernel counts no pressure: %v", err)
	}
	cl := cluster.Start(t, cluster.Options{
		Agents: 1, Separate: true, Resources: "cpus:4;mem:1024;disk:0;ports:[31000-31000]",
		AgentFlags: append([]string{
			"--isolation=cgroups/cpu", "--resource_estimator=fixed", `--resource_estimator_parameters={"resources":"cpus:2"}`, "--oversubscribed_resources_interval=1secs",
		}, o...),
	})
	info := &v1.FrameworkInfo{User: proto.String("root"), Name: proto.String("borrower"), Capabilities: []*v1.FrameworkInfo_Capability{
		{Type: v1.FrameworkInfo_Capability_REVOCABLE_RESOURCES.Enum()}, {Type: v1.FrameworkInfo_Capability_PARTITION_AWARE.Enum()},
	}}
	return &checked{framework: startFrameworkAs(t, cl, info), waiting: map[string][]*v1.TaskStatus{}, seen: map[string]bool{}, dir: t.TempDir()}, cl
}

// launchBoth launches a task on what the agent has and one on what it lends, of whatever offers have that.
func (c *checked) launchBoth(own, lent *v1.TaskInfo) {
	c.t.Helper()
	need := map[*v1.TaskInfo]resources.Resources{}
	for _, t := range []*v1.TaskInfo{own, lent} {
		r, err := resources.FromProto(t.GetResources())
		if err != nil {
			c.t.Fatal(err)
		}
		need[t] = r
	}
	for deadline := time.After(patience); len(need) > 0; {
		select {
		case o := <-c.offers:
			left, err := resources.FromProto(o.GetResources())
			if err != nil {
				c.t.Fatal(err)
			}
			left = left.Unallocate()
			var fit []*v1.TaskInfo
			for _, t := range []*v1.TaskInfo{own, lent} {
				if r, waits := need[t]; waits && left.Contains(r) {
					left, fit = left.Sub(r), append(fit, t)
					delete(need, t)
				}
			}
			if len(fit) > 0 {
				c.launch(o, &v1.Filters{RefuseSeconds: proto.Float64(0)}, fit...)
			}
		case <-deadline:
			c.t.Fatalf("no offers for %v", need)
		}
	}
}

// TestPressureEndsWhoBorrowed has a task wait for cpus that one uses which borrowed some: that one ends, and is told why.
func TestPressureEndsWhoBorrowed(t *testing.T) {
	t.Parallel()
	c, cl := startLending(t, "--qos_controller=pressure", `--qos_controller_parameters={"cpu":"0.2","memory":"1","io":"1","window":"2secs"}`)
	// More loops than cores: some always wait.
	busy := isolatedTask("busy", "cpus:1;mem:64", fmt.Sprintf("for i in $(seq %d); do while :; do :; done & done; wait", 2*runtime.NumCPU()))
	c.launchBoth(busy, lentTask("lent", "cpus:2", "sleep 1000"))
	s := c.take("lent")
	for !states.Terminal(s.GetState()) { // how far it comes before is the machine's matter
		s = c.take("lent")
	}
	if s.GetState() != v1.TaskState_TASK_GONE || s.GetReason() != v1.TaskStatus_REASON_CONTAINER_PREEMPTED || !strings.Contains(s.GetMessage(), "QoS correction: executor busy of framework") || !strings.Contains(s.GetMessage(), "waited for cpu") {
		t.Errorf("got %v, want TASK_GONE, REASON_CONTAINER_PREEMPTED and for whom", s)
	}
	if got := metric(t, cl.Agents[0].URL(""), "slave/executors_preempted"); got != 1 {
		t.Errorf("slave/executors_preempted: got %v, want 1", got)
	}
	c.next("busy", "STARTING")
	c.next("busy", "RUNNING")
	c.driver.Kill("busy", nil)
	if s := c.take("busy"); s.GetState() != v1.TaskState_TASK_KILLED {
		t.Errorf("end of busy: got %v, want TASK_KILLED", s.GetState())
	}
}

// TestLentIsShown looks for what is lent in the metrics of master and agent, and in what the kernel is told.
func TestLentIsShown(t *testing.T) {
	t.Parallel()
	c, cl := startLending(t)
	c.launchBoth(isolatedTask("own", "cpus:1;mem:64", "sleep 1000"), lentTask("lent", "cpus:0.5", "sleep 1000"))
	c.next("lent", "STARTING")
	c.next("lent", "RUNNING")
	if got, want := weightOf(t, cl, "lent"), map[int]string{1: "5", 2: "1"}; got.value != want[got.version] {
		t.Errorf("weight of half a cpu that is lent: got %q in version %d, want %q", got.value, got.version, want[got.version])
	}
	for url, name := range map[string]string{cl.URL(""): "master/", cl.Agents[0].URL(""): "slave/"} {
		for what, want := range map[string]float64{"cpus_revocable_total": 2, "cpus_revocable_used": 0.5, "cpus_revocable_percent": 0.25, "cpus_total": 4} {
			if got := metric(t, url, name+what); got != want {
				t.Errorf("%s%s: got %v, want %v", name, what, got, want)
			}
		}
	}
	for _, task := range []string{"own", "lent"} {
		c.driver.Kill(task, nil)
	}
}

func lentTask(name, amounts, command string) *v1.TaskInfo {
	return &v1.TaskInfo{Name: &name, TaskId: ids.Task(name), Resources: resources.MustParse(amounts).Revoked().Proto(), Command: &v1.CommandInfo{Value: &command}}
}

type weight struct {
	version int
	value   string
}

// weightOf is what the kernel was told of the cpus of a task's container.
func weightOf(t *testing.T, cl *cluster.Cluster, executor string) weight {
	t.Helper()
	runs, err := filepath.Glob(filepath.Join(cl.AgentWorkDir(0), "slaves", "*", "frameworks", "*", "executors", executor, "runs", "*-*"))
	if err != nil || len(runs) != 1 {
		t.Fatalf("runs of %s: %v, %v, want one", executor, runs, err)
	}
	for version, file := range map[int]string{1: "cpu.shares", 2: "cpu.weight"} {
		for _, above := range []string{"*", "*/*", "*/*/*"} {
			found, err := filepath.Glob(filepath.Join("/sys/fs/cgroup", above, "*", filepath.Base(runs[0]), file))
			if err == nil && len(found) > 0 {
				return weight{version, strings.TrimSpace(readFile(found[0]))}
			}
		}
	}
	t.Fatalf("no cgroup of %s tells a weight", executor)
	return weight{}
}
