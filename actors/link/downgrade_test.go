package link_test

import (
	"io"
	"net/http"
	"testing"

	"google.golang.org/protobuf/types/known/wrapperspb"

	"mesos/actors/link"
	"mesos/actors/link/linktls"
	"mesos/actors/nettest"
	"mesos/actors/secure"
)

// With downgrade, programs with and without TLS are taken at one port, and dialed each in its way; a foreign authority is
// no reason to do without.
func TestDowngrade(t *testing.T) {
	strict := trusted(t)
	both := *strict
	both.Downgrade = true
	foreign := trusted(t)
	handler := http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) { _, _ = io.WriteString(w, "hello") })
	start := func(s *secure.TLS) (*link.Transport, *nettest.Recorder) {
		t.Helper()
		n, r := listen(t, "127.0.0.1:0", link.Options{Secure: linktls.New(s), HTTP: &http.Server{Handler: handler}}), nettest.NewRecorder()
		n.Start(r)
		return n, r
	}
	for _, c := range []struct {
		name     string
		from, to *secure.TLS
		good     bool
	}{
		{"plain to both", nil, &both, true},
		{"TLS to both", strict, &both, true},
		{"both to both", &both, &both, true},
		{"both to TLS", &both, strict, true},
		{"both to plain", &both, nil, true},
		{"both to foreign", &both, foreign, false},
		{"TLS to plain", strict, nil, false},
		{"plain to TLS", nil, strict, false},
	} {
		t.Run(c.name, func(t *testing.T) {
			to, got := start(c.to)
			from, ends := start(c.from)
			sender := link.UPID{ID: "x", Addr: from.Addr()}
			from.Send(sender, link.UPID{ID: "y", Addr: to.Addr()}, wrapperspb.String("hello"))
			if c.good {
				wantText(t, got, sender, "hello")
			} else if e := ends.Next(t); e.Exited != to.Addr() {
				t.Errorf("got %+v, want exited %s", e, to.Addr())
			}
			// The scheme of who asks: with downgrade https may end in a connection without TLS.
			client := &http.Client{Transport: c.from.Transport(&http.Transport{})}
			defer client.CloseIdleConnections()
			resp, err := client.Get(c.from.Scheme() + "://" + to.Addr())
			if err == nil {
				defer resp.Body.Close()
			}
			if good := err == nil && resp.StatusCode == http.StatusOK; good != c.good {
				t.Errorf("HTTP: got %v, %v, want success %v", resp, err, c.good)
			}
		})
	}
}
