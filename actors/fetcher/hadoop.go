package fetcher

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"syscall"
	"time"

	"mesos/actors/containerizer/launch"
)

// ErrNoHadoop is wrapped when a URI needs hadoop's client and there is none.
var ErrNoHadoop = errors.New("it needs the hadoop client: put it into the agent's PATH, or name its installation by --hadoop_home or HADOOP_HOME")

// hadoop is the Source of what hadoop's client reads. It runs the command that
// Mesos runs, so that a program of that name that stands for another client does
// its work here, too.
type hadoop struct{ home string }

// client finds the program.
func (h hadoop) client() (string, error) {
	name := "hadoop"
	if h.home != "" {
		name = filepath.Join(h.home, "bin", name)
	}
	p, err := exec.LookPath(name)
	if err != nil {
		return "", fmt.Errorf("%w: %w", ErrNoHadoop, err)
	}
	return p, nil
}

// Open has the client copy the file into a directory of its own, as the user,
// and gives it when it is whole.
func (h hadoop) Open(ctx context.Context, uri string, as *launch.Account) (io.ReadCloser, error) {
	program, err := h.client()
	if err != nil {
		return nil, err
	}
	dir, err := os.MkdirTemp("", "mesos-hadoop-")
	if err != nil {
		return nil, err
	}
	body, err := h.copy(ctx, program, uri, dir, as)
	// An open file needs no name any more.
	if rerr := os.RemoveAll(dir); err == nil && rerr != nil {
		body.Close()
		return nil, fmt.Errorf("directory of the hadoop client: %w", rerr)
	}
	return body, err
}

func (h hadoop) copy(ctx context.Context, program, uri, dir string, as *launch.Account) (io.ReadCloser, error) {
	to := filepath.Join(dir, "file")
	cmd := exec.CommandContext(ctx, program, "fs", "-copyToLocal", uri, to)
	var complaint tail
	cmd.Stdout, cmd.Stderr, cmd.Dir = &complaint, &complaint, dir
	// The client is a script that starts java: all of it must end.
	cmd.SysProcAttr = &syscall.SysProcAttr{Setpgid: true}
	cmd.Cancel = func() error { return syscall.Kill(-cmd.Process.Pid, syscall.SIGKILL) }
	cmd.WaitDelay = 5 * time.Second // for a child that kept the pipe
	if as != nil {
		if err := os.Chown(dir, int(as.UID), int(as.GID)); err != nil {
			return nil, err
		}
		cmd.SysProcAttr.Credential = &syscall.Credential{Uid: as.UID, Gid: as.GID, Groups: as.Groups}
	}
	stop := watchGrowth(ctx, dir)
	err := cmd.Run()
	stop()
	if err != nil {
		return nil, fmt.Errorf("hadoop fs -copyToLocal: %w: %s", cause(ctx, err), complaint.text())
	}
	return local{}.Open(ctx, to, as)
}

// watchGrowth tells that a fetch moves whenever what lies in dir has grown.
func watchGrowth(ctx context.Context, dir string) (stop func()) {
	done, ended := make(chan struct{}), make(chan struct{})
	go func() {
		defer close(ended)
		tick := time.NewTicker(200 * time.Millisecond)
		defer tick.Stop()
		for last := int64(0); ; {
			select {
			case <-done:
				return
			case <-tick.C:
			}
			if now := sizeOf(dir); now != last {
				last = now
				Moving(ctx)
			}
		}
	}()
	return func() {
		close(done)
		<-ended
	}
}

// sizeOf is the sum of the files in a directory: the client writes under
// another name first.
func sizeOf(dir string) (n int64) {
	entries, _ := os.ReadDir(dir)
	for _, e := range entries {
		if info, err := e.Info(); err == nil {
			n += info.Size()
		}
	}
	return n
}

// tail keeps the end of what is written to it.
type tail struct{ b []byte }

func (t *tail) Write(b []byte) (int, error) {
	const most = 1024
	t.b = append(t.b, b...)
	if n := len(t.b) - most; n > 0 {
		t.b = bytes.Clone(t.b[n:])
	}
	return len(b), nil
}

func (t *tail) text() string { return string(bytes.ToValidUTF8(bytes.TrimSpace(t.b), nil)) }
