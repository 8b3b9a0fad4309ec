package zookeeper

import (
	"fmt"
	"net"
	"strconv"
	"strings"
	"time"
)

// Scheme begins the URLs that [Parse] reads.
const Scheme = "zk://"

const defaultPort = "2181"

// Config says where ZooKeeper is and who is told there to lead.
type Config struct {
	Addrs    []string // host:port of servers
	Path     string   // of the masters' nodes, with a slash before it and none behind
	User     string   // "": anybody may do anything with the nodes
	Password string

	SessionTimeout time.Duration // how long a node lasts whose master is not heard; ZooKeeper bounds it
}

// Parse reads zk://host:port,host:port/path or zk://user:password@host:port/path. A
// port that is left away is 2181.
func Parse(text string) (Config, error) {
	c := Config{SessionTimeout: 10 * time.Second}
	fail := func(format string, args ...any) (Config, error) {
		return Config{}, fmt.Errorf("%q: %s: write zk://host:port,host:port/path", hide(text), fmt.Sprintf(format, args...))
	}
	rest, ok := strings.CutPrefix(text, Scheme)
	if !ok {
		return fail("it does not begin with %s", Scheme)
	}
	// A password may hold any character but these two, so what is behind the last @ counts.
	if i := strings.LastIndexByte(rest, '@'); i >= 0 {
		if c.User, c.Password, ok = strings.Cut(rest[:i], ":"); !ok || c.User == "" {
			return fail("before the @ there must be user:password")
		}
		rest = rest[i+1:]
	}
	hosts, path, _ := strings.Cut(rest, "/")
	for h := range strings.SplitSeq(hosts, ",") {
		host, port, err := net.SplitHostPort(h)
		if err != nil {
			host, port = strings.Trim(h, "[]"), defaultPort
		}
		if n, err := strconv.ParseUint(port, 10, 16); err != nil || n == 0 || host == "" || strings.ContainsAny(host, "@/ ") {
			return fail("%q is not host:port, like 127.0.0.1:%s", h, defaultPort)
		}
		c.Addrs = append(c.Addrs, net.JoinHostPort(host, port))
	}
	path = strings.Trim(path, "/")
	if path == "" {
		return fail("the path is missing, like /mesos")
	}
	for part := range strings.SplitSeq(path, "/") {
		if part == "" || part == "." || part == ".." || strings.ContainsFunc(part, func(r rune) bool { return r < ' ' || r == 0x7f }) {
			return fail("the path may have no part %q", part)
		}
	}
	c.Path = "/" + path
	return c, nil
}

// hide leaves out the password.
func hide(text string) string {
	i := strings.LastIndexByte(text, '@')
	if i < 0 || !strings.HasPrefix(text, Scheme) {
		return text
	}
	user, _, _ := strings.Cut(text[len(Scheme):i], ":")
	return Scheme + user + ":…" + text[i:]
}
