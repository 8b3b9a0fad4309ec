package containerizer

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"

	"golang.org/x/sys/unix"

	"mesos/actors/containerizer/launch"
	"mesos/isolators/boot"
	v1 "mesos/messages/mesos/v1"
)

// ErrImage is wrapped when a container asks for an image that it cannot have here.
var ErrImage = errors.New("container.mesos.image")

// hasImage says that a container asks for a root file system of its own.
func hasImage(info *v1.ContainerInfo) bool {
	return info.GetType() == v1.ContainerInfo_MESOS && info.GetMesos().GetImage() != nil
}

// words says what a container executes. Where it has a root of its own, the file
// is looked for there, when it is there.
func (p *Posix) words(c Config) (file string, argv []string, err error) {
	switch {
	case hasImage(c.Info) && p.isolation == nil:
		return "", nil, fmt.Errorf("%w: this agent isolates nothing", ErrImage)
	case p.isolation != nil && p.isolation.Runtime != nil && p.isolation.Runtime.Image(c):
		return "", nil, nil
	case hasImage(c.Info) && !c.Session:
		return "", nil, nil // the image has a say in it
	case p.inRoot(c):
		return launch.Words(c.Command)
	}
	return launch.Argv(c.Command, c.Environment, c.Sandbox)
}

// inRoot says that a session is within a container that has a root of its own.
func (p *Posix) inRoot(c Config) bool {
	up, nested := parent(c.ContainerID)
	if !nested || !c.Session {
		return false
	}
	p.mu.Lock()
	defer p.mu.Unlock()
	o := p.containers[up]
	return o != nil && o.rooted
}

// settle completes a Launch after Prepare where the container's root is not that of
// the machine: there, paths are others, and the image has a say.
func (p *Posix) settle(c Config, l *boot.Launch) (err error) {
	switch {
	case hasImage(c.Info) && !c.Session && l.Rootfs == "":
		return fmt.Errorf("%w: this agent gives no container a root of its own: it needs --isolation with filesystem/linux and docker/runtime, and --image_providers=docker", ErrImage)
	case c.Session && p.inRoot(c):
		l.Dir = p.isolation.Sandbox
	case l.Rootfs == "":
		return nil
	}
	if l.Env, err = launch.Environ(append(l.Env[:len(l.Env):len(l.Env)], sandboxMark+"="+l.Dir), nil); err != nil || c.Session {
		l.Search = searchIn(l.Env)
		return err
	}
	image := l.Image
	if image == nil {
		image = &boot.Image{}
	}
	if l.Env, err = launch.ImageEnviron(l.Env, image.Env, c.Command); err != nil {
		return fmt.Errorf("%w: environment of the image: %w", ErrImage, err)
	}
	l.Search = searchIn(l.Env)
	// Symbolic links in the sandbox lead to the volumes' places on the machine.
	for _, m := range c.Persistent {
		mount := boot.Mount{Source: m.Path, Target: m.Path, Flags: unix.MS_BIND | unix.MS_NODEV, Make: true, Owned: true}
		if m.ReadOnly {
			mount.Flags |= unix.MS_RDONLY
		}
		l.Mounts = append(l.Mounts, mount)
	}
	user, err := userIn(image, c, l)
	if err != nil {
		return err
	}
	says := &launch.Image{Entrypoint: image.Entrypoint, Cmd: image.Cmd, WorkingDir: image.WorkingDir, User: user}
	if c.Program {
		return bringProgram(c, l, says)
	}
	command, err := says.Command(c.Command)
	if err != nil {
		return err
	}
	if l.File, l.Argv, err = launch.Words(command); err != nil {
		return err
	}
	if user != nil {
		l.User = &boot.User{UID: int(user.UID), GID: int(user.GID)}
	}
	if image.WorkingDir != "" {
		l.Dir = image.WorkingDir
	}
	return nil
}

func searchIn(env []string) string {
	if path := launch.Getenv(env, "PATH"); path != "" {
		return path
	}
	return launch.DefaultPath
}

// userIn is who the image says that its command runs as. It counts where that would
// be the agent's own user otherwise, root: it must not give more than was asked for.
func userIn(image *boot.Image, c Config, l *boot.Launch) (*launch.UserIDs, error) {
	u := image.User
	if u == nil || l.User != nil || c.Command.GetUser() != "" || os.Geteuid() != 0 {
		return nil, nil
	}
	if err := os.Lchown(c.Sandbox, u.UID, u.GID); err != nil {
		return nil, fmt.Errorf("sandbox of the image's user: %w", err)
	}
	return &launch.UserIDs{UID: uint32(u.UID), GID: uint32(u.GID)}, nil
}

// besides are programs that those of the agent start.
var besides = []string{"mesos-probe"}

// bringProgram has a program of the agent run in the container's root, where it
// starts the task and looks after it.
func bringProgram(c Config, l *boot.Launch, says *launch.Image) error {
	entry, err := says.Variable()
	if err != nil {
		return err
	}
	file, argv, err := launch.Words(c.Command)
	if err != nil {
		return err
	}
	dir := filepath.Join(filepath.Dir(l.Dir), ".mesos")
	names := []string{filepath.Base(file)}
	for _, n := range besides {
		if _, err := os.Stat(filepath.Join(filepath.Dir(file), n)); err == nil {
			names = append(names, n)
		}
	}
	for _, n := range names {
		l.Mounts = append(l.Mounts, boot.Mount{Source: filepath.Join(filepath.Dir(file), n), Target: filepath.Join(dir, n), Flags: unix.MS_BIND | unix.MS_RDONLY, Make: true})
	}
	l.File, l.Argv, l.Env = filepath.Join(dir, filepath.Base(file)), argv, append(l.Env, entry)
	return nil
}
