package network

import (
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"net/netip"
	"os"
	"path/filepath"

	"golang.org/x/sys/unix"
)

// claim is an address of the bridge's network that a container has. It is a file
// with the name of the address, which all agents of the machine see.
type claim struct {
	Root      string    `json:"root"` // of the agent's isolator
	Container string    `json:"container"`
	Mappings  []mapping `json:"mappings,omitempty"`
}

// claims are all of a network.
type claims map[netip.Addr]claim

// register is where claims are kept.
type register struct {
	dir    string
	subnet netip.Prefix
}

const (
	lockFile  = "lock"
	lastFile  = "last"
	claimFile = "address-" // and the address
)

// locked runs f while nobody else, of this program or another, changes claims or
// the bridge. Who dies lets go.
func (r *register) locked(f func(claims) error) error {
	if err := os.MkdirAll(r.dir, 0o700); err != nil {
		return fmt.Errorf("addresses of a bridge: %w", err)
	}
	lock, err := os.OpenFile(filepath.Join(r.dir, lockFile), os.O_CREATE|os.O_RDWR, 0o600)
	if err != nil {
		return fmt.Errorf("addresses of a bridge: %w", err)
	}
	defer func() { _ = lock.Close() }()
	for {
		if err = unix.Flock(int(lock.Fd()), unix.LOCK_EX); !errors.Is(err, unix.EINTR) {
			break
		}
	}
	if err != nil {
		return fmt.Errorf("lock of a bridge's addresses: %w", err)
	}
	all, err := r.read()
	if err != nil {
		return err
	}
	return f(all)
}

// read is for who holds the lock.
func (r *register) read() (claims, error) {
	files, err := filepath.Glob(filepath.Join(r.dir, claimFile+"*"))
	if err != nil {
		return nil, fmt.Errorf("addresses of a bridge: %w", err)
	}
	all := make(claims, len(files))
	for _, f := range files {
		addr, err := netip.ParseAddr(filepath.Base(f)[len(claimFile):])
		if err != nil {
			continue // it is being written, or is not ours
		}
		var c claim
		text, err := os.ReadFile(f)
		if err == nil {
			err = json.Unmarshal(text, &c)
		}
		if err != nil {
			return nil, fmt.Errorf("addresses of a bridge: %s: %w", f, err)
		}
		all[addr] = c
	}
	return all, nil
}

func (r *register) path(a netip.Addr) string { return filepath.Join(r.dir, claimFile+a.String()) }

// last is the address that was claimed last: one that was given back is used again
// as late as can be, as others may still mean by it who had it before.
func (r *register) last() netip.Addr {
	text, err := os.ReadFile(filepath.Join(r.dir, lastFile))
	if err != nil {
		return netip.Addr{}
	}
	a, _ := netip.ParseAddr(string(text)) // or none
	return a
}

// put keeps a claim. A file that was begun has a name that is no address.
func (r *register) put(a netip.Addr, c claim) error {
	text, err := json.Marshal(c)
	if err != nil {
		return fmt.Errorf("address %v: %w", a, err)
	}
	next := r.path(a) + ".next"
	if err := os.WriteFile(next, text, 0o600); err != nil {
		return fmt.Errorf("address %v: %w", a, err)
	}
	if err := os.Rename(next, r.path(a)); err != nil {
		return fmt.Errorf("address %v: %w", a, err)
	}
	if err := os.WriteFile(filepath.Join(r.dir, lastFile), []byte(a.String()), 0o600); err != nil {
		return fmt.Errorf("address %v: %w", a, err)
	}
	return nil
}

func (r *register) drop(a netip.Addr) error {
	if err := os.Remove(r.path(a)); err != nil && !errors.Is(err, fs.ErrNotExist) {
		return fmt.Errorf("address %v: %w", a, err)
	}
	return nil
}

// gateway is the address of the bridge.
func gateway(subnet netip.Prefix) netip.Addr { return subnet.Masked().Addr().Next() }

// free is the first address after another one that nobody has. The last of the
// subnet is not given, nor that of the bridge.
func (all claims) free(subnet netip.Prefix, after netip.Addr) (netip.Addr, error) {
	first := gateway(subnet).Next()
	usable := func(a netip.Addr) bool { return subnet.Contains(a) && subnet.Contains(a.Next()) }
	begin := after.Next()
	if !usable(begin) || begin.Less(first) {
		begin = first
	}
	for at := begin; ; {
		if _, taken := all[at]; !taken {
			return at, nil
		}
		if at = at.Next(); !usable(at) {
			at = first
		}
		if at == begin {
			return at, fmt.Errorf("no address of %v is free: %d containers have one", subnet, len(all))
		}
	}
}

// taker is who has one of some ports of the machine, and which.
func (all claims) taker(want []mapping) (string, mapping, bool) {
	for _, c := range all {
		for _, has := range c.Mappings {
			for _, m := range want {
				if m.clashes(has) {
					return c.Container, m, true
				}
			}
		}
	}
	return "", mapping{}, false
}
