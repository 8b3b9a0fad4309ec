package filesystem

import (
	"context"
	"fmt"

	"mesos/isolators"
	"mesos/isolators/boot"
)

// Runtime is the isolator docker/runtime: it tells what an image says of the
// command that runs in it.
type Runtime struct {
	isolators.Launching
	Files  *Linux // acts before
	Ignore bool   // --docker_ignore_runtime
}

var _ isolators.Isolator = (*Runtime)(nil)

// Name implements isolators.Isolator.
func (*Runtime) Name() string { return "docker/runtime" }

// Prepare implements isolators.Isolator.
func (r *Runtime) Prepare(_ context.Context, c isolators.Container, l *boot.Launch) error {
	if err := r.Begin(c.ID); err != nil {
		return err
	}
	root := r.Files.rootOf(c.ID)
	if root == nil || r.Ignore {
		return nil
	}
	user, err := root.User()
	if err != nil {
		return fmt.Errorf("container.mesos.image: %w", err)
	}
	c1 := root.Image.Config
	l.Image = &boot.Image{Entrypoint: c1.Entrypoint, Cmd: c1.Cmd, Env: c1.Env, WorkingDir: c1.WorkingDir, User: user}
	return nil
}

// Close implements isolators.Isolator.
func (*Runtime) Close() {}
