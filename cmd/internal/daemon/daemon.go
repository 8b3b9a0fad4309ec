// Package daemon assembles a master or an agent from its parts: the network
// on one port, HTTP, metrics, files and the actors. The programs under cmd give
// it settings and get something they can stop.
package daemon

import (
	"fmt"
	"log/slog"
	"maps"
	"net"
	"net/http"
	"os"
	"slices"

	"google.golang.org/protobuf/proto"

	"mesos/actors/httpapi"
	"mesos/cmd/internal/version"
	"mesos/messages/jsonwriter"
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
}

func (a Address) listen() string { return net.JoinHostPort(a.IP, fmt.Sprint(a.Port)) }

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

// flagsHandler serves /flags.
func flagsHandler(flags map[string]string) http.Handler {
	return jsonHandler(func(j *jsonwriter.Writer) {
		j.Object(func() { j.Field("flags", func() { writeStrings(j, flags) }) })
	})
}

// versionHandler serves /version.
func versionHandler() http.Handler {
	return jsonHandler(func(j *jsonwriter.Writer) {
		j.Object(func() {
			j.Field("version", version.Version)
			if version.Revision != "" {
				j.Field("git_sha", version.Revision)
			}
			j.Field("build_date", version.BuildDate)
			j.Field("build_time", version.BuildTime())
			j.Field("build_user", version.BuildUser)
		})
	})
}

func jsonHandler(write func(*jsonwriter.Writer)) http.Handler {
	var j jsonwriter.Writer
	write(&j)
	body, err := j.Bytes()
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if err != nil {
			httpapi.Errorf(w, http.StatusInternalServerError, "This has no JSON form: %v.", err)
			return
		}
		if httpapi.AllowMethods(w, r, http.MethodGet, http.MethodHead) {
			httpapi.WriteBody(w, "application/json", body)
		}
	})
}

func writeStrings(j *jsonwriter.Writer, m map[string]string) {
	j.Object(func() {
		for _, k := range sortedKeys(m) {
			j.Field(k, m[k])
		}
	})
}

// buildInfo is what GET_VERSION and /state say, as versionHandler does.
func buildInfo() *v1.VersionInfo {
	b := &v1.VersionInfo{
		Version: proto.String(version.Version), BuildDate: proto.String(version.BuildDate),
		BuildTime: proto.Float64(version.BuildTime()), BuildUser: proto.String(version.BuildUser),
	}
	if version.Revision != "" {
		b.GitSha = proto.String(version.Revision)
	}
	return b
}

// Logger writes text lines to stderr, from the level up. A [slog.LevelVar] can be changed while the daemon runs.
func Logger(level slog.Leveler) *slog.Logger {
	return slog.New(slog.NewTextHandler(os.Stderr, &slog.HandlerOptions{Level: level}))
}

func sortedKeys(m map[string]string) []string { return slices.Sorted(maps.Keys(m)) }
