// Package pages feeds the web pages that are open: one actor that takes pictures
// of the cluster, finds out what changed, and tells it to all readers; and the
// two reads of HTTP that pages live on. It is ours, not Mesos's.
//
// The master starts it beside itself and gives it pictures ([Config.Look]). What
// changes are, and who gets which, is decided in package live. It never asks the
// master for anything else, and keeps nothing but the sums of charts and the
// names of the masters that stand by.
package pages

import (
	"encoding/json"
	"fmt"
	"log/slog"
	"sync/atomic"
	"time"

	"mesos/actors"
	"mesos/actors/httpapi"
	"mesos/actors/master/live"
	"mesos/actors/master/view"
)

const (
	// interval is the least time between two changes that open pages are told of.
	interval = 250 * time.Millisecond
	// share is the share of a processor that looking for changes may take: one in so many parts.
	share = 20
	// backlog bounds the changes that are kept for readers whose connection broke, in bytes.
	backlog = 8 << 20
	// samples is how many sums are kept for charts.
	samples = 720
)

// Config is what a feeder is started with.
type Config struct {
	ID    string        // of the master's run, part of the names of changes
	Every time.Duration // between two samples for the charts; 0 = none without readers
	// Look has seen called, on the master's actor, with a picture and the time that it took there.
	Look  func(seen func(c *view.Cluster, took time.Duration))
	Reads *httpapi.Shared // answers those who read the state at a time from one computation
	Log   *slog.Logger
}

// Pages is the actor. While pages are open it asks the master for a picture every
// interval, less often where a look takes long; without any it asks once per
// Config.Every, for the charts, or never.
type Pages struct {
	conf    Config
	p       *actors.Process
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

// Start starts the actor of a master that runs.
func Start(sys *actors.System, c Config) (*Pages, error) {
	s := &Pages{conf: c, book: live.NewBook(), feed: live.NewFeed(c.ID, backlog), history: live.NewHistory(samples), cancel: func() {}}
	p, err := sys.Spawn("pages", s)
	if err != nil {
		return nil, fmt.Errorf("start of the feed of pages: %w", err)
	}
	s.p = p // nothing uses it before the dispatch, or the handlers, which find s later
	if c.Every > 0 {
		p.Dispatch(s.look)
	}
	return s, nil
}

// Init implements actors.Actor.
func (s *Pages) Init(p *actors.Process) {
	p.OnStop(func() {
		for _, w := range s.waiting {
			close(w)
		}
	})
}

// look asks the master for a picture, unless one is on its way.
func (s *Pages) look() {
	if s.looking {
		return
	}
	s.looking = true
	s.cancel()
	s.conf.Look(func(c *view.Cluster, took time.Duration) {
		s.p.Dispatch(func() { s.picture(c, took) })
	})
}

// picture finds what is new and sends it to all readers.
func (s *Pages) picture(c *view.Cluster, took time.Duration) {
	began := time.Now()
	s.looking = false
	standbys := s.standbys.at(began)
	s.origins.Store(&standbys)
	if change := s.book.Update(c, standbys); !change.Empty() {
		text, err := json.Marshal(change)
		if err != nil { // rows are plain text and finite numbers
			s.conf.Log.Error("change for the pages", "error", err)
			return
		}
		s.feed.Publish(text)
	}
	if s.conf.Every > 0 && began.Sub(s.sampled) >= s.conf.Every-s.conf.Every/8 {
		s.sampled = began
		s.history.Add(float64(began.Unix()), s.book.Sums())
	}
	if len(s.waiting) > 0 {
		state := s.book.Picture(s.feed.Last(), s.conf.Every.Seconds(), s.history)
		for _, w := range s.waiting {
			w <- state
		}
		s.waiting = nil
	}
	wait := s.conf.Every
	if s.readers > 0 {
		wait = max(interval, share*(took+time.Since(began)))
		if s.conf.Every > 0 {
			wait = min(wait, s.conf.Every)
		}
	}
	if wait > 0 {
		s.cancel = s.p.Delay(wait, s.look)
	}
}

// ask has the lines of a picture sent to w, as of the look that is on its way or a new one.
func (s *Pages) ask(w chan [][]byte) {
	s.waiting = append(s.waiting, w)
	s.look()
}

// read counts a reader in or out.
func (s *Pages) read(more int) {
	s.readers += more
	if s.readers == 1 && more == 1 {
		s.look()
	}
}

// HeardOf says that a master may stand by at host:port; what is no such name is not believed.
func (s *Pages) HeardOf(at string) {
	if hostAndPort.MatchString(at) {
		s.p.Dispatch(func() { s.standbys.note(at, time.Now()) })
	}
}

// Standbys are the masters that stood by at the last look, host:port, sorted.
func (s *Pages) Standbys() []string {
	if list := s.origins.Load(); list != nil {
		return *list
	}
	return nil
}
