package libprocess_test

import (
	"bytes"
	"net/http"
	"testing"

	"mesos/actors/libprocess"
	"mesos/actors/link"
	"mesos/actors/link/linktls"
	"mesos/actors/secure"
	"mesos/actors/secure/securetest"
)

// serveTLS starts a program that speaks TLS.
func serveTLS(t *testing.T, s *secure.TLS) program {
	t.Helper()
	n := libprocess.New(libprocess.Options{TLS: s, Log: quiet()})
	server := &http.Server{Handler: n.Handler(http.NotFoundHandler(), nil)} //nolint:gosec // its clients are of this test
	return startOver(t, n, "127.0.0.1:0", link.Options{HTTP: server, Secure: linktls.New(s)})
}

// A driver that comes by HTTPS is answered by TLS; with downgrade one that has no TLS is answered without.
func TestTLS(t *testing.T) {
	ca := securetest.NewAuthority(t, "ours")
	ours := ca.TLS(ca.Issue("127.0.0.1"))
	both := *ours
	both.RequireClients, both.Downgrade = true, true
	for name, c := range map[string]struct{ driver, master *secure.TLS }{"TLS": {ours, ours}, "certificate": {ours, &both}, "downgrade": {nil, &both}} {
		t.Run(name, func(t *testing.T) {
			driver, master := serveTLS(t, c.driver), serveTLS(t, c.master)
			self, to := link.UPID{ID: "scheduler(1)", Addr: driver.Addr()}, link.UPID{ID: "master", Addr: master.Addr()}
			client := &http.Client{Transport: c.driver.Transport(&http.Transport{DisableKeepAlives: true})}
			r, err := http.NewRequestWithContext(t.Context(), http.MethodPost, c.driver.Scheme()+"://"+master.Addr()+killPath, bytes.NewReader(encode(t, kill(1))))
			if err != nil {
				t.Fatal(err)
			}
			r.Header = from(self)
			resp, err := client.Do(r)
			if err != nil || resp.Body.Close() != nil || resp.StatusCode != http.StatusAccepted {
				t.Fatalf("got %v, %v, want 202", resp, err)
			}
			wantKill(t, master, self, 1)
			master.Send(to, link.UPID{ID: "master", Addr: driver.Addr()}, kill(2))
			wantKill(t, driver, to, 2)
		})
	}
}
