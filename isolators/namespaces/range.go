package namespaces

import (
	"errors"
	"fmt"
	"os"
	"strconv"
	"strings"

	"mesos/isolators/boot"
)

// Range is the users and groups of the machine that those of containers are, from 0 on.
type Range struct {
	UID, GID int // the first
	Size     int
}

// maxID is one more than the greatest user or group.
const maxID = 1<<32 - 1

// ParseRange reads "first:count", of users and groups alike, as --user_namespace_range has it.
func ParseRange(text string) (Range, error) {
	first, count, ok := strings.Cut(text, ":")
	a, err1 := strconv.Atoi(first)
	n, err2 := strconv.Atoi(count)
	if !ok || err1 != nil || err2 != nil || a <= 0 || n <= 0 || a > maxID-n {
		return Range{}, fmt.Errorf("%q: want the first id, not 0, and how many, as in 100000:65536", text)
	}
	return Range{a, a, n}, nil
}

// SystemRange is what the files subuid and subgid of a directory, /etc, set aside
// for a user: the first that has a line in both.
func SystemRange(dir string, users ...string) (Range, error) {
	uids, err1 := setAside(dir + "/subuid")
	gids, err2 := setAside(dir + "/subgid")
	if err := errors.Join(err1, err2); err != nil {
		return Range{}, fmt.Errorf("ids for user namespaces: %w", err)
	}
	for _, name := range users {
		u, hasUIDs := uids[name]
		g, hasGIDs := gids[name]
		if hasUIDs && hasGIDs {
			return Range{u.UID, g.UID, min(u.Size, g.Size)}, nil
		}
	}
	return Range{}, fmt.Errorf("ids for user namespaces: %s/subuid and subgid set none aside for %s: want a line as root:100000:65536 in both, or --user_namespace_range", dir, strings.Join(users, " or "))
}

// setAside reads lines of name:first:count; the first of a name counts.
func setAside(path string) (map[string]Range, error) {
	text, err := os.ReadFile(path)
	if err != nil && !errors.Is(err, os.ErrNotExist) {
		return nil, err
	}
	out := map[string]Range{}
	for line := range strings.Lines(string(text)) {
		name, ids, _ := strings.Cut(strings.TrimSpace(line), ":")
		r, err := ParseRange(ids)
		if _, twice := out[name]; err == nil && !twice {
			out[name] = r
		}
	}
	return out, nil
}

// maps are those of a user namespace.
func (r Range) maps() (uids, gids []boot.IDMap) {
	return []boot.IDMap{{Outside: r.UID, Size: r.Size}}, []boot.IDMap{{Outside: r.GID, Size: r.Size}}
}
