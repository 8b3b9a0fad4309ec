package seccomp

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"go.uber.org/goleak"
	"google.golang.org/protobuf/proto"

	"mesos/isolators"
	"mesos/isolators/boot"
	"mesos/isolators/isolatortest"
	v1 "mesos/messages/mesos/v1"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

func isolator(t *testing.T, o Options) *Seccomp {
	t.Helper()
	if err := filters.Missing(); err != nil {
		t.Skip(err)
	}
	s, err := New(o)
	if err != nil {
		t.Fatal(err)
	}
	return s
}

func TestSuite(t *testing.T) {
	isolatortest.Run(t, isolatortest.Subject{New: func(t *testing.T) isolators.Isolator { return isolator(t, Options{}) }})
}

func asks(profile string, unconfined bool) *v1.ContainerInfo {
	s := &v1.SeccompInfo{Unconfined: &unconfined}
	if profile != "" {
		s.ProfileName = proto.String(profile)
	}
	return &v1.ContainerInfo{LinuxInfo: &v1.LinuxInfo{Seccomp: s}}
}

// TestWhichProfile has containers ask, and the agent have a default or none.
func TestWhichProfile(t *testing.T) {
	dir := t.TempDir()
	files := map[string]string{"allow": `{"defaultAction":"SCMP_ACT_ALLOW"}`, "log": `{"defaultAction":"SCMP_ACT_LOG"}`, "bad": `{}`}
	for name, text := range files {
		if err := os.WriteFile(filepath.Join(dir, name), []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	filter := func(name string) string {
		p := Default()
		if name != "" {
			var err error
			if p, err = Parse([]byte(files[name])); err != nil {
				t.Fatal(err)
			}
		}
		out, err := p.Compile(subject(&boot.Launch{}))
		if err != nil {
			t.Fatal(err)
		}
		return string(out)
	}
	for _, c := range []struct {
		name string
		o    Options
		info *v1.ContainerInfo
		want string
		err  string
	}{
		{"nobody asks", Options{}, nil, filter(""), ""},
		{"the agent's", Options{Dir: dir, Profile: "log"}, nil, filter("log"), ""},
		{"the container's", Options{Dir: dir, Profile: "log"}, asks("allow", false), filter("allow"), ""},
		{"unconfined", Options{Dir: dir, Profile: "log"}, asks("", true), "", ""},
		{"both", Options{Dir: dir}, asks("log", true), "", "seccomp: want one of profile_name and unconfined"},
		{"no such", Options{Dir: dir}, asks("none", false), "", `profile_name: profile "none": want the name of a file in`},
		{"elsewhere", Options{Dir: dir}, asks("../x", false), "", `profile_name: profile "../x": want the name of a file`},
		{"wrong", Options{Dir: dir}, asks("bad", false), "", `profile "bad": defaultAction`},
		{"no directory", Options{}, asks("log", false), "", "needs --seccomp_config_dir"},
	} {
		t.Run(c.name, func(t *testing.T) {
			s, l := isolator(t, c.o), &boot.Launch{}
			err := s.Prepare(t.Context(), isolators.Container{ID: "c", Info: c.info}, l)
			if c.err != "" {
				if err == nil || !strings.Contains(err.Error(), c.err) {
					t.Errorf("got %v, want an error with %q", err, c.err)
				}
			} else if err != nil || string(l.Seccomp) != c.want {
				t.Errorf("got a filter of %d bytes, %v, want one of %d", len(l.Seccomp), err, len(c.want))
			}
		})
	}
	if _, err := New(Options{Dir: dir, Profile: "none"}); err == nil || !strings.Contains(err.Error(), "--seccomp_profile_name") {
		t.Errorf("the agent's is none: got %v, want an error that names the flag", err)
	}
}

// TestSubject wants rules for those with a right to be for those who can have it.
func TestSubject(t *testing.T) {
	for _, c := range []struct {
		name string
		l    boot.Launch
		want uint64
	}{
		{"root", boot.Launch{}, everyCap},
		{"root by name", boot.Launch{User: &boot.User{}}, everyCap},
		{"a user", boot.Launch{User: &boot.User{UID: 7}}, 0},
		{"bounded", boot.Launch{User: &boot.User{UID: 7}, Capabilities: &boot.Capabilities{Effective: 1, Bounding: 3}}, 3},
	} {
		if got := subject(&c.l).Capabilities; got != c.want {
			t.Errorf("%s: got %#x, want %#x", c.name, got, c.want)
		}
	}
}

// TestSession looks into a container, also into one of an earlier run of the agent.
func TestSession(t *testing.T) {
	first, l := isolator(t, Options{}), &boot.Launch{}
	if err := first.Prepare(t.Context(), isolators.Container{ID: "up", Info: asks("", true)}, l); err != nil {
		t.Fatal(err)
	}
	second := isolator(t, Options{})
	if err := second.Recover(t.Context(), []isolators.Live{{ID: "up", Info: asks("", true)}}); err != nil {
		t.Fatal(err)
	}
	for _, s := range []*Seccomp{first, second} {
		if err := s.Prepare(t.Context(), isolators.Container{ID: "up.look", Session: true}, l); err != nil || l.Seccomp != nil {
			t.Errorf("session in what is unconfined: got a filter of %d bytes, %v, want none", len(l.Seccomp), err)
		}
		if err := s.Prepare(t.Context(), isolators.Container{ID: "up.own"}, l); err != nil || l.Seccomp == nil {
			t.Errorf("nested in what is unconfined: got no filter, %v, want one", err)
		}
		l.Seccomp = nil
	}
}
