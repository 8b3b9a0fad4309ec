package e2e

import (
	"encoding/json"
	"fmt"
	"net/http"
	"net/url"
	"os"
	"strings"
	"testing"

	"mesos/tests/cluster"
)

// TestShapes compares what a live cluster answers with what programs written for Mesos find their way in: the names of
// all members, how they are nested and of which type each is. testdata/shapes.txt says it.
func TestShapes(t *testing.T) {
	t.Parallel()
	c := cluster.Start(t, cluster.Options{Agents: 1, Separate: true})
	sandbox := furnish(t, c)
	s := readShapes(t)
	bases := map[string]string{"master": "http://" + c.Addr(), "agent": "http://" + c.AgentAddr(0)}
	for _, e := range s.endpoints {
		what := e.on + " " + e.method + " " + e.target
		var resp *http.Response
		if e.method == http.MethodPost {
			resp = request(t, bases[e.on]+"/api/v1", "application/json", "", strings.NewReader(`{"type":"`+e.target+`"}`))
		} else {
			var err error
			if resp, err = http.Get(bases[e.on] + strings.Replace(e.target, "SANDBOX", url.QueryEscape(sandbox), 1)); err != nil {
				t.Fatal(err)
			}
		}
		if got := resp.Header.Get("Content-Type"); resp.StatusCode != http.StatusOK || got != "application/json" {
			t.Errorf("%s: got %s, %q, want 200 and application/json", what, resp.Status, got)
		}
		d := json.NewDecoder(resp.Body)
		d.UseNumber()
		var v any
		if err := d.Decode(&v); err != nil {
			t.Fatalf("%s: %v", what, err)
		}
		_ = resp.Body.Close()
		for place := range s.differ(v, e.kind) {
			t.Errorf("%s: %s", what, place)
		}
	}
	countedIn(t, bases["master"])
	for kind := range s.kinds {
		if !s.used[kind] {
			t.Errorf("testdata/shapes.txt: nothing of the kind %s was met: the cluster lacks it, or nothing leads there", kind)
		}
	}
}

// countedIn checks metrics that are in no list but that a running Mesos has, of what furnish did.
func countedIn(t *testing.T, master string) {
	t.Helper()
	resp, err := http.Get(master + "/metrics/snapshot")
	if err != nil {
		t.Fatal(err)
	}
	defer resp.Body.Close()
	var have map[string]float64
	if err := json.NewDecoder(resp.Body).Decode(&have); err != nil {
		t.Fatal(err)
	}
	for name, want := range map[string]float64{
		"master/operations/reserve/finished": 1, "master/operations/reserve/total": 1, "master/operations/create/total": 1,
		"master/operations/create/pending": 0, "master/operations/destroy_disk/failed": 0, "master/operations/total": 2,
		"allocator/mesos/quota/roles//resources/cpus/consumed": 0.4, "allocator/mesos/quota/roles/web/resources/mem/consumed": 128,
		"allocator/mesos/quota/roles/web/a/resources/disk/consumed": 48, "allocator/mesos/offer_filters/roles/web/active": 0,
	} {
		if got, there := have[name]; !there || got != want {
			t.Errorf("metric %s: got %v (there: %v), want %v", name, got, there, want)
		}
	}
}

// shapes is testdata/shapes.txt.
type shapes struct {
	kinds     map[string]map[string]string // kind → member → type, with ? if it may be absent
	endpoints []endpoint
	used      map[string]bool // kinds that were met
}

type endpoint struct{ on, method, target, kind string }

func readShapes(t *testing.T) *shapes {
	t.Helper()
	text, err := os.ReadFile("testdata/shapes.txt")
	if err != nil {
		t.Fatal(err)
	}
	s := &shapes{kinds: map[string]map[string]string{}, used: map[string]bool{}}
	for line := range strings.Lines(string(text)) {
		line = strings.TrimSpace(line)
		if line == "" || line[0] == '#' {
			continue
		}
		if kind, members, ok := strings.Cut(line, ": "); ok {
			s.kinds[kind] = map[string]string{}
			for _, m := range strings.Fields(members) {
				name, of, _ := strings.Cut(m, "=")
				s.kinds[kind][name] = of
			}
			continue
		}
		f := strings.Fields(line)
		s.endpoints = append(s.endpoints, endpoint{f[0], f[1], f[2], f[3]})
	}
	return s
}

// differ tells where v is not of a type, each place once.
func (s *shapes) differ(v any, of string) map[string]bool {
	out := map[string]bool{}
	s.compare(v, of, "", out)
	return out
}

func (s *shapes) compare(v any, of, at string, out map[string]bool) {
	wrong := func() { out[fmt.Sprintf("%s is %.80s, want type %s", at, asText(v), of)] = true }
	switch {
	case of == "*":
	case of[0] == '[':
		list, ok := v.([]any)
		if !ok {
			wrong()
		}
		for _, x := range list {
			s.compare(x, of[1:len(of)-1], at+"[]", out)
		}
	case of[0] == '{':
		object, ok := v.(map[string]any)
		if !ok {
			wrong()
		}
		for _, x := range object {
			s.compare(x, of[1:len(of)-1], at+".*", out)
		}
	case len(of) == 1 && of != "R":
		if typeOf(v) != of {
			wrong()
		}
	default:
		s.compareObject(v, of, at, out, wrong)
	}
}

func (s *shapes) compareObject(v any, kind, at string, out map[string]bool, wrong func()) {
	members, known := s.kinds[kind]
	object, ok := v.(map[string]any)
	if !known || !ok {
		wrong()
		return
	}
	s.used[kind] = true
	for name, of := range members {
		x, there := object[name]
		switch must := !strings.HasSuffix(of, "?"); {
		case there:
			s.compare(x, strings.TrimSuffix(of, "?"), at+"."+name, out)
		case must:
			out[fmt.Sprintf("%s.%s (of %s) is missing", at, name, kind)] = true
		}
	}
	for name := range object {
		if _, listed := members[name]; !listed {
			out[fmt.Sprintf("%s.%s is not in %s", at, name, kind)] = true
		}
	}
}

func asText(v any) string {
	text, err := json.Marshal(v)
	if err != nil {
		return err.Error()
	}
	return string(text)
}

// typeOf is the letter of a value without members. A number with a fraction has one even if it is zero.
func typeOf(v any) string {
	switch x := v.(type) {
	case string:
		return "s"
	case bool:
		return "b"
	case json.Number:
		if strings.ContainsAny(x.String(), ".e") {
			return "f"
		}
		return "i"
	}
	return "?"
}
