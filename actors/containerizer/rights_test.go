package containerizer

import (
	"os"
	"path/filepath"
	"strings"
	"syscall"
	"testing"

	"google.golang.org/protobuf/proto"

	"mesos/isolators/cgroups"
	v1 "mesos/messages/mesos/v1"
)

func capable(of ...v1.CapabilityInfo_Capability) *v1.CapabilityInfo {
	return &v1.CapabilityInfo{Capabilities: of}
}

// TestRights reads from the kernel what a command begins with, as root and as a
// user.
func TestRights(t *testing.T) {
	p := newIsolated(t, "linux/capabilities,linux/nnp", cgroups.Options{})
	const ask = `grep -e CapEff -e CapBnd -e NoNewPrivs /proc/self/status | tr -d '\t\n'`
	raw, kill := v1.CapabilityInfo_NET_RAW, v1.CapabilityInfo_KILL
	for _, tt := range []struct {
		name, user string
		info       *v1.LinuxInfo
		want       string
	}{
		{"root with one", "", &v1.LinuxInfo{EffectiveCapabilities: capable(raw)}, "CapEff:0000000000002000CapBnd:0000000000002000NoNewPrivs:1"},
		{"root with one of two", "", &v1.LinuxInfo{EffectiveCapabilities: capable(raw), BoundingCapabilities: capable(raw, kill)}, "CapEff:0000000000002000CapBnd:0000000000002020NoNewPrivs:1"},
		{"root with none", "", &v1.LinuxInfo{EffectiveCapabilities: capable()}, "CapEff:0000000000000000CapBnd:0000000000000000NoNewPrivs:1"},
		{"user with one", "nobody", &v1.LinuxInfo{EffectiveCapabilities: capable(raw)}, "CapEff:0000000000002000CapBnd:0000000000002000NoNewPrivs:1"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			c := config(t, "c", shell(ask))
			for d := filepath.Dir(c.Sandbox); d != os.TempDir(); d = filepath.Dir(d) {
				_ = os.Chmod(d, 0o755) // where it is there already
			}
			c.User, c.Info = tt.user, &v1.ContainerInfo{LinuxInfo: tt.info}
			run(t, p, c)
			if got := read(t, c.Sandbox, "stdout"); got != tt.want {
				t.Errorf("got %s, want %s", got, tt.want)
			}
		})
	}
}

// TestCapabilitiesRefused asks for more than it may have.
func TestCapabilitiesRefused(t *testing.T) {
	p := newIsolated(t, "linux/capabilities", cgroups.Options{})
	c := config(t, "c", shell("true"))
	c.Info = &v1.ContainerInfo{LinuxInfo: &v1.LinuxInfo{
		EffectiveCapabilities: capable(v1.CapabilityInfo_KILL), BoundingCapabilities: capable(v1.CapabilityInfo_NET_RAW),
	}}
	if _, err := p.Launch(t.Context(), c); err == nil || !strings.Contains(err.Error(), "container.linux_info.effective_capabilities: want no more than") {
		t.Errorf("got %v, want an error that names the field", err)
	}
}

// TestSharedMemory gives a container a /dev/shm, which one nested in it has, too.
func TestSharedMemory(t *testing.T) {
	p := newIsolated(t, "namespaces/ipc,namespaces/pid", cgroups.Options{})
	up := config(t, "a", shell("echo hello > /dev/shm/mesos-test-word; echo > ready; sleep 1000"))
	up.Info = &v1.ContainerInfo{LinuxInfo: &v1.LinuxInfo{IpcMode: v1.LinuxInfo_PRIVATE.Enum(), ShmSize: proto.Uint32(8)}}
	if _, err := p.Launch(t.Context(), up); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { destroyed(p, "a") })
	eventually(t, func() bool { _, err := os.Stat(filepath.Join(up.Sandbox, "ready")); return err == nil })
	if _, err := os.Stat("/dev/shm/mesos-test-word"); err == nil {
		t.Error("the machine has what the container wrote to its /dev/shm")
	}
	ask := shell("cat /dev/shm/mesos-test-word 2>/dev/null; df -k --output=size /dev/shm | tail -1 | tr -d ' '; readlink /proc/self/ns/ipc")
	shares, own := within(up, "shares", ask), within(up, "own", ask)
	own.Info = &v1.ContainerInfo{LinuxInfo: &v1.LinuxInfo{IpcMode: v1.LinuxInfo_PRIVATE.Enum(), ShmSize: proto.Uint32(4)}}
	var spaces []string
	for _, c := range []struct {
		Config
		want string
	}{{shares, "hello\n8192\n"}, {own, "4096\n"}} {
		run(t, p, c.Config)
		got := read(t, c.Sandbox, "stdout")
		rest, found := strings.CutPrefix(got, c.want)
		if !found {
			t.Errorf("%s: got %q, want %q and the namespace", c.ContainerID, got, c.want)
		}
		spaces = append(spaces, strings.TrimSpace(rest))
	}
	machine, err := os.Readlink("/proc/self/ns/ipc")
	if err != nil {
		t.Fatal(err)
	}
	if spaces[0] == spaces[1] || spaces[0] == machine || spaces[1] == machine {
		t.Errorf("got ipc namespaces %v beside the machine's %s, want all to differ", spaces, machine)
	}
}

// TestEscapes has root in a container without capabilities try what would get it
// out. Each line that succeeds says so.
func TestEscapes(t *testing.T) {
	p := newIsolated(t, "cgroups/all,filesystem/linux,namespaces/pid,namespaces/ipc,linux/capabilities,linux/nnp", cgroups.Options{})
	victim := config(t, "victim", shell("exec sleep 4444"))
	if _, err := p.Launch(t.Context(), victim); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { destroyed(p, "victim") })
	c := config(t, "thief", shell(`exec 2>/dev/null
try() { what=$1; shift; "$@" >/dev/null && echo $what; }
grep -q 444[4] /proc/[0-9]*/cmdline && echo saw another container
try mount mount -t tmpfs none /mnt
try namespace unshare -m true
try device mknod null c 1 11
try raw head -c 1 /dev/kmsg
try module modprobe dummy
try time date -s 1970-01-01
try host name hostname thief
try root chroot . /bin/true
try kill kill -9 -1
try leave sh -c 'echo $$ > /sys/fs/cgroup/pids/cgroup.procs && grep -q ^[0-9]*:pids:/$ /proc/self/cgroup'
[ "$(ls /proc/self/fd | wc -l)" = 4 ] || echo descriptors $(ls -l /proc/self/fd)
true`))
	c.Info = &v1.ContainerInfo{LinuxInfo: &v1.LinuxInfo{EffectiveCapabilities: capable()}}
	if e := run(t, p, c); !syscall.WaitStatus(e.Status).Exited() {
		t.Errorf("got %s, want an exit", e.Message)
	}
	got := strings.Fields(strings.ReplaceAll(read(t, c.Sandbox, "stdout"), "kill\n", "")) // of itself it may
	if len(got) > 0 {
		t.Errorf("got %v, want nothing to succeed", got)
	}
}
