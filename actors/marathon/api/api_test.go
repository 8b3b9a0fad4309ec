package api_test

import (
	"context"
	"encoding/json"
	"fmt"
	"log/slog"
	"maps"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"go.uber.org/goleak"

	"mesos/actors"
	"mesos/actors/marathon"
	"mesos/actors/marathon/api"
	"mesos/actors/memnet"
	"mesos/registry"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

// client asks an API whose marathon finds no master: what it wants waits.
type client struct {
	t *testing.T
	h http.Handler
	s *marathon.Service
}

func serve(t *testing.T, f func(c *client)) {
	t.Helper()
	synctest.Test(t, func(t *testing.T) {
		sys := actors.NewSystem(memnet.NewNet().Node("10.0.0.9:8080"))
		s, err := marathon.Start(context.Background(), sys, marathon.Config{Master: actors.UPID{ID: "master", Addr: "10.0.0.1:5050"}, Role: "services", Store: registry.NewMemory(), Log: slog.New(slog.DiscardHandler)})
		if err != nil {
			t.Fatal(err)
		}
		defer func() {
			sys.Shutdown()
			s.Wait()
			time.Sleep(2 * time.Second) // the runtime's dead letters keep a goroutine for a second
		}()
		f(&client{t, api.New(s, api.Options{Version: "1", Leader: "here:8080"}), s})
	})
}

// ask sends a request and reads the answer as JSON.
func (c *client) ask(method, path, body string) (int, map[string]any, http.Header) {
	c.t.Helper()
	w := httptest.NewRecorder()
	c.h.ServeHTTP(w, httptest.NewRequest(method, path, strings.NewReader(body)))
	var v any
	if w.Body.Len() > 0 && strings.HasPrefix(w.Header().Get("Content-Type"), "application/json") {
		if err := json.Unmarshal(w.Body.Bytes(), &v); err != nil {
			c.t.Fatalf("%s %s: %v in %s", method, path, err, w.Body)
		}
	}
	m, ok := v.(map[string]any)
	if !ok {
		m = map[string]any{"list": v}
	}
	return w.Code, m, w.Header()
}

func (c *client) want(code int, method, path, body string) map[string]any {
	c.t.Helper()
	got, v, _ := c.ask(method, path, body)
	if got != code {
		c.t.Fatalf("%s %s: got %d, %v; want %d", method, path, got, v, code)
	}
	return v
}

// at reads a value of nested objects: "app", "tasks".
func at(v map[string]any, path ...string) any {
	var x any = v
	for _, p := range path {
		m, ok := x.(map[string]any)
		if !ok {
			return nil
		}
		x = m[p]
	}
	return x
}

const web = `{"id":"/web","cmd":"serve","instances":2,"cpus":0.5,"labels":{"tier":"front"}}`

func TestLifeOfAnApp(t *testing.T) {
	serve(t, func(c *client) {
		v := c.want(201, "POST", "/v2/apps", web)
		if at(v, "id") != "/web" || at(v, "tasksRunning") != 0.0 || len(at(v, "deployments").([]any)) != 1 {
			t.Errorf("POST: got %v", v)
		}
		c.want(409, "POST", "/v2/apps", web)
		locked := c.want(409, "PUT", "/v2/apps/web", `{"instances":3}`)
		if !strings.Contains(fmt.Sprint(locked["message"]), "force=true") || len(locked["deployments"].([]any)) != 1 {
			t.Errorf("locked: got %v", locked)
		}
		_, v, h := c.ask("PUT", "/v2/apps/web?force=true", `{"instances":3}`)
		if v["deploymentId"] == nil || v["version"] == nil || h.Get("Marathon-Deployment-Id") != v["deploymentId"] {
			t.Errorf("PUT: got %v, %v", v, h)
		}
		if got := at(c.want(200, "GET", "/v2/apps/web", ""), "app", "instances"); got != 3.0 {
			t.Errorf("after the PUT: got %v instances, want 3", got)
		}
		versions := c.want(200, "GET", "/v2/apps//web/versions", "")["versions"].([]any)
		if len(versions) != 2 {
			t.Errorf("versions: got %v, want 2", versions)
		}
		old := c.want(200, "GET", "/v2/apps/web/versions/"+versions[1].(string), "")
		if old["instances"] != 2.0 {
			t.Errorf("first version: got %v", old)
		}
		c.want(200, "PUT", "/v2/apps/web?force=true", `{"version":"`+versions[1].(string)+`"}`)
		if got := at(c.want(200, "GET", "/v2/apps/web", ""), "app", "instances"); got != 2.0 {
			t.Errorf("after going back: got %v instances, want 2", got)
		}
		c.want(200, "POST", "/v2/apps/web/restart?force=true", "")
		c.want(404, "POST", "/v2/apps/nothing/restart", "")
		c.want(200, "DELETE", "/v2/apps/web?force=true", "")
		synctest.Wait()
		c.want(404, "GET", "/v2/apps/web", "")
		c.want(404, "DELETE", "/v2/apps/web", "")
		if list := c.want(200, "GET", "/v2/deployments", "")["list"].([]any); len(list) != 0 {
			t.Errorf("deployments at the end: got %v", list)
		}
	})
}

func TestFilters(t *testing.T) {
	serve(t, func(c *client) {
		c.want(201, "POST", "/v2/apps", web)
		c.want(201, "POST", "/v2/apps", `{"id":"/back/db","cmd":"store","labels":{"tier":"back"}}`)
		for query, want := range map[string]int{
			"": 2, "?id=db": 1, "?cmd=ser": 1, "?label=tier==front": 1, "?label=tier!=front": 1, "?label=tier+in+(front,back)": 2, "?label=tier,none": 0,
		} {
			if got := len(c.want(200, "GET", "/v2/apps"+query, "")["apps"].([]any)); got != want {
				t.Errorf("GET /v2/apps%s: got %d apps, want %d", query, got, want)
			}
		}
		if got := len(c.want(200, "GET", "/v2/apps/back/*", "")["*"].([]any)); got != 1 {
			t.Errorf("apps of a group: got %d, want 1", got)
		}
		with := c.want(200, "GET", "/v2/apps?embed=apps.tasks", "")["apps"].([]any)[0].(map[string]any)
		if _, ok := with["tasks"]; !ok || with["tasksRunning"] != nil {
			t.Errorf("embed=apps.tasks: got %v", slices.Sorted(maps.Keys(with)))
		}
	})
}

func TestErrors(t *testing.T) {
	serve(t, func(c *client) {
		v := c.want(422, "POST", "/v2/apps", `{"id":"/x","cmd":"x","cpus":-1,"ipAddress":{}}`)
		details := v["details"].([]any)
		if v["message"] != "Object is not valid" || at(details[0].(map[string]any), "path") != "/ipAddress" {
			t.Errorf("got %v", v)
		}
		c.want(400, "POST", "/v2/apps", `{"id":`)
		c.want(405, "DELETE", "/v2/apps", "")
		c.want(404, "GET", "/v2/nonsense", "")
		c.want(404, "GET", "/v2/pods/none::status", "")
		c.want(404, "DELETE", "/v2/deployments/none", "")
		c.want(404, "DELETE", "/v2/queue/none/delay", "")
		c.want(409, "DELETE", "/v2/leader", "")
		c.want(422, "PUT", "/v2/groups", `{"apps":[{"id":"/a","cmd":"x","dependencies":["/b"]},{"id":"/b","cmd":"x","dependencies":["/a"]}]}`)
	})
}

func TestGroupsAndDryRun(t *testing.T) {
	const product = `{"id":"/product","groups":[{"id":"db","apps":[{"id":"main","cmd":"x"}]}],"apps":[{"id":"web","cmd":"y","dependencies":["db/main"]}]}`
	serve(t, func(c *client) {
		steps := c.want(200, "PUT", "/v2/groups/product?dryRun=true", product)["steps"].([]any)
		if len(steps) != 3 {
			t.Errorf("dry run: got %v, want three steps", steps)
		}
		if got := len(c.want(200, "GET", "/v2/apps", "")["apps"].([]any)); got != 0 {
			t.Errorf("a dry run made %d apps", got)
		}
		c.want(201, "POST", "/v2/groups", product)
		c.want(409, "POST", "/v2/groups", product)
		root := c.want(200, "GET", "/v2/groups", "")
		inner := root["groups"].([]any)[0].(map[string]any)
		if inner["id"] != "/product" || len(inner["apps"].([]any)) != 1 || len(inner["groups"].([]any)) != 1 {
			t.Errorf("got %v", root)
		}
		c.want(200, "PUT", "/v2/groups/product?force=true", `{"scaleBy":3}`)
		if got := at(c.want(200, "GET", "/v2/apps/product/web", ""), "app", "instances"); got != 3.0 {
			t.Errorf("scaled by 3: got %v instances", got)
		}
		c.want(422, "POST", "/v2/apps", `{"id":"/product","cmd":"x"}`)
		c.want(200, "DELETE", "/v2/groups/product?force=true", "")
		synctest.Wait()
		c.want(404, "GET", "/v2/groups/product", "")
	})
}

func TestRollback(t *testing.T) {
	serve(t, func(c *client) {
		c.want(201, "POST", "/v2/apps", web)
		id := c.want(200, "PUT", "/v2/apps/web?force=true", `{"cmd":"other"}`)["deploymentId"].(string)
		c.want(200, "DELETE", "/v2/deployments/"+id, "")
		if got := at(c.want(200, "GET", "/v2/apps/web", ""), "app", "cmd"); got != "serve" {
			t.Errorf("taken back: got cmd %v, want serve", got)
		}
		steps := c.want(200, "GET", "/v2/deployments", "")["list"].([]any)[0].(map[string]any)["steps"].([]any)
		if action := at(steps[0].(map[string]any), "actions").([]any)[0].(map[string]any)["action"]; len(steps) != 1 || action != "RestartApplication" {
			t.Errorf("what may be there of the other version must go: got %v", steps)
		}
		id = c.want(200, "DELETE", "/v2/apps/web?force=true", "")["deploymentId"].(string)
		c.want(404, "DELETE", "/v2/deployments/"+id, "") // nothing was there: it is over
		c.want(404, "GET", "/v2/apps/web", "")
	})
}

func TestQueueTellsWhy(t *testing.T) {
	serve(t, func(c *client) {
		c.want(201, "POST", "/v2/apps", web)
		synctest.Wait()
		q := c.want(200, "GET", "/v2/queue", "")["queue"].([]any)[0].(map[string]any)
		if q["count"] != 2.0 || at(q, "delay", "overdue") != true || at(q, "app", "id") != "/web" || at(q, "processedOffersSummary", "processedOffersCount") != 0.0 {
			t.Errorf("got %v", q)
		}
		c.want(204, "DELETE", "/v2/queue/web/delay", "")
	})
}

// TestExamples sends definitions as people write them: the whole of each comes back.
func TestExamples(t *testing.T) {
	files, err := filepath.Glob("testdata/*.json")
	if err != nil || len(files) < 5 {
		t.Fatalf("got %v, %v", files, err)
	}
	for _, file := range files {
		t.Run(filepath.Base(file), func(t *testing.T) {
			body, err := os.ReadFile(file)
			if err != nil {
				t.Fatal(err)
			}
			kind, _, _ := strings.Cut(filepath.Base(file), "-")
			var sent map[string]any
			if err := json.Unmarshal(body, &sent); err != nil {
				t.Fatal(err)
			}
			serve(t, func(c *client) {
				c.want(201, "POST", "/v2/"+kind+"s", string(body))
				got := c.want(200, "GET", "/v2/"+kind+"s"+sent["id"].(string), "")
				if kind == "app" {
					got = got["app"].(map[string]any)
				}
				compare(t, "", sent, got)
			})
		})
	}
}

// answered are fields that come back under another name, or as others.
var answered = []string{"uris", "ports", "network", "portMappings"}

// compare says which of what was sent did not come back.
func compare(t *testing.T, path string, sent, got any) {
	switch x := sent.(type) {
	case map[string]any:
		m, _ := got.(map[string]any)
		for k, v := range x {
			if slices.Contains(answered, k) {
				continue
			}
			if _, ok := m[k]; !ok && v != nil && v != false {
				t.Errorf("%s/%s was sent and did not come back", path, k)
				continue
			}
			compare(t, path+"/"+k, v, m[k])
		}
	case []any:
		l, _ := got.([]any)
		if len(l) != len(x) {
			t.Errorf("%s: got %d entries, want %d", path, len(l), len(x))
			return
		}
		for i, v := range x {
			compare(t, fmt.Sprintf("%s(%d)", path, i), v, l[i])
		}
	default:
		if x != nil && path != "/version" && fmt.Sprint(x) != fmt.Sprint(got) && !strings.HasSuffix(fmt.Sprint(got), "/"+fmt.Sprint(x)) {
			t.Errorf("%s: got %v, want %v", path, got, x)
		}
	}
}

func TestEvents(t *testing.T) {
	serve(t, func(c *client) {
		ctx, cancel := context.WithCancel(context.Background())
		w := httptest.NewRecorder()
		over := make(chan bool)
		go func() {
			defer close(over)
			c.h.ServeHTTP(w, httptest.NewRequest(http.MethodGet, "/v2/events?event_type=deployment_info&event_type=api_post_event", nil).WithContext(ctx))
		}()
		synctest.Wait()
		c.want(201, "POST", "/v2/apps", web)
		synctest.Wait()
		cancel()
		<-over
		if text := w.Body.String(); !strings.Contains(text, "event: deployment_info\r\ndata: {") || !strings.Contains(text, "event: api_post_event") || strings.Contains(text, "group_change") {
			t.Errorf("got %q", text)
		}
	})
}

// A browser is led to the master's pages; programs read what marathon is.
func TestPages(t *testing.T) {
	serve(t, func(c *client) {
		for _, path := range []string{"/", "/ui/"} {
			r := httptest.NewRequest(http.MethodGet, path, nil)
			r.Header.Set("Accept", "text/html,*/*;q=0.8")
			w := httptest.NewRecorder()
			c.h.ServeHTTP(w, r)
			if got, want := w.Header().Get("Location"), "http://10.0.0.1:5050/#/services"; w.Code != http.StatusFound || got != want {
				t.Errorf("%s: got %d to %q, want 302 to %q", path, w.Code, got, want)
			}
		}
		if v := c.want(200, "GET", "/", ""); v["name"] != "marathon" {
			t.Errorf("/ for programs: got %v", v)
		}
	})
}

func TestInfo(t *testing.T) {
	serve(t, func(c *client) {
		if v := c.want(200, "GET", "/v2/info", ""); v["name"] != "marathon" || v["leader"] != "here:8080" || v["elected"] != true {
			t.Errorf("info: got %v", v)
		}
		if v := c.want(200, "GET", "/v2/leader", ""); v["leader"] != "here:8080" {
			t.Errorf("leader: got %v", v)
		}
		w := httptest.NewRecorder()
		c.h.ServeHTTP(w, httptest.NewRequest(http.MethodGet, "/metrics", nil))
		if !strings.Contains(w.Body.String(), "marathon_apps 0\n") {
			t.Errorf("metrics: got %s", w.Body)
		}
		scrape := httptest.NewRequest(http.MethodGet, "/metrics", nil)
		scrape.Header.Set("Accept", "application/openmetrics-text;version=1.0.0")
		w = httptest.NewRecorder()
		if c.h.ServeHTTP(w, scrape); !strings.HasPrefix(w.Header().Get("Content-Type"), "application/openmetrics-text") || !strings.HasSuffix(w.Body.String(), "# EOF\n") {
			t.Errorf("metrics as OpenMetrics: got %s %s", w.Header(), w.Body)
		}
		w = httptest.NewRecorder()
		c.h.ServeHTTP(w, httptest.NewRequest(http.MethodGet, "/ping", nil))
		if w.Body.String() != "pong" {
			t.Errorf("ping: got %s", w.Body)
		}
	})
}
