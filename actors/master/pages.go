package master

import (
	"encoding/json"
	"sync/atomic"
	"time"

	"mesos/actors"
	"mesos/actors/master/live"
	"mesos/actors/master/view"
)

const (
	// pageInterval is the least time between two changes that open pages are told of.
	pageInterval = 250 * time.Millisecond
	// pageShare is the share of a processor that looking for changes may take: one in so many parts.
	pageShare = 20
	// pageBacklog bounds the changes that are kept for readers whose connection broke, in bytes.
	pageBacklog = 8 << 20
	// pageHistory is how many sums are kept for charts.
	pageHistory = 720
)

// pages is the actor that tells open pages what changes in the cluster. While
// pages are open it asks the master for a picture every pageInterval, less often
// where a look takes long; without any it asks once per Config.HistoryInterval,
// for the charts, or never.
type pages struct {
	m       *Master
	p       *actors.Process
	every   time.Duration // between two samples of the history; 0 = none without readers
	book    *live.Book
	feed    *live.Feed
	history *live.History

	readers  int
	looking  bool
	cancel   func() // the next look
	waiting  []chan [][]byte
	sampled  time.Time
	standbys standbys
	origins  atomic.Pointer[[]string] // of the standbys as of the last look, for who serves pages
}

func newPages(m *Master) *pages {
	return &pages{m: m, every: m.conf.HistoryInterval, book: live.NewBook(), feed: live.NewFeed(m.conf.ID, pageBacklog), history: live.NewHistory(pageHistory), cancel: func() {}}
}

// Init implements actors.Actor.
func (s *pages) Init(p *actors.Process) {
	p.OnStop(func() {
		for _, w := range s.waiting {
			close(w)
		}
	})
}

// startPages starts the actor of a master that runs and has HTTP; nil if the master is stopping.
func startPages(m *Master) *pages {
	s := newPages(m)
	p, err := m.p.System().Spawn("pages", s)
	if err != nil {
		m.log.Warn("the web pages are not fed", "error", err)
		return nil
	}
	s.p = p // nothing uses it before the dispatch, or the handlers, which find s later
	if s.every > 0 {
		p.Dispatch(s.look)
	}
	return s
}

// look asks the master for a picture, unless one is on its way.
func (s *pages) look() {
	if s.looking {
		return
	}
	s.looking = true
	s.cancel()
	s.m.p.Dispatch(func() {
		began := time.Now()
		c := s.m.snapshot()
		took := time.Since(began)
		s.p.Dispatch(func() { s.picture(c, took) })
	})
}

// picture finds what is new and sends it to all readers.
func (s *pages) picture(c *view.Cluster, took time.Duration) {
	began := time.Now()
	s.looking = false
	standbys := s.standbys.at(began)
	s.origins.Store(&standbys)
	if change := s.book.Update(c, standbys); !change.Empty() {
		text, err := json.Marshal(change)
		if err != nil { // rows are plain text and finite numbers
			s.m.log.Error("change for the pages", "error", err)
			return
		}
		s.feed.Publish(text)
	}
	if s.every > 0 && began.Sub(s.sampled) >= s.every-s.every/8 {
		s.sampled = began
		s.history.Add(float64(began.Unix()), s.book.Sums())
	}
	if len(s.waiting) > 0 {
		state := s.book.Picture(s.feed.Last(), s.every.Seconds(), s.history)
		for _, w := range s.waiting {
			w <- state
		}
		s.waiting = nil
	}
	wait := s.every
	if s.readers > 0 {
		wait = max(pageInterval, pageShare*(took+time.Since(began)))
		if s.every > 0 {
			wait = min(wait, s.every)
		}
	}
	if wait > 0 {
		s.cancel = s.p.Delay(wait, s.look)
	}
}

// ask has the lines of a picture sent to w, as of the look that is on its way or a new one.
func (s *pages) ask(w chan [][]byte) {
	s.waiting = append(s.waiting, w)
	s.look()
}

// read counts a reader in or out.
func (s *pages) read(more int) {
	s.readers += more
	if s.readers == 1 && more == 1 {
		s.look()
	}
}
