package e2e

import (
	"cmp"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"google.golang.org/protobuf/proto"

	v1 "mesos/messages/mesos/v1"
	"mesos/messages/resources"
	"mesos/tests/cluster"
)

// equal is a task that a test gives to each containerizer. What it writes and how it
// ends is the same with all of them.
type equal struct {
	name   string
	change func(*v1.TaskInfo)
	line   string // of a shell
	stdout string
	end    string // words of the message of its end
	// refused are the containerizers that cannot do it, with the words of the error;
	// "" stands for those that are not named.
	refused map[string]string
	not     string // the containerizer that is not asked
}

func rights(l *v1.LinuxInfo) func(*v1.TaskInfo) {
	return func(t *v1.TaskInfo) { t.Container.LinuxInfo = l }
}

func limited(kind v1.RLimitInfo_RLimit_Type, soft, hard *uint64) func(*v1.TaskInfo) {
	return func(t *v1.TaskInfo) {
		t.Container.RlimitInfo = &v1.RLimitInfo{Rlimits: []*v1.RLimitInfo_RLimit{{Type: &kind, Soft: soft, Hard: hard}}}
	}
}

func able(c ...v1.CapabilityInfo_Capability) *v1.CapabilityInfo {
	return &v1.CapabilityInfo{Capabilities: c}
}

// equals are the tasks. data is a directory of the machine with a file.
func equals(data string) []equal {
	const chown, bind = v1.CapabilityInfo_CHOWN, v1.CapabilityInfo_NET_BIND_SERVICE
	const looks = "grep -E 'Cap(Prm|Eff|Bnd)' /proc/self/status"
	everywhere := func(words string) map[string]string { return map[string]string{"": words} }
	return []equal{
		{name: "env", line: `echo $MINE $MESOS_SANDBOX; cd $MESOS_SANDBOX && echo own >f && cat f; exit 3`, stdout: "mine /mnt/mesos/sandbox\nown\n", end: "Command exited with status 3"},
		{name: "killed", line: `echo before; sh -c 'kill -9 $$'; exit $?`, stdout: "before\n", end: "Command exited with status 137"},
		{name: "volumes", change: func(t *v1.TaskInfo) {
			t.Container.Volumes = []*v1.Volume{
				{ContainerPath: proto.String("/data"), HostPath: &data, Mode: v1.Volume_RO.Enum()}, {ContainerPath: proto.String("/own"), HostPath: proto.String("in/it"), Mode: v1.Volume_RW.Enum()},
			}
		}, line: `cat /data/file; touch /data/more 2>/dev/null || echo read-only; echo kept >/own/file; cat $MESOS_SANDBOX/in/it/file`, stdout: "of the machine\nread-only\nkept\n", end: "Command exited with status 0"},
		{name: "shm", change: rights(&v1.LinuxInfo{IpcMode: v1.LinuxInfo_PRIVATE.Enum(), ShmSize: proto.Uint32(8)}), line: `busybox stat -f -c '%b %S' /dev/shm`, stdout: "2048 4096\n", end: "status 0"},
		{name: "devices", line: `for d in null zero full random urandom tty ptmx; do [ -c /dev/$d ] || echo no $d; done; echo x >/dev/null && echo done`, stdout: "done\n", end: "status 0"},
		{name: "barred", line: "busybox mknod /tmp/mem c 1 1 2>/dev/null; (: </tmp/mem) 2>/dev/null && echo opened || echo refused", stdout: "refused\n", end: "status 0"},
		{name: "crowd", line: "(i=0; while [ $i -lt 200 ]; do sleep 30 & i=$((i+1)); done; echo all) 2>/dev/null || echo limited", stdout: "limited\n", end: "status 0",
			not: "runsc"}, // where the limit counts what its kernel needs, too, which ends when it cannot go on
		{name: "limits", change: limited(v1.RLimitInfo_RLimit_RLMT_NOFILE, proto.Uint64(100), proto.Uint64(200)), line: "ulimit -n; ulimit -Hn", stdout: "100\n200\n", end: "status 0"},
		{name: "capable", change: rights(&v1.LinuxInfo{EffectiveCapabilities: able(chown, bind)}), line: looks, stdout: "CapPrm:\t0000000000000401\nCapEff:\t0000000000000401\nCapBnd:\t0000000000000401\n", end: "status 0"},
		{name: "filtered", change: rights(&v1.LinuxInfo{Seccomp: &v1.SeccompInfo{ProfileName: proto.String("nolinks.json")}}),
			line: `busybox ln -s a /tmp/link 2>/dev/null || echo refused; grep Seccomp: /proc/self/status`, stdout: "refused\nSeccomp:\t2\n", end: "status 0"},
		{name: "unfiltered", change: rights(&v1.LinuxInfo{Seccomp: &v1.SeccompInfo{Unconfined: proto.Bool(true)}}), line: `grep Seccomp: /proc/self/status`, stdout: "Seccomp:\t0\n", end: "status 0"},
		{name: "bounded", change: rights(&v1.LinuxInfo{EffectiveCapabilities: able(chown), BoundingCapabilities: able(chown, bind)}), line: looks,
			stdout: "CapPrm:\t0000000000000001\nCapEff:\t0000000000000001\nCapBnd:\t0000000000000401\n", end: "status 0",
			refused: map[string]string{"docker": "container.linux_info.bounding_capabilities: a container of type DOCKER", "runsc": "container.linux_info.bounding_capabilities: its kernel"}},
		{name: "space", change: limited(v1.RLimitInfo_RLimit_RLMT_AS, proto.Uint64(16<<30), proto.Uint64(16<<30)), line: "ulimit -v", stdout: "16777216\n", end: "status 0",
			refused: map[string]string{"docker": "container.rlimit_info.rlimits[0]: RLMT_AS: a Docker engine"}},
		{name: "half", change: limited(v1.RLimitInfo_RLimit_RLMT_NOFILE, proto.Uint64(100), nil), refused: everywhere("container.rlimit_info.rlimits[0]: RLMT_NOFILE: want both soft and hard")},
		{name: "nobody's", change: rights(&v1.LinuxInfo{Seccomp: &v1.SeccompInfo{ProfileName: proto.String("none.json")}}), refused: everywhere(`container.linux_info.seccomp.profile_name: profile "none.json": want the name of a file`)},
		{name: "sized", change: rights(&v1.LinuxInfo{ShmSize: proto.Uint32(8)}), refused: everywhere("container.linux_info.shm_size: want ipc_mode PRIVATE")},
		{name: "wired", change: func(t *v1.TaskInfo) { t.Container.NetworkInfos = []*v1.NetworkInfo{{Name: proto.String("wire")}} }, refused: everywhere("container.network_infos[0].name: ")},
	}
}

// TestEqual runs the same tasks with each containerizer: a task cannot tell which it
// is, nor can its scheduler.
func TestEqual(t *testing.T) {
	t.Parallel()
	const isolation = "--isolation=filesystem/linux,docker/runtime,namespaces/pid,namespaces/ipc,posix/rlimits,linux/capabilities,linux/seccomp,cgroups/devices,cgroups/pids"
	at := plainRegistry(t)
	data := t.TempDir()
	profile := `{"defaultAction":"SCMP_ACT_ALLOW","syscalls":[{"names":["symlink","symlinkat"],"action":"SCMP_ACT_ERRNO"}]}`
	for name, text := range map[string]string{"file": "of the machine\n", "nolinks.json": profile} {
		if err := os.WriteFile(filepath.Join(data, name), []byte(text), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	for _, maker := range []string{"mesos", "docker", "runc", "crun", "lxc", "runsc", "shim"} {
		t.Run(maker, func(t *testing.T) {
			t.Parallel()
			flags, runtime := madeBy(t, maker, at, isolation, "--seccomp_config_dir="+data, "--cgroups_pids_limit=150")
			c, cl := startContainers(t, flags...)
			runEquals(t, c, cl, maker, at, equals(data))
			if programs[maker].needs != nil {
				nothingProgrammed(t, cl, runtime)
			}
		})
	}
}

func runEquals(t *testing.T, c *checked, cl *cluster.Cluster, maker, registry string, all []equal) {
	t.Helper()
	var tasks []*v1.TaskInfo
	all = slices.DeleteFunc(all, func(e equal) bool { return e.not == maker })
	for _, e := range all {
		command := inShell(cmp.Or(e.line, "true"))
		command.Environment = &v1.Environment{Variables: []*v1.Environment_Variable{{Name: proto.String("MINE"), Value: proto.String("mine")}}}
		task := imageTask(e.name, "plain:1", command)
		if maker == "docker" {
			task = dockerTask(e.name, registry+"/plain:1", command)
		}
		task.Resources = resources.MustParse("cpus:0.1;mem:32").Proto()
		if e.change != nil {
			e.change(task)
		}
		tasks = append(tasks, task)
	}
	c.launchAll(tasks...)
	for _, e := range all {
		words, refused := e.refused[maker]
		if !refused {
			words, refused = e.refused[""]
		}
		if refused {
			if s := c.ends(t, cl, e.name, v1.TaskState_TASK_FAILED, words); s.GetReason() != v1.TaskStatus_REASON_CONTAINER_LAUNCH_FAILED {
				t.Errorf("reason of the end of %s: got %v, want that the launch failed", e.name, s.GetReason())
			}
			continue
		}
		state := v1.TaskState_TASK_FAILED
		if strings.HasSuffix(e.end, "status 0") {
			state = v1.TaskState_TASK_FINISHED
		}
		c.ends(t, cl, e.name, state, e.end)
		if got := sandboxFile(t, cl, e.name, "stdout"); got != e.stdout {
			t.Errorf("what %s writes: got %q, want %q", e.name, got, e.stdout)
		}
	}
}
