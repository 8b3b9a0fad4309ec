package logging

import (
	"log/slog"
	"net/http"
	"net/http/httptest"
	"testing"
	"testing/synctest"
	"time"
)

func TestSetLastsForItsDuration(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		v := &slog.LevelVar{}
		l := New(v)
		check := func(when string, level uint32, log slog.Level) {
			t.Helper()
			synctest.Wait()
			if l.Get() != level || v.Level() != log {
				t.Errorf("%s: got level %d (%v), want %d (%v)", when, l.Get(), v.Level(), level, log)
			}
		}
		check("at first", 0, slog.LevelInfo)
		l.Set(2, time.Minute)
		check("after Set", 2, slog.LevelDebug)
		time.Sleep(30 * time.Second)
		l.Set(3, time.Minute)
		time.Sleep(40 * time.Second)
		check("when the first Set is over", 3, slog.LevelDebug)
		time.Sleep(20 * time.Second)
		check("when the second is over", 0, slog.LevelInfo)
		l.Set(1, time.Hour)
		l.Set(0, time.Hour)
		check("after Set(0)", 0, slog.LevelInfo)
		time.Sleep(2 * time.Hour)
	})
}

func TestToggle(t *testing.T) {
	for _, c := range []struct {
		query string
		code  int
		level uint32
	}{
		{"", 200, 0},
		{"?level=1&duration=10mins", 200, 1},
		{"?level=0&duration=1secs", 200, 0},
		{"?level=x&duration=1secs", 400, 0},
		{"?level=-1&duration=1secs", 400, 0},
		{"?level=1", 400, 0},
		{"?level=1&duration=soon", 400, 0},
	} {
		l := New(&slog.LevelVar{})
		w := httptest.NewRecorder()
		l.ServeToggle(w, httptest.NewRequest(http.MethodGet, "/logging/toggle"+c.query, nil))
		if w.Code != c.code || l.Get() != c.level {
			t.Errorf("%q: got %d and level %d, want %d and %d", c.query, w.Code, l.Get(), c.code, c.level)
		}
		l.Set(0, 0)
	}
}
