package launch

import (
	"strings"
	"testing"

	"google.golang.org/protobuf/proto"

	v1 "mesos/messages/mesos/v1"
)

// TestImageCommand goes through what command and image can each say.
func TestImageCommand(t *testing.T) {
	entry, cmd := []string{"entry", "e"}, []string{"cmd", "c"}
	for _, c := range []struct {
		name    string
		command *v1.CommandInfo
		image   Image
		want    string
	}{
		{"shell", &v1.CommandInfo{Value: proto.String("line")}, Image{Entrypoint: entry, Cmd: cmd}, "/bin/sh: sh -c line"},
		{"value", words("program"), Image{Entrypoint: entry, Cmd: cmd}, "program: program"},
		{"value and arguments", words("program", "zero", "one"), Image{Entrypoint: entry, Cmd: cmd}, "program: zero one"},
		{"nothing", words(""), Image{}, "error"},
		{"nothing but arguments", words("", "one"), Image{}, "error"},
		{"cmd", words(""), Image{Cmd: cmd}, "cmd: cmd c"},
		{"cmd and arguments", words("", "one"), Image{Cmd: cmd}, "cmd: cmd c one"},
		{"entrypoint", words(""), Image{Entrypoint: entry}, "entry: entry e"},
		{"entrypoint and cmd", words(""), Image{Entrypoint: entry, Cmd: cmd}, "entry: entry e cmd c"},
		{"entrypoint and arguments", words("", "one"), Image{Entrypoint: entry}, "entry: entry e one"},
		{"arguments in place of cmd", words("", "one"), Image{Entrypoint: entry, Cmd: cmd}, "entry: entry e one"},
		{"shell without value", &v1.CommandInfo{}, Image{Entrypoint: entry}, "error"},
	} {
		got := "error"
		if command, err := c.image.Command(c.command); err == nil {
			if file, argv, err := Words(command); err == nil {
				got = file + ": " + strings.Join(argv, " ")
			}
		}
		if got != c.want {
			t.Errorf("%s: got %s, want %s", c.name, got, c.want)
		}
	}
}

func words(value string, arguments ...string) *v1.CommandInfo {
	c := &v1.CommandInfo{Shell: proto.Bool(false), Arguments: arguments}
	if value != "" {
		c.Value = &value
	}
	return c
}

func TestImageEnviron(t *testing.T) {
	command := &v1.CommandInfo{Environment: &v1.Environment{Variables: []*v1.Environment_Variable{{Name: proto.String("MINE"), Value: proto.String("x")}}}}
	got, err := ImageEnviron([]string{"PATH=/agent", "MINE=x", "MESOS_SANDBOX=/s"}, []string{"PATH=/image", "MINE=image", "MESOS_SANDBOX=/image", "NEW=1", "broken"}, command)
	if want := "PATH=/image MINE=x MESOS_SANDBOX=/s NEW=1"; err != nil || strings.Join(got, " ") != want {
		t.Errorf("got %v, %v, want %s", got, err, want)
	}
}

func TestImageVariable(t *testing.T) {
	entry, err := (&Image{Cmd: []string{"a b", "c"}, WorkingDir: "/w", User: &UserIDs{1, 2}}).Variable()
	if err != nil {
		t.Fatal(err)
	}
	got, err := ImageFrom([]string{"A=b", entry})
	if err != nil || got == nil || got.Cmd[0] != "a b" || got.WorkingDir != "/w" || *got.User != (UserIDs{1, 2}) {
		t.Errorf("got %+v, %v, want what was put in", got, err)
	}
	if got, err := ImageFrom([]string{"A=b"}); got != nil || err != nil {
		t.Errorf("without the variable: got %v, %v, want nothing", got, err)
	}
	if _, err := ImageFrom([]string{ImageVariable + "={"}); err == nil {
		t.Error("a damaged variable: got no error")
	}
}
