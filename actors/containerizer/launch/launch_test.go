package launch

import (
	"errors"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	v1 "mesos/messages/mesos/v1"
)

func TestArgv(t *testing.T) {
	dir := t.TempDir()
	for _, name := range []string{"here", "bin/there", "plain"} {
		os.MkdirAll(filepath.Dir(filepath.Join(dir, name)), 0o755)
		os.WriteFile(filepath.Join(dir, name), nil, 0o755)
	}
	os.Chmod(filepath.Join(dir, "plain"), 0o644)
	yes, no := true, false
	tests := []struct {
		name  string
		shell *bool
		value string
		args  []string
		path  string
		file  string
		argv  []string
		word  string // of the error
	}{
		{"shell by default", nil, "echo $A", nil, "", "/bin/sh", []string{"sh", "-c", "echo $A"}, ""},
		{"shell ignores arguments", &yes, "x", []string{"y"}, "", "/bin/sh", []string{"sh", "-c", "x"}, ""},
		{"path", &no, "/bin/true", []string{"t", "a"}, "", "/bin/true", []string{"t", "a"}, ""},
		{"no arguments", &no, "./here", nil, "", "./here", []string{"./here"}, ""},
		{"PATH", &no, "there", []string{"x"}, "/nowhere:" + dir + "/bin", dir + "/bin/there", []string{"x"}, ""},
		{"relative PATH counts from the sandbox", &no, "there", []string{"x"}, "bin", dir + "/bin/there", []string{"x"}, ""},
		{"default PATH", &no, "sh", []string{"x"}, "", "/usr/bin/sh", []string{"x"}, ""},
		{"not executable", &no, "plain", nil, dir, "", nil, `"plain"`},
		{"absent", &no, "absent", nil, dir, "", nil, dir},
		{"empty", &no, "", nil, "", "", nil, "command.value"},
		{"nul", nil, "a\x00b", nil, "", "", nil, "command.value"},
		{"nul in argument", &no, "/bin/true", []string{"a", "\x00"}, "", "", nil, "arguments[1]"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			env := []string{"PATH=/elsewhere"}
			if tt.path != "" {
				env = append(env, "PATH="+tt.path)
			} else {
				env = nil
			}
			file, argv, err := Argv(&v1.CommandInfo{Shell: tt.shell, Value: &tt.value, Arguments: tt.args}, env, dir)
			if tt.word != "" {
				if !errors.Is(err, ErrCommand) || !strings.Contains(err.Error(), tt.word) {
					t.Errorf("got %v, want ErrCommand that says %q", err, tt.word)
				}
				return
			}
			same := file == tt.file
			if a, e1 := os.Stat(file); !same && e1 == nil { // /bin may be a link
				b, e2 := os.Stat(tt.file)
				same = e2 == nil && os.SameFile(a, b)
			}
			if err != nil || !same || !slices.Equal(argv, tt.argv) {
				t.Errorf("got %q %q, %v, want %q %q", file, argv, err, tt.file, tt.argv)
			}
		})
	}
}

func plain(name, value string) *v1.Environment_Variable {
	return &v1.Environment_Variable{Name: &name, Value: &value}
}

func secret(name string, s *v1.Secret) *v1.Environment_Variable {
	return &v1.Environment_Variable{Name: &name, Type: v1.Environment_Variable_SECRET.Enum(), Secret: s}
}

func TestEnviron(t *testing.T) {
	byValue := &v1.Secret{Type: v1.Secret_VALUE.Enum(), Value: &v1.Secret_Value{Data: []byte("hush")}}
	base := []string{"A=1", "MESOS_X=2", "A=3"}
	got, err := Environ(base, &v1.Environment{Variables: []*v1.Environment_Variable{
		plain("B", "b=c"), plain("MESOS_X", "own"), secret("S", byValue), plain("E", ""),
	}})
	want := []string{"A=3", "MESOS_X=own", "B=b=c", "S=hush", "E="}
	if err != nil || !slices.Equal(got, want) {
		t.Errorf("got %q, %v, want %q", got, err, want)
	}
	for _, bad := range []*v1.Environment_Variable{
		plain("", "x"), plain("A=B", "x"), plain("A\x00", "x"), plain("A", "\x00"),
		secret("TOKEN", &v1.Secret{Type: v1.Secret_REFERENCE.Enum()}), secret("TOKEN", nil),
	} {
		_, err := Environ(nil, &v1.Environment{Variables: []*v1.Environment_Variable{plain("OK", ""), bad}})
		if !errors.Is(err, ErrCommand) || !strings.Contains(err.Error(), "variables[1]") {
			t.Errorf("%v: got %v, want ErrCommand that names variables[1]", bad, err)
		}
	}
}

func TestLookupAccount(t *testing.T) {
	if a, err := LookupAccount(""); a != nil || err != nil {
		t.Errorf("got %v, %v for no name, want nothing", a, err)
	}
	if _, err := LookupAccount("no-such-user"); !errors.Is(err, ErrUser) || !strings.Contains(err.Error(), "no-such-user") {
		t.Errorf("got %v, want ErrUser that names the user", err)
	}
	a, err := LookupAccount("root")
	if os.Geteuid() == 0 {
		if a != nil || err != nil {
			t.Errorf("got %v, %v for the own user, want nothing", a, err)
		}
		return
	}
	if !errors.Is(err, ErrUser) || !strings.Contains(err.Error(), "only root") {
		t.Errorf("got %v, want ErrUser that says who may", err)
	}
}
