package containerizer

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"

	"golang.org/x/sys/unix"

	"mesos/actors/containerizer/proctree"
	"mesos/isolators"
	"mesos/isolators/catalog"
	"mesos/isolators/cgroups"
	"mesos/isolators/disk"
	"mesos/isolators/ebpf"
	"mesos/isolators/namespaces"
	v1 "mesos/messages/mesos/v1"
)

// everything that can be asked for, so that all of it can be left behind.
const everything = "cgroups/all,posix/rlimits,filesystem/linux,namespaces/pid,namespaces/ipc,linux/capabilities,linux/nnp"

// counted is what counts and polices by eBPF beside that, where the kernel takes it.
const counted = ",ebpf/all,network/ports"

// TestNothingIsLeft runs containers with everything that can go wrong on the way,
// LEAKS of them (100), under agents that die in between, and compares what the
// machine has before and after: mounts, network interfaces, namespaces, descriptors,
// processes and pins of eBPF here, cgroups by isolated. It does so in a mount and a
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
	l := &leaks{t: t, dir: t.TempDir(), pins: bpffs(t), seen: map[string]bool{}}
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
	now := ""
	for end := time.Now().Add(time.Minute); time.Now().Before(end); time.Sleep(20 * time.Millisecond) { // sandboxes become plain directories
		if now = l.look(); now == before {
			break
		}
	}
	if now != before {
		t.Errorf("got\n%s\nwant as before\n%s", now, before)
	}
	p.Close()
	l.nothing()
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
	round     int

	mu   sync.Mutex
	seen map[string]bool // namespaces of containers
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
		Loop: disk.LoopOptions{Dir: filepath.Join(l.dir, "loops")},
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
			faulty(p, n%8, l.config(fmt.Sprint("c", n)), l.note)
		})
	}
	all.Wait()
}

func (l *leaks) config(id string) Config {
	sandbox := filepath.Join(l.dir, "runs", id)
	return Config{ContainerID: id, Sandbox: sandbox, Resources: amounts(l.t, "disk:2"), Command: shell("(setsid sleep 1000 &); sleep 1000"), Environment: []string{"PATH=/usr/bin:/bin", "MESOS_SANDBOX=" + sandbox}}
}

// note remembers the namespaces that a container has and this test has not.
func (l *leaks) note(pid int) {
	l.mu.Lock()
	defer l.mu.Unlock()
	for name, ns := range namespacesOf(pid) {
		if ns != namespacesOf(os.Getpid())[name] {
			l.seen[ns] = true
		}
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
		c := l.config(fmt.Sprint(name, round))
		proc, err := p.Launch(l.t.Context(), c)
		if err != nil {
			l.t.Fatal(err)
		}
		l.note(proc.PID)
		go func() { _, _ = reap(proc.PID) }() // as the machine's first process does
		known = append(known, Known{ContainerID: c.ContainerID, Sandbox: c.Sandbox, Process: proc})
	}
	p.Close()
	next := l.agent()
	alive, err := next.Recover(l.dir, known[:1])
	if err != nil || len(alive) != 1 {
		l.t.Fatalf("recovery: got %v, %v, want one alive", alive, err)
	}
	destroyed(next, known[0].ContainerID)
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
	return all.String() + read(l.t, "/proc/self/mountinfo")
}

func pinned(t testing.TB, dir string) (out []string) {
	err := filepath.WalkDir(dir, func(path string, e fs.DirEntry, err error) error {
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
	if len(l.seen) == 0 {
		l.t.Error("no container had a namespace of its own")
	}
	// The kernel gives the number of a namespace again: what another test runs in one goes soon, what is left here stays.
	defer func() {
		if l.t.Failed() {
			l.t.Log(l.inhabited())
		}
	}()
	eventually(l.t, func() bool { return l.inhabited() == "" })
}

// inhabited tells of a process in a namespace of a container.
func (l *leaks) inhabited() string {
	all, err := filepath.Glob("/proc/[0-9]*")
	if err != nil {
		l.t.Fatal(err)
	}
	for _, dir := range all {
		pid, _ := strconv.Atoi(filepath.Base(dir))
		for name, ns := range namespacesOf(pid) {
			if l.seen[ns] {
				return fmt.Sprintf("process %d is in the %s namespace %s of a container", pid, name, ns)
			}
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
		c.Info = &v1.ContainerInfo{LinuxInfo: &v1.LinuxInfo{EffectiveCapabilities: capable(3)}}
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
