package link

import (
	"net"
	"testing"
	"time"
)

func TestHungUp(t *testing.T) {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = l.Close() }()
	for name, hangUp := range map[string]func(*net.TCPConn) error{
		"closed": func(c *net.TCPConn) error { return c.Close() },
		"reset": func(c *net.TCPConn) error {
			_ = c.SetLinger(0)
			return c.Close()
		},
	} {
		there, err := net.Dial("tcp", l.Addr().String())
		if err != nil {
			t.Fatal(err)
		}
		here, err := l.Accept()
		if err != nil {
			t.Fatal(err)
		}
		if hungUp(here) {
			t.Errorf("%s: got hung up, want not yet", name)
		}
		if err := hangUp(there.(*net.TCPConn)); err != nil {
			t.Fatal(err)
		}
		for !hungUp(here) { // it takes the kernel a moment; never would be the failure
			time.Sleep(time.Millisecond)
		}
		_ = here.Close()
		if !hungUp(here) {
			t.Errorf("%s: got not hung up after Close", name)
		}
	}
}
