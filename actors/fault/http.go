package fault

import (
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"slices"
	"strconv"
	"strings"
)

// maxRules bounds a request's body in bytes.
const maxRules = 1 << 20

// ServeHTTP is how `mesos fault` reaches a daemon:
//
//	GET    the rules in force as a JSON array of Status
//	POST   adds the rules in the body, in the form of Parse, and answers with the rules in force
//	DELETE takes the rule ?id= out of force, without it all, and answers with what is left
//	POST ?release=ID   lets go on what a hold keeps, with &reverse=1 the newest first, and answers with the rules
//	GET ?trace=text|mermaid|json   the timeline
func (f *Faults) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	switch r.Method {
	case http.MethodGet:
		if form := r.URL.Query().Get("trace"); form != "" {
			f.serveTrace(w, form)
			return
		}
	case http.MethodPost:
		if err := f.post(w, r); err != nil {
			http.Error(w, err.Error(), http.StatusBadRequest)
			return
		}
	case http.MethodDelete:
		if err := f.remove(r.URL.Query().Get("id")); err != nil {
			http.Error(w, err.Error(), http.StatusBadRequest)
			return
		}
	default:
		w.Header().Set("Allow", "GET, POST, DELETE")
		http.Error(w, fmt.Sprintf("Expecting one of { 'GET', 'POST', 'DELETE' }, but received '%s'.", r.Method), http.StatusMethodNotAllowed)
		return
	}
	serveJSON(w, f.Rules())
}

func (f *Faults) post(w http.ResponseWriter, r *http.Request) error {
	if q := r.URL.Query(); q.Has("release") {
		return f.release(q.Get("release"), q.Get("reverse"))
	}
	body, err := io.ReadAll(http.MaxBytesReader(w, r.Body, maxRules))
	if err != nil {
		return fmt.Errorf("body of the request: %w", err)
	}
	return f.addText(string(body))
}

// release lets go on what a hold keeps.
func (f *Faults) release(id, reverse string) error {
	if reverse != "" && reverse != "0" && reverse != "1" {
		return fmt.Errorf("reverse %q: write 1, or leave it out", reverse)
	}
	n, err := strconv.Atoi(id)
	switch {
	case err != nil || !f.has(n):
		return fmt.Errorf("release %q: no fault rule has that id: `mesos fault list` shows those in force", id)
	case !f.holds(n):
		return fmt.Errorf("release %q: that rule is not a hold: only those keep messages", id)
	}
	f.Release(n, reverse == "1")
	return nil
}

func (f *Faults) has(id int) bool {
	return slices.ContainsFunc(f.Rules(), func(s Status) bool { return s.ID == id })
}

func (f *Faults) holds(id int) bool {
	f.mu.Lock()
	defer f.mu.Unlock()
	return slices.ContainsFunc(f.rules, func(a *active) bool { return a.id == id && a.rule.Action == Hold })
}

func (f *Faults) addText(text string) error {
	rules, err := Parse(text)
	if err != nil {
		return err
	}
	if len(rules) == 0 {
		return fmt.Errorf("fault rules: there is none in the request's body")
	}
	_, err = f.Add(rules...)
	return err
}

func (f *Faults) remove(id string) error {
	if id == "" {
		f.Clear()
		return nil
	}
	n, err := strconv.Atoi(id)
	if err != nil || !f.Remove(n) {
		return fmt.Errorf("id %q: no fault rule has it: `mesos fault list` shows those in force", id)
	}
	return nil
}

func (f *Faults) serveTrace(w http.ResponseWriter, form string) {
	events := f.Timeline()
	switch form {
	case "json":
		serveJSON(w, events)
	case "mermaid":
		serveText(w, Mermaid(events))
	case "text":
		serveText(w, Text(events))
	default:
		http.Error(w, fmt.Sprintf("trace %q: use text, mermaid or json", form), http.StatusBadRequest)
	}
}

func serveText(w http.ResponseWriter, s string) {
	w.Header().Set("Content-Type", "text/plain; charset=utf-8")
	_, _ = io.Copy(w, strings.NewReader(s))
}

func serveJSON(w http.ResponseWriter, v any) {
	w.Header().Set("Content-Type", "application/json")
	_ = json.NewEncoder(w).Encode(v) // an error is the client's, who went away
}
