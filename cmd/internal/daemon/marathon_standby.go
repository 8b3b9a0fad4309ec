package daemon

import (
	"context"
	"encoding/json"
	"net/http"
	"net/http/httputil"
	"net/url"
	"strconv"
	"sync/atomic"

	"net"

	"github.com/google/uuid"
	"google.golang.org/protobuf/proto"

	"mesos/actors"
	v1 "mesos/messages/mesos/v1"
	"mesos/registry/consul"
)

// marathonCandidacy is a marathon that has rivals.
type marathonCandidacy struct{ info *v1.MasterInfo }

// contend waits for the leadership, and hands requests to the one that leads until then.
func (m *Marathon) contend(ctx context.Context) error {
	conf, err := consul.Parse(m.conf.Consul)
	if err != nil {
		return err
	}
	conf.Service = "marathon"
	contender, err := consul.NewContender(conf, m.log)
	if err != nil {
		return err
	}
	detector, err := consul.NewDetector(conf, m.log)
	if err != nil {
		return err
	}
	host, port, err := net.SplitHostPort(m.leaderName())
	if err != nil {
		return err
	}
	n, err := strconv.Atoi(port)
	if err != nil {
		return err
	}
	m.run = &marathonCandidacy{&v1.MasterInfo{
		Id: proto.String(uuid.NewString()), Ip: proto.Uint32(0), Port: proto.Uint32(uint32(n)), Hostname: &host,
		Pid:     proto.String(actors.UPID{ID: "marathon", Addr: m.System.Addr()}.String()),
		Address: &v1.Address{Hostname: &host, Ip: proto.String(host), Port: proto.Int32(int32(n))},
	}}
	m.watch.Go(func() {
		detector.Watch(ctx, func(info *v1.MasterInfo) {
			m.log.Info("another marathon leads, or none", "leader", info.GetHostname())
			m.http.forward(info, m.run.info.GetId())
		})
	})
	m.watch.Go(func() {
		st, err := contender.Contend(ctx, m.run.info)
		if err != nil {
			return // the program ends
		}
		m.log.Info("this marathon is elected")
		if err := m.lead(ctx, st); err != nil {
			m.failed(err)
		}
	})
	return nil
}

// frontDoor serves the API of this marathon when it leads, and hands requests to
// the one that does while it does not.
type frontDoor struct {
	own    atomic.Pointer[http.Handler]
	leader atomic.Pointer[url.URL]
}

func (d *frontDoor) open(h http.Handler) { d.own.Store(&h) }

// forward says who leads; self is the id of this marathon.
func (d *frontDoor) forward(info *v1.MasterInfo, self string) {
	if info == nil || info.GetId() == self {
		d.leader.Store(nil)
		return
	}
	d.leader.Store(&url.URL{Scheme: "http", Host: net.JoinHostPort(info.GetHostname(), strconv.Itoa(int(info.GetPort())))})
}

// passedOn marks a request that another marathon handed on: it is not handed on again.
const passedOn = "X-Marathon-Via"

// ServeHTTP implements http.Handler.
func (d *frontDoor) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	if own := d.own.Load(); own != nil {
		(*own).ServeHTTP(w, r)
		return
	}
	if r.URL.Path == "/ping" {
		_, _ = w.Write([]byte("pong"))
		return
	}
	to := d.leader.Load()
	if to == nil || r.Header.Get(passedOn) != "" {
		w.Header().Set("Content-Type", "application/json")
		w.WriteHeader(http.StatusServiceUnavailable)
		_ = json.NewEncoder(w).Encode(map[string]string{"message": "Could not determine the current leader"})
		return
	}
	proxy := httputil.ReverseProxy{FlushInterval: -1, Rewrite: func(p *httputil.ProxyRequest) {
		p.SetURL(to)
		p.Out.Header.Set(passedOn, p.In.Host)
	}}
	w.Header().Set("X-Marathon-Leader", to.String())
	proxy.ServeHTTP(w, r)
}
