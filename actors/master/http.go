package master

import (
	"errors"
	"fmt"
	"net/http"
	"sync/atomic"
	"time"

	"github.com/google/uuid"

	"mesos/actors"
	"mesos/actors/authentication"
	"mesos/actors/httpapi"
	"mesos/actors/master/carry"
	"mesos/actors/master/leader"
	"mesos/actors/master/pages"
	"mesos/actors/master/validation"
	"mesos/actors/operator"
	v1 "mesos/messages/mesos/v1"
	schedulerv1 "mesos/messages/mesos/v1/scheduler"
)

// HTTP serves a master. It is made before the master, since its port is what
// the master's address comes from; until SetMaster it answers 503.
type HTTP struct {
	router   *httpapi.Router
	gate     *leader.Gate
	master   *Master
	operator operator.Common
	reads    httpapi.Shared
	cross    http.CrossOriginProtection

	carrier  *carry.Carrier              // set before the gate opens
	pages    atomic.Pointer[pages.Pages] // once the master has started
	patience time.Duration               // with a master that reads its registry
}

// NewHTTP makes the master's endpoints.
func NewHTTP(c operator.Common, page http.Handler) *HTTP {
	h := &HTTP{router: httpapi.NewRouter("master"), gate: leader.NewGate(), operator: c, patience: recoveryPatience}
	h.reads.Hit = c.Metrics.Counter("master/http_cache_hits", "Reads that were answered from the computation of another, identical one.").Inc
	r := h.router
	r.HandleFunc("/api/v1/scheduler", h.scheduler)
	r.HandleFunc("/api/v1", h.api)
	h.routeReads()
	h.routeRoles()
	h.routeExplain()
	h.routeForms()
	h.routeOperations()
	h.routeMaintenance()
	h.routePages()
	r.HandleFunc("/redirect", h.gate.Redirect)
	r.Mount("/registrar(1)/registry", http.HandlerFunc(h.registry))
	r.Handle("/", h.gate.Page(h.withStandbys(page)))
	r.Handle("/assets", page)
	h.operator.Mount(r)
	c.Metrics.AddSource(h.gatherStandby)
	return h
}

// SetMaster says who answers. It is called once.
func (h *HTTP) SetMaster(m *Master) {
	h.master = m
	h.carrier = carry.New(m, m.conf.TLS, m.log)
	h.pages.Store(h.startPages(m))
	h.gate.Lead(m.info, m.deposed)
}

// ServeHTTP implements http.Handler. Pages of other origins can make a browser
// send what changes something; programs are no browsers, and pass.
func (h *HTTP) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	if err := h.cross.Check(r); err != nil {
		httpapi.Errorf(w, http.StatusForbidden, "A page of another origin may not send this: %v.", err)
		return
	}
	h.router.ServeHTTP(w, r)
}

// StandBy says that this master does not lead, and who does, nil if nobody is known
// to. It may be called from any goroutine until SetMaster, which ends it.
func (h *HTTP) StandBy(leader *v1.MasterInfo) { h.gate.StandBy(leader) }

// ready answers itself and reports false unless this master leads, has read its
// registry, and the request has one of methods, if any are named.
func (h *HTTP) ready(w http.ResponseWriter, r *http.Request, methods ...string) bool {
	return h.gate.Pass(w, r) && h.recovered(w, r) && (methods == nil || httpapi.AllowMethods(w, r, methods...))
}

// leads is ready for what is answered while the registry is read, too.
func (h *HTTP) leads(w http.ResponseWriter, r *http.Request, methods ...string) bool {
	return h.gate.Pass(w, r) && httpapi.AllowMethods(w, r, methods...)
}

// maxCallBytes bounds the body of a scheduler call.
const maxCallBytes = 32 << 20

func (h *HTTP) scheduler(w http.ResponseWriter, r *http.Request) {
	if !h.ready(w, r) {
		return
	}
	call := &schedulerv1.Call{}
	accept, ok := httpapi.ReadCall(w, r, call, maxCallBytes)
	if !ok {
		return
	}
	if err := validation.Call(call); err != nil {
		httpapi.Errorf(w, http.StatusBadRequest, "Failed to validate the call: %v", err)
		return
	}
	principal := authentication.Principal(r.Context())
	if err := validation.CallPrincipal(call, principal); err != nil {
		httpapi.Errorf(w, http.StatusBadRequest, "Failed to validate the call: %v", err)
		return
	}
	if call.GetType() == schedulerv1.Call_SUBSCRIBE {
		h.subscribe(w, r, call, accept)
		return
	}
	if _, ok := accept.Choose(w); !ok {
		return
	}
	m, streamID := h.master, r.Header.Get(httpapi.StreamIDHeader)
	ans, err := actors.Call(m.p, func() answer {
		f, refused := m.caller(call, streamID)
		if f == nil {
			return refused
		}
		if err := validation.SamePrincipal("framework_id", f.info.Principal, principal); err != nil {
			return answer{Code: http.StatusBadRequest, Text: fmt.Sprintf("the principal of framework %s: %v", f.id, err)}
		}
		return m.call(f, call)
	})
	reply(w, ans, err)
}

// later runs f on the actor and answers when f calls done: what must be durable
// before it is true. done is called on the actor, once.
func (h *HTTP) later(w http.ResponseWriter, r *http.Request, f func(done func(answer))) {
	told := make(chan answer, 1)
	p := h.master.p
	p.Dispatch(func() { f(func(a answer) { told <- a }) })
	select {
	case a := <-told:
		a.Write(w)
	case <-p.Done():
		reply(w, answer{}, actors.ErrStopped)
	case <-r.Context().Done():
	}
}

func reply(w http.ResponseWriter, ans answer, err error) {
	if errors.Is(err, actors.ErrStopped) {
		ans = answer{Code: http.StatusServiceUnavailable, Text: "The master is stopping."}
	}
	ans.Write(w)
}

// caller finds the framework that a call over HTTP comes from.
func (m *Master) caller(call *schedulerv1.Call, streamID string) (*framework, answer) {
	id := call.GetFrameworkId().GetValue()
	f := m.frameworks[id]
	switch {
	case f == nil || f.removed:
		return nil, answer{Code: http.StatusBadRequest, Text: fmt.Sprintf("framework_id: framework %.100q is not known: subscribe first", id)}
	case f.conn == nil:
		return nil, answer{Code: http.StatusForbidden, Text: fmt.Sprintf("framework_id: framework %s is not subscribed", id)}
	case streamID == "" && isV0(f.conn):
		return f, answer{} // mesos-go's v0 driver makes its ACCEPT calls so
	case f.conn.StreamID() == "":
		return nil, answer{Code: http.StatusForbidden, Text: fmt.Sprintf("framework_id: framework %s is subscribed by a driver, not by HTTP", id)}
	case streamID == "":
		return nil, answer{Code: http.StatusBadRequest, Text: "Header " + httpapi.StreamIDHeader + " is missing: send the one that the subscription was answered with"}
	case streamID != f.conn.StreamID():
		return nil, answer{Code: http.StatusBadRequest, Text: fmt.Sprintf("Header %s %.100q is not that of the framework's current subscription", httpapi.StreamIDHeader, streamID)}
	}
	return f, answer{}
}

// streamConn is the subscription of a scheduler over HTTP.
type streamConn struct {
	id        string
	principal string // whose it is known to be, "" if nobody was asked
	stream    *httpapi.Stream
}

func (c *streamConn) Send(e *event)    { c.stream.Send(e) }
func (c *streamConn) Close()           { c.stream.Close(nil) }
func (c *streamConn) StreamID() string { return c.id }

// Principal implements known.
func (c *streamConn) Principal() string { return c.principal }

// subscribe opens the stream first: a framework that is refused reads an ERROR event on it.
func (h *HTTP) subscribe(w http.ResponseWriter, r *http.Request, call *schedulerv1.Call, accept httpapi.Accept) {
	if !httpapi.NewSubscription(w, r) {
		return
	}
	kind, ok := accept.Choose(w)
	if !ok {
		return
	}
	conn := &streamConn{id: uuid.NewString(), principal: authentication.Principal(r.Context())}
	conn.stream = httpapi.NewStream(w, r, kind, http.Header{httpapi.StreamIDHeader: {conn.id}})
	m, f := h.master, make(chan *framework, 1)
	m.p.Dispatch(func() { f <- m.subscribe(call, conn) })
	why := "the scheduler closed its stream"
	if err := conn.stream.Run(r.Context()); err != nil {
		why = err.Error()
	}
	m.p.Dispatch(func() {
		if subscribed := <-f; subscribed != nil {
			m.connLost(subscribed, conn, why)
		}
	})
}
