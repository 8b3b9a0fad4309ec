package httpapi

import (
	"bytes"
	"errors"
	"io"
	"net/http"
	"os"
	"time"

	"google.golang.org/protobuf/proto"
)

const (
	// DefaultMaxBody is the largest body of a call, in bytes, when a handler sets no limit of its own.
	DefaultMaxBody = 32 << 20

	// bodyTime is how long a client may take to send the body of a call.
	bodyTime = time.Minute

	// What is read and thrown away of a body that was refused for its size, so that a client that only reads after
	// it has written everything still gets the answer instead of a reset connection.
	drainBytes = 256 << 20
	drainTime  = 15 * time.Second
)

var errTooLarge = errors.New("body too large")

// ReadCall reads one v1 call into msg. It checks, in this order: the method is POST (405), Content-Type is there (400)
// and known (415), the body is at most maxBody bytes (413; 0 means DefaultMaxBody), it parses and no required field is
// missing (400). Otherwise it answers itself and returns false.
//
// The returned Accept is for after the call's own validation, which comes first in Mesos: see [Accept.Choose].
func ReadCall(w http.ResponseWriter, r *http.Request, msg proto.Message, maxBody int64) (Accept, bool) {
	if !AllowMethods(w, r, http.MethodPost) {
		return Accept{}, false
	}
	header := r.Header.Get("Content-Type")
	if header == "" {
		Errorf(w, http.StatusBadRequest, "The header Content-Type is missing: send %s or %s.", JSON, Protobuf)
		return Accept{}, false
	}
	t, ok := ParseType(header)
	if !ok {
		Errorf(w, http.StatusUnsupportedMediaType, "The Content-Type %q is not known: it must be exactly %s or %s.", header, JSON, Protobuf)
		return Accept{}, false
	}
	if maxBody <= 0 {
		maxBody = DefaultMaxBody
	}
	body, ok := ReadBody(w, r, maxBody)
	if !ok {
		return Accept{}, false
	}
	if err := Unmarshal(t, body, msg); err != nil {
		name := msg.ProtoReflect().Descriptor().FullName()
		Errorf(w, http.StatusBadRequest, "The body is not a valid %s in %s: %v.", name, t, err)
		return Accept{}, false
	}
	return ParseAccept(r.Header), true
}

// ReadBody reads the whole body, at most limit bytes. It answers itself and
// reports false if that cannot be.
func ReadBody(w http.ResponseWriter, r *http.Request, limit int64) ([]byte, bool) {
	body, err := readBody(w, r, limit)
	switch {
	case errors.Is(err, errTooLarge):
		refuseLarge(w, r, limit)
		return nil, false
	case err != nil:
		Errorf(w, bodyErrorStatus(err), "The body ended early: %v.", err)
		return nil, false
	}
	return body, true
}

func bodyErrorStatus(err error) int {
	if errors.Is(err, os.ErrDeadlineExceeded) {
		return http.StatusRequestTimeout
	}
	return http.StatusBadRequest
}

// readBody reads the whole body, at most limit bytes. Memory grows only with what has arrived, never with what
// Content-Length promises.
func readBody(w http.ResponseWriter, r *http.Request, limit int64) ([]byte, error) {
	if r.ContentLength > limit {
		return nil, errTooLarge
	}
	control := http.NewResponseController(w)
	_ = control.SetReadDeadline(time.Now().Add(bodyTime)) // a recorder in a test has no deadlines
	defer func() { _ = control.SetReadDeadline(time.Time{}) }()

	// Pieces, not one buffer that doubles: a body that is too large leaves no more garbage than the limit.
	var pieces [][]byte
	var total int64
	for size := int64(4 << 10); ; size = min(2*size, 1<<20) {
		piece := make([]byte, min(size, limit+1-total))
		n, err := fill(piece, r.Body)
		total += int64(n)
		pieces = append(pieces, piece[:n])
		switch {
		case total > limit:
			return nil, errTooLarge
		case errors.Is(err, io.EOF):
			return bytes.Join(pieces, nil), nil
		case err != nil:
			return nil, err
		}
	}
}

// fill is io.ReadFull without its own errors: io.EOF is the end of the body, and nothing else is.
func fill(piece []byte, body io.Reader) (n int, err error) {
	for n < len(piece) && err == nil {
		var read int
		read, err = body.Read(piece[n:])
		n += read
	}
	return n, err
}

// refuseLarge answers 413 and then takes in the rest of the body for a while, keeping none of it.
func refuseLarge(w http.ResponseWriter, r *http.Request, limit int64) {
	w.Header().Set("Connection", "close")
	Errorf(w, http.StatusRequestEntityTooLarge, "The body is larger than %d bytes, the most that one call may have.", limit)
	control := http.NewResponseController(w)
	if control.Flush() != nil {
		return
	}
	_ = control.SetReadDeadline(time.Now().Add(drainTime))
	_, _ = io.CopyN(io.Discard, r.Body, drainBytes)
}
