package client

import (
	"fmt"
	"net"
	"strconv"
	"strings"
)

// DefaultPort is where masters listen.
const DefaultPort = "5050"

// ParseAddress reads what a person gives as the master: "host", "host:port", a URL of these (whether TLS is spoken is said by
// the environment, and not here) or a process id as
// /state shows it ("master@host:port"). It returns host:port.
func ParseAddress(text string) (string, error) {
	s := strings.TrimSpace(text)
	for _, scheme := range []string{"http://", "https://"} {
		s = strings.TrimPrefix(s, scheme)
	}
	s = strings.TrimSuffix(s, "/")
	if _, after, ok := strings.Cut(s, "@"); ok {
		s = after
	}
	fail := func(why string) (string, error) {
		return "", fmt.Errorf("master %q: %s: write host:port, like 127.0.0.1:%s", text, why, DefaultPort)
	}
	switch {
	case s == "":
		return fail("it is empty")
	case strings.Contains(s, "/"):
		return fail("only addresses without a path are known")
	}
	host, port, err := net.SplitHostPort(s)
	if err != nil {
		host, port = strings.Trim(s, "[]"), DefaultPort
		if strings.Contains(host, ":") && net.ParseIP(host) == nil {
			return fail("it is no address")
		}
	}
	if n, err := strconv.Atoi(port); err != nil || n < 1 || n > 65535 {
		return fail(fmt.Sprintf("port %q is not a number from 1 to 65535", port))
	}
	if host == "" {
		host = "127.0.0.1"
	}
	return net.JoinHostPort(host, port), nil
}
