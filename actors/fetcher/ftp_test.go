package fetcher

import (
	"bufio"
	"errors"
	"fmt"
	"io"
	"net"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"
)

// ftpServer serves one file to one user, as servers do. Its size command is
// optional, and it can end a transfer with another word than that it is whole.
func ftpServer(t *testing.T, name, body, user, password, last string) string {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	var wg sync.WaitGroup
	t.Cleanup(func() { l.Close(); wg.Wait() })
	wg.Go(func() {
		for {
			c, err := l.Accept()
			if err != nil {
				return
			}
			wg.Go(func() { serveFTP(c, name, body, user, password, last) })
		}
	})
	return l.Addr().String()
}

func serveFTP(c net.Conn, name, body, user, password, last string) {
	defer c.Close()
	say := func(format string, args ...any) { fmt.Fprintf(c, format+"\r\n", args...) }
	say("220-welcome\r\n220 ready")
	var data net.Listener
	got := ""
	for lines := bufio.NewScanner(c); lines.Scan(); {
		verb, arg, _ := strings.Cut(lines.Text(), " ")
		switch {
		case verb == "USER":
			got = arg
			say("331 password?")
		case verb == "PASS" && got == user && arg == password:
			say("230 in")
		case verb == "TYPE" && arg == "I":
			say("200 binary")
		case verb == "SIZE" && arg == name:
			say("213 %d", len(body))
		case verb == "EPSV":
			var err error
			if data, err = net.Listen("tcp", "127.0.0.1:0"); err != nil {
				return
			}
			defer data.Close()
			say("229 here (|||%d|)", data.Addr().(*net.TCPAddr).Port)
		case verb == "RETR" && arg == name:
			d, err := data.Accept()
			if err != nil {
				return
			}
			say("150 coming")
			io.WriteString(d, body)
			d.Close()
			say("%s", last)
		default:
			say("550 no: %s", verb)
		}
	}
}

func TestFTP(t *testing.T) {
	const whole = "226 all sent"
	anonymous := ftpServer(t, "dir/a file", "content", "anonymous", "anonymous@", whole)
	private := ftpServer(t, "f", "content", "me", "secret", whole)
	breaks := ftpServer(t, "f", "cont", "anonymous", "anonymous@", "426 aborted")
	tests := []struct{ uri, file, word string }{
		{"ftp://" + anonymous + "/dir/a%20file", "a%20file", ""},
		{"ftp://me:secret@" + private + "/f", "f", ""},
		{"ftp://me:guess@" + private + "/f", "", "PASS"},
		{"ftp://" + anonymous + "/none", "", "550"},
		{"ftp://" + breaks + "/f", "", "426"},
		{"ftp://127.0.0.1:1/f", "", "refused"},
		{"ftp:///f", "", "ftp://host/path"},
		{"ftp://h/a%0d%0aDELE", "", "ftp://host/path"},
	}
	for _, tt := range tests {
		sandbox, log, err := fetch(t, Options{}, uri(tt.uri))
		if strings.Contains(log, "guess") {
			t.Errorf("%s: got log %q, want no password in it", tt.uri, log)
		}
		if tt.word != "" {
			if err == nil || !strings.Contains(err.Error(), tt.word) {
				t.Errorf("%s: got %v, want an error that says %q", tt.uri, err, tt.word)
			}
			continue
		}
		if got, rerr := os.ReadFile(filepath.Join(sandbox, tt.file)); err != nil || string(got) != "content" {
			t.Errorf("%s: got %q, %v, %v, want the file", tt.uri, got, rerr, err)
		}
	}
}

func TestMuteFTPServer(t *testing.T) {
	l, err := net.Listen("tcp", "127.0.0.1:0") // accepts in the kernel and says nothing
	if err != nil {
		t.Fatal(err)
	}
	defer l.Close()
	if _, _, err := fetch(t, Options{StallTimeout: 50_000_000}, uri("ftp://"+l.Addr().String()+"/f")); !errors.Is(err, ErrStalled) {
		t.Errorf("got %v, want ErrStalled", err)
	}
}
