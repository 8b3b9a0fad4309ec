package link

import (
	"fmt"
	"net"
	"strings"
)

// UPID names one actor in the cluster: its id, unique in its program, and the advertised "host:port" of that program.
// It is a comparable value; the zero UPID names nobody.
type UPID struct {
	ID   string
	Addr string
}

// String prints "id@host:port", the form that ParseUPID reads; the zero UPID prints as "".
func (u UPID) String() string {
	if u.IsZero() {
		return ""
	}
	return u.ID + "@" + u.Addr
}

// IsZero tells whether u names nobody.
func (u UPID) IsZero() bool { return u == UPID{} }

// ParseUPID reads "id@host:port". The error says which part is missing.
func ParseUPID(s string) (UPID, error) {
	id, addr, ok := strings.Cut(s, "@")
	if !ok {
		return UPID{}, fmt.Errorf("UPID %q: no '@'; want id@host:port", s)
	}
	if id == "" {
		return UPID{}, fmt.Errorf("UPID %q: empty id; want id@host:port", s)
	}
	if err := checkAddr(addr); err != nil {
		return UPID{}, fmt.Errorf("UPID %q: %w", s, err)
	}
	return UPID{ID: id, Addr: addr}, nil
}

// checkAddr tells whether addr is a "host:port" that can be dialed.
func checkAddr(addr string) error {
	host, port, err := net.SplitHostPort(addr)
	if err != nil {
		return fmt.Errorf("address %q: want host:port: %w", addr, err)
	}
	if host == "" || port == "" || port == "0" {
		return fmt.Errorf("address %q: host and port must be given", addr)
	}
	return nil
}
