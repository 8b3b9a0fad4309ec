package containerizer

import (
	"context"
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"mesos/actors/containerizer/launch"
	"mesos/actors/fetcher"
	v1 "mesos/messages/mesos/v1"
)

func TestLaunchErrors(t *testing.T) {
	script := filepath.Join(t.TempDir(), "script")
	os.WriteFile(script, []byte("not a program"), 0o755)
	blocked := filepath.Join(t.TempDir(), "file")
	os.WriteFile(blocked, nil, 0o644)
	gone := "/no/such/file"
	with := func(c *v1.CommandInfo, change func(*Config)) func(*Config) {
		return func(cfg *Config) {
			cfg.Command = c
			if change != nil {
				change(cfg)
			}
		}
	}
	tests := []struct {
		name string
		set  func(*Config)
		step Step
		is   error
		word string
	}{
		{"unknown user", with(shell("true"), func(c *Config) { c.User = "no-such-user" }), StepUser, launch.ErrUser, "no-such-user"},
		{"sandbox in a file", with(shell("true"), func(c *Config) { c.Sandbox = blocked + "/x" }), StepSandbox, nil, blocked},
		{"fetch", with(&v1.CommandInfo{Value: &gone, Uris: []*v1.CommandInfo_URI{{Value: &gone}}}, nil), StepFetch, fs.ErrNotExist, gone},
		{"no program", with(program("no-such-program"), nil), StepExec, launch.ErrCommand, `"no-such-program"`},
		{"no file", with(program("/no/such/program"), nil), StepExec, launch.ErrExec, "/no/such/program"},
		{"not executable", with(program("/etc/passwd"), nil), StepExec, fs.ErrPermission, "/etc/passwd"},
		{"not a program", with(program(script), nil), StepExec, launch.ErrExec, "#!"},
		{"no value", with(&v1.CommandInfo{}, nil), StepExec, launch.ErrCommand, "command.value"},
		{"nul in an argument", with(program("/bin/true", "a", "b\x00"), nil), StepExec, launch.ErrCommand, "arguments[1]"},
		{"nul in the environment", with(shell("true"), func(c *Config) { c.Environment = []string{"BAD=\x00"} }), StepExec, launch.ErrExec, `"BAD"`},
	}
	p := newPosix(t)
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			c := config(t, "c", nil)
			tt.set(&c)
			_, err := p.Launch(t.Context(), c)
			var l *LaunchError
			if !errors.As(err, &l) || l.Step != tt.step || l.ContainerID != "c" {
				t.Fatalf("got %v, want a LaunchError of step %s", err, tt.step)
			}
			if tt.is != nil && !errors.Is(err, tt.is) {
				t.Errorf("got %v, want %v", err, tt.is)
			}
			if !strings.Contains(err.Error(), tt.word) {
				t.Errorf("got %q, want it to say %q", err, tt.word)
			}
			if l.Reason() != v1.TaskStatus_REASON_CONTAINER_LAUNCH_FAILED {
				t.Errorf("got reason %v, want REASON_CONTAINER_LAUNCH_FAILED", l.Reason())
			}
			if e, ok := <-p.Wait("c"); ok {
				t.Errorf("got exit %+v, want none", e)
			}
		})
	}
}

// slow is a fetcher that waits until it is told to stop.
type slow chan struct{}

func (s slow) Fetch(ctx context.Context, _ fetcher.Request) error {
	close(s)
	<-ctx.Done()
	return context.Cause(ctx)
}

func TestLaunchCutShort(t *testing.T) {
	tests := []struct {
		name   string
		cut    func(p *Posix, cancel func())
		want   error
		reason v1.TaskStatus_Reason
	}{
		{"destroy", func(p *Posix, _ func()) { p.Destroy("c") }, ErrDestroyed, v1.TaskStatus_REASON_TASK_KILLED_DURING_LAUNCH},
		{"cancel", func(_ *Posix, cancel func()) { cancel() }, context.Canceled, v1.TaskStatus_REASON_CONTAINER_LAUNCH_FAILED},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			s := make(slow)
			p := newPosix(t)
			p.fetcher = s
			ctx, cancel := context.WithCancel(t.Context())
			go func() {
				<-s
				tt.cut(p, cancel)
			}()
			_, err := p.Launch(ctx, config(t, "c", shell("true")))
			var l *LaunchError
			if !errors.As(err, &l) || !errors.Is(err, tt.want) || l.Reason() != tt.reason {
				t.Errorf("got %v, want %v with reason %v", err, tt.want, tt.reason)
			}
			cancel()
		})
	}
}
