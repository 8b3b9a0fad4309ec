package lxc

import (
	"path/filepath"
	"strings"
	"testing"

	"golang.org/x/sys/unix"

	"mesos/actors/containerizer/program"
	"mesos/isolators"
	"mesos/isolators/boot"
	"mesos/isolators/cgroup"
	"mesos/isolators/cgroups"
)

func TestConfig(t *testing.T) {
	limits := cgroups.Amounts{Shares: 512, Quota: 50000, Period: 100000, Mem: 64 << 20, Soft: 32 << 20, PIDs: 7}
	for name, c := range map[string]struct {
		layout *cgroup.Layout
		want   []string
	}{
		"v1": {&cgroup.Layout{V1: map[string]string{"cpu": "/cpu", "memory": "/memory", "pids": "/pids", "blkio": "/blkio", "devices": "/devices"}}, []string{
			"lxc.cgroup.cpu.shares = 512\n", "lxc.cgroup.cpu.cfs_period_us = 100000\n", "lxc.cgroup.cpu.cfs_quota_us = 50000\n", "lxc.cgroup.memory.limit_in_bytes = 67108864\n",
			"lxc.cgroup.pids.max = 7\n", "lxc.cgroup.blkio.throttle.read_bps_device = 8:16 5\n", "lxc.cgroup.blkio.throttle.write_iops_device = 8:16 9\n", "lxc.cgroup.devices.deny = a\nlxc.cgroup.devices.allow = c 195:* rw\n",
		}},
		"v2": {&cgroup.Layout{V2: "/", V2Controllers: []string{"cpu", "memory", "pids", "io"}}, []string{
			"lxc.cgroup2.cpu.weight = 50\n", "lxc.cgroup2.cpu.max = 50000 100000\n", "lxc.cgroup2.memory.max = 67108864\n", "lxc.cgroup2.memory.low = 33554432\n",
			"lxc.cgroup2.pids.max = 7\n", "lxc.cgroup2.io.max = 8:16 rbps=5 wiops=9\n", "lxc.cgroup2.devices.deny = a\nlxc.cgroup2.devices.allow = c 195:* rw\n",
		}},
	} {
		b := &program.Bundle{ID: "c", Root: "/r", Hostname: "h", Clone: unix.CLONE_NEWNS | unix.CLONE_NEWUTS, Group: "/g/c/container", Monitor: "/g/c/monitor", Limits: limits, IO: []isolators.IOLimit{{Major: 8, Minor: 16, ReadBytes: 5, WriteOps: 9}}, Devices: []cgroups.Device{{Kind: 'c', Major: 195, Minor: cgroups.Any, Access: "rw"}}, Groups: cgroups.ForeignAt(c.layout, "/g/c/container")}
		got, err := configOf(b)
		if err != nil {
			t.Fatal(err)
		}
		for _, want := range append(c.want, "lxc.uts.name = h\n", "lxc.net.0.type = none\n", "lxc.rootfs.path = dir:/r\n", "lxc.cgroup.dir.container = g/c/container\n") {
			if !strings.Contains(got, want) {
				t.Errorf("%s: got %s, want %s in it", name, got, want)
			}
		}
		b.IOWeight = 200
		if _, err := configOf(b); err == nil || !strings.Contains(err.Error(), "MESOS_IO_WEIGHT") {
			t.Errorf("%s: a weight: got %v, want an error that names the label", name, err)
		}
		b.IOWeight, b.Devices = 0, nil
		if got, err := configOf(b); err != nil || strings.Contains(got, ".devices.") {
			t.Errorf("%s: without cgroups/devices: got %s, %v, want no line about devices", name, got, err)
		}
		b.Hostname = "h\nlxc.hook.start = /bin/evil"
		if got, err := configOf(b); err == nil {
			t.Errorf("a host name of two lines: got %s, want an error", got)
		}
	}
}

func TestNamespaces(t *testing.T) {
	for _, c := range []struct {
		b    program.Bundle
		want string
	}{
		{program.Bundle{Clone: unix.CLONE_NEWNS | unix.CLONE_NEWPID}, "namespace.clone=mnt pid net.0.type=none"},
		{program.Bundle{Clone: unix.CLONE_NEWNS | unix.CLONE_NEWNET}, "namespace.clone=mnt net net.0.type=empty"},
		{
			program.Bundle{Clone: unix.CLONE_NEWNS | unix.CLONE_NEWUTS, Hostname: "h", Join: []boot.Join{{Kind: unix.CLONE_NEWNET, Path: "/run/n"}}},
			"namespace.share.net=/proc/self/root/run/n namespace.clone=mnt uts net net.0.type=none uts.name=h",
		},
	} {
		lines, err := namespaces(&c.b)
		var got []string
		for _, l := range lines {
			got = append(got, l[0]+"="+l[1])
		}
		if strings.Join(got, " ") != c.want || err != nil {
			t.Errorf("got %v, %v, want %s", got, err, c.want)
		}
	}
	shared := program.Bundle{Mounts: []boot.Mount{{Source: "/dev/shm", Target: "/dev/shm", From: "/proc/7/ns/mnt"}}}
	if _, err := namespaces(&shared); err == nil || !strings.Contains(err.Error(), "container.linux_info.ipc_mode: a container of lxc") {
		t.Errorf("memory of the container around: got %v, want an error that names the field", err)
	}
}

func TestCommandLines(t *testing.T) {
	dir := t.TempDir()
	m := &Maker{Execute: "/bin/lxc-execute", Attach: "/bin/lxc-attach", Path: filepath.Join(dir, "path")}
	b := &program.Bundle{ID: "c", Dir: dir, Argv: []string{"init"}, Groups: &cgroups.Foreign{}}
	argv, err := m.Make(b)
	if got, want := strings.Join(argv, " "), "/bin/lxc-execute --name c --lxcpath "+m.Path+" --rcfile "+dir+"/lxc.conf -- init"; err != nil || got != want {
		t.Errorf("got %s, %v, want %s", got, err, want)
	}
	argv, err = m.Enter(b, &program.Session{ID: "c.s", Argv: []string{"ls", "-l"}, Dir: "/d", User: &boot.User{UID: 1, GID: 2}})
	if got, want := strings.Join(argv, " "), "/bin/lxc-attach --name c --lxcpath "+m.Path+` --uid 1 --gid 2 -- /bin/sh -c cd "$1" && shift && exec "$@" sh /d ls -l`; err != nil || got != want {
		t.Errorf("got %s, %v, want %s", got, err, want)
	}
}
