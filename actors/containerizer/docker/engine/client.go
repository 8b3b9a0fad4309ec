package engine

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/url"
	"strings"
	"sync"
	"time"
)

// Client speaks to one engine. Its methods may be called from any goroutine.
type Client struct {
	socket string
	http   *http.Client

	mu      sync.Mutex
	version string // of the API; "" until it is known
}

// Error is what an engine answered to a call that it refused.
type Error struct {
	Code    int    // HTTP status
	Message string // the engine's own words
}

func (e *Error) Error() string { return e.Message }

// NotFound says that there is no such container, image or network.
func NotFound(err error) bool { return hasCode(err, http.StatusNotFound) }

// Conflict says that a name is taken, or a container in another state.
func Conflict(err error) bool { return hasCode(err, http.StatusConflict) }

func hasCode(err error, code int) bool {
	var e *Error
	return errors.As(err, &e) && e.Code == code
}

// New makes a Client for the engine that listens on a unix socket. Close it.
func New(socket string) *Client {
	c := &Client{socket: socket}
	c.http = &http.Client{Transport: &http.Transport{
		DialContext:     func(ctx context.Context, _, _ string) (net.Conn, error) { return c.dial(ctx) },
		MaxIdleConns:    4,
		IdleConnTimeout: time.Minute,
	}}
	return c
}

// Close gives up connections that nothing uses.
func (c *Client) Close() { c.http.CloseIdleConnections() }

// Socket is the path of the engine's.
func (c *Client) Socket() string { return c.socket }

func (c *Client) dial(ctx context.Context) (net.Conn, error) {
	var d net.Dialer
	conn, err := d.DialContext(ctx, "unix", c.socket)
	if err != nil {
		return nil, fmt.Errorf("the Docker engine at %s: %w", c.socket, err)
	}
	return conn, nil
}

// Version asks once for the newest API that the engine has, "1.41" say.
func (c *Client) Version(ctx context.Context) (string, error) {
	c.mu.Lock()
	known := c.version
	c.mu.Unlock()
	if known != "" {
		return known, nil
	}
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, "http://engine/_ping", nil)
	if err != nil {
		return "", err
	}
	res, err := c.http.Do(req)
	if err != nil {
		return "", plain(err)
	}
	defer res.Body.Close()
	v := res.Header.Get("Api-Version")
	if res.StatusCode != http.StatusOK || v == "" {
		return "", fmt.Errorf("the Docker engine at %s: its answer to /_ping is no engine's: %s", c.socket, res.Status)
	}
	c.mu.Lock()
	c.version = v
	c.mu.Unlock()
	return v, nil
}

// call makes a request with a JSON body, or none, and gives the answer, whose
// body must be closed. Refusals are *Error.
func (c *Client) call(ctx context.Context, method, path string, query url.Values, body any, header http.Header) (*http.Response, error) {
	req, err := c.request(ctx, method, path, query, body)
	if err != nil {
		return nil, err
	}
	for k, v := range header {
		req.Header[k] = v
	}
	res, err := c.http.Do(req)
	if err != nil {
		return nil, plain(err)
	}
	if res.StatusCode >= http.StatusBadRequest {
		defer res.Body.Close()
		return nil, refused(res)
	}
	return res, nil
}

func (c *Client) request(ctx context.Context, method, path string, query url.Values, body any) (*http.Request, error) {
	v, err := c.Version(ctx)
	if err != nil {
		return nil, err
	}
	var r io.Reader
	if body != nil {
		text, err := json.Marshal(body)
		if err != nil {
			return nil, err
		}
		r = bytes.NewReader(text)
	}
	u := url.URL{Scheme: "http", Host: "engine", Path: "/v" + v + path, RawQuery: query.Encode()}
	req, err := http.NewRequestWithContext(ctx, method, u.String(), r)
	if err != nil {
		return nil, err
	}
	if body != nil {
		req.Header.Set("Content-Type", "application/json")
	}
	return req, nil
}

// refused reads the engine's words about a call that it did not carry out.
func refused(res *http.Response) error {
	text, _ := io.ReadAll(io.LimitReader(res.Body, 64<<10))
	var m struct{ Message string }
	if json.Unmarshal(text, &m) != nil || m.Message == "" {
		m.Message = strings.TrimSpace(res.Status + " " + string(text))
	}
	return &Error{Code: res.StatusCode, Message: "the Docker engine: " + m.Message}
}

// do is call for an answer that is one JSON value, or that nobody wants (nil).
func (c *Client) do(ctx context.Context, method, path string, query url.Values, body, into any) error {
	res, err := c.call(ctx, method, path, query, body, nil)
	if err != nil {
		return err
	}
	defer res.Body.Close()
	if into == nil {
		_, err = io.Copy(io.Discard, res.Body)
		return plain(err)
	}
	if err := json.NewDecoder(res.Body).Decode(into); err != nil {
		return fmt.Errorf("the Docker engine: answer to %s %s: %w", method, path, plain(err))
	}
	return nil
}

// plain takes the made-up URL out of an error.
func plain(err error) error {
	var u *url.Error
	if errors.As(err, &u) {
		return u.Err
	}
	return err
}
