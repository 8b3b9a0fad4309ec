package agent

import (
	"errors"
	"net/http"

	"google.golang.org/protobuf/proto"

	"mesos/actors"
	"mesos/actors/httpapi"
	"mesos/actors/operator"
	executorv1 "mesos/messages/mesos/v1/executor"
)

// HTTP serves an agent. It is made before the agent, since its port is what
// the agent's address comes from; until SetAgent it answers 503.
type HTTP struct {
	router   *httpapi.Router
	gate     *httpapi.Gate
	agent    *Agent
	operator operator.Common
}

// NewHTTP makes the agent's endpoints.
func NewHTTP(c operator.Common) *HTTP {
	h := &HTTP{router: httpapi.NewRouter(ProcessID), gate: httpapi.NewGate("agent"), operator: c}
	h.operator.SandboxUser = h.sandboxUser
	r := h.router
	r.HandleFunc("/api/v1/executor", h.executor)
	r.HandleFunc("/api/v1/resource_provider", h.resourceProvider)
	r.HandleFunc("/api/v1", h.api)
	r.HandleFunc("/state", h.state)
	r.HandleFunc("/containers", h.serveContainers)
	r.HandleFunc("/monitor/statistics", h.serveStatistics)
	r.Mount("/containerizer/debug", http.HandlerFunc(h.serveDebug))
	h.operator.Mount(r)
	return h
}

// SetAgent says who answers. It is called once.
func (h *HTTP) SetAgent(a *Agent) {
	h.agent = a
	h.gate.Open()
}

func (h *HTTP) ServeHTTP(w http.ResponseWriter, r *http.Request) { h.router.ServeHTTP(w, r) }

// maxCallBytes bounds the body of an executor call.
const maxCallBytes = 32 << 20

func (h *HTTP) executor(w http.ResponseWriter, r *http.Request) {
	if !h.gate.Pass(w, r) {
		return
	}
	call := &executorv1.Call{}
	accept, ok := httpapi.ReadCall(w, r, call, maxCallBytes)
	if !ok {
		return
	}
	if why := checkCall(call); why != "" {
		httpapi.Errorf(w, http.StatusBadRequest, "%s", why)
		return
	}
	if call.GetType() == executorv1.Call_SUBSCRIBE {
		h.subscribe(w, r, call, accept)
		return
	}
	ans, err := actors.Call(h.agent.p, func() answer {
		if call.GetType() == executorv1.Call_HEARTBEAT {
			return answer{Code: http.StatusAccepted} // ids may be dummies
		}
		e, ans := h.agent.subscriber(call)
		if e != nil {
			ans = e.askedFor(r.Context())
		}
		if e == nil || ans.Code != http.StatusOK {
			return ans
		}
		return h.agent.call(e, call)
	})
	reply(w, ans, err)
}

func reply(w http.ResponseWriter, ans answer, err error) {
	if errors.Is(err, actors.ErrStopped) {
		ans = answer{Code: http.StatusServiceUnavailable, Text: "The agent is stopping."}
	}
	ans.Write(w)
}

// streamConn is a subscription to events over HTTP. The stream opens when the
// agent has taken the subscription; what is sent before waits.
type streamConn[E proto.Message] struct {
	s      *httpapi.Stream
	early  []E
	closed bool
}

func (c *streamConn[E]) Send(e E) {
	if c.s == nil {
		c.early = append(c.early, e)
		return
	}
	c.s.Send(e)
}

func (c *streamConn[E]) Close() {
	c.closed = true
	if c.s != nil {
		c.s.Close(nil)
	}
}

// open gives the connection its stream, on the actor.
func (c *streamConn[E]) open(s *httpapi.Stream) {
	c.s = s
	for _, e := range c.early {
		s.Send(e)
	}
	c.early = nil
	if c.closed {
		s.Close(nil)
	}
}

func (h *HTTP) subscribe(w http.ResponseWriter, r *http.Request, call *executorv1.Call, accept httpapi.Accept) {
	kind, ok := accept.Choose(w)
	if !ok {
		return
	}
	a, conn := h.agent, &streamConn[*executorv1.Event]{}
	ans, err := actors.Call(a.p, func() answer {
		return a.subscribe(call, conn, func(e *executor) answer { return e.askedFor(r.Context()) })
	})
	if err != nil || ans.Code != http.StatusOK {
		reply(w, ans, err)
		return
	}
	stream := httpapi.NewStream(w, r, kind, nil)
	a.p.Dispatch(func() {
		conn.open(stream)
		a.heartbeat(call, conn)
	})
	_ = stream.Run(r.Context()) // why it ended does not matter: the executor subscribes again
	a.p.Dispatch(func() {
		if e, _ := a.executorOf(call); e != nil && e.conn == executorConn(conn) {
			a.executorDisconnected(e)
		}
	})
}

// heartbeat keeps the stream of an executor alive; the first beat comes after
// one interval, since some executors die of an early one.
func (a *Agent) heartbeat(call *executorv1.Call, conn executorConn) {
	a.p.Delay(a.conf.HeartbeatInterval, func() {
		if e, _ := a.executorOf(call); e != nil && e.conn == conn {
			conn.Send(&executorv1.Event{Type: executorv1.Event_HEARTBEAT.Enum()})
			a.heartbeat(call, conn)
		}
	})
}
