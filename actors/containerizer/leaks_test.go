package containerizer

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"maps"
	"math"
	"net"
	"net/netip"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"

	"golang.org/x/sys/unix"
	"google.golang.org/protobuf/proto"

	"mesos/actors/containerizer/proctree"
	"mesos/isolators"
	"mesos/isolators/catalog"
	"mesos/isolators/cgroups"
	"mesos/isolators/disk"
	"mesos/isolators/ebpf"
	"mesos/isolators/filesystem"
	"mesos/isolators/namespaces"
	"mesos/isolators/network"
	v1 "mesos/messages/mesos/v1"
)

// everything that can be asked for, so that all of it can be left behind.
const everything = "cgroups/all,posix/rlimits,filesystem/linux,docker/runtime,namespaces/pid,namespaces/ipc,namespaces/uts,namespaces/cgroup,linux/capabilities,linux/nnp,linux/seccomp,network/bridge"

// counted is what counts and polices by eBPF beside that, where the kernel takes it.
const counted = ",ebpf/all,network/ports"

// TestNothingIsLeft runs containers with everything that can go wrong on the way,
// LEAKS of them (100), under agents that die in between, and compares what the
// machine has before and after: mounts, network interfaces, namespaces, descriptors,
// processes and pins of eBPF here, cgroups by isolated. After each container it looks for what is left of that one. Containers have networks and roots of their own, or not. It does so in a mount and a
// network namespace of its own, so that nobody else's are taken for leaks.
func TestNothingIsLeft(t *testing.T) {
	needLinux(t)
	if os.Getenv(apartVariable) == "" {
		apart(t, "TestNothingIsLeft")
		return
	}
	if err := unix.Mount("", "/", "", unix.MS_REC|unix.MS_PRIVATE, ""); err != nil {
		t.Fatal(err)
	}
	count := 100
	if n, err := strconv.Atoi(os.Getenv("LEAKS")); err == nil {
		count = n
	}
	l := &leaks{t: t, dir: t.TempDir(), pins: bpffs(t), seen: map[string]uint64{}}
	if err := unix.Access("/bin/busybox", unix.X_OK); err == nil {
		l.images = true
		l.files = withImage(t, "/bin/busybox", "bin/sh", "bin/sleep", "bin/setsid")
	}
	l.list, l.counts = everything, l.probe()
	var missing *isolators.MissingError
	if _, err := disk.NewLoop(disk.LoopOptions{Dir: filepath.Join(l.dir, "loops")}); err == nil {
		l.list += ",disk/loop"
	} else if !errors.As(err, &missing) {
		t.Fatal(err)
	}
	u, err := namespaces.NewUser(strangers, l.dir)
	if l.users = err == nil; l.users {
		u.Close()
	} else if !errors.As(err, &missing) {
		t.Fatal(err)
	}
	p := l.agent()
	run(t, p, config(t, "warm", shell("true"))) // what is opened once is open from now on
	eventually(t, func() bool {
		left, err := os.ReadDir(filepath.Join(l.dir, "loops"))
		return err != nil || len(left) == 0
	})
	before := l.look()
	for begun := 0; begun < count; begun += perAgent {
		l.life(p, begun, min(perAgent, count-begun))
		p = l.die(p, begun)
	}
	var left []string
	for end := time.Now().Add(time.Minute); time.Now().Before(end); time.Sleep(20 * time.Millisecond) { // sandboxes become plain directories
		if left = more(l.look(), before); len(left) == 0 {
			break
		}
	}
	if len(left) > 0 {
		t.Errorf("beside what there was before: got\n%s", strings.Join(left, ""))
	}
	p.Close()
	l.nothing()
}

// more are the lines of a text that another has not. What is missing is not looked for: mounts of other tests go, in
// this namespace, too, with the directories that they are on.
func more(now, before string) (out []string) {
	had := map[string]bool{}
	for line := range strings.Lines(before) {
		had[line] = true
	}
	for line := range strings.Lines(now) {
		if !had[line] {
			out = append(out, line)
		}
	}
	return out
}

// perAgent is how many containers begin before their agent dies.
const perAgent = 25

// apartVariable says that a test runs in namespaces of its own.
const apartVariable = "TEST_APART"

// apart runs one test of this package again, in namespaces of its own.
func apart(t *testing.T, name string) {
	t.Helper()
	dir, err := helpers()
	if err != nil {
		t.Fatal(err)
	}
	cmd := exec.Command(os.Args[0], "-test.count=1", "-test.v", "-test.timeout=0", "-test.run=^"+name+"$")
	cmd.Env = append(os.Environ(), apartVariable+"=1", helpersVariable+"="+dir)
	cmd.SysProcAttr = &syscall.SysProcAttr{Cloneflags: syscall.CLONE_NEWNS | syscall.CLONE_NEWNET}
	if out, err := cmd.CombinedOutput(); err != nil {
		t.Errorf("%v\n%s", err, out)
	}
}

// leaks is one run.
type leaks struct {
	t         *testing.T
	dir, pins string
	list      string
	counts    bool // by eBPF
	users     bool // in user namespaces, every other round
	images    bool // every third container has a root of its own
	files     filesystem.Options
	round     int

	mu    sync.Mutex
	seen  map[string]uint64 // namespaces of containers, until when, as StartTime has it
	ports int               // interfaces that were there while a container lived
	first string            // the container of which something stayed
}

// probe says whether the kernel takes the programs of eBPF.
func (l *leaks) probe() bool {
	set, err := catalog.New(counted[1:], l.options(fmt.Sprintf("mesos-test-%d-probe", os.Getpid())))
	if err == nil {
		err = set.Recover(l.t.Context(), nil)
		set.Close()
	}
	noGroups(l.t, fmt.Sprintf("mesos-test-%d-probe", os.Getpid()))
	var missing *isolators.MissingError
	if err != nil && !errors.As(err, &missing) {
		l.t.Fatal(err)
	}
	if err != nil {
		l.t.Logf("without eBPF: %v", err)
	}
	return err == nil
}

func (l *leaks) options(root string) catalog.Options {
	return catalog.Options{
		Linux: true, Hierarchy: "/sys/fs/cgroup", Cgroups: cgroups.Options{Root: root, PIDs: 100, CFS: true},
		EBPF:  ebpf.Options{FS: l.pins, Egress: 1 << 30, Ingress: 1 << 30},
		Users: strangers, UsersDir: l.dir,
		Loop:    disk.LoopOptions{Dir: filepath.Join(l.dir, "loops")},
		Files:   l.files,
		Network: network.Options{Root: filepath.Join(l.dir, "networks"), Shared: filepath.Join(l.dir, "addresses"), Name: "leak0", Subnet: netip.MustParsePrefix("10.99.0.0/24")},
	}
}

// agent is a containerizer of a new run of the agent, which has recovered nothing yet if it is not the first.
func (l *leaks) agent() *Posix {
	list := l.list
	if l.round++; l.users && l.round%2 == 0 {
		list += ",namespaces/user"
	}
	if l.counts {
		list += counted
	}
	return newIsolatedBy(l.t, list, l.options(""))
}

// life has containers live, each with a fault of a kind, eight at a time.
func (l *leaks) life(p *Posix, first, count int) {
	places := make(chan struct{}, 8)
	var all sync.WaitGroup
	for n := first; n < first+count; n++ {
		places <- struct{}{}
		all.Go(func() {
			defer func() { <-places }()
			var in []string
			c := l.kind(fmt.Sprint("c", n), n/8)
			faulty(p, n%8, c, func(pid int) { in = l.note(pid, c.ContainerID) })
			l.left(in)
			l.over(c.ContainerID, fmt.Sprint("fault ", n%8))
		})
	}
	all.Wait()
}

func (l *leaks) config(id string) Config {
	sandbox := filepath.Join(l.dir, "runs", id)
	return Config{ContainerID: id, Sandbox: sandbox, Resources: amounts(l.t, "disk:2"), Command: shell("(setsid sleep 1000 &); sleep 1000"), Environment: []string{"PATH=/usr/bin:/bin", "MESOS_SANDBOX=" + sandbox}}
}

// kind is a container of every kind there is: on the machine's network and on one of its own, with a root of its
// own and without, with a volume or none.
func (l *leaks) kind(id string, n int) Config {
	c := l.config(id)
	c.Info = &v1.ContainerInfo{Type: v1.ContainerInfo_MESOS.Enum(), LinuxInfo: &v1.LinuxInfo{IpcMode: v1.LinuxInfo_PRIVATE.Enum()}}
	if n%2 == 0 {
		c.Info.NetworkInfos = []*v1.NetworkInfo{{Name: proto.String("leak0")}}
	}
	if n%3 == 0 && l.images {
		c.Info.Mesos = &v1.ContainerInfo_MesosInfo{Image: &v1.Image{Type: v1.Image_DOCKER.Enum(), Docker: &v1.Image_Docker{Name: proto.String("thief")}}}
	}
	if n%5 == 0 {
		c.Info.Volumes = []*v1.Volume{{ContainerPath: proto.String("/tmp/made"), HostPath: &l.dir, Mode: v1.Volume_RO.Enum()}}
		if c.Info.Mesos == nil {
			c.Info.Volumes[0].ContainerPath = proto.String("made")
		}
	}
	return c
}

// note remembers the namespaces that a container has and this test has not.
func (l *leaks) note(pid int, id string) (in []string) {
	port, own := l.port(id), namespacesOf(os.Getpid())
	for name, ns := range namespacesOf(pid) {
		if ns != own[name] {
			in = append(in, ns)
		}
	}
	l.mu.Lock()
	defer l.mu.Unlock()
	if port != "" {
		l.ports++
	}
	for _, ns := range in {
		l.seen[ns] = math.MaxUint64
	}
	return in
}

// left says that the container in some namespaces has ended.
func (l *leaks) left(in []string) {
	var now unix.Timespec
	if err := unix.ClockGettime(unix.CLOCK_BOOTTIME, &now); err != nil {
		l.t.Error(err)
	}
	const ticks = 100 // a second, in what the kernel tells of processes
	l.mu.Lock()
	defer l.mu.Unlock()
	for _, ns := range in {
		l.seen[ns] = uint64(now.Nano()) / (uint64(time.Second) / ticks)
	}
}

func namespacesOf(pid int) map[string]string {
	out := map[string]string{}
	for _, name := range []string{"cgroup", "ipc", "mnt", "net", "pid", "pid_for_children", "user", "uts"} {
		if ns, err := os.Readlink(fmt.Sprintf("/proc/%d/ns/%s", pid, name)); err == nil {
			out[name] = ns
		}
	}
	return out
}

// die ends the agent while two containers live. The next one knows the first of them, and kills the other.
func (l *leaks) die(p *Posix, round int) *Posix {
	var known []Known
	for _, name := range []string{"known", "unknown"} {
		c := l.kind(fmt.Sprint(name, round), round/perAgent)
		proc, err := p.Launch(l.t.Context(), c)
		if err != nil {
			l.t.Fatal(err)
		}
		in := l.note(proc.PID, c.ContainerID)
		defer func() { l.left(in) }()
		go func() { _, _ = reap(proc.PID) }() // as the machine's first process does
		known = append(known, Known{ContainerID: c.ContainerID, Sandbox: c.Sandbox, Process: proc})
	}
	p.Close()
	next := l.agent()
	alive, err := next.Recover(l.dir, known[:1])
	if err != nil || len(alive) != 1 {
		l.t.Fatalf("recovery: got %v, %v, want one alive", alive, err)
	}
	l.over(known[1].ContainerID, "which the next agent does not know")
	destroyed(next, known[0].ContainerID)
	l.over(known[0].ContainerID, "which the next agent has taken up")
	return next
}

// look is what a machine has of what containers can leave.
func (l *leaks) look() string {
	interfaces, err := net.Interfaces()
	if err != nil {
		l.t.Fatal(err)
	}
	var all strings.Builder
	for _, i := range interfaces {
		fmt.Fprintln(&all, "interface", i.Name)
	}
	for _, pin := range pinned(l.t, l.pins) {
		fmt.Fprintln(&all, "pin", pin)
	}
	for _, kept := range []string{"addresses/*/address-*", "networks/*"} { // of the networks
		files, err := filepath.Glob(filepath.Join(l.dir, kept))
		if err != nil {
			l.t.Fatal(err)
		}
		for _, f := range files {
			fmt.Fprintln(&all, "file", f)
		}
	}
	return all.String() + read(l.t, "/proc/self/mountinfo")
}

func pinned(t testing.TB, dir string) (out []string) {
	err := filepath.WalkDir(dir, func(path string, e fs.DirEntry, err error) error {
		if errors.Is(err, fs.ErrNotExist) {
			return nil // others come and go
		}
		if err == nil && !e.IsDir() && !strings.HasSuffix(path, ".debug") { // the kernel's own
			out = append(out, strings.TrimPrefix(path, dir))
		}
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	return out
}

// nothing wants that what was left while an agent lived is gone after its end.
func (l *leaks) nothing() {
	if left := pinned(l.t, l.pins); len(left) > 0 {
		l.t.Errorf("got pins %v, want none", left)
	}
	eventually(l.t, func() bool { return len(proctree.Descendants(os.Getpid())) == 0 })
	if left := proctree.MarkedBelow(sandboxMark, l.dir); len(left) > 0 {
		l.t.Errorf("got processes %v, want none", left)
	}
	for _, open := range openFiles(l.t) {
		to, err := os.Readlink(open)
		if err == nil && (strings.Contains(to, "bpf") || strings.Contains(to, "mesos-test") || strings.Contains(to, "ns:[") || strings.Contains(to, "pidfd")) {
			l.t.Errorf("%s is still open, as %s", to, open)
		}
	}
	if len(l.seen) == 0 || l.ports == 0 {
		l.t.Errorf("containers had %d namespaces of their own and %d interfaces, want some of each", len(l.seen), l.ports)
	}
	// The kernel gives the number of a namespace again: who began later than the end of the container is somebody else.
	defer func() {
		if l.t.Failed() {
			l.t.Log(l.inhabited())
		}
	}()
	eventually(l.t, func() bool { return l.inhabited() == "" })
}

// inhabited tells of a process in namespaces of a container. One that is in a single one is somebody else, whose
// namespace has got the number: each container has several.
func (l *leaks) inhabited() string {
	all, err := filepath.Glob("/proc/[0-9]*")
	if err != nil {
		l.t.Fatal(err)
	}
	for _, dir := range all {
		pid, _ := strconv.Atoi(filepath.Base(dir))
		began, there := proctree.StartTime(pid)
		if !there {
			continue
		}
		in := map[string]bool{}
		for _, ns := range namespacesOf(pid) {
			if until, seen := l.seen[ns]; seen && began <= until {
				in[ns] = true
			}
		}
		if len(in) > 1 {
			line, _ := os.ReadFile(filepath.Join(dir, "cmdline"))
			return fmt.Sprintf("process %d, %q, is in the namespaces %v of containers", pid, line, slices.Sorted(maps.Keys(in)))
		}
	}
	return ""
}

// faulty is one container's life with a fault of a kind.
func faulty(p *Posix, fault int, c Config, note func(pid int)) {
	ctx, give := context.WithCancel(context.Background())
	defer give()
	switch fault {
	case 0: // ends by itself, with a daemon left
		c.Command = shell("(setsid sleep 1000 &); exit 1")
	case 1: // cannot be executed
		c.Command = program("/no/such/program")
	case 2: // is given up while it is launched
		time.AfterFunc(2*time.Millisecond, give)
	case 3: // is destroyed while it is launched
		time.AfterFunc(2*time.Millisecond, func() { p.Destroy(c.ContainerID) })
	case 4: // its isolators refuse
		c.Info.LinuxInfo.EffectiveCapabilities = capable(3)
	}
	m, err := p.Launch(ctx, c)
	if err != nil {
		return
	}
	note(m.PID)
	exit := p.Wait(c.ContainerID)
	switch fault {
	case 5: // somebody kills its first process
		proctree.Kill(func() []int { return []int{m.PID} }, patience)
	case 6: // something is nested in it
		inner := within(c, "inner", shell("sleep 1000"))
		_, _ = p.Launch(ctx, inner)
	}
	if fault != 0 && fault != 5 {
		p.Destroy(c.ContainerID)
	}
	<-exit
}

// bpffs is a directory in which a bpffs can be mounted, for as long as the test lasts.
func bpffs(t testing.TB) string {
	dir := t.TempDir()
	t.Cleanup(func() {
		for unix.Unmount(dir, 0) == nil {
		}
	})
	return dir
}
