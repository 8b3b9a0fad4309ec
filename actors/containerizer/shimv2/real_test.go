package shimv2

import (
	"bytes"
	"context"
	"fmt"
	"io/fs"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"syscall"
	"testing"
	"time"

	"google.golang.org/protobuf/encoding/protowire"

	"mesos/actors/containerizer/proctree"
)

// bundleOf makes a bundle whose container, on the machine's own files, runs a line of
// shell. It skips where there is no shim, or no right to make containers.
func bundleOf(t *testing.T, line string) *Order {
	t.Helper()
	if os.Geteuid() != 0 {
		t.Skip("only root makes containers")
	}
	paths := map[string]string{}
	for _, name := range []string{"containerd-shim-runc-v2", "runc"} {
		path, err := exec.LookPath(name)
		if err != nil {
			t.Skipf("no %s: install containerd and runc", name)
		}
		paths[name] = path
	}
	id := fmt.Sprintf("mesos-test-%d-%s", os.Getpid(), strings.ToLower(t.Name()))
	dir := filepath.Join(t.TempDir(), id)
	if err := os.MkdirAll(filepath.Join(dir, "root"), 0o700); err != nil {
		t.Fatal(err)
	}
	config := fmt.Sprintf(`{"ociVersion":"1.0.2","process":{"user":{"uid":0,"gid":0},"args":["/bin/sh","-c",%q],"env":["PATH=/bin"],"cwd":"/"},
		"root":{"path":%q},"mounts":[{"destination":"/dev","type":"bind","source":"/dev","options":["rbind"]}],
		"linux":{"cgroupsPath":"/%s","namespaces":[{"type":"mount"},{"type":"pid"}]}}`, line, filepath.Join(dir, "root"), id)
	if err := os.WriteFile(filepath.Join(dir, "config.json"), []byte(config), 0o600); err != nil {
		t.Fatal(err)
	}
	o := &Order{Program: paths["containerd-shim-runc-v2"], ID: id, Dir: dir, Options: Runc(t.TempDir(), paths["runc"])}
	t.Cleanup(func() {
		if err := Forget(context.Background(), dir); err != nil {
			t.Error(err)
		}
	})
	return o
}

// program is mesos-oci, as an agent starts it: where the machine's files are mounted
// once more.
func program(t *testing.T, o *Order) (cmd *exec.Cmd, stdout, stderr *bytes.Buffer) {
	t.Helper()
	if err := o.Write(); err != nil {
		t.Fatal(err)
	}
	own, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	const mount = `mount --rbind / "$1" && exec "$2"`
	cmd = exec.Command("unshare", "--mount", "--propagation", "slave", "/bin/sh", "-c", mount, "sh", filepath.Join(o.Dir, "root"), own)
	stdout, stderr = &bytes.Buffer{}, &bytes.Buffer{}
	cmd.Env = append(os.Environ(), asProgram+"="+o.Dir)
	cmd.Stdout, cmd.Stderr = stdout, stderr
	return cmd, stdout, stderr
}

func until(t *testing.T, what string, done func() bool) {
	t.Helper()
	for end := time.Now().Add(time.Minute); !done(); time.Sleep(10 * time.Millisecond) {
		if time.Now().After(end) {
			t.Fatalf("waited in vain for %s", what)
		}
	}
}

// nothing checks that a container has left no processes, no socket, no state of runc.
func nothing(t *testing.T, o *Order, socket, root string) {
	t.Helper()
	if socket != "" {
		if _, err := os.Lstat(socket); err == nil {
			t.Errorf("socket of the shim: got %s, want none", socket)
		}
	}
	if left, err := filepath.Glob(filepath.Join(root, "*", "*")); err != nil || len(left) > 0 {
		t.Errorf("state of runc: got %v, %v, want none", left, err)
	}
	mark := asProgram + "=" + o.Dir
	until(t, "the processes to end", func() bool { return len(proctree.Marked([]string{mark})[mark]) == 0 })
}

// begun starts a container that stays, and says where its shim is.
func begun(t *testing.T, o *Order, cmd *exec.Cmd) (socket string, shim int) {
	t.Helper()
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	mark := filepath.Join(o.Dir, "begun")
	until(t, "the container to run", func() bool {
		_, err := os.Stat(mark)
		return err == nil
	})
	at := address{}
	if err := readJSON(filepath.Join(o.Dir, addressName), &at); err != nil {
		t.Fatal(err)
	}
	for _, pid := range proctree.Descendants(cmd.Process.Pid) {
		text, err := os.ReadFile(filepath.Join("/proc", strconv.Itoa(pid), "cmdline"))
		if err == nil && strings.HasPrefix(string(text), o.Program) {
			return strings.TrimPrefix(at.Address, "unix://"), pid
		}
	}
	t.Fatal("no process of the shim is below mesos-oci")
	return "", 0
}

func rootOf(o *Order) (root string) {
	_ = eachField(o.Options.Value, func(n protowire.Number, _ uint64, b []byte) {
		if n == 7 {
			root = string(b)
		}
	})
	return root
}

// A container's output, status and end are those of the program.
func TestRun(t *testing.T) {
	t.Parallel()
	o := bundleOf(t, "echo out; echo err >&2; exit 3")
	cmd, stdout, stderr := program(t, o)
	_ = cmd.Run() // its code is looked at
	if code := cmd.ProcessState.ExitCode(); code != 3 || stdout.String() != "out\n" || stderr.String() != "err\n" {
		t.Errorf("got %d, %q, %q, want 3, out and err", code, stdout, stderr)
	}
	if _, err := readOrder(o.Dir); !os.IsNotExist(err) {
		t.Errorf("order after the end: got %v, want it gone: nothing is left to forget", err)
	}
	nothing(t, o, "", rootOf(o))
}

// A signal is the container's; what it ends with then, too.
func TestSignal(t *testing.T) {
	t.Parallel()
	o := bundleOf(t, "")
	o.line(t, "trap 'exit 4' TERM; touch "+o.Dir+"/begun; while :; do sleep 0.05; done")
	cmd, _, stderr := program(t, o)
	socket, _ := begun(t, o, cmd)
	if err := cmd.Process.Signal(syscall.SIGTERM); err != nil {
		t.Fatal(err)
	}
	_ = cmd.Wait() // its code is looked at
	if code := cmd.ProcessState.ExitCode(); code != 4 {
		t.Errorf("got %d, %q, want 4", code, stderr)
	}
	nothing(t, o, socket, rootOf(o))
}

// A shim that is killed takes the container with it, and the program says so.
func TestShimKilled(t *testing.T) {
	t.Parallel()
	o := bundleOf(t, "")
	o.line(t, "touch "+o.Dir+"/begun; while :; do sleep 1; done")
	cmd, stdout, _ := program(t, o)
	socket, shim := begun(t, o, cmd)
	if err := syscall.Kill(shim, syscall.SIGKILL); err != nil {
		t.Fatal(err)
	}
	_ = cmd.Wait() // its code is looked at
	const want = "containerd-shim-runc-v2: terminated with signal Killed: the shim has ended"
	if code, got := cmd.ProcessState.ExitCode(), Failure(o.Dir); code != 125 || got != want || stdout.String() != want+"\n" {
		t.Errorf("got %d, %q and %q, want 125 and %q", code, got, stdout, want)
	}
	if err := Forget(t.Context(), o.Dir); err != nil {
		t.Error(err)
	}
	nothing(t, o, socket, rootOf(o))
}

// A program that is killed leaves shim and container, which Forget ends.
func TestProgramKilled(t *testing.T) {
	t.Parallel()
	o := bundleOf(t, "")
	o.line(t, "touch "+o.Dir+"/begun; while :; do sleep 1; done")
	cmd, _, _ := program(t, o)
	cmd.Stdout, cmd.Stderr = nil, nil // else the shim has them, and Wait waits for it
	socket, shim := begun(t, o, cmd)
	if err := cmd.Process.Kill(); err != nil {
		t.Fatal(err)
	}
	_ = cmd.Wait() // it was killed
	if !proctree.Alive(shim) {
		t.Error("the shim: got it dead, want it to live on")
	}
	if err := Forget(t.Context(), o.Dir); err != nil {
		t.Error(err)
	}
	if Failure(o.Dir) != "" {
		t.Errorf("failure: got %q, want none", Failure(o.Dir))
	}
	nothing(t, o, socket, rootOf(o))
	if err := Forget(t.Context(), o.Dir); err != nil {
		t.Errorf("once more: got %v, want that there is nothing to do", err)
	}
}

// What a shim cannot make is told with its words.
func TestNotMade(t *testing.T) {
	t.Parallel()
	o := bundleOf(t, "true")
	o.change(t, `"/bin/sh"`, `"/no/such/program"`)
	cmd, _, _ := program(t, o)
	_ = cmd.Run() // its code is looked at
	if code, got := cmd.ProcessState.ExitCode(), Failure(o.Dir); code != 125 || !strings.Contains(got, `containerd-shim-runc-v2: Create: `) || !strings.Contains(got, "/no/such/program") {
		t.Errorf("got %d and %q, want 125 and the name of the program", code, got)
	}
	if err := Forget(t.Context(), o.Dir); err != nil {
		t.Error(err)
	}
	nothing(t, o, "", rootOf(o))
}

// A shim that does not start is told with what it says.
func TestNotStarted(t *testing.T) {
	t.Parallel()
	o := bundleOf(t, "true")
	o.Program = filepath.Join(t.TempDir(), "containerd-shim-none-v1")
	if err := os.WriteFile(o.Program, []byte("#!/bin/sh\ncase \"$*\" in *start) echo no /dev/kvm >&2; exit 1; esac\n"), 0o700); err != nil {
		t.Fatal(err)
	}
	cmd, _, _ := program(t, o)
	_ = cmd.Run() // its code is looked at
	const want = "containerd-shim-none-v1: start: exit status 1: no /dev/kvm"
	if got := Failure(o.Dir); got != want {
		t.Errorf("got %q, want %q", got, want)
	}
}

// line sets the line that the container runs.
func (o *Order) line(t *testing.T, line string) {
	t.Helper()
	o.change(t, `"-c",""`, fmt.Sprintf(`"-c",%q`, line))
}

func (o *Order) change(t *testing.T, old, now string) {
	t.Helper()
	file := filepath.Join(o.Dir, "config.json")
	text, err := os.ReadFile(file)
	if err == nil {
		err = os.WriteFile(file, []byte(strings.Replace(string(text), old, now, 1)), fs.FileMode(0o600))
	}
	if err != nil {
		t.Fatal(err)
	}
}
