package hosts

import (
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"net/http"
	"slices"
	"strings"
	"sync"
	"time"

	"github.com/anishathalye/porcupine"
)

// What masters ask Consul for, as far as it concerns the registry.
type verb string

const (
	acquire  verb = "acquire"  // the leader's key
	release  verb = "release"  // the leader's key, or the session that holds it
	write    verb = "write"    // a transaction
	readRows verb = "rows"     // of the registry
	readName verb = "sequence" // the name of the last write
)

// request is one of these.
type request struct {
	verb    verb
	client  string // address of the master's host
	session string // that acquires, releases, or that a transaction insists on

	name  string            // of a write
	after uint64            // index of the write before
	rows  map[string]string // digest by key, "" for a row that is deleted
}

// outcome is what became of a request.
type outcome struct {
	known bool // there was an answer
	done  bool // acquired, written
	name  string
	index uint64 // of a write
	rows  map[string]string
}

// recorder keeps the history of a registry, from the fronts of all its servers.
type recorder struct {
	path  string // of the keys
	start time.Time

	mu  sync.Mutex
	ops []*porcupine.Operation
}

// never is when a request returns whose end is not known: it may take place at any
// time after its call.
const never = 1<<63 - 1

// begin notes a request. done notes its answer, status 0 for none; nil for a request
// that does not matter.
func (r *recorder) begin(client string, h *http.Request, body []byte) (done func(status int, body []byte)) {
	q, read := r.parse(h, body)
	if read == nil {
		return nil
	}
	q.client = client
	op := &porcupine.Operation{Input: q, Call: int64(time.Since(r.start)), Output: outcome{}, Return: never}
	r.mu.Lock()
	r.ops = append(r.ops, op)
	r.mu.Unlock()
	return func(status int, body []byte) {
		o := read(status, body)
		r.mu.Lock()
		defer r.mu.Unlock()
		if o.known {
			op.Output, op.Return = o, int64(time.Since(r.start))
		}
	}
}

// history is a copy of what was noted. A request for the key that was refused says nothing.
func (r *recorder) history() (out []porcupine.Operation) {
	r.mu.Lock()
	defer r.mu.Unlock()
	for _, op := range r.ops {
		if o := op.Output.(outcome); op.Input.(request).verb == acquire && o.known && !o.done {
			continue
		}
		out = append(out, *op)
	}
	return out
}

// count is how many requests of a kind took place, by client.
func (r *recorder) count(v verb) map[string]int {
	n := map[string]int{}
	for _, op := range r.history() {
		if q := op.Input.(request); q.verb == v && op.Output.(outcome).done {
			n[q.client]++
		}
	}
	return n
}

// parse finds out what a request is, and how its answer is to be read.
func (r *recorder) parse(h *http.Request, body []byte) (request, func(int, []byte) outcome) {
	values := h.URL.Query()
	key, isKey := strings.CutPrefix(h.URL.Path, "/v1/kv/"+r.path+"/")
	session, destroys := strings.CutPrefix(h.URL.Path, "/v1/session/destroy/")
	put := h.Method == http.MethodPut
	switch {
	case put && h.URL.Path == "/v1/txn":
		return r.transaction(body)
	case put && destroys:
		return request{verb: release, session: session}, readBool
	case put && key == "leader" && values.Has("acquire"):
		return request{verb: acquire, session: values.Get("acquire")}, readBool
	case put && key == "leader" && values.Has("release"):
		return request{verb: release, session: values.Get("release")}, readBool
	case !put && isKey && key == "sequence":
		return request{verb: readName}, readSequence
	case !put && isKey && key == "registry/" && values.Has("recurse"):
		return request{verb: readRows}, r.readPairs
	}
	return request{}, nil
}

// pair is a key of Consul.
type pair struct {
	Key         string
	Value       []byte
	ModifyIndex uint64
}

// transaction reads a write: what it insists on, its name, and its rows.
func (r *recorder) transaction(body []byte) (request, func(int, []byte) outcome) {
	var ops []struct {
		KV struct {
			Verb, Key, Session string
			Value              []byte
			Index              uint64
		}
	}
	if json.Unmarshal(body, &ops) != nil {
		return request{}, nil // Consul refuses it, too
	}
	if len(ops) > 0 && !strings.HasPrefix(ops[0].KV.Key, r.path+"/") {
		return request{}, nil // of another registry
	}
	q := request{verb: write, rows: map[string]string{}}
	for _, op := range ops {
		row, isRow := strings.CutPrefix(op.KV.Key, r.path+"/registry/")
		switch {
		case op.KV.Verb == "check-session" && op.KV.Key == r.path+"/leader":
			q.session = op.KV.Session
		case op.KV.Verb == "cas" && op.KV.Key == r.path+"/sequence":
			q.name, q.after = string(op.KV.Value), op.KV.Index
		case op.KV.Verb == "set" && isRow:
			q.rows[row] = digest(op.KV.Value)
		case op.KV.Verb == "delete" && isRow:
			q.rows[row] = ""
		default:
			q.rows["?"+op.KV.Verb+" "+op.KV.Key] = "unexpected" // no load ever reads it
		}
	}
	return q, r.readWritten
}

func (r *recorder) readWritten(status int, body []byte) outcome {
	var answer struct{ Results []struct{ KV pair } }
	if status != http.StatusOK && status != http.StatusConflict || json.Unmarshal(body, &answer) != nil {
		return outcome{}
	}
	o := outcome{known: true, done: status == http.StatusOK}
	for _, one := range answer.Results {
		if one.KV.Key == r.path+"/sequence" {
			o.index = one.KV.ModifyIndex
		}
	}
	return o
}

func readBool(status int, body []byte) outcome {
	return outcome{known: status == http.StatusOK, done: strings.TrimSpace(string(body)) == "true"}
}

func readSequence(status int, body []byte) outcome {
	var pairs []pair
	switch {
	case status == http.StatusNotFound:
		return outcome{known: true}
	case status != http.StatusOK || json.Unmarshal(body, &pairs) != nil || len(pairs) != 1:
		return outcome{}
	}
	return outcome{known: true, name: string(pairs[0].Value), index: pairs[0].ModifyIndex}
}

func (r *recorder) readPairs(status int, body []byte) outcome {
	var pairs []pair
	if status != http.StatusNotFound && (status != http.StatusOK || json.Unmarshal(body, &pairs) != nil) {
		return outcome{}
	}
	o := outcome{known: true, rows: map[string]string{}}
	for _, p := range pairs {
		o.rows[strings.TrimPrefix(p.Key, r.path+"/registry/")] = digest(p.Value)
	}
	return o
}

func digest(value []byte) string {
	sum := sha256.Sum256(value)
	return hex.EncodeToString(sum[:8])
}

// text is rows in one line, for comparison and for people.
func text(rows map[string]string) string {
	var out []string
	for k, v := range rows {
		if v != "" {
			out = append(out, k+"="+v)
		}
	}
	slices.Sort(out)
	return strings.Join(out, " ")
}
