package images

import (
	"bufio"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"slices"
	"strconv"
	"strings"

	"mesos/isolators/boot"
)

// User is who the image says its command runs as, nil if it does not say. Names
// are those of the image's own /etc/passwd and /etc/group.
func (r *Root) User() (*boot.User, error) {
	who, group, hasGroup := strings.Cut(r.Image.Config.User, ":")
	if who == "" {
		return nil, nil
	}
	u := &boot.User{}
	line, err := r.find("etc/passwd", who, 2)
	if err != nil {
		return nil, err
	}
	switch n, err := strconv.ParseUint(who, 10, 31); {
	case len(line) > 3:
		if u.UID, err = strconv.Atoi(line[2]); err != nil {
			return nil, fmt.Errorf("user %q of the image: its number %q is none", who, line[2])
		}
		if u.GID, err = strconv.Atoi(line[3]); err != nil {
			return nil, fmt.Errorf("user %q of the image: the number %q of its group is none", who, line[3])
		}
	case err == nil:
		u.UID = int(n)
	default:
		return nil, fmt.Errorf("user %q of the image is not in its /etc/passwd", who)
	}
	if !hasGroup || group == "" {
		return u, nil
	}
	line, err = r.find("etc/group", group, 2)
	if err != nil {
		return nil, err
	}
	if len(line) > 2 {
		group = line[2]
	}
	n, err := strconv.ParseUint(group, 10, 31)
	if err != nil {
		return nil, fmt.Errorf("group %q of the image is not in its /etc/group", group)
	}
	u.GID = int(n)
	return u, nil
}

// find gives the fields of the line of a file that is about a name or, in the
// field of that index, a number; nil if there is none.
func (r *Root) find(file, key string, number int) ([]string, error) {
	f, err := r.open(file)
	if errors.Is(err, fs.ErrNotExist) {
		return nil, nil
	}
	if err != nil {
		return nil, fmt.Errorf("/%s of the image: %w", file, err)
	}
	defer func() { _ = f.Close() }()
	lines := bufio.NewScanner(f)
	for lines.Scan() {
		fields := strings.Split(lines.Text(), ":")
		if fields[0] == key || len(fields) > number && fields[number] == key {
			return fields, nil
		}
	}
	return nil, lines.Err()
}

// open opens a file of the image as its layers have it: the topmost that has it counts.
func (r *Root) open(file string) (*os.File, error) {
	for _, l := range slices.Backward(r.Image.Layers) {
		dir, err := os.OpenRoot(r.store.layerPath(l))
		if err != nil {
			return nil, err
		}
		info, err := dir.Stat(file)
		var f *os.File
		if err == nil && !info.Mode().IsRegular() {
			err = errors.New("it is no file")
		}
		if err == nil {
			f, err = dir.Open(file)
		}
		_ = dir.Close()
		if !errors.Is(err, fs.ErrNotExist) {
			return f, err
		}
	}
	return nil, fs.ErrNotExist
}
