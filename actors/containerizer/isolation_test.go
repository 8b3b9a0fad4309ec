package containerizer

import (
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"mesos/actors/fetcher"
	"mesos/isolators/boot/early"
	"mesos/isolators/catalog"
	"mesos/isolators/cgroup"
	"mesos/isolators/cgroups"
)

// isolatedVariable has the tests of this package run with the linux launcher and
// these isolators.
const isolatedVariable = "TEST_ISOLATION"

// TestWithIsolation runs all the others of this package again, in containers that
// the kernel isolates.
func TestWithIsolation(t *testing.T) {
	if os.Getenv(isolatedVariable) != "" {
		t.Skip("this is that run")
	}
	needLinux(t)
	dir, err := helpers()
	if err != nil {
		t.Fatal(err)
	}
	// Without pid namespaces: the tests compare process ids.
	cmd := exec.Command(os.Args[0], "-test.count=1", "-test.skip=^(TestMany|TestNothingIsLeft|TestEscapes|TestNobodyEscapes|TestRecoverIsolated)")
	cmd.Env = append(os.Environ(), isolatedVariable+"=cgroups/all,posix/rlimits", helpersVariable+"="+dir)
	if out, err := cmd.CombinedOutput(); err != nil {
		t.Errorf("%v\n%s", err, out)
	}
}

// needLinux skips where the kernel or our rights do not allow it.
func needLinux(t testing.TB) {
	t.Helper()
	if os.Geteuid() != 0 {
		t.Skip("only root can isolate")
	}
	l, err := cgroup.Probe("/sys/fs/cgroup")
	if err == nil {
		l.Writable()
		err = l.CanKill()
	}
	if err != nil {
		t.Skip(err)
	}
}

// helpersVariable says where the helpers are that another run of the tests has built.
const helpersVariable = "TEST_HELPERS"

// helpers are the small programs, built as they are shipped.
var helpers = sync.OnceValues(func() (string, error) {
	if dir := os.Getenv(helpersVariable); dir != "" {
		return dir, nil
	}
	dir, err := os.MkdirTemp("", "containerizer")
	if err != nil {
		return "", err
	}
	cmd := exec.Command("go", "build", "-o", dir+"/", "-ldflags=mesos/cmd/mesos-init="+early.LinkerFlags(), "mesos/cmd/mesos-shim", "mesos/cmd/mesos-init", "mesos/actors/containerizer/testdata/escape")
	cmd.Env = append(os.Environ(), "CGO_ENABLED=0")
	if out, err := cmd.CombinedOutput(); err != nil {
		return "", errors.New(string(out))
	}
	return dir, nil
})

var roots atomic.Int64

// isolation is what the tests run with, nil for nothing. Containerizers of the
// same test have the same cgroups, as runs of an agent have.
func isolation(t testing.TB) *Isolation {
	t.Helper()
	list := os.Getenv(isolatedVariable)
	if list == "" {
		return nil
	}
	return isolated(t, list, cgroups.Options{})
}

var rootsOf sync.Map // test to root

func isolated(t testing.TB, list string, o cgroups.Options) *Isolation {
	t.Helper()
	return isolatedBy(t, list, catalog.Options{Cgroups: o})
}

// isolatedBy is isolated with more options; what is about cgroups' root is filled in.
func isolatedBy(t testing.TB, list string, o catalog.Options) *Isolation {
	t.Helper()
	dir, err := helpers()
	if err != nil {
		t.Fatal(err)
	}
	root, known := rootsOf.LoadOrStore(t.Name(), fmt.Sprintf("mesos-test-%d-%d", os.Getpid(), roots.Add(1)))
	if !known {
		t.Cleanup(func() {
			rootsOf.Delete(t.Name())
			noGroups(t, root.(string))
		})
	}
	o.Linux, o.Hierarchy, o.Cgroups.Root = true, "/sys/fs/cgroup", root.(string)
	set, err := catalog.New(list, o)
	if err != nil {
		t.Fatal(err)
	}
	if !known {
		if err := set.Recover(t.Context(), nil); err != nil { // as an agent does before all else
			t.Fatal(err)
		}
	}
	return &Isolation{Set: set, Init: filepath.Join(dir, "mesos-init"), Holds: true}
}

// noGroups wants no cgroup of a container left, and removes what is above them.
func noGroups(t testing.TB, root string) {
	l, err := cgroup.Probe("/sys/fs/cgroup")
	if err != nil {
		t.Fatal(err)
	}
	at := []string{l.V2}
	for _, m := range l.V1 {
		at = append(at, m)
	}
	ctx, end := context.WithTimeout(context.Background(), time.Minute)
	defer end()
	for _, m := range at {
		d := cgroup.Dir{Kernel: l.Kernel, Path: filepath.Join(m, root)}
		if m == "" {
			continue
		}
		// Some of the other tests leave containers running, and kill them by hand.
		if left, _ := d.Children(); len(left) > 0 && os.Getenv(isolatedVariable) == "" {
			t.Errorf("cgroup %s: %v are left", d.Path, left)
		}
		if err := errors.Join(cgroup.Empty(ctx, d), cgroup.Remove(ctx, d)); err != nil {
			t.Error(err)
		}
	}
}

// newIsolated is a containerizer with isolation.
func newIsolated(t testing.TB, list string, o cgroups.Options) *Posix {
	t.Helper()
	return newIsolatedBy(t, list, catalog.Options{Cgroups: o})
}

// newIsolatedBy is newIsolated with more options.
func newIsolatedBy(t testing.TB, list string, o catalog.Options) *Posix {
	t.Helper()
	needLinux(t)
	i := isolatedBy(t, list, o)
	f := fetcher.New(fetcher.Options{})
	p, err := NewPosix(Options{Fetcher: f, Isolation: i, Shim: filepath.Join(filepath.Dir(i.Init), "mesos-shim")})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		p.Close()
		f.Close()
	})
	return p
}
