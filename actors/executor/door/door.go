// Package door is how an executor reaches its agent without TLS where the agent takes nobody without: by a socket in the
// executor's sandbox.
//
// Who may enter the sandbox may speak to the agent: the executor's user and root, from within the container's root and
// network, too. The agent makes it ([Doors]) when it encrypts, again after a restart; an executor takes it when it is there
// ([Dial]), so that TLS can be switched on and off while executors run. It carries actor links only (link.Transport.Beside).
// mesos-executor links this package, so it stays small and knows no TLS.
package door

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"net"
	"os"
	"path/filepath"
	"strconv"
)

// name is that of the socket in a sandbox.
const name = ".mesos-agent.sock"

// ErrNone is wrapped when no agent listens in a directory.
var ErrNone = errors.New("no agent listens there")

// Dial connects to the agent that listens in the sandbox. It does not wait.
func Dial(ctx context.Context, sandbox string) (net.Conn, error) {
	d, err := os.Open(sandbox)
	if err != nil {
		return nil, fmt.Errorf("sandbox: %w", err)
	}
	defer func() { _ = d.Close() }() // a directory
	var dialer net.Dialer
	conn, err := dialer.DialContext(ctx, "unix", way(d))
	if err != nil {
		return nil, fmt.Errorf("%w (%w)", ErrNone, err)
	}
	return conn, nil
}

// way is the path of the socket in an open directory: its own may be longer than an address can be.
func way(dir *os.File) string {
	return filepath.Join("/proc/self/fd", strconv.Itoa(int(dir.Fd())), name)
}

// listen makes the socket in a sandbox, in place of one that nobody serves.
func listen(sandbox string) (net.Listener, error) {
	d, err := os.Open(sandbox)
	if err != nil {
		return nil, fmt.Errorf("sandbox: %w", err)
	}
	defer func() { _ = d.Close() }() // a directory
	if err := os.Remove(way(d)); err != nil && !errors.Is(err, fs.ErrNotExist) {
		return nil, fmt.Errorf("agent's socket in a sandbox: %w", err)
	}
	l, err := net.ListenUnix("unix", &net.UnixAddr{Name: way(d), Net: "unix"})
	if err != nil {
		return nil, fmt.Errorf("agent's socket in a sandbox: %w", err)
	}
	l.SetUnlinkOnClose(false) // the way leads elsewhere by then; the sandbox goes with it
	if err := admit(way(d)); err != nil {
		_ = l.Close()
		return nil, fmt.Errorf("agent's socket in a sandbox: %w", err)
	}
	return l, nil
}
