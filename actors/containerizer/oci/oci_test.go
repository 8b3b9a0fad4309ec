package oci

import (
	"encoding/json"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"golang.org/x/sys/unix"

	"mesos/actors/containerizer/program"
	"mesos/isolators"
	"mesos/isolators/boot"
	"mesos/isolators/cgroups"
)

func TestConfig(t *testing.T) {
	b := &program.Bundle{ID: "c", Dir: t.TempDir(), Root: "/r", Group: "/g/c/container", Argv: []string{"init", "--order", "o"}, Clone: unix.CLONE_NEWNS | unix.CLONE_NEWPID, TTY: true}
	for _, c := range []struct {
		limits cgroups.Amounts
		want   string
	}{
		{cgroups.Amounts{Shares: 512, Mem: 64 << 20, Soft: 32 << 20}, `"cpu":{"shares":512},"memory":{"limit":67108864,"reservation":33554432}`},
		{cgroups.Amounts{Shares: 2, Quota: 5000, Period: 100000, Mem: isolators.Unlimited, Soft: isolators.Unlimited}, `"cpu":{"shares":2,"quota":5000,"period":100000},"memory":{}`},
	} {
		b.Limits, b.IOWeight, b.IO = c.limits, 300, []isolators.IOLimit{{Major: 8, Minor: 16, ReadBytes: 5, WriteOps: 9}, {Major: 8, WriteBytes: 7}}
		text, err := json.Marshal(configOf(b, false))
		if err != nil {
			t.Fatal(err)
		}
		for _, want := range []string{c.want, `"cgroupsPath":"/g/c/container"`, `"blockIO":{"weight":300,"throttleReadBpsDevice":[{"major":8,"minor":16,"rate":5}],"throttleWriteBpsDevice":[{"major":8,"minor":0,"rate":7}],"throttleWriteIOPSDevice":[{"major":8,"minor":16,"rate":9}]}`,
			`"namespaces":[{"type":"mount"},{"type":"pid"}]`, `"terminal":true`, `"root":{"path":"/r"}`, `"destination":"/dev","type":"bind"`} {
			if !strings.Contains(string(text), want) {
				t.Errorf("got %s, want %s in it", text, want)
			}
		}
	}
}

// TestDevices are rules where the isolators name devices, and none where they do not.
func TestDevices(t *testing.T) {
	limits := cgroups.Amounts{Mem: isolators.Unlimited, Soft: isolators.Unlimited, PIDs: 7}
	for _, c := range []struct {
		allowed []cgroups.Device
		want    string
	}{
		{nil, `{"devices":[{"allow":true,"access":"rwm"}],"cpu":{},"memory":{},"pids":{"limit":7}}`},
		{
			[]cgroups.Device{{Kind: 'c', Major: 195, Minor: 0, Access: "rw"}, {Kind: 'b', Major: cgroups.Any, Minor: cgroups.Any, Access: "m"}},
			`{"devices":[{"allow":false,"access":"rwm"},{"allow":true,"type":"c","major":195,"minor":0,"access":"rw"},{"allow":true,"type":"b","access":"m"}],"cpu":{},"memory":{},"pids":{"limit":7}}`,
		},
	} {
		text, err := json.Marshal(configOf(&program.Bundle{Limits: limits, Devices: c.allowed}, false).Linux.Resources)
		if err != nil || string(text) != c.want {
			t.Errorf("%v: got %s, %v, want %s", c.allowed, text, err, c.want)
		}
	}
}

func TestNamespaces(t *testing.T) {
	b := &program.Bundle{Clone: unix.CLONE_NEWNS | unix.CLONE_NEWUTS, Join: []boot.Join{{Kind: unix.CLONE_NEWNET, Path: "/run/n"}, {Kind: unix.CLONE_NEWPID, Path: "/proc/7/ns/pid"}}}
	text, err := json.Marshal(configOf(b, false).Linux.Namespaces)
	if want := `[{"type":"mount"},{"type":"pid","path":"/proc/7/ns/pid"},{"type":"uts"},{"type":"network","path":"/run/n"}]`; err != nil || string(text) != want {
		t.Errorf("got %s, %v, want %s", text, err, want)
	}
}

// A runtime with a kernel of its own mounts file systems of that, and is told that a
// container is in the machine's network.
func TestApart(t *testing.T) {
	m := &Maker{Path: "/bin/runsc", Root: "/state"}
	b := &program.Bundle{ID: "c", Dir: t.TempDir(), Clone: unix.CLONE_NEWPID, Mounts: []boot.Mount{{Source: "proc", Target: "/proc", Type: "proc", Flags: unix.MS_NOSUID, Data: "a,b"}}}
	argv, err := m.Make(b)
	if got, want := strings.Join(argv, " "), "/bin/runsc --root /state --network=host run --bundle "+b.Dir+" c"; err != nil || got != want {
		t.Errorf("got %s, %v, want %s", got, err, want)
	}
	text, err := os.ReadFile(filepath.Join(b.Dir, "config.json"))
	if want := `"mounts":[{"destination":"/proc","type":"proc","source":"proc","options":["nosuid","a","b"]}]`; err != nil || !strings.Contains(string(text), want) || strings.Contains(string(text), "CAP_BPF") {
		t.Errorf("got %s, %v, want %s in it, and no capability that a runtime may not know", text, err, want)
	}
	b.Join = []boot.Join{{Kind: unix.CLONE_NEWNET, Path: "/run/n"}}
	if argv, err := m.Make(b); err != nil || slices.Contains(argv, "--network=host") {
		t.Errorf("in a network of its own: got %v, %v", argv, err)
	}
}

func TestCommandLines(t *testing.T) {
	m := &Maker{Path: "/bin/runc", Root: "/state", Flags: []string{"--debug"}}
	b := &program.Bundle{ID: "c", Dir: t.TempDir()}
	argv, err := m.Make(b)
	if got, want := strings.Join(argv, " "), "/bin/runc --root /state --debug run --bundle "+b.Dir+" c"; err != nil || got != want {
		t.Errorf("got %s, %v, want %s", got, err, want)
	}
	argv, err = m.Enter(b, &program.Session{ID: "c.s", Argv: []string{"sh"}, Env: []string{"SECRET=1"}, Dir: "/"})
	file := filepath.Join(b.Dir, "exec-c.s.json")
	if got, want := strings.Join(argv, " "), "/bin/runc --root /state --debug exec --process "+file+" c"; err != nil || got != want {
		t.Errorf("got %s, %v, want %s", got, err, want)
	}
	if info, err := os.Stat(file); err != nil || info.Mode().Perm() != 0o600 {
		t.Errorf("file of the environment: got %v, %v, want it for its owner alone", info, err)
	}
}
