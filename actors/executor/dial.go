package executor

import (
	"context"
	"log/slog"
	"net"
	"os"
	"path/filepath"
	"time"

	"mesos/actors/executor/door"
	"mesos/actors/link"
)

// Dial reserves an address next to the agent's: on the IP that it was given, or
// the agent's own, or where that is a name or not of this machine, on the loopback.
func Dial(conf Config, ip string, log *slog.Logger) (*link.Transport, error) {
	host, _, _ := net.SplitHostPort(conf.Agent.Addr)
	o := link.Options{Log: log, MaxBackoff: conf.LinkBackoff(), Dial: conf.reach}
	for _, at := range []string{ip, host} {
		if at == "" {
			continue
		}
		if t, err := link.DialOnly(at, o); err == nil {
			return t, nil
		}
	}
	return link.DialOnly("", o)
}

// dialTime is how long the agent may take to take a connection.
const dialTime = 5 * time.Second

// reach connects to the agent: by the socket in the sandbox if it listens there, as it does where TLS is spoken, else at its
// address. Where the executor stands outside of its container it sees the sandbox as the agent does.
func (c Config) reach(ctx context.Context, addr string) (net.Conn, error) {
	for _, dir := range []string{c.Sandbox, c.Directory} {
		if dir == "" || addr != c.Agent.Addr {
			continue
		}
		if conn, err := door.Dial(ctx, dir); err == nil {
			return conn, nil
		}
	}
	return (&net.Dialer{Timeout: dialTime}).DialContext(ctx, "tcp", addr)
}

// ProbeProgram is the path of the program for HTTPS checks, which stands beside
// this one.
func ProbeProgram() string {
	self, err := os.Executable()
	if err != nil {
		self = os.Args[0]
	}
	return filepath.Join(filepath.Dir(self), "mesos-probe")
}
