package daemon

import (
	"context"
	"net"
	"net/http"
	"net/url"
	"strconv"
	"time"

	"mesos/actors/secure"
	v1 "mesos/messages/mesos/v1"
)

// announceEvery is how often a master that stands by tells the leader that it is there. The leader counts on it for
// three times as long.
const announceEvery = 10 * time.Second

// standby tells the leader of a master that stands by, so that open pages know where to look for the next leader.
// Nothing else rests on it: what goes wrong is tried again, and not told.
type standby struct {
	self    string // host:port
	leaders chan *v1.MasterInfo
	client  http.Client
	scheme  string // of masters' HTTP
}

func newStandby(self *v1.MasterInfo, by *secure.TLS) *standby {
	return &standby{
		self: webAddress(self), leaders: make(chan *v1.MasterInfo, 1), scheme: by.Scheme(),
		client: http.Client{Timeout: 5 * time.Second, Transport: by.Transport(&http.Transport{}), CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }},
	}
}

// webAddress is where a master's pages are, as the address that it goes by.
func webAddress(m *v1.MasterInfo) string {
	host := m.GetHostname()
	if h := m.GetAddress().GetHostname(); h != "" {
		host = h
	}
	return net.JoinHostPort(host, strconv.Itoa(int(m.GetPort())))
}

// leads says who leads now, nil for nobody. It never waits.
func (a *standby) leads(leader *v1.MasterInfo) {
	select {
	case <-a.leaders: // one that was not told yet
	default:
	}
	a.leaders <- leader
}

// run tells leaders until ctx ends. leads must be called from one goroutine.
func (a *standby) run(ctx context.Context) {
	again := time.NewTicker(announceEvery)
	defer again.Stop()
	defer a.client.CloseIdleConnections()
	var leader *v1.MasterInfo
	for {
		select {
		case leader = <-a.leaders:
		case <-again.C:
		case <-ctx.Done():
			return
		}
		if leader != nil {
			a.tell(ctx, leader)
		}
	}
}

func (a *standby) tell(ctx context.Context, leader *v1.MasterInfo) {
	to := url.URL{Scheme: a.scheme, Host: webAddress(leader), Path: "/live/leader", RawQuery: url.Values{"standby": {a.self}}.Encode()}
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, to.String(), nil)
	if err != nil {
		return
	}
	if resp, err := a.client.Do(req); err == nil {
		_ = resp.Body.Close() // it says nothing that is not known
	}
}
