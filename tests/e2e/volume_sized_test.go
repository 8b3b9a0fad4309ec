package e2e

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"mesos/actors/scheduler"
	v1 "mesos/messages/mesos/v1"
	"mesos/messages/resources"
	"mesos/tests/cluster"
)

// TestSizedVolume has tasks find a persistent volume full at its size, in containers of
// several kinds; it grows and shrinks, and keeps its data over the death of the agent.
func TestSizedVolume(t *testing.T) {
	t.Parallel()
	needLoops(t)
	for _, maker := range []string{"mesos", "runc", "lxc"} {
		t.Run(maker, func(t *testing.T) {
			t.Parallel()
			cluster.NeedCgroups(t)
			if maker != "mesos" {
				needProgram(t, programs[maker].needs)
			}
			testSizedVolume(t, append(programs[maker].flags, "--runtime_dir="+t.TempDir()))
		})
	}
}

func testSizedVolume(t *testing.T, flags []string) {
	c := cluster.Start(t, cluster.Options{
		Agents: 1, Resources: "cpus:2;mem:512;disk:100;ports:[31000-31010]", Separate: true,
		AgentFlags: append(flags, "--isolation=filesystem/linux,disk/loop", "--registration_backoff_factor=100ms", "--executor_reregistration_timeout=10secs"),
	})
	small, large := volumeAt(16, "data"), volumeAt(48, "data")
	k := startKeeper(t, c)
	k.accept(resources.MustParse("disk:100;cpus:0.1").Proto(), func(agent *v1.AgentID) []*v1.Offer_Operation {
		return []*v1.Offer_Operation{
			scheduler.Reserve("reserve", space(60)), scheduler.Create("create", small),
			onVolume(agent, "fill", "head -c 8M /dev/zero >data/kept && ! head -c 16M /dev/zero >data/more && rm data/more", small),
		}
	})
	k.operation("create", v1.OperationState_OPERATION_FINISHED)
	k.task("fill", v1.TaskState_TASK_FINISHED)
	c.Agents[0].Kill()
	c.Agents[0].Restart()
	k.accept([]*v1.Resource{small}, func(*v1.AgentID) []*v1.Offer_Operation {
		return []*v1.Offer_Operation{scheduler.GrowVolume("grow", small, space(32))}
	})
	k.operation("grow", v1.OperationState_OPERATION_FINISHED)
	k.accept([]*v1.Resource{large}, func(agent *v1.AgentID) []*v1.Offer_Operation {
		return []*v1.Offer_Operation{onVolume(agent, "more", "[ $(wc -c <data/kept) = 8388608 ] && head -c 16M /dev/zero >data/more", large)}
	})
	k.task("more", v1.TaskState_TASK_FINISHED)
	k.accept([]*v1.Resource{large}, func(*v1.AgentID) []*v1.Offer_Operation {
		return []*v1.Offer_Operation{scheduler.ShrinkVolume("shrink", large, 32)}
	})
	k.operation("shrink", v1.OperationState_OPERATION_FAILED)
	k.with(func() {
		if text := k.operations["shrink"].GetMessage(); !strings.Contains(text, "data-1") || !strings.Contains(text, "no space left on device") {
			t.Errorf("why it cannot shrink: got %q, want the volume, and what its file system says", text)
		}
	})
	k.accept([]*v1.Resource{large}, func(agent *v1.AgentID) []*v1.Offer_Operation {
		return []*v1.Offer_Operation{onVolume(agent, "less", "[ $(wc -c <data/more) = 16777216 ] && rm data/more", large)}
	})
	k.task("less", v1.TaskState_TASK_FINISHED)
	k.accept([]*v1.Resource{large}, func(*v1.AgentID) []*v1.Offer_Operation {
		return []*v1.Offer_Operation{scheduler.ShrinkVolume("again", large, 32)}
	})
	k.operation("again", v1.OperationState_OPERATION_FINISHED)
	k.accept([]*v1.Resource{small}, func(*v1.AgentID) []*v1.Offer_Operation {
		return []*v1.Offer_Operation{scheduler.Destroy("destroy", small)}
	})
	k.operation("destroy", v1.OperationState_OPERATION_FINISHED)
	eventually(t, "nothing of the volume to be left", func() bool {
		left, err := filepath.Glob(filepath.Join(c.AgentWorkDir(0), "volumes", "*", "*", "*"))
		aside, _ := filepath.Glob(filepath.Join(c.AgentWorkDir(0), "volumes", ".destroyed-*"))
		return err == nil && len(left) == 0 && len(aside) == 0
	})
	mounts, err := os.ReadFile("/proc/self/mountinfo")
	if err != nil || strings.Contains(string(mounts), c.AgentWorkDir(0)+"/volumes") {
		t.Errorf("mounts: got %v, and one of the volume, want none", err)
	}
}
