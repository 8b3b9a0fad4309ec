package consul

import (
	"fmt"
	"net"
	"net/url"
	"os"
	"strings"
	"time"
)

// Scheme begins the URLs that [Parse] reads.
const Scheme = "consul://"

// Config says where Consul is and how it is talked to.
type Config struct {
	Addrs      []string // host:port of agents or servers; the first that answers is used
	Path       string   // of the keys, without slashes around it
	Service    string   // under which programs that stand for election are registered: those that do so together share it
	Rights     string   // that a token must have beyond those for an election, as words for an error; "": none
	Datacenter string   // "": that of the agent
	Token      string   // "": that of the environment (CONSUL_HTTP_TOKEN)
	TLS        bool
	CAFile     string // PEM; TLS
	CertFile   string // PEM, of this client; TLS
	KeyFile    string // PEM, of this client; TLS

	SessionTTL time.Duration // 10 s at least
	CheckTTL   time.Duration // without a pass for so long a master is dead
	LockDelay  time.Duration // between the death of a leader and the next one
}

// Parse reads consul://host:port,host:port/path?name=value. Names are datacenter,
// token_file, ca_file, cert_file, key_file (each of the last three means TLS), tls
// (true), session_ttl, check_ttl and lock_delay (like 10s). Files are read.
func Parse(text string) (Config, error) {
	c := Config{Service: "mesos-master", SessionTTL: 10 * time.Second, CheckTTL: time.Second, LockDelay: time.Second}
	fail := func(format string, args ...any) (Config, error) {
		return Config{}, fmt.Errorf("%q: %s: write consul://host:port,host:port/path", text, fmt.Sprintf(format, args...))
	}
	rest, ok := strings.CutPrefix(text, Scheme)
	if !ok {
		return fail("it does not begin with %s", Scheme)
	}
	rest, query, _ := strings.Cut(rest, "?")
	hosts, path, _ := strings.Cut(rest, "/")
	for _, h := range strings.Split(hosts, ",") {
		if host, _, err := net.SplitHostPort(h); err != nil || host == "" {
			return fail("%q is not host:port, like 127.0.0.1:8500", h)
		}
		c.Addrs = append(c.Addrs, h)
	}
	if c.Path = strings.Trim(path, "/"); c.Path == "" {
		return fail("the path is missing, like /mesos")
	}
	values, err := url.ParseQuery(query)
	if err != nil {
		return fail("what follows the question mark: %v", err)
	}
	for name, v := range values {
		if err := c.set(name, v[0]); err != nil {
			return fail("%s: %v", name, err)
		}
	}
	return c, nil
}

func (c *Config) set(name, value string) (err error) {
	switch name {
	case "datacenter":
		c.Datacenter = value
	case "token_file":
		var token []byte
		token, err = os.ReadFile(value)
		c.Token = strings.TrimSpace(string(token))
	case "ca_file":
		c.CAFile, c.TLS = value, true
	case "cert_file":
		c.CertFile, c.TLS = value, true
	case "key_file":
		c.KeyFile, c.TLS = value, true
	case "tls":
		if c.TLS = value == "true"; !c.TLS && value != "false" {
			err = fmt.Errorf("%q is neither true nor false", value)
		}
	case "session_ttl":
		c.SessionTTL, err = atLeast(value, 10*time.Second)
	case "check_ttl":
		c.CheckTTL, err = atLeast(value, 200*time.Millisecond)
	case "lock_delay":
		c.LockDelay, err = atLeast(value, 0)
	default:
		err = fmt.Errorf("there is no such setting; there are datacenter, token_file, ca_file, cert_file, key_file, tls, session_ttl, check_ttl, lock_delay")
	}
	return err
}

func atLeast(value string, least time.Duration) (time.Duration, error) {
	d, err := time.ParseDuration(value)
	if err == nil && (d < least || d > time.Minute) {
		err = fmt.Errorf("%v is not between %v and 1m", d, least)
	}
	return d, err
}
