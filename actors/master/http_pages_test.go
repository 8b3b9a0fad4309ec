package master

import (
	"bufio"
	"context"
	"encoding/json"
	"io"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"testing"
	"time"

	"mesos/actors/master/live"
	v1 "mesos/messages/mesos/v1"
	"mesos/messages/resources"
)

// page is a client of the pages' feed.
type page struct {
	t      testing.TB
	events *bufio.Scanner
	close  func()
}

// event is one server-sent event.
type pageEvent struct{ id, name, data string }

// servePages serves a master until the streams that the test opens after it are closed.
func servePages(t testing.TB, s *standing) *httptest.Server {
	t.Helper()
	server := httptest.NewServer(s.http)
	t.Cleanup(server.Close)
	return server
}

func openPage(t testing.TB, base, after string) *page {
	t.Helper()
	ctx, cancel := context.WithCancel(context.Background())
	t.Cleanup(cancel)
	r, err := http.NewRequestWithContext(ctx, http.MethodGet, base+"/live/changes", nil)
	if err != nil {
		t.Fatal(err)
	}
	r.Header.Set("Last-Event-ID", after)
	w, err := http.DefaultClient.Do(r)
	if err != nil {
		t.Fatal(err)
	}
	closed := func() { cancel(); _ = w.Body.Close() }
	t.Cleanup(closed)
	if got := w.Header.Get("Content-Type"); w.StatusCode != http.StatusOK || got != "text/event-stream" {
		t.Fatalf("changes: got %d of type %s, want 200 of text/event-stream", w.StatusCode, got)
	}
	events := bufio.NewScanner(w.Body)
	events.Buffer(nil, 64<<20)
	return &page{t, events, closed}
}

// next reads an event, past heartbeats; the zero event at the end.
func (p *page) next() pageEvent {
	var e pageEvent
	for p.events.Scan() {
		name, value, _ := strings.Cut(p.events.Text(), ": ")
		switch name {
		case "id":
			e.id = value
		case "event":
			e.name = value
		case "data":
			e.data = value
		case "":
			if e.data != "" && e.name != "beat" {
				return e
			}
			e = pageEvent{}
		}
	}
	return pageEvent{}
}

// until reads changes until one satisfies is; it returns the name of that one.
func (p *page) until(what string, is func(*live.Change) bool) string {
	p.t.Helper()
	for {
		e := p.next()
		if e.data == "" || e.name != "" {
			p.t.Fatalf("waiting for %s: the stream ended with event %q", what, e.name)
		}
		c := &live.Change{}
		if err := json.Unmarshal([]byte(e.data), c); err != nil {
			p.t.Fatal(err)
		}
		if is(c) {
			return e.id
		}
	}
}

// pageState is what pages begin with.
type pageState struct {
	Last string `json:"last"`
	*live.Change
	History *live.History `json:"history"`
}

func pageStateOf(t testing.TB, base string) *pageState {
	t.Helper()
	w, err := http.Get(base + "/live/state")
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = w.Body.Close() }()
	s := &pageState{}
	lines := json.NewDecoder(w.Body)
	if err := lines.Decode(s); err != nil || w.StatusCode != http.StatusOK {
		t.Fatalf("state: got %d, %v", w.StatusCode, err)
	}
	for {
		var line struct {
			live.Change
			End bool `json:"end"`
		}
		if err := lines.Decode(&line); err != nil {
			t.Fatalf("state: got %v, want lines up to the end", err)
		}
		if line.End {
			return s
		}
		s.Agents, s.Tasks = append(s.Agents, line.Agents...), append(s.Tasks, line.Tasks...)
		s.Offers, s.Executors = append(s.Offers, line.Offers...), append(s.Executors, line.Executors...)
	}
}

func hasTask(c *live.Change, id, state string) bool {
	for _, t := range c.Tasks {
		if t.ID == id && (state == "" || t.State == state) {
			return true
		}
	}
	return false
}

// TestPagesFollow has a page read everything, follow changes, lose its connection and go on where it was.
func TestPagesFollow(t *testing.T) {
	s := stand(t, Config{})
	server := servePages(t, s)
	agents := s.register(t, 2, "cpus:4;mem:4096")
	f := s.framework(t, webFramework)
	res := resources.MustParse("cpus:1;mem:64").Allocate("web/a")
	s.do(t, func() { s.launchTask(f, agents[0], "one", res) })

	first := pageStateOf(t, server.URL)
	if len(first.Agents) != 2 || len(first.Frameworks) != 1 || !hasTask(first.Change, "one", "TASK_RUNNING") || first.Master.Hostname != "master.test" {
		t.Fatalf("state: got %+v, want 2 agents, a framework and a running task", first.Change)
	}
	p := openPage(t, server.URL, first.Last)
	s.do(t, func() { s.launchTask(f, agents[1], "two", res) })
	last := p.until("task two", func(c *live.Change) bool { return hasTask(c, "two", "TASK_RUNNING") && !hasTask(c, "one", "") })
	p.close()

	s.do(t, func() { s.update(f, agents[0], "one", v1.TaskState_TASK_FINISHED) })
	again := openPage(t, server.URL, last)
	again.until("the end of task one", func(c *live.Change) bool {
		if hasTask(c, "two", "") {
			t.Errorf("a change after %s tells task two again", last)
		}
		return hasTask(c, "one", "TASK_FINISHED")
	})
}

func TestPagesBeginAnew(t *testing.T) {
	s := stand(t, Config{})
	server := servePages(t, s)
	for _, after := range []string{"", "of another master/3", s.conf.ID + "/99", "x"} {
		p := openPage(t, server.URL, after)
		if e := p.next(); e.name != "restart" {
			t.Errorf("after %q: got event %+v, want restart", after, e)
		}
		if e := p.next(); e.data != "" {
			t.Errorf("after %q: got event %+v behind restart, want the end", after, e)
		}
	}
}

// TestPagesHaveHistory wants sums over time from a master that no page ever looked at.
func TestPagesHaveHistory(t *testing.T) {
	s := stand(t, Config{HistoryInterval: time.Millisecond})
	server := servePages(t, s)
	s.register(t, 1, "cpus:4;mem:4096")
	for deadline := time.Now().Add(time.Minute); ; time.Sleep(5 * time.Millisecond) {
		h := pageStateOf(t, server.URL).History
		if n := len(h.Times); n > 5 && h.Total.CPUs[n-1] == 4 {
			return
		}
		if time.Now().After(deadline) {
			t.Fatalf("history: got %+v, want samples of 4 cpus", h)
		}
	}
}

func TestPageTask(t *testing.T) {
	s := stand(t, Config{})
	server := servePages(t, s)
	agent := s.register(t, 1, "cpus:4;mem:4096")[0]
	f := s.framework(t, webFramework)
	s.do(t, func() {
		s.launchTask(f, agent, "a b", resources.MustParse("cpus:1").Allocate("web/a"))
		s.update(f, agent, "a b", v1.TaskState_TASK_FAILED)
	})
	for _, c := range []struct {
		framework, task string
		code            int
		says            string
	}{
		{f, "a b", 200, `"TASK_FAILED"`}, {f, "other", 404, "No task"}, {"none", "a b", 404, "No task"}, {"", "", 404, "No task"},
	} {
		code, body := fetch(t, server.URL+"/live/task?"+url.Values{"framework": {c.framework}, "task": {c.task}}.Encode())
		if code != c.code || !strings.Contains(body, c.says) {
			t.Errorf("%s %s: got %d %.200s, want %d and %s", c.framework, c.task, code, body, c.code, c.says)
		}
	}
}

func fetch(t testing.TB, address string) (int, string) {
	t.Helper()
	code, text, _ := sendPage(t, http.MethodGet, address, "", nil)
	return code, text
}

func TestRescind(t *testing.T) {
	s := stand(t, Config{})
	server := servePages(t, s)
	s.register(t, 1, "cpus:4;mem:4096")
	for _, c := range []struct {
		form url.Values
		code int
		says string
	}{
		{url.Values{}, 400, "offerId is missing"},
		{url.Values{"offerId": {"O9"}}, 404, `no outstanding offer "O9"`},
	} {
		w, err := http.PostForm(server.URL+"/offers/rescind", c.form)
		if err != nil {
			t.Fatal(err)
		}
		b, _ := io.ReadAll(w.Body)
		_ = w.Body.Close()
		if w.StatusCode != c.code || !strings.Contains(string(b), c.says) {
			t.Errorf("%v: got %d %s, want %d %s", c.form, w.StatusCode, b, c.code, c.says)
		}
	}
	if code, _ := fetch(t, server.URL+"/offers/rescind"); code != http.StatusMethodNotAllowed {
		t.Errorf("GET: got %d, want 405", code)
	}
}

// TestOtherOriginsMayNotAct wants browsers refused that a page of somebody else sent here.
func TestOtherOriginsMayNotAct(t *testing.T) {
	s := stand(t, Config{})
	for site, want := range map[string]int{"cross-site": 403, "same-site": 403, "same-origin": 404, "none": 404, "": 404} {
		r := httptest.NewRequest(http.MethodPost, "/offers/rescind", strings.NewReader("offerId=O1"))
		r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
		if site != "" {
			r.Header.Set("Sec-Fetch-Site", site)
		}
		w := httptest.NewRecorder()
		s.http.ServeHTTP(w, r)
		if w.Code != want {
			t.Errorf("Sec-Fetch-Site %q: got %d, want %d", site, w.Code, want)
		}
	}
}

func TestLeaderKnowsStandbys(t *testing.T) {
	s := stand(t, Config{})
	server := servePages(t, s)
	for _, at := range []string{"m2:5050", "10.0.0.3:5050", "m2:5050", "javascript:alert(1)", "m4", "a b:1", "//evil:1/x"} {
		code, body := fetch(t, server.URL+"/live/leader?"+url.Values{"standby": {at}}.Encode())
		if code != 200 || !strings.Contains(body, `"leads":true`) {
			t.Errorf("leader: got %d %s, want it to lead", code, body)
		}
	}
	first := pageStateOf(t, server.URL)
	if got, want := strings.Join(first.Master.Standbys, " "), "10.0.0.3:5050 m2:5050"; got != want {
		t.Errorf("standbys: got %q, want %q", got, want)
	}
}
