package daemon

import (
	"fmt"
	"log/slog"
	"net"
	"strings"
	"time"

	"mesos/actors"
	"mesos/registry/consul"
	"mesos/registry/leader"
	"mesos/registry/zookeeper"
)

// Elected reports whether text says where to look for the master that leads,
// rather than where one master is.
func Elected(text string) bool {
	return strings.HasPrefix(text, consul.Scheme) || strings.HasPrefix(text, zookeeper.Scheme)
}

// Masters reads where masters are: host:port of one, or consul://host:port,host:port/path
// or zk://host:port,host:port/path, where a detector looks for the one that leads.
// zkTimeout is that of a session with ZooKeeper, 0 for the default.
func Masters(text string, zkTimeout time.Duration, log *slog.Logger) (actors.UPID, leader.Detector, error) {
	switch {
	case strings.HasPrefix(text, zookeeper.Scheme):
		conf, err := zookeeper.Parse(text)
		if err != nil {
			return actors.UPID{}, nil, err
		}
		if zkTimeout > 0 {
			conf.SessionTimeout = zkTimeout
		}
		return actors.UPID{}, zookeeper.NewDetector(conf, log), nil
	case strings.HasPrefix(text, consul.Scheme):
		conf, err := consul.Parse(text)
		if err != nil {
			return actors.UPID{}, nil, err
		}
		d, err := consul.NewDetector(conf, log)
		if err != nil {
			return actors.UPID{}, nil, err
		}
		return actors.UPID{}, d, nil
	}
	at, err := MasterAddress(text)
	return at, nil, err
}

// MasterAddress reads host:port, resolving the host, as the master's process.
func MasterAddress(text string) (actors.UPID, error) {
	text = strings.TrimPrefix(text, "master@")
	host, port, err := net.SplitHostPort(text)
	if err != nil {
		return actors.UPID{}, fmt.Errorf("%q is not host:port, like 127.0.0.1:5050, nor %shost:port/path or %shost:port/path", text, consul.Scheme, zookeeper.Scheme)
	}
	ips, err := net.LookupIP(host)
	if err != nil {
		return actors.UPID{}, fmt.Errorf("address of %q: %w", host, err)
	}
	ip := ips[0]
	for _, candidate := range ips {
		if candidate.To4() != nil {
			ip = candidate
			break
		}
	}
	return actors.UPID{ID: "master", Addr: net.JoinHostPort(ip.String(), port)}, nil
}
