package oci

import (
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"syscall"
	"testing"

	"mesos/actors/containerizer/program"
	"mesos/actors/containerizer/shimv2"
	"mesos/isolators"
)

func TestShimProgram(t *testing.T) {
	for runtime, want := range map[string]string{
		"kata": "containerd-shim-kata-v2", Kata: "containerd-shim-kata-v2", "io.containerd.runc.v2": "containerd-shim-runc-v2", "io.containerd.runsc.v1": "containerd-shim-runsc-v1",
		"runc": "", "kata-runtime": "", "/opt/io.containerd.kata.v2": "", "io.containerd.kata": "", "io.containerd..v2": "", "": "",
	} {
		if got, is := ShimProgram(runtime); got != want || is != (want != "") {
			t.Errorf("%q: got %q, %v, want %q", runtime, got, is, want)
		}
	}
}

// install puts programs that do nothing into a PATH of their own.
func install(t *testing.T, programs ...string) string {
	t.Helper()
	dir := t.TempDir()
	for _, p := range programs {
		if err := os.WriteFile(filepath.Join(dir, p), []byte("#!/bin/sh\n"), 0o700); err != nil {
			t.Fatal(err)
		}
	}
	t.Setenv("PATH", dir)
	return dir
}

// What is missing is named, with what would bring it.
func TestShimMissing(t *testing.T) {
	install(t)
	_, err := NewShim("kata", nil, "/mesos-oci", "/state")
	var missing *isolators.MissingError
	if !errors.As(err, &missing) || !strings.Contains(err.Error(), "containerd-shim-kata-v2 in PATH, which Kata Containers brings") {
		t.Errorf("Kata that is not installed: got %v, want a MissingError that names its program", err)
	}
	err = virtual(filepath.Join(t.TempDir(), "kvm"))
	if !errors.As(err, &missing) || !errors.Is(err, fs.ErrNotExist) || !strings.Contains(err.Error(), "virtualization") {
		t.Errorf("no virtualization: got %v, want a MissingError that says so", err)
	}
	if err := virtual(os.DevNull); !errors.As(err, &missing) || !errors.Is(err, syscall.ENOTTY) {
		t.Errorf("no device of KVM: got %v, want a MissingError of what it says", err)
	}
	install(t, "containerd-shim-kata-v2")
	if err := virtual("/dev/kvm"); err != nil {
		if _, got := NewShim("kata", nil, "/mesos-oci", "/state"); got == nil || got.Error() != err.Error() {
			t.Errorf("Kata here: got %v, want %v", got, err)
		}
	}
}

func TestShimOptions(t *testing.T) {
	dir := install(t, "containerd-shim-runc-v2", "containerd-shim-other-v1")
	for _, c := range []struct {
		runtime   string
		arguments []string
		want      shimv2.Options
		fails     string
	}{
		{"io.containerd.runc.v2", nil, shimv2.Runc("/state", ""), ""},
		{"io.containerd.runc.v2", []string{"/bin/crun"}, shimv2.Runc("/state", "/bin/crun"), ""},
		{"io.containerd.other.v1", nil, shimv2.Options{}, ""},
		{"io.containerd.other.v1", []string{"/etc/other.toml"}, shimv2.Configured("/etc/other.toml"), ""},
		{"io.containerd.other.v1", []string{"--debug", "x"}, shimv2.Options{}, "want one at most"},
		{"runc", nil, shimv2.Options{}, "want a name like io.containerd.kata.v2"},
	} {
		s, err := NewShim(c.runtime, c.arguments, "/mesos-oci", "/state")
		if c.fails != "" {
			if err == nil || !strings.Contains(err.Error(), c.fails) {
				t.Errorf("%s %v: got %v, want an error with %q", c.runtime, c.arguments, err, c.fails)
			}
			continue
		}
		if err != nil || s.Options.Kind != c.want.Kind || string(s.Options.Value) != string(c.want.Value) || filepath.Dir(s.Path) != dir {
			t.Errorf("%s %v: got %+v, %v, want options %+v", c.runtime, c.arguments, s, err, c.want)
		}
	}
}

// The command lines of a shim are those of mesos-oci; secrets of what is executed are
// for its owner alone.
func TestShimCommandLines(t *testing.T) {
	m := &Shim{Runner: "/bin/mesos-oci", Path: "/bin/containerd-shim-kata-v2"}
	if !m.Apart() || (&Shim{Path: "/bin/containerd-shim-runc-v2"}).Apart() {
		t.Error("kernels of their own: got Kata without one, or runc with one")
	}
	b := &program.Bundle{ID: "c", Dir: t.TempDir()}
	argv, err := m.Make(b)
	if got, want := strings.Join(argv, " "), "/bin/mesos-oci run "+b.Dir; err != nil || got != want {
		t.Errorf("got %s, %v, want %s", got, err, want)
	}
	argv, err = m.Enter(b, &program.Session{ID: "c.s", Argv: []string{"sh"}, Env: []string{"SECRET=1"}, Dir: "/"})
	file := filepath.Join(b.Dir, "exec-c.s.json")
	if got, want := strings.Join(argv, " "), "/bin/mesos-oci exec "+b.Dir+" "+file; err != nil || got != want {
		t.Errorf("got %s, %v, want %s", got, err, want)
	}
	if info, err := os.Stat(file); err != nil || info.Mode().Perm() != 0o600 {
		t.Errorf("file of the environment: got %v, %v, want it for its owner alone", info, err)
	}
}
