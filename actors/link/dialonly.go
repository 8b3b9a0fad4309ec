package link

import (
	"fmt"
	"net"
	"strconv"
	"syscall"
)

// DialOnly makes a Transport that nobody can dial: peers answer on the connections that it makes. So that its address
// is no other live program's, a port of ip is bound, but not listened on; who dials it is refused. ip must be an
// address of this machine; "" is 127.0.0.1. Options.Advertise and Options.HTTP are not used.
func DialOnly(ip string, o Options) (*Transport, error) {
	if ip == "" {
		ip = "127.0.0.1"
	}
	port, release, err := reservePort(ip)
	if err != nil {
		return nil, err
	}
	t := newTransport(net.JoinHostPort(ip, strconv.Itoa(port)), o.withDefaults())
	t.reserved = release
	return t, nil
}

func reservePort(ip string) (port int, release func() error, err error) {
	parsed := net.ParseIP(ip)
	if parsed == nil {
		return 0, nil, fmt.Errorf("reserve port: %q is not an IP address", ip)
	}
	family, sa := syscall.AF_INET6, syscall.Sockaddr(&syscall.SockaddrInet6{Addr: [16]byte(parsed.To16())})
	if v4 := parsed.To4(); v4 != nil {
		family, sa = syscall.AF_INET, &syscall.SockaddrInet4{Addr: [4]byte(v4)}
	}
	fd, err := syscall.Socket(family, syscall.SOCK_STREAM|syscall.SOCK_CLOEXEC, 0)
	if err != nil {
		return 0, nil, fmt.Errorf("reserve port: socket: %w", err)
	}
	release = func() error { return syscall.Close(fd) }
	if err := syscall.Bind(fd, sa); err != nil {
		_ = release()
		return 0, nil, fmt.Errorf("reserve port: bind %s: %w", ip, err)
	}
	bound, err := syscall.Getsockname(fd)
	if err != nil {
		_ = release()
		return 0, nil, fmt.Errorf("reserve port: getsockname: %w", err)
	}
	switch a := bound.(type) {
	case *syscall.SockaddrInet4:
		port = a.Port
	case *syscall.SockaddrInet6:
		port = a.Port
	}
	return port, release, nil
}

// DialOnlyTo is DialOnly on the address of this machine from which the program at peer ("host:port") is reached. Nothing
// is sent to it yet.
func DialOnlyTo(peer string, o Options) (*Transport, error) {
	c, err := net.Dial("udp", peer) // only asks the system for the way
	if err != nil {
		return nil, fmt.Errorf("way to %s: %w", peer, err)
	}
	ip := c.LocalAddr().(*net.UDPAddr).IP.String()
	if err := c.Close(); err != nil {
		return nil, fmt.Errorf("way to %s: %w", peer, err)
	}
	return DialOnly(ip, o)
}
