package httpapi

import (
	"fmt"
	"net/http"
	"strconv"

	"google.golang.org/protobuf/proto"
)

// WriteMessage answers 200 with m. A message that cannot be encoded is our fault and becomes 500 with its error.
func WriteMessage(w http.ResponseWriter, t Type, m proto.Message) {
	body, err := Marshal(t, m)
	if err != nil {
		Errorf(w, http.StatusInternalServerError, "The answer could not be written: %v.", err)
		return
	}
	WriteBody(w, t.String(), body)
}

// WriteBody answers 200 with a complete body of the given media type.
func WriteBody(w http.ResponseWriter, mediaType string, body []byte) {
	h := w.Header()
	h.Set("Content-Type", mediaType)
	h.Set("Content-Length", strconv.Itoa(len(body)))
	w.WriteHeader(http.StatusOK)
	_, _ = w.Write(body) // the client may have gone
}

// Errorf answers with a status code and one sentence of plain text.
func Errorf(w http.ResponseWriter, code int, format string, args ...any) {
	body := fmt.Sprintf(format, args...)
	h := w.Header()
	h.Set("Content-Type", "text/plain; charset=utf-8")
	h.Set("Content-Length", strconv.Itoa(len(body)))
	w.WriteHeader(code)
	_, _ = w.Write([]byte(body)) // the client may have gone
}

// Accepted answers 202 without a body: the call was taken and goes its way.
func Accepted(w http.ResponseWriter) {
	w.Header().Set("Content-Length", "0")
	w.WriteHeader(http.StatusAccepted)
}

// AllowMethods reports whether the request has one of methods, and answers 405 with Allow otherwise.
func AllowMethods(w http.ResponseWriter, r *http.Request, methods ...string) bool {
	allow := ""
	for i, m := range methods {
		if r.Method == m {
			return true
		}
		if i > 0 {
			allow += ", "
		}
		allow += m
	}
	w.Header().Set("Allow", allow)
	Errorf(w, http.StatusMethodNotAllowed, "The method %s is not allowed here: use %s.", r.Method, allow)
	return false
}
