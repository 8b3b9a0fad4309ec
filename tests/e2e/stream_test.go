package e2e

import (
	"io"
	"net/http"
	"strings"
	"testing"
	"time"

	"mesos/messages/recordio"
)

// post sends a body to a v1 endpoint and returns status and answer.
func post(t *testing.T, url, contentType, streamID string, body io.Reader) (int, string) {
	t.Helper()
	resp := request(t, url, contentType, streamID, body)
	defer resp.Body.Close()
	text, err := io.ReadAll(resp.Body)
	if err != nil {
		t.Fatal(err)
	}
	return resp.StatusCode, string(text)
}

func request(t *testing.T, url, contentType, streamID string, body io.Reader) *http.Response {
	t.Helper()
	req, err := http.NewRequest(http.MethodPost, url, body)
	if err != nil {
		t.Fatal(err)
	}
	if contentType != "" {
		req.Header.Set("Content-Type", contentType)
		req.Header.Set("Accept", contentType)
	}
	if contentType != "application/json" && contentType != "application/x-protobuf" {
		req.Header.Del("Accept")
	}
	if streamID != "" {
		req.Header.Set("Mesos-Stream-Id", streamID)
	}
	resp, err := http.DefaultClient.Do(req)
	if err != nil {
		t.Fatal(err)
	}
	return resp
}

// eventStream is what a subscription by plain HTTP yields.
type eventStream struct {
	status   int
	streamID string
	records  chan string // closed at the end of the stream
	body     io.Closer
}

// close breaks the connection off.
func (s *eventStream) close() { _ = s.body.Close() }

// openStream subscribes; unless the answer is 200 there are no records.
func openStream(t *testing.T, url, contentType, body string) *eventStream {
	t.Helper()
	resp := request(t, url, contentType, "", strings.NewReader(body))
	s := &eventStream{status: resp.StatusCode, streamID: resp.Header.Get("Mesos-Stream-Id"), records: make(chan string, 100), body: resp.Body}
	if resp.StatusCode != http.StatusOK {
		_, _ = io.Copy(io.Discard, resp.Body) // only the status counts
		_ = resp.Body.Close()
		return s
	}
	if got := resp.Header.Get("Content-Type"); got != contentType {
		t.Errorf("the stream is %q, want %q", got, contentType)
	}
	done := make(chan struct{})
	go func() {
		defer close(done)
		defer close(s.records)
		for r := recordio.NewReader(resp.Body, 1<<20); ; {
			record, err := r.Read()
			if err != nil {
				return
			}
			s.records <- string(record)
		}
	}()
	t.Cleanup(func() { _ = resp.Body.Close(); <-done })
	return s
}

// next waits for the next event.
func (s *eventStream) next(t *testing.T) string {
	t.Helper()
	select {
	case r, ok := <-s.records:
		if !ok {
			t.Fatalf("the stream ended (status %d)", s.status)
		}
		return r
	case <-time.After(patience):
		t.Fatal("no event came")
	}
	return ""
}

// until waits for an event that has every one of the parts.
func (s *eventStream) until(t *testing.T, parts ...string) string {
	t.Helper()
next:
	for {
		r := s.next(t)
		for _, p := range parts {
			if !strings.Contains(r, p) {
				continue next
			}
		}
		return r
	}
}
