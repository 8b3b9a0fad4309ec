package ebpf

import (
	"errors"
	"fmt"
	"io"
	"net"
	"os"
	"strconv"
	"syscall"
	"time"

	"golang.org/x/sys/unix"
)

// loads are the programs that tests run in containers. What they are told is in the environment.
var loads = map[string]func() error{
	"udp": sendUDP, "overflow": overflowUDP, "flood": floodUDP, "tcp": sendTCP, "bind": bindPorts,
}

func number(name string) int {
	n, _ := strconv.Atoi(os.Getenv(name))
	return n
}

// loopback brings the interface up in a network namespace that is new.
func loopback() error {
	fd, err := unix.Socket(unix.AF_INET, unix.SOCK_DGRAM, 0)
	if err != nil {
		return err
	}
	defer unix.Close(fd)
	r, err := unix.NewIfreq("lo")
	if err != nil {
		return err
	}
	if err := unix.IoctlIfreq(fd, unix.SIOCGIFFLAGS, r); err != nil {
		return err
	}
	r.SetUint16(r.Uint16() | unix.IFF_UP)
	return unix.IoctlIfreq(fd, unix.SIOCSIFFLAGS, r)
}

// pair is two sockets that are connected to nobody.
func pair() (from, to *net.UDPConn, err error) {
	if err := loopback(); err != nil {
		return nil, nil, err
	}
	host := net.ParseIP(os.Getenv("HOST"))
	if to, err = net.ListenUDP("udp", &net.UDPAddr{IP: host}); err != nil {
		return nil, nil, err
	}
	from, err = net.ListenUDP("udp", &net.UDPAddr{IP: host})
	return from, to, err
}

// sendUDP sends PACKETS of SIZE bytes to itself and reads each.
func sendUDP() error {
	from, to, err := pair()
	if err != nil {
		return err
	}
	b := make([]byte, number("SIZE"))
	for range number("PACKETS") {
		if _, err := from.WriteTo(b, to.LocalAddr()); err != nil {
			return err
		}
		if _, _, err := to.ReadFrom(b); err != nil {
			return err
		}
	}
	return nil
}

// overflowUDP sends PACKETS to a socket that has no room for them, and says how many got there.
func overflowUDP() error {
	from, to, err := pair()
	if err != nil {
		return err
	}
	if err := to.SetReadBuffer(4096); err != nil {
		return err
	}
	b := make([]byte, 1000)
	for range number("PACKETS") {
		if _, err := from.WriteTo(b, to.LocalAddr()); err != nil {
			return err
		}
	}
	raw, err := to.SyscallConn()
	if err != nil {
		return err
	}
	read := 0
	err = raw.Control(func(fd uintptr) {
		for {
			if _, _, err := unix.Recvfrom(int(fd), b, unix.MSG_DONTWAIT); err != nil {
				return
			}
			read++
		}
	})
	fmt.Println(read)
	return err
}

// floodUDP sends PACKETS of SIZE bytes to nobody as fast as it can, and says how many nanoseconds that took.
func floodUDP() error {
	if err := loopback(); err != nil {
		return err
	}
	c, err := net.ListenUDP("udp", &net.UDPAddr{IP: net.ParseIP("127.0.0.1")})
	if err != nil {
		return err
	}
	b := make([]byte, number("SIZE"))
	start := time.Now()
	for range number("PACKETS") {
		if _, err := c.WriteTo(b, &net.UDPAddr{IP: net.ParseIP("127.0.0.1"), Port: 9}); err != nil && !errors.Is(err, syscall.ENOBUFS) && !errors.Is(err, syscall.ECONNREFUSED) {
			return err
		}
	}
	fmt.Println(time.Since(start).Nanoseconds())
	return nil
}

// sendTCP sends BYTES to itself; then it waits for the file DONE with the connection open.
func sendTCP() error {
	if err := loopback(); err != nil {
		return err
	}
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return err
	}
	got := make(chan error, 1)
	go func() {
		c, err := l.Accept()
		if err == nil {
			_, err = io.CopyN(io.Discard, c, int64(number("BYTES")))
		}
		got <- err
		_, _ = io.Copy(io.Discard, c)
	}()
	c, err := net.Dial("tcp", l.Addr().String())
	if err != nil {
		return err
	}
	if _, err := c.Write(make([]byte, number("BYTES"))); err != nil {
		return err
	}
	if err := <-got; err != nil {
		return err
	}
	for _, err := os.Stat(os.Getenv("DONE")); err != nil; _, err = os.Stat(os.Getenv("DONE")) {
		time.Sleep(10 * time.Millisecond)
	}
	return nil
}

// bindPorts says for each of some ports whether it may be bound.
func bindPorts() error {
	if err := loopback(); err != nil {
		return err
	}
	for _, network := range []string{"tcp4", "udp6"} {
		for _, port := range []int{0, 999, 1000, 1010, 1011, 40000} {
			var c io.Closer
			var err error
			if network == "tcp4" {
				c, err = net.ListenTCP(network, &net.TCPAddr{IP: net.ParseIP("127.0.0.1"), Port: port})
			} else {
				c, err = net.ListenUDP(network, &net.UDPAddr{IP: net.IPv6loopback, Port: port})
			}
			switch {
			case err == nil:
				fmt.Println(network, port, "yes")
				_ = c.Close()
			case errors.Is(err, syscall.EPERM):
				fmt.Println(network, port, "no")
			default:
				return err
			}
		}
	}
	return nil
}
