package gpu

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"

	"go.uber.org/goleak"
	"golang.org/x/sys/unix"

	"mesos/isolators"
	"mesos/isolators/boot"
	"mesos/isolators/cgroups"
	"mesos/isolators/isolatortest"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

// machine makes a directory like the root of a machine with GPUs, whose numbers are
// those that the driver has. It skips where nodes cannot be made.
func machine(t *testing.T, gpus int) string {
	t.Helper()
	root := t.TempDir()
	for n := range gpus {
		nodeAt(t, root, fmt.Sprintf("dev/nvidia%d", n), n)
		// The order of the buses is not that of the nodes.
		put(t, root, fmt.Sprintf("%s/0000:0%d:00.0/information", information, gpus-n), fmt.Sprintf("Model: \t\t Fake\nGPU UUID: \t GPU-%d\nDevice Minor: \t %d\n", n, n))
	}
	nodeAt(t, root, "dev/nvidiactl", 255)
	return root
}

func nodeAt(t *testing.T, root, path string, minor int) {
	t.Helper()
	at := filepath.Join(root, path)
	if err := os.MkdirAll(filepath.Dir(at), 0o755); err != nil {
		t.Fatal(err)
	}
	const major = 195
	if err := unix.Mknod(at, unix.S_IFCHR|0o666, int(unix.Mkdev(major, uint32(minor)))); errors.Is(err, unix.EPERM) {
		t.Skip("device nodes cannot be made: ", err)
	} else if err != nil {
		t.Fatal(err)
	}
}

func put(t *testing.T, root, path, text string) {
	t.Helper()
	at := filepath.Join(root, path)
	if err := os.MkdirAll(filepath.Dir(at), 0o755); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(at, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
}

func TestFind(t *testing.T) {
	root := machine(t, 2)
	got, err := Find(root)
	if err != nil || len(got) != 2 || got[0].UUID != "GPU-1" || got[0].Node.Minor != 1 || got[1].Index != 1 || got[1].Node.Path != "/dev/nvidia0" || got[1].Node.Major != 195 {
		t.Errorf("got %+v, %v, want both in the order of their buses", got, err)
	}
	if err := os.RemoveAll(filepath.Join(root, "proc")); err != nil {
		t.Fatal(err)
	}
	got, err = Find(root)
	if err != nil || len(got) != 2 || got[0].Node.Minor != 0 || got[0].name() != "0" {
		t.Errorf("by their nodes alone: got %+v, %v, want both in the order of their numbers", got, err)
	}
	put(t, root, information+"/0000:01:00.0/information", "Device Minor: many\n")
	if _, err := Find(root); err == nil || !strings.Contains(err.Error(), `Device Minor "many"`) {
		t.Errorf("a driver that says nonsense: got %v", err)
	}
	put(t, root, information+"/0000:01:00.0/information", "Device Minor: 7\n")
	if _, err := Find(root); !errors.Is(err, os.ErrNotExist) {
		t.Errorf("without a node: got %v, want %v", err, os.ErrNotExist)
	}
	empty := t.TempDir()
	if err := os.Mkdir(filepath.Join(empty, "dev"), 0o755); err != nil {
		t.Fatal(err)
	}
	if got, err := Find(empty); len(got) > 0 || err != nil {
		t.Errorf("a machine without: got %v, %v, want none", got, err)
	}
}

func TestOffer(t *testing.T) {
	all := make([]GPU, 4)
	amount := func(n float64) *float64 { return &n }
	for _, c := range []struct {
		devices string
		gpus    *float64
		want    []int
		err     string
	}{
		{"", nil, []int{0, 1, 2, 3}, ""},
		{"", amount(2), []int{0, 1}, ""},
		{"", amount(0), []int{}, ""},
		{"3,1", amount(2), []int{3, 1}, ""},
		{"3,1", nil, nil, "want gpus:2 there"},
		{"3,1", amount(1), nil, "want as many"},
		{"1,1", amount(2), nil, "1 is there twice"},
		{"4", amount(1), nil, "want indices below 4"},
		{"x", amount(1), nil, `"x"`},
		{"", amount(5), nil, "this machine has 4"},
		{"", amount(1.5), nil, "want a whole number"},
	} {
		got, err := Offer(all, c.devices, c.gpus)
		if c.err != "" {
			if err == nil || !strings.HasPrefix(err.Error(), "flag --") || !strings.Contains(err.Error(), c.err) {
				t.Errorf("%q, %v: got %v, want an error with %q", c.devices, c.gpus, err, c.err)
			}
			continue
		}
		if err != nil || !slices.Equal(got, c.want) {
			t.Errorf("%q, %v: got %v, %v, want %v", c.devices, c.gpus, got, err, c.want)
		}
	}
}

// allowed remembers what containers may open.
type allowed struct {
	mu   sync.Mutex
	may  map[string][]cgroups.Device
	fail error
}

func (a *allowed) SetDevices(id string, was, now []cgroups.Device) error {
	a.mu.Lock()
	defer a.mu.Unlock()
	if a.may == nil {
		a.may = map[string][]cgroups.Device{}
	}
	if a.fail == nil {
		a.may[id] = now
	}
	return a.fail
}

func (a *allowed) minors(id string) (out []int64) {
	a.mu.Lock()
	defer a.mu.Unlock()
	for _, d := range a.may[id] {
		out = append(out, d.Minor)
	}
	return out
}

func newPool(t *testing.T, root string) *Pool {
	t.Helper()
	all, err := Find(root)
	if err != nil {
		t.Fatal(err)
	}
	p, err := NewPool(root, first(len(all)))
	if err != nil {
		t.Fatal(err)
	}
	p.patience = 0
	return p
}

func newGPUs(t *testing.T, p *Pool, dir string, d Devices, live ...isolators.Live) *Isolator {
	t.Helper()
	i := New(Options{Pool: p, Dir: dir}, d)
	t.Cleanup(i.Close)
	if err := i.Recover(t.Context(), live); err != nil {
		t.Fatal(err)
	}
	return i
}

func TestSuite(t *testing.T) {
	p, dir := newPool(t, machine(t, 2)), t.TempDir()
	isolatortest.Run(t, isolatortest.Subject{New: func(*testing.T) isolators.Isolator { return New(Options{Pool: p, Dir: dir}, &allowed{}) }})
}

func want(n float64) isolators.Demand { return isolators.Demand{GPUs: n} }

// TestGiven follows GPUs from container to container.
func TestGiven(t *testing.T) {
	root, dir, d := machine(t, 3), filepath.Join(t.TempDir(), "gpus"), &allowed{}
	i := newGPUs(t, newPool(t, root), dir, d)
	prepare := func(id string, n float64, shared bool) (*boot.Launch, error) {
		l := &boot.Launch{Env: []string{"A=b"}}
		err := i.Prepare(t.Context(), isolators.Container{ID: id, Demand: want(n), Shared: shared}, l)
		return l, errors.Join(err, d.SetDevices(id, nil, cgroups.DevicesOf(l.Given.Nodes))) // as cgroups does then
	}
	has := func(id string, minors ...int64) {
		t.Helper()
		if got := d.minors(id); !slices.Equal(got, minors) {
			t.Errorf("%s: got nodes %v, want %v", id, got, minors)
		}
	}
	ok := func(err error) {
		t.Helper()
		if err != nil {
			t.Fatal(err)
		}
	}
	l, err := prepare("one", 2, false)
	ok(err)
	has("one", 1, 2, 255) // in the order of the buses
	if got := strings.Join(l.Env, " "); got != "A=b NVIDIA_VISIBLE_DEVICES=GPU-2,GPU-1" || len(l.Mounts) > 0 {
		t.Errorf("got environment %s and mounts %v, want the names alone", got, l.Mounts)
	}
	if l, err := prepare("none", 0, false); err != nil || len(l.Env) != 1 {
		t.Errorf("without GPUs: got %v, %v", l.Env, err)
	}
	has("none")
	if _, err := prepare("two", 2, false); err == nil || !strings.Contains(err.Error(), "want 2, and only 1 are free") {
		t.Errorf("more than are free: got %v", err)
	}
	ok(i.Cleanup(t.Context(), "two"))
	for _, n := range []float64{0.5, -1} {
		if _, err := prepare("part", n, false); err == nil || !strings.Contains(err.Error(), "want a whole number") {
			t.Errorf("%v of them: got %v", n, err)
		}
		ok(i.Cleanup(t.Context(), "part"))
	}
	l, err = prepare("one.shared", 1, true)
	ok(err)
	if len(l.Env) != 2 {
		t.Errorf("nested: got %v, want what the outer one has", l.Env)
	}
	_, err = prepare("one.own", 0, false)
	ok(err)
	has("one.own", 1, 2, 255)
	ok(i.Update(t.Context(), "one", want(1)))
	has("one", 2, 255)
	has("one.own", 2, 255)
	_, err = prepare("two", 2, false)
	ok(err)
	has("two", 0, 1, 255)
	if err := i.Update(t.Context(), "one", want(2)); err == nil {
		t.Error("more, when none is free: got no error")
	}
	has("one", 2, 255)

	i.Close() // the agent dies
	i = newGPUs(t, newPool(t, root), dir, d, isolators.Live{ID: "two"}, isolators.Live{ID: "none"})
	_, err = prepare("three", 1, false)
	ok(err)
	has("three", 2, 255)
	if _, err := prepare("four", 1, false); err == nil {
		t.Error("what lives keeps its GPUs: got no error of another that wants one")
	}
	ok(i.Cleanup(t.Context(), "four"))
	ok(i.Cleanup(t.Context(), "two"))
	ok(i.Update(t.Context(), "three", want(3)))
	has("three", 0, 1, 2, 255)
	ok(i.Update(t.Context(), "three", want(0)))
	has("three")
	ok(i.Cleanup(t.Context(), "three"))
	ok(i.Cleanup(t.Context(), "none"))
	if left, err := os.ReadDir(dir); len(left) > 0 || err != nil {
		t.Errorf("in the end: got %v, %v, want nothing left", left, err)
	}
}

// TestDescribed has files of the Container Device Interface say what a container gets.
func TestDescribed(t *testing.T) {
	root := machine(t, 2)
	nodeAt(t, root, "dev/more", 77)
	put(t, root, "etc/cdi/old.yaml", "cdiVersion: 0.6.0\nkind: nvidia.com/gpu\ndevices:\n- name: GPU-0\n  containerEdits:\n    env: [OLD=1]\n")
	put(t, root, "etc/cdi/other.json", `{"kind": "example.com/thing", "devices": [{"name": "GPU-0", "containerEdits": {"env": ["WRONG=1"]}}]}`)
	put(t, root, "var/run/cdi/new.json", `{"cdiVersion": "0.6.0", "kind": "nvidia.com/gpu",
		"devices": [
			{"name": "GPU-0", "containerEdits": {"deviceNodes": [{"path": "/dev/here", "hostPath": "/dev/more", "permissions": "r"}, {"path": "/dev/given", "type": "c", "major": 195, "minor": 9}]}},
			{"name": "0", "containerEdits": {"env": ["ONE=1"]}}
		],
		"containerEdits": {"env": ["ALL=1"], "mounts": [{"hostPath": "/lib/x.so", "containerPath": "/usr/lib/x.so", "options": ["ro", "nosuid", "rbind"]}]}}`)
	d := &allowed{}
	i := newGPUs(t, newPool(t, root), t.TempDir(), d)
	l := &boot.Launch{Rootfs: "/rootfs"}
	if err := i.Prepare(t.Context(), isolators.Container{ID: "c", Demand: want(2)}, l); err != nil {
		t.Fatal(err)
	}
	if got, want := fmt.Sprint(cgroups.DevicesOf(l.Given.Nodes)), "[c 195:9 rwm c 195:77 r]"; got != want {
		t.Errorf("got devices %s, want %s", got, want)
	}
	// GPU-1 is the first by its bus, and known by that number alone.
	if got, want := strings.Join(l.Env, " "), "NVIDIA_VISIBLE_DEVICES=GPU-1,GPU-0"; !strings.HasSuffix(got, want) || !strings.Contains(got, "ALL=1") || !strings.Contains(got, "ONE=1") || strings.Contains(got, "OLD") || strings.Contains(got, "WRONG") || strings.Count(got, "ALL=1") != 1 {
		t.Errorf("got environment %s, want that of the newer file, once, and %s", got, want)
	}
	var mounts []string
	for _, m := range l.Mounts {
		mounts = append(mounts, fmt.Sprintf("%s at %s %x", strings.TrimPrefix(m.Source, root), m.Target, m.Flags))
	}
	slices.Sort(mounts)
	if got := strings.Join(mounts, ", "); !strings.Contains(got, "/dev/more at /dev/here 1000") || !strings.Contains(got, fmt.Sprintf("/lib/x.so at /usr/lib/x.so %x", unix.MS_BIND|unix.MS_REC|unix.MS_NOSUID|unix.MS_NODEV|unix.MS_RDONLY)) {
		t.Errorf("got mounts %s", got)
	}
}

func TestBadDescriptions(t *testing.T) {
	root := machine(t, 1)
	i := newGPUs(t, newPool(t, root), t.TempDir(), &allowed{})
	for text, says := range map[string]string{
		"{": "cdi/gpu.json",
		`{"kind": "nvidia.com/gpu", "devices": [{"name": "0", "containerEdits": {"deviceNodes": [{"path": "/dev/none"}]}}]}`:                                   "/dev/none",
		`{"kind": "nvidia.com/gpu", "devices": [{"name": "0", "containerEdits": {"deviceNodes": [{"path": "/dev/x", "type": "b", "major": 1, "minor": 1}]}}]}`: "want c",
		`{"kind": "nvidia.com/gpu", "devices": [{"name": "0"}], "containerEdits": {"mounts": [{"hostPath": "/x", "containerPath": "y"}]}}`:                     "want an absolute path",
	} {
		put(t, root, "etc/cdi/gpu.json", text)
		if err := i.Prepare(t.Context(), isolators.Container{ID: "c", Demand: want(1)}, &boot.Launch{}); err == nil || !strings.Contains(err.Error(), says) {
			t.Errorf("%s: got %v, want an error with %q", text, err, says)
		}
		if err := i.Cleanup(t.Context(), "c"); err != nil {
			t.Fatal(err)
		}
	}
}
