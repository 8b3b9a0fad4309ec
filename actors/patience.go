package actors

import (
	"io"
	"net/http"
	"time"
)

// patient bounds the time that a client may take to send the body of a request, whoever reads it, and whether or not
// somebody does: net/http waits for the rest of a body before it takes the next request, or answers. Handlers that read
// for as long as the client sends take the limit off themselves (httpapi.ReadRecords).
func patient(next http.Handler, limit time.Duration) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.ContentLength == 0 {
			next.ServeHTTP(w, r)
			return
		}
		control := http.NewResponseController(w)
		_ = control.SetReadDeadline(time.Now().Add(limit)) // a recorder in a test has no deadlines
		r.Body = &patientBody{r.Body, control}
		next.ServeHTTP(w, r)
	})
}

// patientBody takes the limit off when it has been read: what comes later is not the body's, and net/http takes a
// connection that can no more be read for one that has ended.
type patientBody struct {
	io.ReadCloser
	control *http.ResponseController
}

func (b *patientBody) Read(p []byte) (int, error) {
	n, err := b.ReadCloser.Read(p)
	if err == io.EOF {
		_ = b.control.SetReadDeadline(time.Time{})
	}
	return n, err
}
