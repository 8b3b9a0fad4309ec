// Package daemon assembles a master or an agent from its parts: the network
// on one port, HTTP, metrics, files and the actors. The programs under cmd give
// it settings and get something they can stop.
package daemon

import (
	"fmt"
	"log/slog"
	"net"
	"os"

	"google.golang.org/protobuf/proto"

	"mesos/actors/secure"
	"mesos/cmd/internal/systemd"
	"mesos/cmd/internal/version"
	v1 "mesos/messages/mesos/v1"
)

// Address is where a daemon listens and how others know it.
type Address struct {
	IP            string // listened on; "" = all
	Port          int
	AdvertiseIP   string // "" = IP
	AdvertisePort int    // 0 = Port
	Hostname      string // "" = found from the advertised IP
	NoLookup      bool   // use the IP as hostname instead of asking the resolver

	TLS *secure.TLS // how programs of the cluster speak; nil: without TLS
}

func (a Address) at() string { return net.JoinHostPort(a.IP, fmt.Sprint(a.Port)) }

// url is where the HTTP of a daemon answers that is known as addr.
func (a Address) url(addr string) string { return a.TLS.Scheme() + "://" + addr }

// advertise is the host[:port] that peers dial, "" for the one listened on.
func (a Address) advertise() string {
	ip := a.AdvertiseIP
	if ip == "" && a.AdvertisePort == 0 {
		return ""
	}
	if ip == "" {
		ip = a.IP
	}
	if a.AdvertisePort == 0 {
		return ip
	}
	return net.JoinHostPort(ip, fmt.Sprint(a.AdvertisePort))
}

// hostname is the name that offers and redirects carry for the address addr.
func (a Address) hostname(addr string) string {
	if a.Hostname != "" {
		return a.Hostname
	}
	ip, _, err := net.SplitHostPort(addr)
	if err != nil {
		return addr
	}
	if a.NoLookup {
		return ip
	}
	if parsed := net.ParseIP(ip); parsed != nil && parsed.IsLoopback() {
		if ip == "127.0.0.1" || ip == "::1" {
			return "localhost"
		}
		return ip
	}
	if names, err := net.LookupAddr(ip); err == nil && len(names) > 0 {
		return trimDot(names[0])
	}
	return ip
}

func trimDot(s string) string {
	if n := len(s); n > 0 && s[n-1] == '.' {
		return s[:n-1]
	}
	return s
}

// buildInfo is what /version, GET_VERSION and /state say.
func buildInfo() *v1.VersionInfo {
	b := &v1.VersionInfo{
		Version: proto.String(version.Version), BuildDate: proto.String(version.BuildDate),
		BuildTime: proto.Float64(version.BuildTime()), BuildUser: proto.String(version.BuildUser),
	}
	if version.Revision != "" {
		b.GitSha = proto.String(version.Revision)
	}
	if version.Branch != "" {
		b.GitBranch = proto.String(version.Branch)
	}
	return b
}

// Logger writes to stderr, from the level up: lines of text, as the journal wants them if that is where they go, or with
// format "json" objects. A [slog.LevelVar] can be changed while the daemon runs.
func Logger(format string, level slog.Leveler) *slog.Logger {
	if format == "json" {
		return slog.New(slog.NewJSONHandler(os.Stderr, &slog.HandlerOptions{Level: level}))
	}
	if systemd.Journal(os.Stderr) {
		return slog.New(systemd.JournalHandler(os.Stderr, level))
	}
	return slog.New(slog.NewTextHandler(os.Stderr, &slog.HandlerOptions{Level: level}))
}
