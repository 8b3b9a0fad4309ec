package client

import (
	"context"
	"encoding/json"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/url"
	"strings"
	"time"

	"mesos/actors/authentication"
	"mesos/actors/secure"
	"mesos/registry/leader"
)

// LeaderHeader is the header of /redirect in which a master names the leader's process. The address in it is the one
// that actor links need; the redirect's own address is the leader's hostname.
const LeaderHeader = "Mesos-Leader"

// answerTimeout bounds one request: /state of a big cluster takes a while, a dead host takes forever.
const answerTimeout = 30 * time.Second

// Client talks to the master at one address, or to whom that one redirects. Make it with New; it is safe for
// concurrent use.
type Client struct {
	Masters leader.Detector // tells who leads, for what outlives a leader; nil: there is one address

	Credential *authentication.Credential // sent to masters and agents; nil: there is none
	TLS        *secure.TLS                // how programs of the cluster speak; nil: without TLS

	addr string
	http *http.Client
}

// New makes a client of the master at addr, a host:port, for whoever has the credential; nil: for nobody in particular. by is
// how programs of the cluster speak.
func New(addr string, as *authentication.Credential, by *secure.TLS) *Client {
	// A cluster is not the Internet: no proxy of the environment stands between.
	t := by.Transport(&http.Transport{DialContext: (&net.Dialer{Timeout: 5 * time.Second}).DialContext, MaxIdleConnsPerHost: 4})
	return &Client{Credential: as, TLS: by, addr: addr, http: &http.Client{Transport: as.Transport(t), Timeout: answerTimeout}}
}

// Addr is the address given to New.
func (c *Client) Addr() string { return c.addr }

// Close gives up idle connections.
func (c *Client) Close() { c.http.CloseIdleConnections() }

// Leader is the process id of the leading master, like "master@10.0.0.1:5050".
func (c *Client) Leader(ctx context.Context) (string, error) {
	stay := *c.http
	stay.CheckRedirect = func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }
	resp, err := c.do(ctx, &stay, http.MethodGet, "/redirect", nil)
	if err != nil {
		return "", err
	}
	defer drain(resp)
	if resp.StatusCode == http.StatusServiceUnavailable {
		return "", refused(resp)
	}
	if leader := resp.Header.Get(LeaderHeader); leader != "" {
		return leader, nil
	}
	to, err := resp.Location()
	if resp.StatusCode != http.StatusTemporaryRedirect || err != nil {
		return "", &StrangerError{c.addr, "/redirect answered " + resp.Status}
	}
	return processAt(ctx, to)
}

// processAt guesses the process id from a redirect: masters are known by IP address.
func processAt(ctx context.Context, to *url.URL) (string, error) {
	ips, err := net.DefaultResolver.LookupHost(ctx, to.Hostname())
	if err != nil {
		return "", &UnreachableError{to.Host, err}
	}
	port := to.Port()
	if port == "" {
		port = DefaultPort
	}
	return "master@" + net.JoinHostPort(ips[0], port), nil
}

// State is the cluster as /state tells it.
func (c *Client) State(ctx context.Context) (*State, error) {
	resp, err := c.do(ctx, c.http, http.MethodGet, "/state", nil)
	if err != nil {
		return nil, err
	}
	defer drain(resp)
	if resp.StatusCode == http.StatusNotFound {
		return nil, &StrangerError{c.addr, "it has no /state"}
	}
	if resp.StatusCode != http.StatusOK {
		return nil, refused(resp)
	}
	var s State
	if err := json.NewDecoder(resp.Body).Decode(&s); err != nil {
		return nil, &StrangerError{c.addr, fmt.Sprintf("its /state is no JSON that can be read: %v", err)}
	}
	return &s, nil
}

// Kill asks the master to kill a task. It returns when the master has taken that on, not when the task is gone.
func (c *Client) Kill(ctx context.Context, frameworkID, taskID string) error {
	return c.Post(ctx, "/tasks/kill", map[string]string{"taskId": taskID, "frameworkId": frameworkID})
}

// Post sends a form to a path; a refusal is a [RefusedError].
func (c *Client) Post(ctx context.Context, path string, fields map[string]string) error {
	form := url.Values{}
	for name, value := range fields {
		form.Set(name, value)
	}
	resp, err := c.do(ctx, c.http, http.MethodPost, path, form)
	if err != nil {
		return err
	}
	defer drain(resp)
	if resp.StatusCode/100 != 2 {
		return refused(resp)
	}
	return nil
}

func (c *Client) do(ctx context.Context, h *http.Client, method, path string, form url.Values) (*http.Response, error) {
	var body io.Reader
	if form != nil {
		body = strings.NewReader(form.Encode()) // of this type, so that it can be sent again after a redirect
	}
	req, err := http.NewRequestWithContext(ctx, method, c.TLS.Scheme()+"://"+c.addr+path, body)
	if err != nil {
		return nil, fmt.Errorf("request to %s: %w", c.addr, err)
	}
	if form != nil {
		req.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	}
	resp, err := h.Do(req)
	if err != nil {
		if ctx.Err() != nil {
			return nil, ctx.Err()
		}
		return nil, &UnreachableError{c.addr, err}
	}
	return resp, nil
}

func refused(resp *http.Response) error {
	text, err := io.ReadAll(io.LimitReader(resp.Body, 4096))
	if err != nil || len(text) == 0 {
		text = []byte(resp.Status)
	}
	return &RefusedError{resp.StatusCode, strings.TrimSpace(string(text))}
}

// drain lets the connection be used again.
func drain(resp *http.Response) {
	_, _ = io.Copy(io.Discard, io.LimitReader(resp.Body, 64<<10)) // at worst the connection is not reused
	_ = resp.Body.Close()
}
