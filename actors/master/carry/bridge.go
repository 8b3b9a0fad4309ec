package carry

import (
	"errors"
	"io"
	"net"
	"net/http"
	"strings"
	"time"

	"mesos/actors/httpapi"
	"mesos/actors/secure"
)

// bridge carries requests to programs of one kind.
type bridge struct {
	client *http.Client
	places chan struct{} // one for each request on its way
	what   string        // what is carried, for who gets no place
}

// newBridge makes one for so many requests at a time, of which at most each go to
// one program, 0 for any number. It follows no redirect: a program cannot send the
// master where it likes.
func newBridge(what string, places, each int, by *secure.TLS) bridge {
	t := by.Transport(&http.Transport{
		DialContext: (&net.Dialer{Timeout: 5 * time.Second}).DialContext, ResponseHeaderTimeout: 30 * time.Second,
		MaxConnsPerHost: each, IdleConnTimeout: 30 * time.Second, DisableCompression: true,
	})
	refuse := func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }
	return bridge{&http.Client{Transport: t, CheckRedirect: refuse}, make(chan struct{}, places), what}
}

// carry answers with what whom answers to req, which ends with r. raw says that it
// must travel as it is.
func (b bridge) carry(w http.ResponseWriter, r, req *http.Request, whom string, raw bool) {
	select {
	case b.places <- struct{}{}:
		defer func() { <-b.places }()
	default:
		httpapi.Errorf(w, http.StatusServiceUnavailable, "The master carries %d %s already: try again soon.", cap(b.places), b.what)
		return
	}
	resp, err := b.client.Do(req)
	var large *http.MaxBytesError
	switch {
	case errors.As(err, &large):
		httpapi.Errorf(w, http.StatusRequestEntityTooLarge, "The request has more than %d bytes.", large.Limit)
		return
	case err != nil:
		if r.Context().Err() == nil {
			httpapi.Errorf(w, http.StatusBadGateway, "%s does not answer at %s: %v.", whom, req.URL.Host, errors.Unwrap(err))
		}
		return
	}
	defer func() { _ = resp.Body.Close() }() // read to its end or given up
	if resp.StatusCode/100 == 3 && resp.Header.Get("Location") != "" {
		httpapi.Errorf(w, http.StatusServiceUnavailable, "%s does not answer itself at %s now, and refers to another: try again soon.", whom, req.URL.Host)
		return
	}
	carryHeader(w.Header(), resp.Header)
	live := strings.HasPrefix(resp.Header.Get("Content-Type"), httpapi.EventStream)
	if raw || live {
		httpapi.Raw(w)
	}
	w.WriteHeader(resp.StatusCode)
	out := io.Writer(w)
	if live {
		out = httpapi.NewEventWriter(w)
	}
	if _, err := io.Copy(out, resp.Body); err != nil {
		panic(http.ErrAbortHandler) // the reader must not take half of it for the whole
	}
}

// carryHeader takes over what says what the body is. What comes from elsewhere is
// data of users: no browser may run it as a page of the master.
func carryHeader(to, from http.Header) {
	for _, name := range []string{"Content-Type", "Content-Length", "Content-Range", "Accept-Ranges", "Content-Disposition", "Last-Modified"} {
		if v := from.Get(name); v != "" {
			to.Set(name, v)
		}
	}
	to.Set("X-Content-Type-Options", "nosniff")
	to.Set("Content-Security-Policy", "default-src 'none'; sandbox")
	to.Set("Cache-Control", "no-store")
}
