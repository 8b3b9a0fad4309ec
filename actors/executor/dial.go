package executor

import (
	"log/slog"
	"net"
	"os"
	"path/filepath"

	"mesos/actors/link"
)

// Dial reserves an address next to the agent's: on the IP that it was given, or
// the agent's own, or where that is a name or not of this machine, on the loopback.
func Dial(conf Config, ip string, log *slog.Logger) (*link.Transport, error) {
	host, _, _ := net.SplitHostPort(conf.Agent.Addr)
	o := link.Options{Log: log, MaxBackoff: conf.LinkBackoff()}
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

// ProbeProgram is the path of the program for HTTPS checks, which stands beside
// this one.
func ProbeProgram() string {
	self, err := os.Executable()
	if err != nil {
		self = os.Args[0]
	}
	return filepath.Join(filepath.Dir(self), "mesos-probe")
}
