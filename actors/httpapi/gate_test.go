package httpapi

import (
	"net/http"
	"net/http/httptest"
	"testing"
	"testing/synctest"
	"time"
)

func TestGate(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		g := NewGate("master")
		r := httptest.NewRequest(http.MethodGet, "/", nil)
		w := httptest.NewRecorder()
		if g.Pass(w, r) || w.Code != http.StatusServiceUnavailable || w.Body.String() != "The master has not started yet." {
			t.Errorf("closed: answered %d %q, want 503", w.Code, w.Body)
		}
		time.AfterFunc(time.Second, g.Open)
		for range 2 {
			if !g.Pass(httptest.NewRecorder(), r) {
				t.Error("opened in time: not let through")
			}
		}
	})
}

func TestAnswer(t *testing.T) {
	for _, a := range []Answer{{Code: http.StatusAccepted}, {Code: http.StatusOK}, {http.StatusForbidden, "No."}} {
		w := httptest.NewRecorder()
		a.Write(w)
		if w.Code != a.Code || w.Body.String() != a.Text {
			t.Errorf("%v was written as %d %q", a, w.Code, w.Body)
		}
	}
}
