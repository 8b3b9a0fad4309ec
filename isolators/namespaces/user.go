package namespaces

import (
	"context"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"syscall"

	"golang.org/x/sys/unix"

	"mesos/isolators"
	"mesos/isolators/boot"
)

// User is the isolator namespaces/user (a name of our own): the users of a
// container, root among them, are others on the machine, without rights there.
type User struct {
	isolators.Launching
	ids   Range
	users *os.File // a user namespace with those ids

	mu       sync.Mutex
	remapped map[string]bool // of this run
}

var _ isolators.Isolator = (*User)(nil)

// UnmappedError is a user that is not among those that a container can have.
type UnmappedError struct {
	Field string // "command.user"
	ID    int    // of a user or group
	Size  int    // how many there are, from 0 on
}

func (e *UnmappedError) Error() string {
	return fmt.Sprintf("%s: id %d is none of the %d that a container's user namespace has: want one below, or a larger --user_namespace_range", e.Field, e.ID, e.Size)
}

// NewUser makes one whose containers have files below a directory. The error is a
// *isolators.MissingError where the machine lacks something.
func NewUser(ids Range, dir string) (*User, error) {
	users, err := ids.namespace()
	if err != nil {
		return nil, &isolators.MissingError{Feature: "user namespaces", Needs: "a kernel with CONFIG_USER_NS, user.max_user_namespaces above 0, and root", Err: err}
	}
	for dir != "/" { // it may not be there yet: what is above is on the same disk
		if _, err := os.Stat(dir); err == nil {
			break
		}
		dir = filepath.Dir(dir)
	}
	if err := boot.Shift(dir, int(users.Fd())); err != nil {
		_ = users.Close()
		return nil, &isolators.MissingError{Feature: "owners of files by user namespace below " + dir, Needs: "Linux 5.19 or later, and a file system with idmapped mounts, as ext4, xfs and btrfs", Err: err}
	}
	return &User{ids: ids, users: users, remapped: map[string]bool{}}, nil
}

// namespace makes a user namespace with the ids. It stays for as long as the file
// is open.
func (r Range) namespace() (*os.File, error) {
	holder := exec.Command("/bin/sh", "-c", "read until_the_end")
	uids, gids := r.maps()
	holder.SysProcAttr = &syscall.SysProcAttr{Cloneflags: syscall.CLONE_NEWUSER, UidMappings: sysMap(uids), GidMappings: sysMap(gids)}
	wait, err := holder.StdinPipe()
	if err != nil {
		return nil, err
	}
	if err := holder.Start(); err != nil {
		return nil, err
	}
	users, err := os.Open(fmt.Sprintf("/proc/%d/ns/user", holder.Process.Pid))
	_ = wait.Close()
	_ = holder.Wait() // its status says nothing
	return users, err
}

func sysMap(of []boot.IDMap) (out []syscall.SysProcIDMap) {
	for _, m := range of {
		out = append(out, syscall.SysProcIDMap{ContainerID: m.Inside, HostID: m.Outside, Size: m.Size})
	}
	return out
}

// Name implements isolators.Isolator.
func (*User) Name() string { return "namespaces/user" }

// Prepare implements isolators.Isolator.
func (u *User) Prepare(_ context.Context, c isolators.Container, l *boot.Launch) error {
	if err := u.Begin(c.ID); err != nil {
		return err
	}
	up, _ := isolators.Parent(c.ID)
	if c.Session && !u.remaps(up) {
		return nil // it was launched without
	}
	if err := u.knows(c.User); err != nil {
		return err
	}
	l.Remap = fmt.Sprintf("/proc/%d/fd/%d", os.Getpid(), u.users.Fd())
	l.UIDs, l.GIDs = u.ids.maps()
	u.mu.Lock()
	u.remapped[c.ID] = true
	u.mu.Unlock()
	if c.Session {
		return nil // it has the mounts of its parent
	}
	l.Clone |= unix.CLONE_NEWNS
	if l.Rootfs == "" && c.Sandbox != "" {
		own := []boot.Mount{{Source: outermost(c), Target: outermost(c), Flags: unix.MS_BIND | unix.MS_REC, Owned: true}}
		for _, v := range c.Volumes {
			own = append(own, boot.Mount{Source: v.Path, Target: v.Path, Flags: unix.MS_BIND, Owned: true})
		}
		l.Mounts = slices.Insert(l.Mounts, 0, own...)
	}
	return nil
}

// knows says whether a user is one of the namespace.
func (u *User) knows(who *boot.User) error {
	if who == nil {
		return nil
	}
	if who.UID >= u.ids.Size {
		return &UnmappedError{"command.user", who.UID, u.ids.Size}
	}
	for _, g := range append([]int{who.GID}, who.Groups...) {
		if g >= u.ids.Size {
			return &UnmappedError{"command.user, group", g, u.ids.Size}
		}
	}
	return nil
}

// outermost is the sandbox that all others of a container are in: a nested one's lies
// two directories below that of the one around it.
func outermost(c isolators.Container) string {
	path := c.Sandbox
	for range strings.Count(c.ID, ".") {
		path = filepath.Dir(filepath.Dir(path))
	}
	return path
}

// remaps says that a container has such a namespace. Of one of an earlier run of
// the agent its processes tell.
func (u *User) remaps(id string) bool {
	u.mu.Lock()
	is := u.remapped[id]
	u.mu.Unlock()
	if is {
		return true
	}
	pid := u.PID(id)
	children, err := os.ReadFile(fmt.Sprintf("/proc/%d/task/%d/children", pid, pid))
	if pid == 0 || err != nil {
		return false
	}
	for _, child := range strings.Fields(string(children)) {
		n := 0
		if _, err := fmt.Sscan(child, &n); err != nil {
			continue
		}
		if path, err := other("user", n); err == nil && path != "" {
			return true
		}
	}
	return false
}

// Cleanup implements isolators.Isolator.
func (u *User) Cleanup(ctx context.Context, id string) error {
	u.mu.Lock()
	delete(u.remapped, id)
	u.mu.Unlock()
	return u.Launching.Cleanup(ctx, id)
}

// Close implements isolators.Isolator.
func (u *User) Close() { _ = u.users.Close() }
