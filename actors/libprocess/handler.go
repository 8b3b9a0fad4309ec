package libprocess

import (
	"errors"
	"io"
	"net/http"
)

// Handler serves requests that are messages itself, and gives all others to next. onMessage is called with every
// request whose message was taken, before it is answered, and returns what closes its connection, for Hangup; it may be
// nil, and so may what it returns.
func (n *Network) Handler(next http.Handler, onMessage func(r *http.Request) (closeConn func())) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if !isMessage(r) {
			next.ServeHTTP(w, r)
			return
		}
		code, err := n.take(w, r)
		if err != nil {
			n.o.Log.Info("libprocess: refused message", "from", sender(r.Header), "path", r.URL.Path, "error", err)
			http.Error(w, err.Error(), code)
			return
		}
		if onMessage != nil {
			n.cameOver(sender(r.Header), onMessage(r))
		}
		w.WriteHeader(code)
	})
}

// take delivers a message and returns the code of the answer.
func (n *Network) take(w http.ResponseWriter, r *http.Request) (int, error) {
	a, err := parse(r.URL.Path, r.Header)
	if err != nil {
		return http.StatusBadRequest, err
	}
	if a.from.Addr == n.Addr() {
		return http.StatusBadRequest, errors.New("sender: " + a.from.Addr + " is this program's own address")
	}
	body, err := io.ReadAll(http.MaxBytesReader(w, r.Body, MaxMessage))
	var tooLarge *http.MaxBytesError
	switch {
	case errors.As(err, &tooLarge):
		return http.StatusRequestEntityTooLarge, err
	case err != nil:
		return http.StatusBadRequest, err
	}
	m, err := decode(a.name, body)
	switch {
	case errors.Is(err, errNoSuchMessage):
		return http.StatusNotFound, err
	case err != nil:
		return http.StatusBadRequest, err
	}
	switch err := n.note(a.from.Addr); {
	case errors.Is(err, errLinked):
		return http.StatusConflict, err
	case err != nil:
		return http.StatusServiceUnavailable, err
	}
	n.receiver.Deliver(a.from, a.to, m)
	return http.StatusAccepted, nil
}
