package daemon

import (
	"errors"
	"fmt"
	"log/slog"
	"net/http"
	"syscall"

	"mesos/actors"
	"mesos/actors/libprocess"
	"mesos/actors/link"
)

// listen opens the port of a daemon, for HTTP and for actors. The error names who it is, and says what helps when
// another program has the port.
func (a Address) listen(who string, h http.Handler, log *slog.Logger) (*libprocess.Network, error) {
	n, err := actors.ListenTCP(a.at(), actors.TCPOptions{HTTP: h, TLS: a.TLS, Link: link.Options{Advertise: a.advertise(), Log: log}})
	switch {
	case errors.Is(err, syscall.EADDRINUSE):
		return nil, fmt.Errorf("start of %s: port %d is taken: choose another one with --port, or end the program that has it: %w", who, a.Port, err)
	case errors.Is(err, syscall.EADDRNOTAVAIL):
		return nil, fmt.Errorf("start of %s: %s is no address of this machine: choose one of its own with --ip: %w", who, a.IP, err)
	case errors.Is(err, syscall.EACCES):
		return nil, fmt.Errorf("start of %s: port %d is for root: choose one above 1023 with --port: %w", who, a.Port, err)
	case err != nil:
		return nil, fmt.Errorf("start of %s: %w", who, err)
	}
	return n, nil
}
