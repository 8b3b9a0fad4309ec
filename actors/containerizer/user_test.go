package containerizer

import (
	"errors"
	"fmt"
	"os"
	"os/user"
	"path/filepath"
	"strconv"
	"strings"
	"testing"

	"mesos/actors/containerizer/launch"
)

func TestUser(t *testing.T) {
	if os.Geteuid() != 0 {
		t.Skip("only root can switch users")
	}
	a, err := launch.LookupAccount("nobody")
	if err != nil {
		t.Skipf("no user to switch to: %v", err)
	}
	p := newPosix(t)
	// t.TempDir is closed to others.
	top, err := os.MkdirTemp("", "containerizer")
	if err != nil {
		t.Fatal(err)
	}
	defer os.RemoveAll(top)
	os.Chmod(top, 0o755)
	c := config(t, "c", shell("id -u; id -G; touch made; stat -c %u . stdout made"))
	c.Sandbox, c.User = filepath.Join(top, "a/b"), "nobody"
	run(t, p, c)
	var groups []string
	for _, g := range a.Groups {
		groups = append(groups, strconv.Itoa(int(g)))
	}
	id := fmt.Sprint(a.UID)
	want := id + "\n" + strings.Join(groups, " ") + "\n" + strings.Repeat(id+"\n", 3)
	if got := read(t, c.Sandbox, "stdout"); got != want {
		t.Errorf("got %q, want %q (stderr %q)", got, want, read(t, c.Sandbox, "stderr"))
	}
}

func TestUserSwitchNeedsRoot(t *testing.T) {
	if os.Geteuid() == 0 {
		t.Skip("runs as root, who can switch")
	}
	_, err := newPosix(t).Launch(t.Context(), func() Config { c := config(t, "c", shell("true")); c.User = "root"; return c }())
	if !errors.Is(err, launch.ErrUser) || !strings.Contains(err.Error(), "only root") {
		t.Errorf("got %v, want ErrUser that says who may", err)
	}
}

func TestOwnUserIsNoSwitch(t *testing.T) {
	me, err := user.Current()
	if err != nil {
		t.Skip(err)
	}
	c := config(t, "c", shell("true"))
	c.User = me.Username
	if e := run(t, newPosix(t), c); e.Status != 0 {
		t.Errorf("got %+v, want status 0", e)
	}
}
