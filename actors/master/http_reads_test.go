package master

import (
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"strings"
	"testing"

	v1 "mesos/messages/mesos/v1"
	"mesos/messages/resources"
)

func get(tb testing.TB, url string) (int, []byte) {
	tb.Helper()
	w, err := http.Get(url)
	if err != nil {
		tb.Fatal(err)
	}
	defer func() { _ = w.Body.Close() }()
	body, err := io.ReadAll(w.Body)
	if err != nil {
		tb.Fatal(err)
	}
	return w.StatusCode, body
}

// TestTasks asks /tasks for pieces of five tasks of two frameworks.
func TestTasks(t *testing.T) {
	s := stand(t, Config{})
	agent := s.register(t, 1, "cpus:4;mem:4096")[0]
	one, two := s.framework(t, webFramework), s.framework(t, webFramework)
	res := resources.MustParse("cpus:0.1").Allocate("web/a")
	for i := range 5 { // each update has a later time
		s.do(t, func() { s.launchTask([]string{one, two}[i%2], agent, fmt.Sprint(i), res) })
	}
	s.do(t, func() {
		s.update(one, agent, "4", v1.TaskState_TASK_FINISHED)
		s.removeTask(s.frameworks[one], s.frameworks[one].tasks["4"])
	})
	base := serve(t, s)
	for _, c := range []struct {
		query string
		code  int
		want  string
	}{
		{"", 200, "4 3 2 1 0"},
		{"?order=asc", 200, "0 1 2 3 4"},
		{"?order=des&limit=2", 200, "4 3"},
		{"?limit=2&offset=4", 200, "0"},
		{"?offset=9", 200, ""},
		{"?limit=0", 200, ""},
		{"?framework_id=" + one, 200, "4 2 0"},
		{"/?framework_id=" + two + "&order=asc", 200, "1 3"},
		{"?task_id=2", 200, "2"},
		{"?task_id=2&framework_id=" + two, 200, ""},
		{".json?limit=1", 200, "4"},
		{"?limit=x", 400, ""},
		{"?offset=-1", 400, ""},
		{"?order=up", 400, ""},
	} {
		code, body := get(t, base+"/tasks"+c.query)
		var answer struct {
			Tasks []struct{ ID string }
		}
		if code != c.code {
			t.Errorf("%s: got %d %q, want %d", c.query, code, body, c.code)
			continue
		}
		if code != 200 {
			continue
		}
		if err := json.Unmarshal(body, &answer); err != nil {
			t.Fatal(err)
		}
		var ids []string
		for _, x := range answer.Tasks {
			ids = append(ids, x.ID)
		}
		if got := strings.Join(ids, " "); got != c.want {
			t.Errorf("%s: got tasks %q, want %q", c.query, got, c.want)
		}
	}
	if code, _, body := post(t, base+"/tasks/?task_id=3&framework_id="+two, "", "", nil); code != 200 || !strings.Contains(string(body), `"id":"3"`) {
		t.Errorf("POST: got %d %q, want task 3", code, body)
	}
}

// TestUnversionedReads asks every endpoint that reads, by all its names.
func TestUnversionedReads(t *testing.T) {
	s := stand(t, Config{Cluster: "c"})
	agent, framework := s.oneTask(t)
	base := serve(t, s)
	for _, c := range []struct {
		path string
		code int
		want string // in the body
	}{
		{"/state", 200, `"cluster":"c"`},
		{"/master/state.json", 200, `"activated_slaves":1.0`},
		{"/state?jsonp=f", 200, `f({"version"`},
		{"/state-summary", 200, `"TASK_RUNNING":1`},
		{"/slaves", 200, `"used_resources_full"`},
		{"/slaves?slave_id=" + agent, 200, `"id":"` + agent + `"`},
		{"/slaves/" + agent, 200, `"id":"` + agent + `"`},
		{"/slaves?slave_id=nope", 200, `{"slaves":[],"recovered_slaves":[]}`},
		{"/slaves/nope", 200, `{"slaves":[],"recovered_slaves":[]}`},
		{"/frameworks", 200, `"id":"` + framework + `"`},
		{"/frameworks/?framework_id=" + framework, 200, `"id":"` + framework + `"`},
		{"/frameworks?framework_id=nope", 200, `{"frameworks":[],"completed_frameworks":[],"unregistered_frameworks":[]}`},
		{"/roles", 200, `"allocated":{"cpus":0.1}`},
		{"/weights", 200, `[]`},
		{"/quota", 200, `{}`},
		{"/maintenance/schedule", 200, `{}`},
		{"/maintenance/status", 200, `{}`},
		{"/logging/toggle", 200, "0\n"},
		{"/teardown", 405, "POST"},
	} {
		code, body := get(t, base+c.path)
		if code != c.code || !strings.Contains(string(body), c.want) {
			t.Errorf("%s: got %d %.300q, want %d with %q", c.path, code, body, c.code, c.want)
		}
		if c.code == 200 && c.want[0] == '{' && string(body) != c.want {
			t.Errorf("%s: got %q, want %q", c.path, body, c.want)
		}
	}
	for _, path := range []string{"/state", "/slaves", "/frameworks", "/roles", "/weights"} {
		if code, _, _ := post(t, base+path, "", "", nil); code != http.StatusMethodNotAllowed {
			t.Errorf("POST %s: got %d, want 405", path, code)
		}
	}
}

func TestTeardown(t *testing.T) {
	s := stand(t, Config{})
	_, framework := s.oneTask(t)
	base := serve(t, s)
	for _, c := range []struct {
		form url.Values
		code int
	}{
		{url.Values{}, 400},
		{url.Values{"frameworkId": {"nope"}}, 400},
		{url.Values{"frameworkId": {framework}}, 200},
		{url.Values{"frameworkId": {framework}}, 400},
	} {
		code, _, body := post(t, base+"/teardown", "application/x-www-form-urlencoded", "", []byte(c.form.Encode()))
		if code != c.code {
			t.Errorf("%v: got %d %q, want %d", c.form, code, body, c.code)
		}
	}
	if _, body := get(t, base+"/frameworks"); !strings.Contains(string(body), `"frameworks":[],"completed_frameworks":[{"id":"`+framework) {
		t.Errorf("after the teardown: got %.300s", body)
	}
}
