package httpapi

import (
	"fmt"
	"net/http"
	"strings"
	"time"

	"google.golang.org/protobuf/proto"

	"mesos/messages/recordio"
)

// MediaRecordIO is the media type of a stream that names the type of its
// records in a header of its own. Only the container calls of agents know it.
const MediaRecordIO = "application/recordio"

const (
	messageType   = "Message-Content-Type"
	messageAccept = "Message-Accept"
)

// AcceptsRecordIO says whether the Accept headers name MediaRecordIO.
func AcceptsRecordIO(h http.Header) bool {
	for _, line := range h["Accept"] {
		for item := range strings.SplitSeq(line, ",") {
			if name, weight := parseWeighted(item); name == MediaRecordIO {
				return weight > 0
			}
		}
	}
	return false
}

// MessageAccept reads which records a client that accepts MediaRecordIO can read.
func MessageAccept(h http.Header) Accept {
	return ParseAccept(http.Header{"Accept": h[messageAccept]})
}

// RecordWriter writes messages as records to a response, each in a write and
// chunk of its own. Unlike a [Stream] it makes its caller wait for the client.
type RecordWriter struct {
	w       http.ResponseWriter
	control *http.ResponseController
	kind    Type
	encoder encoder
}

// NewRecords answers 200 with the headers of a stream.
func NewRecords(w http.ResponseWriter, t Type, recordIO bool) *RecordWriter {
	Raw(w)
	if recordIO {
		w.Header().Set("Content-Type", MediaRecordIO)
		w.Header().Set(messageType, t.String())
	} else {
		w.Header().Set("Content-Type", t.String())
	}
	w.WriteHeader(http.StatusOK)
	r := &RecordWriter{w: w, control: http.NewResponseController(w), kind: t}
	_ = r.control.Flush() // if the peer has gone, the first write says so
	return r
}

// Write sends one message. It gives up on a client that reads nothing for 30 s.
func (r *RecordWriter) Write(m proto.Message) error {
	record, err := r.encoder.encode(r.kind, m)
	if err != nil {
		return err
	}
	if _, err = r.w.Write(record); err == nil {
		err = r.control.Flush()
	}
	if err != nil {
		return fmt.Errorf("%w: %w", ErrPeerGone, err)
	}
	return nil
}

// Abort breaks the connection off, so that the client can tell it from an end.
func (r *RecordWriter) Abort() { _ = r.control.SetWriteDeadline(time.Unix(1, 0)) }

// Records reads the messages of a request that is a stream of records.
type Records struct {
	records *recordio.Reader
	kind    Type
	control *http.ResponseController
}

// ReadRecords checks the method and the headers of a request of type
// MediaRecordIO; otherwise it answers itself and returns false. max is the most
// bytes that a record may have. The handler may answer while the client still
// sends, for as long as it likes.
func ReadRecords(w http.ResponseWriter, r *http.Request, max int) (*Records, bool) {
	if !AllowMethods(w, r, http.MethodPost) {
		return nil, false
	}
	header := r.Header.Get(messageType)
	if header == "" {
		Errorf(w, http.StatusBadRequest, "The header %s is missing: send %s or %s.", messageType, JSON, Protobuf)
		return nil, false
	}
	kind, ok := ParseType(header)
	if !ok {
		Errorf(w, http.StatusUnsupportedMediaType, "The %s %q is not known: it must be exactly %s or %s.", messageType, header, JSON, Protobuf)
		return nil, false
	}
	control := http.NewResponseController(w)
	_ = control.EnableFullDuplex() // a recorder in a test is no connection
	_ = control.SetReadDeadline(time.Time{})
	w.Header().Set("Connection", "close")
	return &Records{recordio.NewReader(r.Body, max), kind, control}, true
}

// Read waits for the next message. The end of the request is io.EOF.
func (r *Records) Read(m proto.Message) error {
	b, err := r.records.Read()
	if err != nil {
		return err
	}
	return Unmarshal(r.kind, b, m)
}

// Interrupt makes a Read that waits, and every later one, fail.
func (r *Records) Interrupt() { _ = r.control.SetReadDeadline(time.Unix(1, 0)) }
