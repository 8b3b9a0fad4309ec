package cluster

import (
	"fmt"
	"math/rand/v2"
	"net"
	"strconv"
	"testing"
)

// Ports of a cluster, on a loopback address that is the cluster's alone: so that clusters run side by side, keep their
// addresses over restarts, and agents answer on the port that some clients take for granted.
const (
	masterPort = 5050
	agentPort  = 5051
	claimPort  = 5049 // held by the test process: two test processes never take the same address
)

// claim finds an address of 127.0.0.0/8 on which the ports of a master and n agents are free and keeps others off it
// until release is called. base is added to the usual ports: it is 0 unless a program that listens on every address of
// the machine holds them.
func claim(n int) (ip string, base int, release func(), err error) {
	for try := range 100 {
		ip = fmt.Sprintf("127.%d.%d.%d", 1+rand.IntN(254), rand.IntN(256), 1+rand.IntN(254))
		base = (try / 20) * 10000
		l, lerr := net.Listen("tcp", join(ip, base+claimPort))
		if lerr != nil {
			err = lerr
			continue
		}
		if err = allFree(ip, base+masterPort, n+1); err == nil {
			return ip, base, func() { l.Close() }, nil
		}
		l.Close()
	}
	return "", 0, nil, fmt.Errorf("loopback address with free ports: %w", err)
}

func allFree(ip string, first, n int) error {
	for port := first; port < first+n; port++ {
		l, err := net.Listen("tcp", join(ip, port))
		if err != nil {
			return err
		}
		l.Close()
	}
	return nil
}

func join(ip string, port int) string { return net.JoinHostPort(ip, strconv.Itoa(port)) }

// FreePort returns a TCP port of 127.0.0.1 that was free a moment ago, for programs that insist on being told one.
func FreePort(t testing.TB) int {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer l.Close()
	return l.Addr().(*net.TCPAddr).Port
}
