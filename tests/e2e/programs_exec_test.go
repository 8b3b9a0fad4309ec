package e2e

import (
	"os"
	"os/exec"
	"strings"
	"testing"

	v1 "mesos/messages/mesos/v1"
	"mesos/tests/cluster"
)

// TestProgramTerminals has shells at terminals in containers that programs of the
// machine make.
func TestProgramTerminals(t *testing.T) {
	t.Parallel()
	for _, name := range []string{"runc", "crun", "shim"} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			c, cl, runtime := startProgrammed(t, programs[name].needs, programs[name].flags)
			task := imageTask("shell", "plain:1", inShell("exec sh"))
			task.Container.TtyInfo = &v1.TTYInfo{}
			c.launchAll(task)
			livesAtTerminal(t, c, cl, name != "crun") // crun 1.8 keeps the size to itself
			nothingProgrammed(t, cl, runtime)
		})
	}
}

// TestProgramSessions executes commands in such containers, with what goes in and
// comes out of them.
func TestProgramSessions(t *testing.T) {
	t.Parallel()
	for _, name := range []string{"runc", "crun", "shim"} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			c, cl, runtime := startProgrammed(t, programs[name].needs, programs[name].flags)
			c.launchAll(imageTask("stays", "plain:1", inShell("while :; do sleep 1; done")))
			c.runs("stays")
			for _, e := range []struct {
				args           []string
				stdin          string
				code           int
				stdout, stderr string
			}{
				{[]string{"stays", "--", "sh", "-c", "echo out; echo err >&2; exit 3"}, "", 3, "out\n", "err\n"},
				{[]string{"stays", "--", "sh", "-c", "kill -TERM $$"}, "", 143, "", ""},
				{[]string{"-i", "stays", "--", "sh", "-c", "wc -c"}, strings.Repeat("x", 3<<20), 0, "3145728\n", ""},
				{[]string{"stays", "--", "busybox", "head", "-c", "3000000", "/dev/zero"}, "", 0, strings.Repeat("\x00", 3000000), ""},
			} {
				p := exec.Command(cluster.Binary(t, "mesos"), append([]string{"exec"}, e.args...)...)
				p.Env = append(os.Environ(), "MESOS_MASTER="+cl.Addr())
				var stdout, stderr strings.Builder
				p.Stdin, p.Stdout, p.Stderr = strings.NewReader(e.stdin), &stdout, &stderr
				_ = p.Run() // the exit code is looked at
				if code := p.ProcessState.ExitCode(); code != e.code || stdout.String() != e.stdout || stderr.String() != e.stderr {
					t.Errorf("%q: got %d, %.100q, %q, want %d, %.100q, %q", e.args, code, stdout.String(), stderr.String(), e.code, e.stdout, e.stderr)
				}
			}
			c.driver.Kill("stays", nil)
			c.ends(t, cl, "stays", v1.TaskState_TASK_KILLED, "")
			nothingProgrammed(t, cl, runtime)
		})
	}
}
