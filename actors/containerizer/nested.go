package containerizer

import (
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"strings"

	"mesos/actors/containerizer/launch"
)

// runtimeMark begins the entry in the environment by which processes of a
// container with a runtime directory are told from others: a session has its
// parent's sandbox.
const runtimeMark = "MESOS_CONTAINER_RUNTIME="

// parent gives the id of the container that another is nested in.
func parent(id string) (up string, nested bool) {
	i := strings.LastIndexByte(id, '.')
	if i < 0 {
		return "", false
	}
	return id[:i], true
}

// marks are the entries in the environment of a container's processes.
func marks(id, sandbox, runtime string) (out []string) {
	if runtime != "" {
		out = append(out, runtimeMark+runtime)
	}
	if _, nested := parent(id); !nested {
		out = append(out, "MESOS_SANDBOX="+sandbox, "MESOS_DIRECTORY="+sandbox)
	}
	return out
}

// runtimeMarks are those of the known containers that are nested.
func runtimeMarks(known []Known) (out []string) {
	for _, k := range known {
		if _, nested := parent(k.ContainerID); nested {
			out = append(out, runtimeMark+k.Runtime)
		}
	}
	return out
}

// hasNested says that containers are nested in one; p.mu is held.
func (p *Posix) hasNested(id string) bool {
	for other, c := range p.containers {
		if strings.HasPrefix(other, id+".") && c.exit == nil {
			return true
		}
	}
	return false
}

// endNested kills the containers that are nested in one, and waits until they
// have ended. No other can be nested in it from then on.
func (p *Posix) endNested(id string) {
	p.mu.Lock()
	if c := p.containers[id]; c != nil {
		c.ending = true
	}
	var below []*container
	for other, c := range p.containers {
		if up, _ := parent(other); up == id && c.exit == nil {
			below = append(below, c)
		}
	}
	p.mu.Unlock()
	for _, c := range below {
		p.Destroy(c.id) // which ends what is nested in it first
	}
	for _, c := range below {
		select {
		case <-c.ended:
		case <-p.closing:
			return
		}
	}
}

// makeNested makes the sandbox of a nested container, <outer>/containers/<id>.
// What lies above belongs to users, who could have put links there: none is
// followed out of the outermost sandbox.
func makeNested(id, dir string, a *launch.Account) (*os.Root, error) {
	outermost := dir
	for range strings.Count(id, ".") {
		outermost = filepath.Dir(filepath.Dir(outermost))
	}
	inner, err := filepath.Rel(outermost, dir)
	if err != nil {
		return nil, err
	}
	root, err := os.OpenRoot(outermost)
	if err != nil {
		return nil, err
	}
	defer func() { _ = root.Close() }() // a directory
	const mode = 0o750
	if err := root.Mkdir(filepath.Dir(inner), 0o755); err != nil && !errors.Is(err, fs.ErrExist) {
		return nil, err
	}
	if err := root.Mkdir(inner, mode); err != nil && !errors.Is(err, fs.ErrExist) {
		return nil, err
	}
	own, err := root.OpenRoot(inner)
	if err != nil {
		return nil, err
	}
	if err = own.Chmod(".", mode); err == nil && a != nil {
		err = own.Chown(".", int(a.UID), int(a.GID))
	}
	if err != nil {
		return nil, errors.Join(err, own.Close())
	}
	return own, nil
}
