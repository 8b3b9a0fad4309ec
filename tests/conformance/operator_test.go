package conformance

import (
	"fmt"
	"net/http"
	"strings"
	"testing"
	"time"

	"google.golang.org/protobuf/proto"

	"mesos/messages/mesosjson"
)

// operatorRow is one call of an operator API, in Mesos's JSON with placeholders.
type operatorRow struct {
	call  string
	name  string
	body  string // the call's own part, without braces
	code  int
	words string // in the answer: of a refusal its text, else JSON as Mesos writes it, "" = the body is empty
	waits bool   // what it needs may be under way: it is sent until its code comes
	// awaited: its words come when something is done that a call before it only began
	awaited bool
}

// operatorAPI is one of the two APIs of operators.
type operatorAPI struct {
	url         string
	newCall     func() proto.Message
	newResponse func() (r proto.Message, kind func() string)
}

// run plays one row; it says whether it held.
func (api operatorAPI) run(t *testing.T, e encoding, r operatorRow, known []string) bool {
	t.Helper()
	text := fmt.Sprintf(`{"type":%q`, r.call)
	if r.body != "" {
		text += "," + strings.NewReplacer(known...).Replace(r.body)
	}
	body := e.encode(t, text+"}", api.newCall())
	got := request(t, http.MethodPost, api.url, body, "Content-Type", e.media(), "Accept", e.media())
	for end := time.Now().Add(time.Minute); r.waits && got.code != r.code && time.Now().Before(end); time.Sleep(10 * time.Millisecond) {
		got = request(t, http.MethodPost, api.url, body, "Content-Type", e.media(), "Accept", e.media())
	}
	words := strings.NewReplacer(known...).Replace(r.words)
	for end := time.Now().Add(time.Minute); r.awaited && !api.holds(e, got, words) && time.Now().Before(end); time.Sleep(10 * time.Millisecond) {
		got = request(t, http.MethodPost, api.url, body, "Content-Type", e.media(), "Accept", e.media())
	}
	switch {
	case got.code != r.code:
		t.Errorf("answered %d %.300q, want %d", got.code, got.body, r.code)
	case r.code >= 400:
		if !strings.Contains(string(got.body), words) || len(got.body) < 10 {
			t.Errorf("answered %d %q, want a sentence with %q", got.code, got.body, words)
		}
	case words == "":
		if len(got.body) > 0 {
			t.Errorf("answered %.300q, want no body", got.body)
		}
	default:
		api.check(t, e, r.call, got, words)
	}
	return !t.Failed()
}

// holds says whether an answer has the words in its JSON form.
func (api operatorAPI) holds(e encoding, got reply, words string) bool {
	r, _ := api.newResponse()
	if e.decode(got.body, r) != nil {
		return false
	}
	text, err := mesosjson.Marshal(r)
	return err == nil && strings.Contains(string(text), words)
}

// check looks at an answer with a body. Protobuf answers are written as JSON, so that the same words are found in both.
func (api operatorAPI) check(t *testing.T, e encoding, call string, got reply, words string) {
	t.Helper()
	if media := got.header.Get("Content-Type"); media != e.media() {
		t.Errorf("the answer's type is %q, want %q", media, e.media())
	}
	r, kind := api.newResponse()
	if err := e.decode(got.body, r); err != nil {
		t.Errorf("answer %.300q: %v", got.body, err)
		return
	}
	if kind() != call {
		t.Errorf("the answer is a %s, want %s", kind(), call)
	}
	text, err := mesosjson.Marshal(r)
	if err != nil || !strings.Contains(string(text), words) {
		t.Errorf("answered %.2000s (%v), want it to contain %s", text, err, words)
	}
}

// unacceptable sends what every call must refuse: one whose answer nobody would read, and which lacks its part if it has one.
func (api operatorAPI) unacceptable(t *testing.T, e encoding, call string) bool {
	t.Helper()
	body := e.encode(t, fmt.Sprintf(`{"type":%q}`, call), api.newCall())
	got := request(t, http.MethodPost, api.url, body, "Content-Type", e.media(), "Accept", "text/html")
	if got.code != http.StatusNotAcceptable && got.code != http.StatusBadRequest {
		t.Errorf("with Accept: text/html answered %d %.200q, want 406, or 400 for a part that is missing", got.code, got.body)
		return false
	}
	return true
}

// play runs all rows in both encodings and prints what held. known gives the placeholders for an encoding.
func (api operatorAPI) play(t *testing.T, title string, calls []string, rows []operatorRow, streams map[string]bool, known func(e encoding) []string) *matrix {
	t.Helper()
	m := newMatrix(title, calls)
	for _, e := range encodings {
		fill := known(e)
		for _, r := range rows {
			t.Run(strings.Join([]string{e.String(), r.call, r.name}, " "), func(t *testing.T) {
				m.note(t, r.call, e, r.code < 400, api.run(t, e, r, fill))
			})
		}
		for _, call := range calls {
			if !streams[call] {
				m.note(t, call, e, false, api.unacceptable(t, e, call))
			}
		}
	}
	return m
}
