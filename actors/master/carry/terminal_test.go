package carry

import (
	"testing"

	"google.golang.org/protobuf/proto"
)

func TestContainerNamed(t *testing.T) {
	if got := containerNamed("a.b"); got.GetValue() != "b" || got.GetParent().GetValue() != "a" || got.GetParent().GetParent() != nil {
		t.Errorf("a.b: got %v, want b in a", got)
	}
	if got := containerNamed("a"); got.GetValue() != "a" || got.Parent != nil {
		t.Errorf("a: got %v, want a alone", got)
	}
	if c := commandOf(""); !proto.Equal(c, commandOf("")) || c.GetShell() || c.GetValue() != "sh" {
		t.Errorf("no command: got %v, want sh", c)
	}
	if c := commandOf("ls -l"); !c.GetShell() || c.GetValue() != "ls -l" {
		t.Errorf("ls -l: got %v, want it by a shell", c)
	}
}
