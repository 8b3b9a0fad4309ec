package hosts

import (
	"bytes"
	"io"
	"log"
	"net"
	"net/http"
	"net/http/httputil"
	"net/url"
	"sync"
	"testing"

	"mesos/tests/cluster"
)

// front stands before a Consul server, on the server's host and at its usual port.
// It hands every request on, and lets a recorder see them. It is there when its
// server is: what is refused without it is refused with it.
type front struct {
	t        testing.TB
	h        *host
	rec      *recorder
	upstream *url.URL

	wg     sync.WaitGroup
	server *http.Server
}

const frontPort = "8500"

// start listens. The front ends with the test, or before by stop.
func (f *front) start() {
	f.t.Helper()
	var l net.Listener
	err := cluster.InNet(f.h.ns, func() (err error) {
		l, err = net.Listen("tcp", net.JoinHostPort(f.h.ip, frontPort))
		return err
	})
	if err != nil {
		f.t.Fatal(err)
	}
	proxy := &httputil.ReverseProxy{
		Rewrite: func(r *httputil.ProxyRequest) {
			r.SetURL(f.upstream)
			r.SetXForwarded() // the recorder asks for it
			// Consul packs long answers for who says that it can unpack them, and the recorder is to read them.
			r.Out.Header.Set("Accept-Encoding", "identity")
		},
		Transport: f,
		// The server was killed, or the client gave up: there is no answer.
		ErrorHandler: func(http.ResponseWriter, *http.Request, error) { panic(http.ErrAbortHandler) },
		ErrorLog:     log.New(io.Discard, "", 0),
	}
	f.server = &http.Server{Handler: proxy, ErrorLog: log.New(io.Discard, "", 0)}
	f.wg.Go(func() { _ = f.server.Serve(l) }) // until stop
}

// stop breaks off what is under way, as the kernel does for a program that is killed.
func (f *front) stop() {
	_ = f.server.Close() // fails only if it was closed
	f.wg.Wait()
}

// fronts share their connections to the servers.
var upstreams = &http.Transport{MaxIdleConnsPerHost: 100}

// RoundTrip carries a request to the server. What changes or reads the registry is
// recorded from before it is sent until after it is answered.
func (f *front) RoundTrip(r *http.Request) (*http.Response, error) {
	var body []byte
	if r.Method == http.MethodPut && r.Body != nil {
		var err error
		if body, err = io.ReadAll(r.Body); err != nil {
			return nil, err
		}
		r.Body = io.NopCloser(bytes.NewReader(body))
	}
	done := f.rec.begin(r.Header.Get("X-Forwarded-For"), r, body)
	answer, err := upstreams.RoundTrip(r)
	if done == nil {
		return answer, err
	}
	if err != nil {
		done(0, nil)
		return nil, err
	}
	text, err := io.ReadAll(answer.Body)
	answer.Body.Close()
	if err != nil {
		done(0, nil)
		return nil, err
	}
	done(answer.StatusCode, text)
	answer.Body = io.NopCloser(bytes.NewReader(text))
	return answer, nil
}
