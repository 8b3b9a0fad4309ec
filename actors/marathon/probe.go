package marathon

import (
	"context"
	"crypto/tls"
	"io"
	"net"
	"net/http"
	"strconv"
	"time"

	"mesos/actors/checks"
	v1 "mesos/messages/mesos/v1"
)

// client asks instances how they are. Whose certificate they show does not matter, as
// with the checks of executors.
var client = &http.Client{Transport: &http.Transport{
	DialContext:       (&net.Dialer{Timeout: 20 * time.Second}).DialContext,
	TLSClientConfig:   &tls.Config{InsecureSkipVerify: true},
	DisableKeepAlives: true,
}}

// mostOfBody is how much of an answer is kept for people to read.
const mostOfBody = 16 << 10

// probe makes a health check over the network.
func probe(ctx context.Context, p checks.Probe) checks.Result {
	if p.Kind == v1.CheckInfo_TCP {
		var d net.Dialer
		c, err := d.DialContext(ctx, "tcp", p.Address)
		if err != nil {
			return checks.Result{Err: err}
		}
		_ = c.Close() // that it was open is all
		return checks.Result{Connected: true}
	}
	status, _, _, err := get(ctx, p.URL)
	return checks.Result{Status: status, Err: err}
}

// get asks for a page.
func get(ctx context.Context, url string) (status int, contentType, body string, err error) {
	r, err := http.NewRequestWithContext(ctx, http.MethodGet, url, nil)
	if err != nil {
		return 0, "", "", err
	}
	r.Header.Set("User-Agent", "marathon")
	resp, err := client.Do(r)
	if err != nil {
		return 0, "", "", err
	}
	defer func() { _ = resp.Body.Close() }()
	b, err := io.ReadAll(io.LimitReader(resp.Body, mostOfBody))
	return resp.StatusCode, resp.Header.Get("Content-Type"), string(b), err
}

func itoa(n int) string { return strconv.Itoa(n) }
