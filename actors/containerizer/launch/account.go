package launch

import (
	"errors"
	"fmt"
	"os"
	"os/user"
	"strconv"
)

// ErrUser is wrapped when a command cannot run as the user it asks for.
var ErrUser = errors.New("cannot run as user")

// Account is what a process needs to become a user of this machine.
type Account struct {
	Name     string
	UID, GID uint32
	Groups   []uint32 // supplementary groups, GID among them
}

// LookupAccount finds a user by name. It gives nil, "as the caller is", for an
// empty name and for the caller's own; errors wrap ErrUser: the user is
// unknown, or the caller is not root and so can only be itself.
func LookupAccount(name string) (*Account, error) {
	if name == "" {
		return nil, nil
	}
	u, err := user.Lookup(name)
	if err != nil {
		return nil, fmt.Errorf("%w %q: %w", ErrUser, name, err)
	}
	uid, err := parseID(u.Uid)
	if err != nil {
		return nil, fmt.Errorf("%w %q: user id: %w", ErrUser, name, err)
	}
	if int(uid) == os.Geteuid() {
		return nil, nil
	}
	if os.Geteuid() != 0 {
		return nil, fmt.Errorf("%w %q: only root can switch users, and this runs as uid %d", ErrUser, name, os.Geteuid())
	}
	a := &Account{Name: name, UID: uid}
	if a.GID, err = parseID(u.Gid); err != nil {
		return nil, fmt.Errorf("%w %q: group id: %w", ErrUser, name, err)
	}
	groups, err := u.GroupIds()
	if err != nil {
		return nil, fmt.Errorf("%w %q: supplementary groups: %w", ErrUser, name, err)
	}
	for _, g := range groups {
		id, err := parseID(g)
		if err != nil {
			return nil, fmt.Errorf("%w %q: supplementary group id: %w", ErrUser, name, err)
		}
		a.Groups = append(a.Groups, id)
	}
	return a, nil
}

func parseID(s string) (uint32, error) {
	n, err := strconv.ParseUint(s, 10, 32)
	return uint32(n), err
}
