package containerizer

import (
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"syscall"
	"testing"

	"google.golang.org/protobuf/proto"

	"mesos/actors/containerizer/proctree"
	v1 "mesos/messages/mesos/v1"
)

// all reads an output to its end.
func all(t testing.TB, out Output) (stdout, stderr string, err error) {
	t.Helper()
	defer out.Close()
	var text [2]strings.Builder
	for {
		data, isStderr, err := out.Next()
		if errors.Is(err, io.EOF) {
			return text[0].String(), text[1].String(), nil
		}
		if err != nil {
			return text[0].String(), text[1].String(), err
		}
		if isStderr {
			text[1].Write(data)
		} else {
			text[0].Write(data)
		}
	}
}

func launched(t testing.TB, p *Posix, c Config) <-chan Exit {
	t.Helper()
	if _, err := p.Launch(t.Context(), c); err != nil {
		t.Fatal(err)
	}
	return p.Wait(c.ContainerID)
}

func attached(t testing.TB, p *Posix, id string) Output {
	t.Helper()
	out, err := p.AttachOutput(id)
	if err != nil {
		t.Fatal(err)
	}
	return out
}

func input(t testing.TB, p *Posix, id string) Input {
	t.Helper()
	in, err := p.AttachInput(id)
	if err != nil {
		t.Fatal(err)
	}
	return in
}

func session(up Config, name string, c *v1.CommandInfo) Config {
	s := within(up, name, c)
	s.Sandbox, s.Session = up.Sandbox, true
	s.Environment = []string{"PATH=/usr/bin:/bin", "MESOS_SANDBOX=" + up.Sandbox, "MESOS_CONTAINER_ID=" + s.ContainerID}
	return s
}

// TestSession writes before anybody reads: nothing of it is lost, and nothing
// goes to the sandbox's files.
func TestSession(t *testing.T) {
	p := newSupervising(t)
	up := outer(t, p, "a")
	c := session(up, "s", shell("pwd; echo oops >&2; cat; exit 4"))
	exit := launched(t, p, c)
	out := attached(t, p, c.ContainerID)
	in := input(t, p, c.ContainerID)
	if _, err := p.AttachInput(c.ContainerID); !errors.Is(err, ErrNotAttachable) || !strings.Contains(err.Error(), "attached to already") {
		t.Errorf("second writer: got %v, want %v", err, ErrNotAttachable)
	}
	long := strings.Repeat("0123456789abcdef", 20<<10)
	go func() {
		_, _ = io.WriteString(writer{in}, long) // what arrives is looked at below
		_ = in.End()
	}()
	stdout, stderr, err := all(t, out)
	if want := up.Sandbox + "\n" + long; err != nil || stdout != want || stderr != "oops\n" {
		t.Errorf("got %d bytes %.80q, stderr %q, %v, want %d bytes", len(stdout), stdout, stderr, err, len(want))
	}
	<-in.Ended()
	in.Close()
	if e := <-exit; syscall.WaitStatus(e.Status).ExitStatus() != 4 {
		t.Errorf("got %s, want exit status 4", e.Message)
	}
	if got := read(t, up.Sandbox, "stdout"); got != "" {
		t.Errorf("the outer container's stdout has %.80q, want nothing", got)
	}
}

type writer struct{ Input }

// TestSessionEndsWithItsReader also finds a process that daemonized.
func TestSessionEndsWithItsReader(t *testing.T) {
	p := newSupervising(t)
	up := outer(t, p, "a")
	c := session(up, "s", shell("setsid sleep 1000 & echo $!; sleep 1000"))
	exit := launched(t, p, c)
	out := attached(t, p, c.ContainerID)
	data, _, err := out.Next()
	if err != nil {
		t.Fatal(err)
	}
	pid := strings.TrimSpace(string(data))
	out.Close()
	if e := <-exit; syscall.WaitStatus(e.Status).Signal() != syscall.SIGKILL {
		t.Errorf("got %s, want it killed", e.Message)
	}
	eventually(t, func() bool { _, err := os.Stat("/proc/" + pid); return err != nil })
}

func TestTerminal(t *testing.T) {
	p := newSupervising(t)
	up := outer(t, p, "a")
	c := within(up, "tty", shell("exec sh -i"))
	c.TTY = &v1.TTYInfo{WindowSize: &v1.TTYInfo_WindowSize{Rows: proto.Uint32(7), Columns: proto.Uint32(70)}}
	exit := launched(t, p, c)
	in := input(t, p, c.ContainerID)
	type2 := func(line string) {
		t.Helper()
		if _, err := in.Write([]byte(line)); err != nil {
			t.Fatal(err)
		}
	}
	shown := func(text string) func() bool {
		return func() bool { return strings.Contains(read(t, c.Sandbox, "stdout"), text) }
	}
	type2("stty size; tty\n")
	eventually(t, shown("7 70"))
	eventually(t, shown("/dev/pts/"))
	if err := in.Resize(9, 90); err != nil {
		t.Fatal(err)
	}
	type2("stty size\n")
	eventually(t, shown("9 90"))
	if err := in.End(); err != nil { // means nothing to a terminal
		t.Fatal(err)
	}
	in.Close()
	eventually(t, func() bool { // the next writer
		next, err := p.AttachInput(c.ContainerID)
		if err == nil {
			in = next
		}
		return err == nil
	})
	out := attached(t, p, c.ContainerID)
	type2("exit 6\n")
	stdout, _, err := all(t, out)
	if err != nil || !strings.Contains(stdout, "exit 6") {
		t.Errorf("got %q, %v, want the echo of what was typed", stdout, err)
	}
	in.Close()
	if e := <-exit; syscall.WaitStatus(e.Status).ExitStatus() != 6 {
		t.Errorf("got %s, want exit status 6", e.Message)
	}
}

// TestReaders attaches two beside the sandbox's files: each misses nothing.
func TestReaders(t *testing.T) {
	p := newSupervising(t)
	up := outer(t, p, "a")
	const size = 8 << 20
	c := within(up, "b", shell(fmt.Sprintf("while [ ! -e go ]; do sleep 0.01; done; head -c %d /dev/zero; echo end >&2", size)))
	exit := launched(t, p, c)
	readers := []Output{attached(t, p, c.ContainerID), attached(t, p, c.ContainerID)}
	if err := os.WriteFile(filepath.Join(c.Sandbox, "go"), nil, 0o600); err != nil {
		t.Fatal(err)
	}
	var wg sync.WaitGroup
	for i, r := range readers {
		wg.Go(func() {
			stdout, stderr, err := all(t, r)
			if err != nil || len(stdout) != size || stderr != "end\n" {
				t.Errorf("reader %d: got %d bytes, %q, %v, want %d bytes", i, len(stdout), stderr, err, size)
			}
		})
	}
	wg.Wait()
	if e := <-exit; e.Status != 0 {
		t.Errorf("got %s, want exit status 0", e.Message)
	}
	if info, err := os.Stat(filepath.Join(c.Sandbox, "stdout")); err != nil || info.Size() != size {
		t.Errorf("the file: got %v, %v, want %d bytes", info, err, size)
	}
}

// TestNoInput: a plain container reads nothing rather than wait for a writer.
func TestNoInput(t *testing.T) {
	p := newSupervising(t)
	up := outer(t, p, "a")
	c := within(up, "b", shell("cat; sleep 1000"))
	launched(t, p, c)
	if _, err := p.AttachInput(c.ContainerID); !errors.Is(err, ErrNotAttachable) {
		t.Errorf("got %v, want %v", err, ErrNotAttachable)
	}
	e := run(t, p, within(up, "c", shell("cat")))
	if e.Status != 0 {
		t.Errorf("cat: got %s, want exit status 0", e.Message)
	}
}

// TestDescriptors counts those of this program before and after many sessions.
func TestDescriptors(t *testing.T) {
	p := newSupervising(t)
	up := outer(t, p, "a")
	once := func(i int) {
		c := session(up, fmt.Sprint("s", i), shell("echo hi"))
		exit := launched(t, p, c)
		if stdout, _, err := all(t, attached(t, p, c.ContainerID)); stdout != "hi\n" || err != nil {
			t.Errorf("got %q, %v, want hi", stdout, err)
		}
		<-exit
	}
	count := func() int {
		list, err := os.ReadDir("/proc/self/fd")
		if err != nil {
			t.Fatal(err)
		}
		return len(list)
	}
	once(0)
	before := count()
	for i := range 20 {
		once(i + 1)
	}
	eventually(t, func() bool { return count() <= before })
}

// TestSupervisedOutlivesPosix recovers containers that live and one that ended
// meanwhile, with its status; its daemon is killed.
func TestSupervisedOutlivesPosix(t *testing.T) {
	first := newSupervising(t)
	up := outer(t, first, "a")
	stays := within(up, "stays", shell("trap 'exit 3' TERM; echo >ready; while :; do sleep 0.01; done"))
	ends := within(up, "ends", shell("while [ ! -e go ]; do sleep 0.01; done; exit 5"))
	var known []Known
	for _, c := range []Config{stays, ends} {
		proc, err := first.Launch(t.Context(), c)
		if err != nil {
			t.Fatal(err)
		}
		known = append(known, Known{ContainerID: c.ContainerID, Sandbox: c.Sandbox, Process: proc, Runtime: c.Runtime})
	}
	known[0].Process = Process{} // the agent died before it knew
	first.mu.Lock()
	outermost := Process{PID: first.containers["a"].pid}
	first.mu.Unlock()
	outermost.Started, _ = proctree.StartTime(outermost.PID)
	known = append(known, Known{ContainerID: "a", Sandbox: up.Sandbox, Process: outermost})
	eventually(t, func() bool { _, err := os.Stat(filepath.Join(stays.Sandbox, "ready")); return err == nil })
	first.Close()
	if err := os.WriteFile(filepath.Join(ends.Sandbox, "go"), nil, 0o600); err != nil {
		t.Fatal(err)
	}
	eventually(t, func() bool { _, err := os.Stat(filepath.Join(ends.Runtime, "status")); return err == nil })
	if _, err := syscall.Wait4(known[1].Process.PID, nil, 0, nil); err != nil { // as init would
		t.Fatal(err)
	}

	second := newSupervising(t)
	alive, err := second.Recover(filepath.Dir(filepath.Dir(up.Sandbox)), known)
	if err != nil {
		t.Fatal(err)
	}
	if len(alive) != 2 || alive[stays.ContainerID].PID == 0 {
		t.Errorf("got alive %v, want the outer one and the one that stays", alive)
	}
	if e, ok := <-second.Wait(ends.ContainerID); !ok || syscall.WaitStatus(e.Status).ExitStatus() != 5 {
		t.Errorf("the one that ended: got %v, %s, want exit status 5", ok, e.Message)
	}
	exit := second.Wait(stays.ContainerID)
	if err := second.Signal(stays.ContainerID, syscall.SIGTERM); err != nil {
		t.Fatal(err)
	}
	if err := reapWhenDead(alive[stays.ContainerID].PID); err != nil {
		t.Fatal(err)
	}
	if e := <-exit; syscall.WaitStatus(e.Status).ExitStatus() != 3 {
		t.Errorf("the one that stayed: got %s, want exit status 3", e.Message)
	}
	outerExit := second.Wait("a")
	second.Destroy("a")
	if err := reapWhenDead(outermost.PID); err != nil {
		t.Fatal(err)
	}
	<-outerExit
}

// reapWhenDead does for a child of this test what init does for an agent's.
func reapWhenDead(pid int) error {
	_, err := syscall.Wait4(pid, nil, 0, nil)
	return err
}
