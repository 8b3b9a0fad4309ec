package systemd

import (
	"net"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"testing"
	"time"

	"go.uber.org/goleak"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

func TestFromEnvironment(t *testing.T) {
	path := filepath.Join(t.TempDir(), "notify")
	socket, err := net.ListenUnixgram("unixgram", &net.UnixAddr{Net: "unixgram", Name: path})
	if err != nil {
		t.Fatal(err)
	}
	defer socket.Close()
	for _, tt := range []struct {
		socket, usec, pid string
		nobody            bool
		watchdog          time.Duration
		word              string // of the error
	}{
		{nobody: true},
		{socket: path},
		{socket: path, usec: "3000000", watchdog: 3 * time.Second},
		{socket: path, usec: "3000000", pid: strconv.Itoa(os.Getpid()), watchdog: 3 * time.Second},
		{socket: path, usec: "3000000", pid: "1"}, // meant for another process
		{socket: path, usec: "often", word: "WATCHDOG_USEC"},
		{socket: path, usec: "0", word: "WATCHDOG_USEC"},
		{socket: path + "-gone", word: "socket of the service manager"},
	} {
		t.Setenv("NOTIFY_SOCKET", tt.socket)
		t.Setenv("WATCHDOG_USEC", tt.usec)
		t.Setenv("WATCHDOG_PID", tt.pid)
		m, err := FromEnvironment()
		for _, name := range variables {
			if text, found := os.LookupEnv(name); found {
				t.Errorf("%+v: %s=%s is left for programs that are started", tt, name, text)
			}
		}
		switch {
		case tt.word != "":
			if err == nil || !strings.Contains(err.Error(), tt.word) {
				t.Errorf("%+v: got %v, want an error that says %q", tt, err, tt.word)
			}
		case err != nil || (m == nil) != tt.nobody:
			t.Errorf("%+v: got %v, %v, want nobody: %v", tt, m, err, tt.nobody)
		case m != nil && m.watchdog != tt.watchdog:
			t.Errorf("%+v: got watchdog %v, want %v", tt, m.watchdog, tt.watchdog)
		case m != nil:
			if got := heard(t, m, socket); got != "READY=1\nSTATUS=well" {
				t.Errorf("%+v: the manager heard %q, want READY=1 and STATUS=well", tt, got)
			}
		}
	}
}

// heard is what arrives at the socket of what m tells.
func heard(t *testing.T, m *Manager, socket *net.UnixConn) string {
	t.Helper()
	if err := m.tell("READY=1", "STATUS=well"); err != nil {
		t.Fatal(err)
	}
	buf := make([]byte, 1024)
	n, err := socket.Read(buf)
	if err != nil {
		t.Fatal(err)
	}
	return string(buf[:n])
}
