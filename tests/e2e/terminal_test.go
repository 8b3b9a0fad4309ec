package e2e

import (
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"mesos/tests/cluster"
)

// TestTopAtATerminal looks at the live picture as a person does: keys change it, the cluster does, and it leaves the
// terminal as it was.
func TestTopAtATerminal(t *testing.T) {
	t.Parallel()
	c := cluster.Start(t, cluster.Options{Agents: 1, Separate: true})
	s := startAtTerminal(t, c, "top", "--every", "100ms")
	s.until(&s.stdout, "tasks none")
	run := startMesos(t, c, "run", "--name", "latecomer", "--", "sh", "-c", "echo started; sleep 1000")
	run.until(&run.stdout, "started")
	s.until(&s.stdout, "latecomer-")
	s.until(&s.stdout, "tasks running 1")
	s.Type("a")
	s.until(&s.stdout, "ATTRIBUTES")
	s.Type("\x1b[B") // an arrow is not Escape: it goes on
	s.Type("f")
	s.until(&s.stdout, "run latecomer")
	s.Resize(5, 40)
	eventually(t, "a picture cut to five rows", func() bool {
		frames := strings.Split(s.stdout.String(), "\x1b[H")
		return len(frames) > 2 && strings.Count(frames[len(frames)-2], "\r\n") == 4
	})
	s.Type("q")
	if code := s.wait(); code != 0 {
		t.Errorf("got exit code %d, want 0", code)
	}
	eventually(t, "the screen from before, with a cursor", func() bool { return strings.HasSuffix(s.stdout.String(), "\x1b[?25h\x1b[?1049l") })
}

// TestWatchAtATerminal has a list drawn anew on an empty screen, and ends it by Ctrl-C.
func TestWatchAtATerminal(t *testing.T) {
	t.Parallel()
	c := cluster.Start(t, cluster.Options{Agents: 1, Separate: true})
	s := startAtTerminal(t, c, "task", "list", "--watch")
	s.until(&s.stdout, "\x1b[H\x1b[2J")
	run := startMesos(t, c, "run", "--name", "latecomer", "--", "sh", "-c", "echo started; sleep 1000")
	run.until(&run.stdout, "started")
	eventually(t, "the task on a screen that was wiped", func() bool {
		screens := strings.Split(s.stdout.String(), "\x1b[H\x1b[2J")
		last := screens[len(screens)-1]
		return strings.Contains(last, "latecomer-") && strings.Contains(last, "running")
	})
	s.Type("\x03")
	if code := s.wait(); code != 0 {
		t.Errorf("got exit code %d, want 0: it was to go on until Ctrl-C", code)
	}
}

// TestCompletionInBash types half words into a real shell.
func TestCompletionInBash(t *testing.T) {
	t.Parallel()
	bash, err := exec.LookPath("bash")
	if err != nil {
		t.Skip("no bash")
	}
	c := cluster.Start(t, cluster.Options{Agents: 1, Separate: true})
	run := startMesos(t, c, "run", "--name", "needle", "--", "sh", "-c", "echo started; sleep 1000")
	run.until(&run.stdout, "started")
	cmd := exec.Command(bash, "--norc", "--noprofile", "-i")
	cmd.Env = append(os.Environ(), "MESOS_MASTER="+c.Addr(), "PS1=ready$ ", "TERM=dumb", "HISTFILE=", "INPUTRC=/dev/null",
		"PATH="+filepath.Dir(cluster.Binary(t, "mesos"))+":"+os.Getenv("PATH"))
	s := atTerminal(t, cmd)
	s.until(&s.stdout, "ready$ ")
	s.Type("source <(mesos completion bash) && echo sour''ced\r")
	s.until(&s.stdout, "\nsourced")
	for _, half := range []struct{ typed, whole string }{
		{"mesos maint\t", "mesos maintenance "},
		{"mesos task sh\t", "mesos task show "},
		{"mesos task list --wat\t", "mesos task list --watch "},
		{"mesos task show need\t", "mesos task show needle-"},
	} {
		s.Type(half.typed)
		s.until(&s.stdout, half.whole)
		s.Type("\x15") // Ctrl-U wipes the line
	}
	s.Type("exit\r")
	if code := s.wait(); code != 0 {
		t.Errorf("got exit code %d, want 0", code)
	}
}
