package containerizer

import (
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"testing"

	"mesos/isolators/catalog"
	"mesos/isolators/cgroups"
	"mesos/isolators/ebpf"
)

// limited is what the containers of BenchmarkTrue have of their own, and are held to.
const limited = "cgroups/cpu,cgroups/mem,cgroups/pids,namespaces/pid"

// BenchmarkTrue launches /bin/true and waits until nothing is left of it: by fork and exec alone, as a plain process of the
// agent, with cpu, memory and number of processes limited and pids and mounts of its own, the same with eBPF accounting,
// and the same by runc. cpu-ms is the processor time of all of it, a container.
//
//	go test -run '^$' -bench True -benchtime 1000x ./actors/containerizer
//
// What changes came to, in ms of processor time. Machines that do more beside it tell more, so only figures of a line are
// to be compared, which come of runs in turns:
//
//	                                                    fork+exec  limited        limited and counted
//	no JSON, a thread less, no bind mounts, removal     1.0        9.1 -> 8.3     9.8 -> 8.2           2 cpus, 50 wait for them
//	without a look into each cgroup
//	no runtime of Go before the command: package        1.0        7.3 -> 5.3     7.7 -> 5.4           2 cpus, 40 wait
//	isolators/boot/early; fewer looks at what was       1.0        8.3 -> 6.2     8.1 -> 6.0           once more, 20 wait
//	just made
//	33 agents less that have eBPF count                 0.8                       5.2 -> 4.3           2 cpus, 25 wait; TMPDIR on a tmpfs
//	figures of disks removed by their keys, not by a    0.8                       3.7 -> 3.6           2 cpus, 15 wait; the same
//	look at all; period of the limit not written
//
// So look first what programs the machine has (bpftool prog): an agent that was killed and never comes back leaves its own, which run
// at each switch of a thread. And have TMPDIR on a tmpfs to compare: ext4 looks at each inode that was removed in the last minutes before
// it takes another one, which made 4.8 of 4.0 where others built and tested.
//
// What the kernel takes for the same cgroups, namespaces and mounts, made by one small C program with one thread that starts
// /bin/true itself, is 2.2, of which 0.7 is fork and exec of /bin/true, 0.5 cgroups made and removed, 0.3 what is written to them, 0.4 the way
// into them, 0.3 the namespaces and mounts. What mesos-init took of it was 2.0, 1.6 of them the beginning and end of a Go program that does
// nothing; now that is 0.2. The rest is the agent: the sandbox and its files 0.5, eBPF's maps 0.3, threads that wake each other and Go's own that
// looks for who waits 0.6, and what the kernel takes longer for a process with threads and much memory.
func BenchmarkTrue(b *testing.B) {
	b.Run("fork+exec", func(b *testing.B) {
		measured(b, func(int) error { return exec.Command("/bin/true").Run() })
	})
	b.Run("plain", func(b *testing.B) { benchmarkTrue(b, newPosix(b)) })
	b.Run("limited", func(b *testing.B) {
		benchmarkTrue(b, newIsolated(b, limited, cgroups.Options{CFS: true, PIDs: 100}))
	})
	b.Run("limited and counted", func(b *testing.B) {
		benchmarkTrue(b, newIsolatedBy(b, limited+",ebpf/all", catalog.Options{
			Linux: true, Hierarchy: "/sys/fs/cgroup", Cgroups: cgroups.Options{CFS: true, PIDs: 100}, EBPF: ebpf.Options{FS: bpffs(b)},
		}))
	})
	b.Run("runc", benchmarkRunc)
}

func benchmarkTrue(b *testing.B, p *Posix) {
	dir := b.TempDir()
	measured(b, func(n int) error {
		sandbox := filepath.Join(dir, fmt.Sprint(n))
		c := Config{
			ContainerID: fmt.Sprint("c", n), Sandbox: sandbox, Command: program("/bin/true"), Reaper: true,
			Environment: []string{"MESOS_SANDBOX=" + sandbox}, Resources: amounts(b, "cpus:1;mem:64"),
		}
		if _, err := p.Launch(b.Context(), c); err != nil {
			return err
		}
		<-p.Wait(c.ContainerID)
		return nil
	})
}

// benchmarkRunc is what `runc run` takes for the same.
func benchmarkRunc(b *testing.B) {
	needLinux(b)
	for _, name := range []string{"runc", "busybox"} {
		if _, err := exec.LookPath(name); err != nil {
			b.Skip(err)
		}
	}
	busybox, err := exec.LookPath("busybox")
	if err != nil {
		b.Fatal(err)
	}
	bundle, root := b.TempDir(), fmt.Sprintf("mesos-test-%d-runc", os.Getpid())
	for _, dir := range []string{"bin", "proc", "dev", "sys"} {
		if err := os.MkdirAll(filepath.Join(bundle, "rootfs", dir), 0o755); err != nil {
			b.Fatal(err)
		}
	}
	if err := os.WriteFile(filepath.Join(bundle, "rootfs/bin/true"), []byte(read(b, busybox)), 0o755); err != nil {
		b.Fatal(err)
	}
	if err := os.WriteFile(filepath.Join(bundle, "config.json"), []byte(fmt.Sprintf(runcConfig, "/"+root)), 0o644); err != nil {
		b.Fatal(err)
	}
	b.Cleanup(func() { noGroups(b, root) })
	state := b.TempDir()
	measured(b, func(n int) error {
		out, err := exec.Command("runc", "--root", state, "run", "--bundle", bundle, fmt.Sprint(root, "-", n)).CombinedOutput()
		if err != nil {
			return fmt.Errorf("runc: %w: %s", err, out)
		}
		return nil
	})
}

// runcConfig limits what limited does: cpu by quota, memory and number of processes, in namespaces for pids and mounts.
const runcConfig = `{
  "ociVersion": "1.0.2",
  "process": {"args": ["/bin/true"], "cwd": "/", "env": ["PATH=/bin"], "user": {"uid": 0, "gid": 0}},
  "root": {"path": "rootfs"},
  "mounts": [{"destination": "/proc", "type": "proc", "source": "proc"}],
  "linux": {
    "cgroupsPath": %q,
    "namespaces": [{"type": "pid"}, {"type": "mount"}],
    "resources": {"cpu": {"shares": 1024, "quota": 100000, "period": 100000}, "memory": {"limit": 67108864}, "pids": {"limit": 100}}
  }
}`

// measured does something b.N times and reports how often in a second, and the processor time of each.
func measured(b *testing.B, once func(n int) error) {
	before := spent(b)
	b.ResetTimer()
	for n := range b.N {
		if err := once(n); err != nil {
			b.Fatal(err)
		}
	}
	b.StopTimer()
	b.ReportMetric(float64(b.N)/b.Elapsed().Seconds(), "containers/s")
	b.ReportMetric(float64((spent(b)-before).Microseconds())/1000/float64(b.N), "cpu-ms")
}
