package link

import (
	"fmt"
	"net"
	"strconv"
)

// Listen makes a Transport on the TCP address addr ("ip:port"; port 0 takes a free one). Connections wait until Start.
// Errors: the port is taken, or Options.Advertise is not a "host" or "host:port".
func Listen(addr string, o Options) (*Transport, error) {
	l, err := net.Listen("tcp", addr)
	if err != nil {
		return nil, fmt.Errorf("listen for actor links: %w", err)
	}
	advertised, err := advertise(o.Advertise, l.Addr().(*net.TCPAddr))
	if err != nil {
		_ = l.Close()
		return nil, err
	}
	t := newTransport(advertised, o.withDefaults())
	t.listener = l
	if o.HTTP != nil {
		t.http = newHTTPSide(o.HTTP, l.Addr())
	}
	return t, nil
}

// advertise is the address for peers: what was asked for, completed by what is listened on.
func advertise(want string, local *net.TCPAddr) (string, error) {
	host, port := want, strconv.Itoa(local.Port)
	if h, p, err := net.SplitHostPort(want); err == nil {
		host = h
		if p != "" && p != "0" {
			port = p
		}
	}
	if host == "" {
		host = local.IP.String()
		if local.IP.IsUnspecified() {
			host = globalIP()
		}
	}
	addr := net.JoinHostPort(host, port)
	if err := checkAddr(addr); err != nil {
		return "", fmt.Errorf("advertised %w", err)
	}
	return addr, nil
}

// globalIP is the first address of this machine that others can reach, preferring IPv4; loopback if there is none.
func globalIP() string {
	found := "127.0.0.1"
	addrs, err := net.InterfaceAddrs()
	if err != nil {
		return found
	}
	for _, a := range addrs {
		n, ok := a.(*net.IPNet)
		if !ok || !n.IP.IsGlobalUnicast() {
			continue
		}
		if n.IP.To4() != nil {
			return n.IP.String()
		}
		if found == "127.0.0.1" {
			found = n.IP.String()
		}
	}
	return found
}
