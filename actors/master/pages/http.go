package pages

import (
	"net/http"
	"time"

	"mesos/actors/httpapi"
)

// mediaLines is the type of JSON in lines, one value each.
const mediaLines = "application/x-ndjson"

// State serves GET /live/state: everything, as the lines of [live.Book.Picture], from one computation for all who ask
// at a time. A page shows what stands in the first while the others are on their way.
func (s *Pages) State(w http.ResponseWriter, r *http.Request) {
	w.Header().Set("Cache-Control", "no-store")
	s.conf.Reads.Serve(w, r, "/live/state", mediaLines, func(f *httpapi.Flight) error {
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

// beatEvery is how often a reader hears that the master is there.
const beatEvery = 15 * time.Second

// Changes serves GET /live/changes?after=NAME as server-sent events: what
// changed after that, for as long as the reader keeps up. The browser names the
// last event itself when it connects again. One who cannot go on there is sent
// the event "restart", and reads /live/state anew.
func (s *Pages) Changes(w http.ResponseWriter, r *http.Request) {
	after := r.Header.Get("Last-Event-ID")
	if after == "" {
		after = r.URL.Query().Get("after")
	}
	head := w.Header()
	head.Set("Content-Type", httpapi.EventStream)
	head.Set("Cache-Control", "no-store")
	httpapi.Raw(w)
	out := httpapi.NewEventWriter(w)
	n, known := s.feed.Parse(after)
	if !known || out.Send([]byte("retry: 1000\n\n")) != nil {
		_ = out.Send(restart) // the reader may have gone
		return
	}
	s.p.Dispatch(func() { s.read(1) })
	defer s.p.Dispatch(func() { s.read(-1) })
	beat := time.NewTicker(beatEvery)
	defer beat.Stop()
	for {
		texts, news, ok := s.feed.After(n)
		if !ok {
			_ = out.Send(restart)
			return
		}
		n += uint64(len(texts))
		if out.Send(texts...) != nil {
			return
		}
		select {
		case <-news:
		case <-beat.C:
			if out.Send([]byte("event: beat\ndata: {}\n\n")) != nil {
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
