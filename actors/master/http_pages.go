package master

import (
	"encoding/json"
	"errors"
	"net/http"
	"time"

	"mesos/actors"
	"mesos/actors/httpapi"
	"mesos/actors/master/view"
	"mesos/webui"
)

// routePages registers what the web pages read. It is ours, not Mesos's.
func (h *HTTP) routePages() {
	h.router.HandleFunc("/live/state", h.pageState)
	h.router.HandleFunc("/live/changes", h.pageChanges)
	h.router.HandleFunc("/live/leader", h.pageLeader)
	h.router.HandleFunc("/live/task", h.pageTask)
}

// mediaLines is the type of JSON in lines, one value each.
const mediaLines = "application/x-ndjson"

// pageState serves GET /live/state: everything, as the lines of [live.Book.Picture], from one computation for all who ask
// at a time. A page shows what stands in the first while the others are on their way.
func (h *HTTP) pageState(w http.ResponseWriter, r *http.Request) {
	if !h.gate.Pass(w, r) || !h.recovered(w, r) || !httpapi.AllowMethods(w, r, http.MethodGet) {
		return
	}
	s := h.pages.Load()
	if s == nil {
		reply(w, answer{}, actors.ErrStopped)
		return
	}
	w.Header().Set("Cache-Control", "no-store")
	h.reads.Serve(w, r, "/live/state", mediaLines, func(f *httpapi.Flight) error {
		asked := make(chan [][]byte, 1)
		s.p.Dispatch(func() {
			f.Look()
			s.ask(asked)
		})
		var state [][]byte
		select {
		case state = <-asked:
		case <-s.p.Done():
		}
		if state == nil {
			return httpapi.ErrUnavailable
		}
		for _, line := range state {
			f.Write(line)
		}
		return nil
	})
}

const (
	// pageBeat is how often a reader hears that the master is there.
	pageBeat = 15 * time.Second
	// pageGrace is how long one write to a reader may hang.
	pageGrace = 30 * time.Second
)

// pageChanges serves GET /live/changes?after=NAME as server-sent events: what
// changed after that, for as long as the reader keeps up. The browser names the
// last event itself when it connects again. One who cannot go on there is sent
// the event "restart", and reads /live/state anew.
func (h *HTTP) pageChanges(w http.ResponseWriter, r *http.Request) {
	if !h.gate.Pass(w, r) || !h.recovered(w, r) || !httpapi.AllowMethods(w, r, http.MethodGet) {
		return
	}
	after := r.Header.Get("Last-Event-ID")
	if after == "" {
		after = r.URL.Query().Get("after")
	}
	s := h.pages.Load()
	if s == nil {
		reply(w, answer{}, actors.ErrStopped)
		return
	}
	head := w.Header()
	head.Set("Content-Type", eventStream)
	head.Set("Cache-Control", "no-store")
	httpapi.Raw(w)
	out := &eventWriter{w: w, control: http.NewResponseController(w)}
	n, known := s.feed.Parse(after)
	if !known || out.write([]byte("retry: 1000\n\n")) != nil {
		_ = out.write(restart) // the reader may have gone
		return
	}
	s.p.Dispatch(func() { s.read(1) })
	defer s.p.Dispatch(func() { s.read(-1) })
	beat := time.NewTicker(pageBeat)
	defer beat.Stop()
	for {
		texts, news, ok := s.feed.After(n)
		if !ok {
			_ = out.write(restart)
			return
		}
		n += uint64(len(texts))
		if out.write(texts...) != nil {
			return
		}
		select {
		case <-news:
		case <-beat.C:
			if out.write([]byte("event: beat\ndata: {}\n\n")) != nil {
				return
			}
		case <-s.p.Done():
			return
		case <-r.Context().Done():
			return
		}
	}
}

// restart is the event of a reader that must begin anew.
var restart = []byte("event: restart\ndata: {}\n\n")

type eventWriter struct {
	w       http.ResponseWriter
	control *http.ResponseController
}

// Write implements io.Writer: each piece goes out at once.
func (o *eventWriter) Write(text []byte) (int, error) {
	if err := o.write(text); err != nil {
		return 0, err
	}
	return len(text), nil
}

func (o *eventWriter) write(texts ...[]byte) error {
	if len(texts) == 0 {
		return nil
	}
	_ = o.control.SetWriteDeadline(time.Now().Add(pageGrace)) // a recorder in a test has none
	for _, t := range texts {
		if _, err := o.w.Write(t); err != nil {
			return err
		}
	}
	if err := o.control.Flush(); err != nil && !errors.Is(err, http.ErrNotSupported) {
		return err
	}
	return nil
}

// pageLeader serves GET /live/leader, on every master: who leads. Pages of
// another master may ask, since they look for the one that leads now.
func (h *HTTP) pageLeader(w http.ResponseWriter, r *http.Request) {
	if !httpapi.AllowMethods(w, r, http.MethodGet) {
		return
	}
	answer := struct {
		Leads  bool   `json:"leads"`
		Leader string `json:"leader"` // host:port; "" if nobody is known to lead
	}{}
	if s := h.gate.standby.Load(); s != nil {
		if s.leader != nil {
			answer.Leader = hostPort(s.leader)
		}
	} else if !h.gate.Pass(w, r) {
		return
	} else {
		answer.Leads, answer.Leader = true, hostPort(h.master.info)
		if at := r.URL.Query().Get("standby"); hostAndPort.MatchString(at) {
			if p := h.pages.Load(); p != nil {
				p.p.Dispatch(func() { p.standbys.note(at, time.Now()) })
			}
		}
	}
	body, err := json.Marshal(answer)
	if err != nil {
		reply(w, answerOf(err), nil)
		return
	}
	w.Header().Set("Access-Control-Allow-Origin", "*")
	w.Header().Set("Cache-Control", "no-store")
	httpapi.WriteBody(w, httpapi.MediaJSON, body)
}

func answerOf(err error) answer {
	if errors.Is(err, actors.ErrStopped) {
		return answer{Code: http.StatusServiceUnavailable, Text: "The master is stopping."}
	}
	return answer{Code: http.StatusInternalServerError, Text: err.Error()}
}

// withStandbys lets the page ask the masters that stand by, once this one is gone.
func (h *HTTP) withStandbys(r *http.Request) *http.Request {
	pages := h.pages.Load()
	if pages == nil {
		return r // the master has not started yet
	}
	list := pages.origins.Load()
	if list == nil {
		return r
	}
	return r.WithContext(webui.WithMasters(r.Context(), *list))
}

// pageTask serves GET /live/task?framework=F&task=T: all that is known of one task, as a v1 Task.
func (h *HTTP) pageTask(w http.ResponseWriter, r *http.Request) {
	if !h.gate.Pass(w, r) || !h.recovered(w, r) || !httpapi.AllowMethods(w, r, http.MethodGet) {
		return
	}
	m, framework, id := h.master, r.URL.Query().Get("framework"), r.URL.Query().Get("task")
	found, err := actors.Call(m.p, func() *view.Task { return m.anyTask(framework, id) })
	switch {
	case err != nil:
		reply(w, answer{}, err)
	case found == nil:
		httpapi.Errorf(w, http.StatusNotFound, "No task %.100q of framework %.100q is known: it never was, or it ended so long ago that the master has forgotten it.", id, framework)
	default:
		w.Header().Set("Cache-Control", "no-store")
		httpapi.WriteMessage(w, httpapi.JSON, found.Proto())
	}
}

// anyTask finds a task, also one that has ended.
func (m *Master) anyTask(frameworkID, id string) *view.Task {
	f := m.frameworks[frameworkID]
	if f == nil {
		for _, old := range m.completed.values {
			if old.id == frameworkID {
				f = old
			}
		}
	}
	if f == nil {
		return nil
	}
	if t := f.tasks[id]; t != nil {
		return t.look()
	}
	for _, list := range [][]*task{f.unreachable.values, f.completed.values} {
		for i := len(list) - 1; i >= 0; i-- { // the newest of that id
			if list[i].id == id {
				return list[i].look()
			}
		}
	}
	return nil
}
