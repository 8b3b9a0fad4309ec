package hosts

import (
	"net/http"
	"net/url"
	"testing"
	"time"

	"github.com/anishathalye/porcupine"
)

// entry is a request that takes from one time to another.
type entry struct {
	from, to int64
	q        request
	o        outcome
}

func op(e entry) porcupine.Operation {
	return porcupine.Operation{Input: e.q, Output: e.o, Call: e.from, Return: e.to}
}

// The model tells lawful histories from others.
func TestRegistryModel(t *testing.T) {
	yes := outcome{known: true, done: true}
	at := func(index uint64) outcome { return outcome{known: true, done: true, index: index} }
	row := func(k, v string) map[string]string { return map[string]string{k: v} }
	a := entry{1, 2, request{verb: acquire, client: "A", session: "a"}, yes}
	a1 := entry{5, 6, request{verb: write, client: "A", session: "a", name: "a1", rows: row("k", "1")}, at(10)}
	b := entry{10, 11, request{verb: acquire, client: "B", session: "b"}, yes}
	b1 := entry{15, 16, request{verb: write, client: "B", session: "b", name: "b1", after: 10, rows: row("k", "2")}, at(20)}
	lost := func(e entry) entry { e.o, e.to = outcome{}, never; return e }
	name := func(from int64, n string, index uint64) entry {
		return entry{from, from, request{verb: readName}, outcome{known: true, name: n, index: index}}
	}
	rows := func(from int64, r map[string]string) entry {
		return entry{from, from, request{verb: readRows}, outcome{known: true, rows: r}}
	}
	for _, c := range []struct {
		name   string
		h      []entry
		lawful bool
	}{
		{"one after the other", []entry{rows(0, nil), a, a1, b, rows(12, row("k", "1")), b1, rows(19, row("k", "2"))}, true},
		{"who does not lead", []entry{a1}, false},
		{"who does not lead any more", []entry{a, a1, b, b1, {19, 20, request{verb: write, client: "A", session: "a", name: "a2", after: 20}, at(30)}}, false},
		{"who has released", []entry{a, {3, 4, request{verb: release, session: "a"}, yes}, a1}, false},
		{"who leads again by a session that ended", []entry{a, b, {19, 20, a.q, yes}}, false},
		{"without a session", []entry{a, {5, 6, request{verb: write, client: "A", name: "a1"}, at(10)}}, false},
		{"by another's session", []entry{a, {5, 6, request{verb: write, client: "B", session: "a", name: "a1"}, at(10)}}, false},
		{"not after the last write", []entry{a, a1, b, {15, 16, request{verb: write, client: "B", session: "b", name: "b1"}, at(20)}}, false},
		{"a late write is refused", []entry{a, a1, b, {19, 20, request{verb: write, client: "A", session: "a", name: "a2", after: 10}, outcome{known: true}}}, true},
		{"a write is forgotten", []entry{a, a1, b, rows(12, nil)}, false},
		{"an unanswered write is found", []entry{a, lost(a1), lost(a1), b, name(12, "a1", 10), rows(13, row("k", "1")), b1}, true},
		{"an unanswered write is found, but not its row", []entry{a, lost(a1), b, name(12, "a1", 10), rows(13, nil), b1}, false},
		{"an unanswered write is not found", []entry{a, lost(a1), b, name(12, "", 0), rows(13, nil)}, true},
		{"an unanswered write takes place twice", []entry{a, lost(a1), b, name(12, "a1", 10), b1, name(19, "a1", 30)}, false},
		{"an unanswered write is tried again", []entry{a, lost(a1), a1, b, rows(12, row("k", "1")), b1}, true},
		{"the key is got unawares", []entry{lost(a), a1, b, b1}, true},
		{"the key is got unawares, and the write is not answered", []entry{lost(a), lost(a1), b, name(12, "a1", 10), b1}, true},
		{"the key is got unawares, but too late", []entry{a, a1, b1, lost(entry{19, 20, b.q, yes})}, false},
	} {
		var h []porcupine.Operation
		for _, e := range c.h {
			h = append(h, op(e))
		}
		got := porcupine.CheckOperations(registryModel, settled(h))
		if got != c.lawful {
			t.Errorf("%s: lawful: got %v, want %v", c.name, got, c.lawful)
		}
	}
}

func TestWeightModel(t *testing.T) {
	set := func(from, to int64, v int) porcupine.Operation {
		return porcupine.Operation{Input: weight{true, v}, Call: from, Return: to, Output: 0}
	}
	get := func(from, to int64, v int) porcupine.Operation {
		return porcupine.Operation{Input: weight{}, Call: from, Return: to, Output: v}
	}
	for _, c := range []struct {
		name   string
		h      []porcupine.Operation
		lawful bool
	}{
		{"in turn", []porcupine.Operation{set(1, 2, 5), get(3, 4, 5)}, true},
		{"stale", []porcupine.Operation{set(1, 2, 5), set(3, 4, 6), get(5, 6, 5)}, false},
		{"not answered, took place", []porcupine.Operation{set(1, 2, 5), set(3, never, 6), get(5, 6, 5), get(7, 8, 6)}, true},
		{"not answered, and back", []porcupine.Operation{set(1, 2, 5), set(3, never, 6), get(5, 6, 6), get(7, 8, 5)}, false},
	} {
		if got := porcupine.CheckOperations(weightModel, c.h); got != c.lawful {
			t.Errorf("%s: lawful: got %v, want %v", c.name, got, c.lawful)
		}
	}
}

// The recorder understands what masters send and Consul answers.
func TestRecorder(t *testing.T) {
	r := &recorder{path: "mesos", start: time.Now()}
	ask := func(method, target, body string, status int, answer string) {
		u, err := url.Parse(target)
		if err != nil {
			t.Fatal(err)
		}
		if done := r.begin("A", &http.Request{Method: method, URL: u}, []byte(body)); done != nil {
			done(status, []byte(answer))
		}
	}
	ask("GET", "/v1/kv/mesos/registry/?recurse=&consistent=", "", 404, "")
	ask("PUT", "/v1/kv/mesos/leader?acquire=s", "{}", 200, "false\n")
	ask("PUT", "/v1/kv/mesos/leader?acquire=s", "{}", 200, "true\n")
	ask("GET", "/v1/kv/mesos/sequence?consistent=", "", 404, "")
	txn := `[{"KV":{"Verb":"check-session","Key":"mesos/leader","Session":"s"}},{"KV":{"Verb":"cas","Key":"mesos/sequence","Value":"bjE="}},
		{"KV":{"Verb":"set","Key":"mesos/registry/t/k","Value":"MQ=="}},{"KV":{"Verb":"delete","Key":"mesos/registry/t/x"}}]`
	ask("PUT", "/v1/txn", txn, 500, "No cluster leader")
	ask("PUT", "/v1/txn", txn, 200, `{"Results":[{"KV":{"Key":"mesos/leader","ModifyIndex":5}},{"KV":{"Key":"mesos/sequence","ModifyIndex":7}}],"Errors":null}`)
	ask("PUT", "/v1/txn", txn, 409, `{"Results":null,"Errors":[{"OpIndex":1,"What":"index is stale"}]}`)
	ask("GET", "/v1/kv/mesos/sequence?consistent=", "", 200, `[{"Key":"mesos/sequence","Value":"bjE=","ModifyIndex":7}]`)
	ask("GET", "/v1/kv/mesos/registry/?recurse=", "", 200, `[{"Key":"mesos/registry/t/k","Value":"MQ==","ModifyIndex":7}]`)
	ask("PUT", "/v1/session/destroy/s", "", 200, "true")
	ask("PUT", "/v1/session/renew/s", "", 200, "[]")
	ask("PUT", "/v1/txn", txn, 409, `{"Results":null,"Errors":[{"OpIndex":0,"What":"not held"}]}`)

	h := r.history()
	if got, want := len(h), 10; got != want {
		t.Fatalf("recorded: got %d, want %d: %+v", got, want, h)
	}
	if got := r.count(write)["A"]; got != 1 {
		t.Errorf("writes that took place: got %d, want 1", got)
	}
	if !porcupine.CheckOperations(registryModel, settled(h)) {
		t.Error("the history is not lawful")
	}
	// Were the first of them answered by what was never written it would not be.
	h[0].Output = outcome{known: true, rows: map[string]string{"t/k": digest([]byte("0"))}}
	if porcupine.CheckOperations(registryModel, settled(h)) {
		t.Error("a row that nobody wrote is lawful")
	}
}
