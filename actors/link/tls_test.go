package link_test

import (
	"io"
	"net/http"
	"testing"
	"time"

	"google.golang.org/protobuf/types/known/wrapperspb"

	"mesos/actors/link"
	"mesos/actors/link/linktls"
	"mesos/actors/nettest"
	"mesos/actors/secure"
	"mesos/actors/secure/securetest"
)

// trusted are programs of one authority that trust each other.
func trusted(t *testing.T) *secure.TLS {
	t.Helper()
	a := securetest.NewAuthority(t, "ours")
	return a.TLS(a.Issue("127.0.0.1"))
}

func TestNetworkTLS(t *testing.T) { runSuite(t, linktls.New(trusted(t))) }

func TestTLS(t *testing.T) {
	config := trusted(t)
	handler := http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) { _, _ = io.WriteString(w, "over TLS") })
	n := listen(t, "127.0.0.1:0", link.Options{Secure: linktls.New(config), HTTP: &http.Server{Handler: handler}})
	r := nettest.NewRecorder()
	n.Start(r)

	client := &http.Client{Transport: config.Transport(&http.Transport{})}
	defer client.CloseIdleConnections()
	answer, err := client.Get("https://" + n.Addr())
	if err != nil {
		t.Fatal(err)
	}
	body, err := io.ReadAll(answer.Body)
	_ = answer.Body.Close()
	if err != nil || string(body) != "over TLS" {
		t.Errorf("got %q %v, want it over TLS", body, err)
	}

	// One without TLS, one that trusts nobody, one that is not trusted: no session, and they hear of it.
	stranger := trusted(t)
	strict := *config
	strict.RequireClients = true
	guarded := listen(t, "127.0.0.1:0", link.Options{Secure: linktls.New(&strict)})
	guarded.Start(nettest.NewRecorder())
	untrusted := *stranger
	untrusted.Roots = config.Roots
	for name, c := range map[string]struct {
		secure link.Secure
		to     string
	}{
		"plain":     {nil, n.Addr()},
		"distrusts": {linktls.New(stranger), n.Addr()},
		"untrusted": {linktls.New(&untrusted), guarded.Addr()},
	} {
		d := listen(t, "127.0.0.1:0", link.Options{Secure: c.secure, PingTimeout: time.Second})
		rd := nettest.NewRecorder()
		d.Start(rd)
		d.Send(link.UPID{ID: "x", Addr: d.Addr()}, link.UPID{ID: "y", Addr: c.to}, wrapperspb.String("secret"))
		if e := rd.Next(t); e.Exited != c.to {
			t.Errorf("%s: got %+v, want exited %s", name, e, c.to)
		}
	}
	n.Send(link.UPID{}, link.UPID{ID: "x", Addr: n.Addr()}, wrapperspb.String("nothing came"))
	wantText(t, r, link.UPID{Addr: n.Addr()}, "nothing came")
}
