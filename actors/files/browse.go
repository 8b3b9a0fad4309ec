package files

import (
	"errors"
	"fmt"
	"os"
	"path"
	"slices"
	"strings"
	"syscall"
	"time"

	"google.golang.org/protobuf/proto"

	v1 "mesos/messages/mesos/v1"
)

// Info describes one entry of a directory, not following it if it is a symbolic link.
type Info struct {
	Path     string // virtual
	Links    uint64
	Size     int64 // bytes
	Modified time.Time
	Mode     uint32 // as stat(2) gives it: type and permission bits
	UID, GID string // names, or numbers that have none
}

// Proto is Info as the operator API tells it.
func (i Info) Proto() *v1.FileInfo {
	return &v1.FileInfo{
		Path:  proto.String(i.Path),
		Nlink: proto.Int32(int32(min(i.Links, 1<<31-1))),
		Size:  proto.Uint64(uint64(i.Size)),
		Mtime: &v1.TimeInfo{Nanoseconds: proto.Int64(i.Modified.UnixNano())},
		Mode:  proto.Uint32(i.Mode),
		Uid:   proto.String(i.UID),
		Gid:   proto.String(i.GID),
	}
}

// Browse lists a directory, sorted by path. Entries that vanish meanwhile are left out.
func (f *Files) Browse(virtual string) ([]Info, error) {
	p, err := f.find(virtual)
	if err != nil {
		return nil, err
	}
	defer p.close()
	info, err := p.root.Stat(p.name)
	if err != nil {
		return nil, classify(virtual, err)
	}
	if !info.IsDir() {
		return nil, fmt.Errorf("path %q: %w: it is a file, and only a directory can be listed", virtual, ErrInvalid)
	}
	dir, err := p.root.Open(p.name)
	if err != nil {
		return nil, classify(virtual, err)
	}
	entries, err := dir.ReadDir(-1)
	closeError := dir.Close()
	if err = errors.Join(err, closeError); err != nil {
		return nil, fmt.Errorf("path %q: directory: %w", virtual, err)
	}
	infos := make([]Info, 0, len(entries))
	for _, e := range entries {
		if info, err := e.Info(); err == nil {
			infos = append(infos, f.describe(p.virtual, info))
		}
	}
	slices.SortFunc(infos, func(a, b Info) int { return strings.Compare(a.Path, b.Path) })
	return infos, nil
}

func (f *Files) describe(directory string, info os.FileInfo) Info {
	i := Info{
		Path:     path.Join(directory, info.Name()),
		Links:    1,
		Size:     info.Size(),
		Modified: info.ModTime(),
		Mode:     uint32(info.Mode().Perm()),
	}
	if s, ok := info.Sys().(*syscall.Stat_t); ok {
		i.Links, i.Mode = uint64(s.Nlink), uint32(s.Mode) //nolint:unconvert // the mode has 16 bits on macOS
		i.UID, i.GID = f.names.user(s.Uid), f.names.group(s.Gid)
	}
	return i
}

// ModeString writes mode as ls -l does: "-rw-r--r--".
func (i Info) ModeString() string {
	b := []byte("?rwxrwxrwx")
	switch i.Mode & syscall.S_IFMT {
	case syscall.S_IFREG:
		b[0] = '-'
	case syscall.S_IFDIR:
		b[0] = 'd'
	case syscall.S_IFLNK:
		b[0] = 'l'
	case syscall.S_IFIFO:
		b[0] = 'p'
	case syscall.S_IFSOCK:
		b[0] = 's'
	case syscall.S_IFCHR:
		b[0] = 'c'
	case syscall.S_IFBLK:
		b[0] = 'b'
	}
	for bit := range 9 {
		if i.Mode&(1<<(8-bit)) == 0 {
			b[1+bit] = '-'
		}
	}
	special := func(at int, set uint32, lower byte) {
		if i.Mode&set == 0 {
			return
		}
		if b[at] == '-' {
			lower -= 'a' - 'A' // not executable: the capital letter
		}
		b[at] = lower
	}
	special(3, syscall.S_ISUID, 's')
	special(6, syscall.S_ISGID, 's')
	special(9, syscall.S_ISVTX, 't')
	return string(b)
}
