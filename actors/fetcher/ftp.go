package fetcher

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"net/textproto"
	"net/url"
	"strconv"
	"strings"

	"mesos/actors/containerizer/launch"
)

// ftp is the Source of ftp://: one binary file, read over a passive connection,
// as anonymous unless the URL names a user.
type ftp struct{ dialer net.Dialer }

// Open implements Source.
func (s ftp) Open(ctx context.Context, uri string, _ *launch.Account) (io.ReadCloser, error) {
	u, err := url.Parse(uri)
	if err != nil || u.Hostname() == "" || strings.ContainsAny(u.Path, "\r\n") {
		return nil, fmt.Errorf("%w: want ftp://host/path", ErrURI)
	}
	port := u.Port()
	if port == "" {
		port = "21"
	}
	conn, err := s.dialer.DialContext(ctx, "tcp", net.JoinHostPort(u.Hostname(), port))
	if err != nil {
		return nil, err
	}
	c := &ftpFile{control: textproto.NewConn(conn)}
	// A read that waits ends when its connection does.
	c.watch = context.AfterFunc(ctx, func() { _ = conn.Close() })
	if err := c.retrieve(ctx, s, conn, u); err != nil {
		_ = c.Close()
		return nil, err
	}
	return c, nil
}

// ftpFile is a file being read.
type ftpFile struct {
	control *textproto.Conn
	data    net.Conn
	size    int64
	watch   func() bool // stops it
	unwatch func() bool
}

// Size is what the server says, -1 if it does not know.
func (c *ftpFile) Size() int64 { return c.size }

// command sends one and wants an answer of that code, or of that class.
func (c *ftpFile) command(want int, format string, args ...any) (string, error) {
	verb, _, _ := strings.Cut(format, " ")
	if _, err := c.control.Cmd(format, args...); err != nil {
		return "", fmt.Errorf("ftp command %s: %w", verb, err)
	}
	_, text, err := c.control.ReadResponse(want)
	if err != nil {
		return "", fmt.Errorf("ftp command %s: the server answered %w", verb, err)
	}
	return text, nil
}

func (c *ftpFile) retrieve(ctx context.Context, s ftp, conn net.Conn, u *url.URL) error {
	if _, _, err := c.control.ReadResponse(220); err != nil {
		return fmt.Errorf("ftp greeting: %w", err)
	}
	if err := c.login(u); err != nil {
		return err
	}
	if _, err := c.command(200, "TYPE I"); err != nil {
		return err
	}
	path := strings.TrimPrefix(u.Path, "/")
	c.size = -1
	if text, err := c.command(213, "SIZE %s", path); err == nil {
		if n, err := strconv.ParseInt(strings.TrimSpace(text), 10, 64); err == nil {
			c.size = n
		}
	}
	text, err := c.command(229, "EPSV")
	if err != nil {
		return err
	}
	at, err := passivePort(text)
	if err != nil {
		return err
	}
	// The host that was asked, whatever the server says: it cannot point us elsewhere.
	host, _, _ := net.SplitHostPort(conn.RemoteAddr().String())
	if c.data, err = s.dialer.DialContext(ctx, "tcp", net.JoinHostPort(host, at)); err != nil {
		return err
	}
	c.unwatch = context.AfterFunc(ctx, func() { _ = c.data.Close() })
	_, err = c.command(1, "RETR %s", path)
	return err
}

func (c *ftpFile) login(u *url.URL) error {
	name, password := "anonymous", "anonymous@"
	if u.User != nil {
		name = u.User.Username()
		password, _ = u.User.Password()
	}
	if strings.ContainsAny(name+password, "\r\n") {
		return fmt.Errorf("%w: user and password hold a line break", ErrURI)
	}
	if _, err := c.control.Cmd("USER %s", name); err != nil {
		return err
	}
	code, text, err := c.control.ReadResponse(0)
	switch {
	case err != nil:
		return err
	case code == 331:
		_, err = c.command(230, "PASS %s", password)
		return err
	case code != 230:
		return fmt.Errorf("ftp user: the server answered %d %s", code, text)
	}
	return nil
}

// passivePort reads "… (|||6446|)".
func passivePort(text string) (string, error) {
	_, rest, _ := strings.Cut(text, "(|||")
	port, _, ok := strings.Cut(rest, "|)")
	if n, err := strconv.Atoi(port); !ok || err != nil || n < 1 || n > 65535 {
		return "", fmt.Errorf("ftp command EPSV: the answer %q names no port", text)
	}
	return port, nil
}

// Read ends with io.EOF only if the server says that it sent all.
func (c *ftpFile) Read(b []byte) (int, error) {
	n, err := c.data.Read(b)
	if !errors.Is(err, io.EOF) {
		return n, err
	}
	if _, _, rerr := c.control.ReadResponse(226); rerr != nil {
		return n, fmt.Errorf("ftp transfer: %w", rerr)
	}
	return n, io.EOF
}

// Close implements io.Closer.
func (c *ftpFile) Close() error {
	c.watch()
	err := c.control.Close()
	if c.data != nil {
		c.unwatch()
		err = errors.Join(err, c.data.Close())
	}
	return err
}
