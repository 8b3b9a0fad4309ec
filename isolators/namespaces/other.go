package namespaces

import (
	"errors"
	"fmt"
	"os"

	"golang.org/x/sys/unix"

	"mesos/isolators/boot"
)

// other is the path of a process's namespace, "" if it is that of this program.
func other(name string, pid int) (string, error) {
	if pid == 0 {
		return "", errors.New("its process is not known")
	}
	path := fmt.Sprintf("/proc/%d/ns/%s", pid, name)
	theirs, err := os.Readlink(path)
	if err != nil {
		return "", fmt.Errorf("its namespace: %w", err)
	}
	ours, err := os.Readlink("/proc/self/ns/" + name)
	if err != nil {
		return "", fmt.Errorf("namespace of the agent: %w", err)
	}
	if theirs == ours {
		return "", nil
	}
	return path, nil
}

// known is an isolator that remembers first processes.
type known interface{ PID(id string) int }

// enterAround has a nested container enter a namespace of the one around it.
func enterAround(k known, up, id, name string, kind int, l *boot.Launch) error {
	path, err := other(name, k.PID(up))
	if err != nil {
		return fmt.Errorf("container %s around %s: %w", up, id, err)
	}
	if path != "" {
		l.Join = append(l.Join, boot.Join{Kind: kind, Path: path})
	}
	return nil
}

// kinds of namespaces by their names in /proc.
var kinds = []struct {
	name string
	kind int
}{
	{"user", unix.CLONE_NEWUSER}, {"ipc", unix.CLONE_NEWIPC}, {"uts", unix.CLONE_NEWUTS}, {"net", unix.CLONE_NEWNET},
	{"pid", unix.CLONE_NEWPID}, {"cgroup", unix.CLONE_NEWCGROUP}, {"mnt", unix.CLONE_NEWNS},
}

// All are the namespaces of a process that are not this program's.
func All(pid int) (out []boot.Join, err error) {
	for _, k := range kinds {
		path, err := other(k.name, pid)
		if err != nil {
			return nil, err
		}
		if path != "" {
			out = append(out, boot.Join{Kind: k.kind, Path: path})
		}
	}
	return out, nil
}
