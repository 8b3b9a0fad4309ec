package e2e

import (
	"fmt"
	"strings"
	"testing"

	"google.golang.org/protobuf/proto"

	"mesos/messages/ids"
	v1 "mesos/messages/mesos/v1"
	"mesos/messages/resources"
	"mesos/messages/tuning"
	"mesos/tests/cluster"
)

// TestTuned has a task be on the core and read from the disk as its labels say, in containers of each kind.
func TestTuned(t *testing.T) {
	t.Parallel()
	if l := cluster.NeedCgroups(t); l.V1["cpuset"] == "" && !strings.Contains(strings.Join(l.V2Controllers, ","), "cpuset") {
		t.Skip("no controller cpuset")
	}
	for _, maker := range []string{"mesos", "docker", "runc", "crun", "shim", "lxc"} {
		t.Run(maker, func(t *testing.T) {
			t.Parallel()
			testTuned(t, maker)
		})
	}
}

// tunedRate is in bytes per second.
const tunedRate = 128 << 10

func testTuned(t *testing.T, maker string) {
	disk := countedDisk(t)
	c, cl, _, taskOf := startMaker(t, maker, "cgroups/cpu,cgroups/mem,cgroups/cpuset,cgroups/blkio")
	task := taskOf("tuned", inShell(`busybox grep Cpus_allowed_list /proc/self/status
		busybox cut -d. -f1 /proc/uptime; busybox dd if=/disk/file of=/dev/null bs=64k iflag=direct || exit 1; busybox cut -d. -f1 /proc/uptime`), disk)
	task.Labels = labelsOf(tuning.CPUSet, "0", tuning.IOLimits, fmt.Sprintf("%s read_bytes=%d", disk.dir, tunedRate))
	wrong := taskOf("wrong", inShell("true"), disk)
	wrong.Labels = labelsOf(tuning.IOLimits, "/proc read_bytes=1MB")
	c.launchAll(task, wrong)
	c.ends(t, cl, "wrong", v1.TaskState_TASK_FAILED, "name the node of one, like /dev/sda")
	c.ends(t, cl, "tuned", v1.TaskState_TASK_FINISHED, "")
	var core string
	var began, ended int
	got := sandboxFile(t, cl, "tuned", "stdout")
	if _, err := fmt.Sscanf(got[strings.Index(got, "Cpus_"):], "Cpus_allowed_list: %s\n%d\n%d", &core, &began, &ended); err != nil || core != "0" {
		t.Errorf("got cores %q, %v, want 0:\n%s", core, err, got)
	}
	if least := countedReads/tunedRate - 2; ended-began < least { // whole seconds, and the first piece comes at once
		t.Errorf("%d bytes at %d a second: got them in %d s, want at least %d", countedReads, tunedRate, ended-began, least)
	}
}

// TestNotTuned asks for what nobody has, and for what an agent without those isolators cannot do.
func TestNotTuned(t *testing.T) {
	t.Parallel()
	c, cl := startContainers(t, "--isolation=posix/cpu,posix/mem", "--launcher=posix")
	asked := map[string]struct {
		label, value string
		state        v1.TaskState
		word         string
	}{
		"cores":     {tuning.CPUSet, "first", v1.TaskState_TASK_ERROR, "write one like 0-3,8"},
		"weight":    {tuning.IOWeight, "5", v1.TaskState_TASK_ERROR, "from 10 to 1000"},
		"bounds":    {tuning.IOLimits, "reads=1MB", v1.TaskState_TASK_ERROR, "read_bytes="},
		"no-cpuset": {tuning.CPUSet, "0", v1.TaskState_TASK_FAILED, "--isolation with cgroups/cpuset"},
		"no-blkio":  {tuning.IOWeight, "200", v1.TaskState_TASK_FAILED, "--isolation with cgroups/blkio"},
	}
	var tasks []*v1.TaskInfo
	for id, a := range asked {
		tasks = append(tasks, &v1.TaskInfo{
			Name: &id, TaskId: ids.Task(id), Resources: resources.MustParse("cpus:0.1;mem:32").Proto(), Command: inShell("true"), Labels: labelsOf(a.label, a.value),
		})
	}
	c.launchAll(tasks...)
	for id, a := range asked {
		c.ends(t, cl, id, a.state, a.word)
	}
}

func labelsOf(pairs ...string) *v1.Labels {
	l := &v1.Labels{}
	for i := 0; i < len(pairs); i += 2 {
		l.Labels = append(l.Labels, &v1.Label{Key: proto.String(pairs[i]), Value: proto.String(pairs[i+1])})
	}
	return l
}
