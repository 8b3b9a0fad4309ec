package conformance

import (
	"bytes"
	"io"
	"net/http"
	"testing"

	"google.golang.org/protobuf/proto"

	"mesos/messages/mesosjson"
)

// encoding is one of the two forms in which messages travel.
type encoding int

const (
	asJSON encoding = iota
	asProtobuf
)

var encodings = []encoding{asJSON, asProtobuf}

func (e encoding) String() string { return []string{"json", "protobuf"}[e] }

func (e encoding) media() string { return "application/" + []string{"json", "x-protobuf"}[e] }

// encode turns a call in Mesos's JSON into this encoding. What JSON alone can say is sent as it stands.
func (e encoding) encode(t *testing.T, text string, call proto.Message) []byte {
	t.Helper()
	if e == asJSON {
		return []byte(text)
	}
	if err := mesosjson.Unmarshal([]byte(text), call); err != nil {
		t.Fatalf("row %s: %v", text, err)
	}
	body, err := proto.MarshalOptions{AllowPartial: true}.Marshal(call)
	if err != nil {
		t.Fatal(err)
	}
	return body
}

func (e encoding) decode(body []byte, m proto.Message) error {
	if e == asJSON {
		return mesosjson.Unmarshal(body, m)
	}
	return proto.Unmarshal(body, m)
}

// reply is an answer that was read to its end.
type reply struct {
	code   int
	header http.Header
	body   []byte
}

// request sends one request with the given headers, as key and value in turn.
func request(t *testing.T, method, url string, body []byte, headers ...string) reply {
	t.Helper()
	w := open(t, method, url, body, headers...)
	defer func() { _ = w.Body.Close() }()
	answer, err := io.ReadAll(w.Body)
	if err != nil {
		t.Fatalf("%s %s: %v", method, url, err)
	}
	return reply{w.StatusCode, w.Header, answer}
}

func open(t *testing.T, method, url string, body []byte, headers ...string) *http.Response {
	t.Helper()
	r, err := http.NewRequest(method, url, bytes.NewReader(body))
	if err != nil {
		t.Fatal(err)
	}
	for i := 0; i < len(headers); i += 2 {
		r.Header.Set(headers[i], headers[i+1])
	}
	client := &http.Client{CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }}
	w, err := client.Do(r)
	if err != nil {
		t.Fatalf("%s %s: %v", method, url, err)
	}
	return w
}
