package httpget

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"net/url"
	"strings"
	"time"
)

// ErrScheme is wrapped when a URL, or a redirect, asks for a scheme that the
// Dialer does not speak.
var ErrScheme = errors.New("unsupported scheme")

// Dialer connects to a server; the scheme is in small letters, addr is
// host:port.
type Dialer func(ctx context.Context, scheme, addr string) (net.Conn, error)

// Plain is the Dialer that speaks http alone.
func Plain(ctx context.Context, scheme, addr string) (net.Conn, error) {
	if scheme != "http" {
		return nil, fmt.Errorf("%w %q", ErrScheme, scheme)
	}
	var d net.Dialer
	return d.DialContext(ctx, "tcp", addr)
}

const (
	maxRedirects = 50
	maxHead      = 64 << 10 // bytes of status line and headers, of one answer
)

// Status sends GET and gives the status code of the answer: of the last one,
// where others redirect to it. Errors say what was wrong with the URL, the
// connection or the answer, and wrap ctx's when it ended first.
func Status(ctx context.Context, rawURL string, dial Dialer) (int, error) {
	u, err := url.Parse(rawURL)
	if err != nil {
		return 0, fmt.Errorf("URL: %w", err)
	}
	for range maxRedirects + 1 {
		status, location, err := get(ctx, u, dial)
		if err != nil {
			if ctx.Err() != nil {
				err = ctx.Err() // the broken connection is only how it shows
			}
			return 0, fmt.Errorf("GET %s: %w", u.Redacted(), err)
		}
		if location == "" {
			return status, nil
		}
		next, err := u.Parse(location)
		if err != nil {
			return 0, fmt.Errorf("GET %s: redirect to %q: %w", u.Redacted(), location, err)
		}
		u = next
	}
	return 0, fmt.Errorf("GET %s: more than %d redirects", rawURL, maxRedirects)
}

// get gives the status of one answer, and where to go instead if it says so.
func get(ctx context.Context, u *url.URL, dial Dialer) (status int, location string, err error) {
	if u.Hostname() == "" {
		return 0, "", errors.New("the URL names no host")
	}
	c, err := dial(ctx, u.Scheme, address(u))
	if err != nil {
		return 0, "", err
	}
	defer c.Close()
	defer context.AfterFunc(ctx, func() { _ = c.SetDeadline(time.Unix(1, 0)) })()
	if _, err := io.WriteString(c, request(u)); err != nil {
		return 0, "", err
	}
	return answer(bufio.NewReader(io.LimitReader(c, maxHead)))
}

func address(u *url.URL) string {
	port := u.Port()
	switch {
	case port != "":
	case u.Scheme == "https":
		port = "443"
	default:
		port = "80"
	}
	return net.JoinHostPort(u.Hostname(), port)
}

func request(u *url.URL) string {
	return "GET " + u.RequestURI() + " HTTP/1.1\r\nHost: " + u.Host + "\r\nUser-Agent: mesos-check\r\nAccept: */*\r\nConnection: close\r\n\r\n"
}

// answer reads up to the end of the headers of the first answer that is final.
func answer(r *bufio.Reader) (status int, location string, err error) {
	for {
		if status, err = statusLine(r); err != nil {
			return 0, "", err
		}
		if status >= 200 && (status < 300 || status > 399) {
			return status, "", nil
		}
		if location, err = headers(r); err != nil {
			return 0, "", err
		}
		if status >= 200 {
			return status, location, nil
		}
	}
}

// statusLine reads "HTTP/1.1 200 OK" and gives the number.
func statusLine(r *bufio.Reader) (int, error) {
	text, err := line(r)
	if err != nil {
		return 0, err
	}
	version, rest, _ := strings.Cut(text, " ")
	code, _, _ := strings.Cut(strings.TrimLeft(rest, " "), " ")
	if !strings.HasPrefix(version, "HTTP/") || len(code) != 3 {
		return 0, fmt.Errorf("answer begins %.40q, want \"HTTP/1.1 200 OK\" or its like", text)
	}
	n := 0
	for _, d := range []byte(code) {
		if d < '0' || d > '9' {
			return 0, fmt.Errorf("status %q is no number", code)
		}
		n = 10*n + int(d-'0')
	}
	if n < 100 {
		return 0, fmt.Errorf("status %q is below 100", code)
	}
	return n, nil
}

// headers reads them all and gives the value of Location.
func headers(r *bufio.Reader) (location string, err error) {
	for {
		text, err := line(r)
		if err != nil || text == "" {
			return location, err
		}
		if name, value, _ := strings.Cut(text, ":"); strings.EqualFold(name, "Location") {
			location = strings.TrimSpace(value)
		}
	}
}

// line reads one, without its end.
func line(r *bufio.Reader) (string, error) {
	text, err := r.ReadString('\n')
	if errors.Is(err, io.EOF) {
		return "", fmt.Errorf("the answer ended, or went beyond %d bytes, before its headers were over: %w", maxHead, io.ErrUnexpectedEOF)
	}
	return strings.TrimRight(text, "\r\n"), err
}
