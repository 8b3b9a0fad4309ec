package secrets

import (
	"bytes"
	"os"
	"path/filepath"
	"slices"
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

func TestSuite(t *testing.T) {
	isolatortest.Run(t, isolatortest.Subject{New: func(t *testing.T) isolators.Isolator { return &Environment{Resolver: Dir(t.TempDir())} }})
}

func byValue(text string) *v1.Secret {
	return &v1.Secret{Type: v1.Secret_VALUE.Enum(), Value: &v1.Secret_Value{Data: []byte(text)}}
}

func reference(name string, key ...string) *v1.Secret {
	r := &v1.Secret_Reference{Name: &name}
	if len(key) > 0 {
		r.Key = &key[0]
	}
	return &v1.Secret{Type: v1.Secret_REFERENCE.Enum(), Reference: r}
}

// TestResolve asks for secrets that are there, are not, and must not be had.
func TestResolve(t *testing.T) {
	dir, outside := t.TempDir(), t.TempDir()
	write := func(path, text string) {
		t.Helper()
		if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	write(filepath.Join(dir, "password"), "geheim\n")
	write(filepath.Join(dir, "long"), strings.Repeat("x", MaxSize+1))
	write(filepath.Join(outside, "shadow"), "root")
	if err := os.Mkdir(filepath.Join(dir, "db"), 0o700); err != nil {
		t.Fatal(err)
	}
	write(filepath.Join(dir, "db", "user"), "admin")
	if err := os.Symlink(filepath.Join(outside, "shadow"), filepath.Join(dir, "link")); err != nil {
		t.Fatal(err)
	}
	for _, c := range []struct {
		name      string
		dir       Dir
		secret    *v1.Secret
		want, err string
	}{
		{"value", "", byValue("a\x00b"), "a\x00b", ""},
		{"name", Dir(dir), reference("password"), "geheim\n", ""},
		{"name and key", Dir(dir), reference("db", "user"), "admin", ""},
		{"no directory", "", reference("password"), "", `reference "password": this agent knows only secrets that are given by value: it needs --secrets_dir`},
		{"none", Dir(dir), reference("none"), "", "no such file"},
		{"no name", Dir(dir), reference(""), "", "want the name of a file"},
		{"above", Dir(dir), reference("../shadow"), "", "want the name of a file"},
		{"above by the key", Dir(dir), reference("db", "../../shadow"), "", "want the name of a file"},
		{"through a link", Dir(dir), reference("link"), "", "escapes"},
		{"a directory", Dir(dir), reference("db"), "", "is a directory"},
		{"too long", Dir(dir), reference("long"), "", "want a secret of at most"},
		{"nothing referred to", Dir(dir), &v1.Secret{Type: v1.Secret_REFERENCE.Enum()}, "", "reference must be set"},
		{"no type", Dir(dir), &v1.Secret{}, "", "type must be VALUE or REFERENCE"},
		{"no value", Dir(dir), &v1.Secret{Type: v1.Secret_VALUE.Enum()}, "", "value must be set"},
	} {
		got, err := c.dir.Resolve(c.secret)
		if c.err != "" {
			if err == nil || !strings.Contains(err.Error(), c.err) {
				t.Errorf("%s: got %v, want an error with %q", c.name, err, c.err)
			}
		} else if err != nil || !bytes.Equal(got, []byte(c.want)) {
			t.Errorf("%s: got %q, %v, want %q", c.name, got, err, c.want)
		}
	}
}

// TestVariables gives secrets to a command.
func TestVariables(t *testing.T) {
	variable := func(name string, s *v1.Secret) *v1.Environment_Variable {
		return &v1.Environment_Variable{Name: proto.String(name), Type: v1.Environment_Variable_SECRET.Enum(), Secret: s}
	}
	for _, c := range []struct {
		name    string
		secrets []*v1.Environment_Variable
		want    []string
		err     string
	}{
		{"none", nil, []string{"PATH=/bin", "KEY=old"}, ""},
		{"one replaced", []*v1.Environment_Variable{variable("KEY", byValue("new"))}, []string{"PATH=/bin", "KEY=new"}, ""},
		{"unknown", []*v1.Environment_Variable{variable("KEY", reference("k"))}, nil, `command.environment.variables, "KEY": secret: reference "k"`},
		{"NUL", []*v1.Environment_Variable{variable("KEY", byValue("a\x00"))}, nil, "want a volume of it"},
		{"of the agent", []*v1.Environment_Variable{variable("MESOS_SANDBOX", byValue("/"))}, nil, "want a name that is not the agent's"},
		{"bad name", []*v1.Environment_Variable{variable("K=Y", byValue("a"))}, nil, "want a name without"},
	} {
		e, l := &Environment{Resolver: Dir("")}, &boot.Launch{Env: []string{"PATH=/bin", "KEY=old"}}
		err := e.Prepare(t.Context(), isolators.Container{ID: "c", Secrets: c.secrets}, l)
		if c.err != "" {
			if err == nil || !strings.Contains(err.Error(), c.err) || strings.Contains(err.Error(), "geheim") {
				t.Errorf("%s: got %v, want an error with %q", c.name, err, c.err)
			}
		} else if err != nil || !slices.Equal(l.Env, c.want) {
			t.Errorf("%s: got %q, %v, want %q", c.name, l.Env, err, c.want)
		}
	}
}
