// Package systemd speaks with the service manager that started a daemon: that it
// is ready, what it is doing, that it is alive, and how important a line of its
// log is. The protocol is a datagram of lines to a socket that the environment
// names; it is small enough to be spoken here without a library.
//
// The programs under cmd call it. A program that no service manager started finds
// nobody to talk to, and everything here does nothing. It never decides whether a
// daemon is well: that is for the function given to [Manager.Watch].
package systemd

import (
	"fmt"
	"net"
	"os"
	"strconv"
	"strings"
	"time"
)

// Manager is who started this program. A nil Manager is nobody.
type Manager struct {
	send     func(lines string) error
	watchdog time.Duration // it is told of a sign of life at least this often; 0: it does not ask for any
}

// variables are those by which a service manager is found. They are for this
// process alone: another that inherits them would speak in its name.
var variables = []string{"NOTIFY_SOCKET", "WATCHDOG_USEC", "WATCHDOG_PID"}

// FromEnvironment finds who started this program, nil for nobody, and takes what
// says so out of the environment.
func FromEnvironment() (*Manager, error) {
	found := map[string]string{}
	for _, name := range variables {
		found[name] = os.Getenv(name)
		if err := os.Unsetenv(name); err != nil {
			return nil, fmt.Errorf("variable %s: %w", name, err)
		}
	}
	if found["NOTIFY_SOCKET"] == "" {
		return nil, nil
	}
	watchdog, err := interval(found["WATCHDOG_USEC"], found["WATCHDOG_PID"])
	if err != nil {
		return nil, err
	}
	conn, err := net.DialUnix("unixgram", nil, &net.UnixAddr{Net: "unixgram", Name: found["NOTIFY_SOCKET"]})
	if err != nil {
		return nil, fmt.Errorf("socket of the service manager: %w", err)
	}
	return &Manager{watchdog: watchdog, send: func(lines string) error {
		_, err := conn.Write([]byte(lines))
		return err
	}}, nil
}

// interval reads how often the watchdog wants to hear from this process.
func interval(usec, pid string) (time.Duration, error) {
	if usec == "" || pid != "" && pid != strconv.Itoa(os.Getpid()) {
		return 0, nil
	}
	n, err := strconv.ParseInt(usec, 10, 64)
	if err != nil || n <= 0 {
		return 0, fmt.Errorf("variable WATCHDOG_USEC: %q is not a number of microseconds above 0", usec)
	}
	return time.Duration(n) * time.Microsecond, nil
}

// tell sends assignments, each NAME=value.
func (m *Manager) tell(assignments ...string) error {
	if err := m.send(strings.Join(assignments, "\n")); err != nil {
		return fmt.Errorf("message to the service manager: %w", err)
	}
	return nil
}
