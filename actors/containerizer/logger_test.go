package containerizer

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"mesos/actors/containerizer/logrotate"
	"mesos/actors/fetcher"
)

// beLogger is what the test program does under the name of mesos-logger.
func beLogger() {
	var streams []logrotate.Stream
	for fd, name := range []string{"stdout", "stderr"} {
		l, err := logrotate.Parse(os.Args[1+fd])
		if err != nil {
			os.Exit(1)
		}
		streams = append(streams, logrotate.Stream{From: os.NewFile(uintptr(fd), name), Path: name, Limits: l})
	}
	logrotate.Copy(streams...)
}

func newRotating(t *testing.T) *Posix {
	t.Helper()
	self, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	l := logrotate.Limits{Max: logrotate.MinMax, Keep: 100}
	others := children(t)
	f := fetcher.New(fetcher.Options{})
	p, err := NewPosix(Options{Fetcher: f, Isolation: isolation(t), Rotate: &Rotation{Program: self, Stdout: l, Stderr: l}})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		// Close leaves them to the program's end, which here is far away.
		until(t, "the loggers to end and be reaped", func() bool { return children(t) <= others })
		p.Close()
		f.Close()
	})
	return p
}

// output is a stream of a container with all older files.
func output(sandbox, name string) (text string) {
	for n := 100; n >= 1; n-- {
		b, _ := os.ReadFile(filepath.Join(sandbox, fmt.Sprint(name, ".", n)))
		text += string(b)
	}
	b, _ := os.ReadFile(filepath.Join(sandbox, name))
	return text + string(b)
}

// until waits for what must come true.
func until(t *testing.T, what string, f func() bool) {
	t.Helper()
	for deadline := time.Now().Add(30 * time.Second); !f(); time.Sleep(time.Millisecond) {
		if time.Now().After(deadline) {
			t.Fatalf("waited in vain for %s", what)
		}
	}
}

func TestOutputIsRotatedWhole(t *testing.T) {
	p := newRotating(t)
	c := config(t, "c", shell("i=0; while [ $i -lt 3000 ]; do echo line $i; i=$((i+1)); done; echo problem >&2"))
	c.Environment = append(c.Environment, "CONTAINER_LOGGER_MAX_STDERR_SIZE=1MB")
	if e := run(t, p, c); e.Status != 0 {
		t.Fatalf("got status %d", e.Status)
	}
	var want strings.Builder
	for i := range 3000 {
		fmt.Fprintf(&want, "line %d\n", i)
	}
	until(t, "all of stdout", func() bool { return output(c.Sandbox, "stdout") == want.String() })
	until(t, "stderr", func() bool { return output(c.Sandbox, "stderr") == "problem\n" })
	if info, err := os.Stat(filepath.Join(c.Sandbox, "stdout.1")); err != nil || info.Size() > logrotate.MinMax {
		t.Errorf("got %v, %v, want an older file of at most %d bytes", info, err, logrotate.MinMax)
	}
}

// A kill takes the container, not what it has said.
func TestKilledContainerLosesNoOutput(t *testing.T) {
	p := newRotating(t)
	c := config(t, "c", shell("echo before; touch said; exec sleep 1000"))
	if _, err := p.Launch(t.Context(), c); err != nil {
		t.Fatal(err)
	}
	exit := p.Wait("c")
	until(t, "the command", func() bool { _, err := os.Stat(filepath.Join(c.Sandbox, "said")); return err == nil })
	p.Destroy("c")
	<-exit
	until(t, "its output", func() bool { return output(c.Sandbox, "stdout") == "before\n" })
}

// children counts the processes, dead ones too, whose parent this one is.
func children(t *testing.T) (n int) {
	stats, err := filepath.Glob("/proc/[0-9]*/stat")
	if err != nil {
		t.Fatal(err)
	}
	for _, name := range stats {
		b, err := os.ReadFile(name)
		if err != nil {
			continue // it is gone
		}
		_, rest, _ := strings.Cut(string(b), ") ")
		if f := strings.Fields(rest); len(f) > 1 && f[1] == fmt.Sprint(os.Getpid()) {
			n++
		}
	}
	return n
}

func TestBadLimitsFailTheLaunch(t *testing.T) {
	p := newRotating(t)
	c := config(t, "c", shell("true"))
	c.Environment = append(c.Environment, "CONTAINER_LOGGER_MAX_STDOUT_SIZE=nothing")
	_, err := p.Launch(t.Context(), c)
	var le *LaunchError
	if !errors.As(err, &le) || !strings.Contains(err.Error(), "CONTAINER_LOGGER_MAX_STDOUT_SIZE") {
		t.Errorf("got %v, want a LaunchError that names the variable", err)
	}
}
