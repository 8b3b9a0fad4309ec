// Package logging lets an operator see and change how much a running program
// logs: GET_LOGGING_LEVEL, SET_LOGGING_LEVEL and /logging/toggle.
//
// Levels are told as Mesos tells them: 0 is what the program was started with,
// anything above is more, which here means debug messages too.
package logging

import (
	"fmt"
	"log/slog"
	"math"
	"net/http"
	"strconv"
	"sync"
	"time"

	"mesos/actors/httpapi"
	"mesos/messages/units"
)

// Level is the level of one program's log. All methods are safe for concurrent use.
type Level struct {
	v        *slog.LevelVar
	original slog.Level

	mu    sync.Mutex
	level uint32
	runs  int // counts calls of Set, so that the end of an older one changes nothing
}

// New makes the Level of a log whose handler reads v.
func New(v *slog.LevelVar) *Level { return &Level{v: v, original: v.Level()} }

// Get returns the level, 0 for the one that the program was started with.
func (l *Level) Get() uint32 {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.level
}

// Set changes the level for a while; then it is 0 again. The newest call counts.
func (l *Level) Set(level uint32, d time.Duration) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.runs++
	l.set(level)
	if run := l.runs; level > 0 {
		time.AfterFunc(d, func() {
			l.mu.Lock()
			defer l.mu.Unlock()
			if l.runs == run {
				l.set(0)
			}
		})
	}
}

func (l *Level) set(level uint32) {
	l.level = level
	if level == 0 {
		l.v.Set(l.original)
	} else {
		l.v.Set(min(l.original, slog.LevelDebug))
	}
}

// ServeToggle is /logging/toggle?level=N&duration=10mins.
func (l *Level) ServeToggle(w http.ResponseWriter, r *http.Request) {
	query := r.URL.Query()
	if !query.Has("level") && !query.Has("duration") {
		httpapi.WriteBody(w, "text/plain; charset=utf-8", fmt.Appendf(nil, "%d\n", l.Get()))
		return
	}
	level, err := strconv.ParseUint(query.Get("level"), 10, 32)
	if err != nil {
		httpapi.Errorf(w, http.StatusBadRequest, "The parameter level is %.20q: it must be a whole number from 0 to %d.", query.Get("level"), uint32(math.MaxUint32))
		return
	}
	d, err := units.ParseDuration(query.Get("duration"))
	if err != nil {
		httpapi.Errorf(w, http.StatusBadRequest, "The parameter duration is not valid: %v.", err)
		return
	}
	l.Set(uint32(level), d)
	httpapi.WriteBody(w, "text/plain; charset=utf-8", nil)
}
