package catalog

import (
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"mesos/isolators"
	"mesos/isolators/cgroups"
	"mesos/isolators/network"
)

func TestNew(t *testing.T) {
	for _, c := range []struct{ list, want string }{
		{"", ""},
		{"posix/cpu,posix/mem", "posix/cpu,posix/mem"},
		{" posix/mem , posix/cpu,", "posix/cpu,posix/mem"},
		{"filesystem/posix", ""},
	} {
		s, err := New(c.list, Options{})
		if err != nil || s.Name() != c.want {
			t.Errorf("%q: got %v, %v, want %s", c.list, s, err, c.want)
		}
	}
}

// What an earlier agent has kept of networks is somebody's to take apart, whatever the list says.
func TestNetworksLeft(t *testing.T) {
	for _, left := range []bool{false, true} {
		o, want := Options{Network: network.Options{Root: t.TempDir()}}, "posix/cpu"
		if left {
			if want += ",network"; os.Mkdir(filepath.Join(o.Network.Root, "container"), 0o700) != nil {
				t.Fatal("no directory of a container")
			}
		}
		s, err := New("posix/cpu", o)
		if err != nil || s.Name() != want {
			t.Errorf("something left %v: got %v, %v, want %s", left, s, err, want)
		}
		parts, err := MadeBy("posix/rlimits", o, nil)
		if got := isolators.NewSet(parts...).Name(); err != nil || strings.HasSuffix(got, ",network") != left {
			t.Errorf("something left %v, made by a program: got %s, %v", left, got, err)
		}
	}
}

func TestBadNames(t *testing.T) {
	_, err := New("posix/cpu,cgroup/mem", Options{})
	var unknown *isolators.UnknownError
	if !errors.As(err, &unknown) || unknown.Name != "cgroup/mem" {
		t.Fatalf("got %v, want an UnknownError of cgroup/mem", err)
	}
	if want := `unknown isolator "cgroup/mem": want one of ` + strings.Join(Names(), ", "); err.Error() != want {
		t.Errorf("got %s, want %s", err, want)
	}
	for _, name := range []string{"cgroups/cpu", "namespaces/pid", "posix/rlimits", "ebpf/all", "network/ports"} {
		if _, err := New(name, Options{}); err == nil || !strings.Contains(err.Error(), name+" needs the linux launcher") {
			t.Errorf("%s with the posix launcher: got %v, want an error that names the other", name, err)
		}
	}
	if err := Check("namespaces/net,network/cni"); err == nil || !strings.Contains(err.Error(), "leave namespaces/net out") {
		t.Errorf("two that give networks: got %v", err)
	}
	if _, err := New("posix/cpu,posix/cpu", Options{}); err == nil || !strings.Contains(err.Error(), `"posix/cpu" is named twice`) {
		t.Errorf("twice: got %v", err)
	}
}

func TestNoCgroups(t *testing.T) {
	dir := t.TempDir()
	_, err := New("posix/cpu,cgroups/cpu", Options{Linux: true, Hierarchy: dir, Cgroups: cgroups.Options{Root: "mesos"}})
	var missing *isolators.MissingError
	if !errors.As(err, &missing) || !strings.Contains(err.Error(), "cgroup hierarchy at "+dir) {
		t.Errorf("no hierarchy: got %v, want a MissingError that names it", err)
	}
}

func TestAll(t *testing.T) {
	if _, err := os.Stat("/sys/fs/cgroup"); err != nil {
		t.Skip(err)
	}
	s, err := New("cgroups/all,posix/rlimits", Options{Linux: true, Hierarchy: "/sys/fs/cgroup", Cgroups: cgroups.Options{Root: "mesos"}})
	var missing *isolators.MissingError
	if errors.As(err, &missing) {
		t.Skip(err)
	}
	if err != nil || !strings.HasPrefix(s.Name(), "posix/rlimits,cgroups/") {
		t.Errorf("got %v, %v, want posix/rlimits before cgroups", s, err)
	}
}

// What counts by cgroup comes after that which makes the cgroups.
func TestCountersComeLast(t *testing.T) {
	if os.Geteuid() != 0 {
		t.Skip("only root has cgroups")
	}
	s, err := New("network/ports,ebpf/all,posix/rlimits", Options{Linux: true, Hierarchy: "/sys/fs/cgroup", Cgroups: cgroups.Options{Root: "mesos"}})
	var missing *isolators.MissingError
	if errors.As(err, &missing) {
		t.Skip(err)
	}
	if want := "posix/rlimits,cgroups,ebpf/io,ebpf/network,ebpf/process,network/ports"; err != nil || s.Name() != want {
		t.Errorf("got %v, %v, want %s", s, err, want)
	}
}
