package master

import (
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"strings"
	"sync"
	"testing"
	"time"

	"google.golang.org/protobuf/proto"

	"mesos/messages/ids"
	v1 "mesos/messages/mesos/v1"
	schedulerv1 "mesos/messages/mesos/v1/scheduler"
	"mesos/messages/resources"
	"mesos/registry"
)

// quotaScheduler is a framework's connection that remembers its offers.
type quotaScheduler struct {
	mu        sync.Mutex
	offers    map[string]*v1.Offer
	rescinded []string
}

func (l *quotaScheduler) Send(e *event) {
	l.mu.Lock()
	defer l.mu.Unlock()
	for _, o := range e.GetOffers().GetOffers() {
		l.offers[o.GetId().GetValue()] = o
	}
	if id := e.GetRescind().GetOfferId().GetValue(); id != "" {
		delete(l.offers, id)
		l.rescinded = append(l.rescinded, id)
	}
}

// answered forgets an offer that was accepted.
func (l *quotaScheduler) answered(id string) {
	l.mu.Lock()
	defer l.mu.Unlock()
	delete(l.offers, id)
}

func (l *quotaScheduler) Close()           {}
func (l *quotaScheduler) StreamID() string { return "stream" }

// held is what its offers hold of a scalar.
func (l *quotaScheduler) held(t testing.TB, name string) float64 {
	t.Helper()
	l.mu.Lock()
	defer l.mu.Unlock()
	var sum float64
	for _, o := range l.offers {
		r, err := resources.FromProto(o.GetResources())
		if err != nil {
			t.Fatal(err)
		}
		sum += r.Quantities().Get(name).Float()
	}
	return sum
}

// listen subscribes a framework with the given roles.
func (s *standing) listen(t testing.TB, name string, roles ...string) (string, *quotaScheduler) {
	t.Helper()
	info := proto.CloneOf(webFramework)
	info.Name, info.Roles = proto.String(name), roles
	l := &quotaScheduler{offers: map[string]*v1.Offer{}}
	var id string
	s.do(t, func() {
		f := s.subscribe(&schedulerv1.Call{Subscribe: &schedulerv1.Call_Subscribe{FrameworkInfo: info}}, l)
		if f != nil {
			id = f.id
		}
	})
	return id, l
}

func until(t testing.TB, what string, holds func() bool) {
	t.Helper()
	for deadline := time.Now().Add(time.Minute); !holds(); time.Sleep(time.Millisecond) {
		if time.Now().After(deadline) {
			t.Fatalf("waited in vain for %s", what)
		}
	}
}

// ask sends a request with a JSON body and returns the answer.
func ask(t testing.TB, method, url, body string) (int, string) {
	t.Helper()
	r, err := http.NewRequestWithContext(t.Context(), method, url, strings.NewReader(body))
	if err != nil {
		t.Fatal(err)
	}
	r.Header.Set("Content-Type", "application/json")
	w, err := http.DefaultClient.Do(r)
	if err != nil {
		t.Fatal(err)
	}
	defer w.Body.Close()
	text, err := io.ReadAll(w.Body)
	if err != nil {
		t.Fatal(err)
	}
	return w.StatusCode, string(text)
}

func updateQuota(force bool, configs string) string {
	return fmt.Sprintf(`{"type":"UPDATE_QUOTA","update_quota":{"force":%v,"quota_configs":[%s]}}`, force, configs)
}

// limitOf is a quota config as JSON: amounts of cpus, "" = none.
func limitOf(role, guarantee, limit string) string {
	part := func(key, cpus string) string {
		if cpus == "" {
			return ""
		}
		return fmt.Sprintf(`,%q:{"cpus":{"value":%s}}`, key, cpus)
	}
	return fmt.Sprintf(`{"role":%q%s%s}`, role, part("guarantees", guarantee), part("limits", limit))
}

// TestQuotaRules sends what a master must take or refuse, one after the other.
func TestQuotaRules(t *testing.T) {
	s := stand(t, Config{})
	s.register(t, 2, "cpus:4;mem:1024")
	url := serve(t, s)
	for _, c := range []struct {
		name  string
		force bool
		set   string // quota configs
		code  int
		words string
	}{
		{"a limit", false, limitOf("a", "", "3"), 200, ""},
		{"a guarantee and a limit", false, limitOf("b", "2", "4"), 200, ""},
		{"two at once", false, limitOf("c", "1", "") + "," + limitOf("d", "", "1"), 200, ""},
		{"nothing", false, "", 400, "quota_configs is empty"},
		{"a bad role", false, limitOf("a/../b", "", "1"), 400, "quota_configs[0].role"},
		{"the role of everybody", false, limitOf("*", "", "1"), 400, `"*" cannot have a quota`},
		{"a role twice", false, limitOf("x", "", "1") + "," + limitOf("x", "", "2"), 400, `quota_configs[1].role "x" is named twice`},
		{"negative", false, limitOf("x", "", "-1"), 400, `limits["cpus"] is -1`},
		{"infinite", false, limitOf("x", "", `"Infinity"`), 400, `limits["cpus"] is +Inf`},
		{"a guarantee above the limit", false, limitOf("x", "3", "2"), 400, "guarantee of cpus is 3: it must be at most the limit, which is 2"},
		{"a limit above the parent's", false, limitOf("a/x", "", "4"), 400, `limit of cpus is 4: it must be at most 3, the limit of role "a"`},
		{"a guarantee above the parent's", false, limitOf("b/x", "3", ""), 400, `role "b": the guarantee of cpus is 2: it must be at least 3`},
		{"children together above the parent", false, limitOf("b/x", "1", "") + "," + limitOf("b/y", "1.5", ""), 400, "at least 2.5"},
		{"children within the parent", false, limitOf("b/x", "1", "") + "," + limitOf("b/y/z", "1", ""), 200, ""},
		{"the parent below its children", false, limitOf("b", "1", "4"), 400, "at least 2"},
		{"all or none", false, limitOf("e", "", "1") + "," + limitOf("f", "2", "1"), 400, `role "f"`},
		{"more than there is", false, limitOf("g", "6", ""), 400, "all roles together are guaranteed 9: all agents together have 8"},
		{"more than there is, forced", true, limitOf("g", "6", ""), 200, ""},
		{"away again", false, limitOf("g", "", ""), 200, ""},
	} {
		t.Run(c.name, func(t *testing.T) {
			code, text := ask(t, http.MethodPost, url+"/api/v1", updateQuota(c.force, c.set))
			if code != c.code || !strings.Contains(text, c.words) {
				t.Errorf("got %d %q, want %d with %q", code, text, c.code, c.words)
			}
		})
	}
	_, text := ask(t, http.MethodGet, url+"/quota", "")
	var got struct {
		Infos   []struct{ Role string }
		Configs []struct{ Role string }
	}
	if err := json.Unmarshal([]byte(text), &got); err != nil {
		t.Fatal(err)
	}
	if want := "{[{b} {b/x} {b/y/z} {c}] [{a} {b} {b/x} {b/y/z} {c} {d}]}"; fmt.Sprint(got) != want {
		t.Errorf("/quota: got %v, want %s", got, want)
	}
}

// TestOldQuotaRules sends the older form.
func TestOldQuotaRules(t *testing.T) {
	s := stand(t, Config{Roles: []string{"q", "r"}})
	s.register(t, 1, "cpus:4;mem:1024")
	url := serve(t, s)
	request := func(role, name, kind, more string) string {
		return fmt.Sprintf(`{"role":%q,"guarantee":[{"name":%q,"type":%q%s}]}`, role, name, kind, more)
	}
	one := `,"scalar":{"value":1}`
	for _, c := range []struct {
		method, path, body string
		code               int
		words              string
	}{
		{"GET", "/quota", "", 200, "{}"},
		{"POST", "/quota", request("q", "cpus", "SCALAR", one), 200, ""},
		{"POST", "/quota", request("q", "cpus", "SCALAR", one), 400, `"q" has a quota already`},
		{"POST", "/quota", request("r", "ports", "RANGES", `,"ranges":{"range":[{"begin":1,"end":2}]}`), 400, `"ports" is of type RANGES`},
		{"POST", "/quota", request("r", "cpus", "SCALAR", one+`,"role":"x"`), 400, "must not have a role"},
		{"POST", "/quota", request("r", "cpus", "SCALAR", `,"scalar":{"value":9}`), 409, "all agents together have 4"},
		{"POST", "/quota", request("elsewhere", "cpus", "SCALAR", one), 400, "--roles"},
		{"POST", "/quota", `{"role":`, 400, "no quota request"},
		{"POST", "/quota", `{"role":"r"}`, 400, "guarantee is empty"},
		{"GET", "/quota", "", 200, `"limits"`},
		{"DELETE", "/quota/q", "", 200, ""},
		{"DELETE", "/quota/q", "", 400, `"q" has no quota`},
		{"DELETE", "/quota", "", 400, "role must not be empty"},
		{"PUT", "/quota", "", 405, ""},
		{"PUT", "/weights", `[{"role":"q","weight":2.5}]`, 200, ""},
		{"PUT", "/weights", `[{"role":"q","weight":0}]`, 400, "weight of role"},
		{"PUT", "/weights", `[{"role":"elsewhere","weight":2}]`, 400, "--roles"},
		{"PUT", "/weights", `[{"role":"-q","weight":2}]`, 400, "begins with a dash"},
		{"PUT", "/weights", `[{"role":"q","weight":2},{"role":"q","weight":3}]`, 400, "named twice"},
		{"PUT", "/weights", `[{"role":"q"}]`, 400, "weight"},
		{"PUT", "/weights", `nonsense`, 400, "no list of weights"},
		{"GET", "/weights", "", 200, `[{"role":"q","weight":2.5}]`},
	} {
		if code, text := ask(t, c.method, url+c.path, c.body); code != c.code || !strings.Contains(text, c.words) {
			t.Errorf("%s %s %s: got %d %q, want %d with %q", c.method, c.path, c.body, code, text, c.code, c.words)
		}
	}
	if id, _ := s.listen(t, "refused", "elsewhere"); id != "" {
		t.Error("a framework of a role that is not allowed was admitted")
	}
}

// A limit that is lowered takes offers back at once, and only as many as it must.
func TestLoweredLimitRescinds(t *testing.T) {
	s := stand(t, Config{})
	s.register(t, 3, "cpus:4;mem:1024")
	url := serve(t, s)
	_, web := s.listen(t, "web", "web/a")
	until(t, "all to be offered", func() bool { return web.held(t, "cpus") == 12 })
	if code, text := ask(t, http.MethodPost, url+"/api/v1", updateQuota(false, limitOf("web", "", "6"))); code != 200 {
		t.Fatalf("got %d %q, want 200", code, text)
	}
	if got := web.held(t, "cpus"); got > 6 {
		t.Errorf("when the call is answered offers hold %v cpus, want 6 at most", got)
	}
	until(t, "what the limit leaves to be offered", func() bool { return web.held(t, "cpus") == 6 })
	_, text := ask(t, http.MethodGet, url+"/roles", "")
	if want := `"limit":{"cpus":6.0}`; !strings.Contains(text, want) {
		t.Errorf("/roles: got %s, want it to contain %s", text, want)
	}
	samples := s.conf.Metrics.Snapshot(t.Context())
	if got := samples["allocator/mesos/quota/roles/web/resources/cpus/limit"]; got != 6 {
		t.Errorf("the metric of the limit: got %v, want 6", got)
	}
	if got := samples["allocator/mesos/quota/roles/web/resources/cpus/offered_or_allocated"]; got != 6 {
		t.Errorf("the metric of what is held: got %v, want 6", got)
	}
}

// A guarantee takes from others what they were offered and have not answered.
func TestGuaranteeRescinds(t *testing.T) {
	s := stand(t, Config{})
	s.register(t, 3, "cpus:4;mem:1024")
	url := serve(t, s)
	_, web := s.listen(t, "web", "web")
	until(t, "all to be offered", func() bool { return web.held(t, "cpus") == 12 })
	if code, text := ask(t, http.MethodPost, url+"/api/v1", updateQuota(false, limitOf("db", "4", ""))); code != 200 {
		t.Fatalf("got %d %q, want 200", code, text)
	}
	_, db := s.listen(t, "db", "db")
	until(t, "the guarantee to be offered", func() bool { return db.held(t, "cpus") >= 4 })
	until(t, "the rest to stay with the other", func() bool { return web.held(t, "cpus") <= 8 })
}

// MESOS-9786: two calls that remove the same quota at the same time: one of them
// finds it gone, and nothing else happens.
func TestRacingRemovals(t *testing.T) {
	s := stand(t, Config{})
	s.register(t, 1, "cpus:4;mem:1024")
	url := serve(t, s)
	for round := range 20 {
		if code, text := ask(t, http.MethodPost, url+"/api/v1", updateQuota(false, limitOf("q", "1", "2"))); code != 200 {
			t.Fatalf("round %d: got %d %q, want 200", round, code, text)
		}
		codes := make(chan int, 2)
		for range 2 {
			go func() {
				code, _ := ask(t, http.MethodPost, url+"/api/v1", `{"type":"REMOVE_QUOTA","remove_quota":{"role":"q"}}`)
				codes <- code
			}()
		}
		if a, b := <-codes, <-codes; a+b != 600 || a == b {
			t.Fatalf("round %d: got %d and %d, want 200 and 400", round, a, b)
		}
		if _, text := ask(t, http.MethodGet, url+"/quota", ""); text != "{}" {
			t.Fatalf("round %d: afterwards /quota is %s, want nothing", round, text)
		}
	}
}

// Quotas and weights outlive the master; while its agents are away nothing is offered.
func TestRoleSettingsOutliveTheMaster(t *testing.T) {
	disk := &registry.Disk{}
	s := stand(t, Config{Store: registry.OpenMemory(disk)})
	s.register(t, 1, "cpus:4;mem:1024")
	url := serve(t, s)
	for _, call := range []string{
		updateQuota(false, limitOf("web", "", "3")),
		`{"type":"UPDATE_WEIGHTS","update_weights":{"weight_infos":[{"role":"web","weight":2.5}]}}`,
	} {
		if code, text := ask(t, http.MethodPost, url+"/api/v1", call); code != 200 {
			t.Fatalf("got %d %q, want 200", code, text)
		}
	}
	s.p.System().Shutdown()
	next := stand(t, Config{Store: registry.OpenMemory(disk), Weights: map[string]float64{"web": 7}})
	url = serve(t, next)
	if _, text := ask(t, http.MethodGet, url+"/weights", ""); text != `[{"role":"web","weight":2.5}]` {
		t.Errorf("/weights: got %s, want the weight that was set at run time", text)
	}
	id, web := next.listen(t, "web", "web")
	if code, text := ask(t, http.MethodGet, url+"/explain/framework/"+id, ""); code != 200 || !strings.Contains(text, "waits for 1 agents to come back") {
		t.Errorf("explain during the pause: got %d %s, want the agents that are waited for", code, text)
	}
	next.do(t, func() { next.conf.ID = "m2" }) // as another master would have
	next.register(t, 1, "cpus:4;mem:1024")
	until(t, "an agent to end the pause, and the limit to hold", func() bool { return web.held(t, "cpus") == 3 })
	if code, text := ask(t, http.MethodGet, url+"/explain/framework/"+id, ""); code != 200 || !strings.Contains(text, "quota limit") {
		t.Errorf("explain: got %d %s, want the quota limit in it", code, text)
	}
}

// MESOS-10194: a framework leaves a role in which it has offers, tasks and an
// executor: nothing breaks, and the books are exact.
func TestRoleChangeWhileHolding(t *testing.T) {
	s := stand(t, Config{})
	agents := s.register(t, 3, "cpus:4;mem:1024")
	url := serve(t, s)
	id, web := s.listen(t, "web", "old", "kept")
	until(t, "all to be offered", func() bool { return web.held(t, "cpus") == 12 })
	s.do(t, func() {
		f := s.frameworks[id]
		var mine *offer
		for _, o := range f.offers {
			if o.role == "old" {
				mine = o
			}
		}
		if mine == nil {
			t.Fatal("no offer was made in the role")
		}
		s.accept(f, &schedulerv1.Call_Accept{
			OfferIds: []*v1.OfferID{ids.Offer(mine.id)},
			Operations: []*v1.Offer_Operation{{Type: v1.Offer_Operation_LAUNCH.Enum(), Launch: &v1.Offer_Operation_Launch{TaskInfos: []*v1.TaskInfo{{
				Name: proto.String("t"), TaskId: ids.Task("t"), AgentId: ids.Agent(mine.agentID), Resources: resources.MustParse("cpus:1;mem:64").Proto(),
				Executor: &v1.ExecutorInfo{
					Type: v1.ExecutorInfo_CUSTOM.Enum(), ExecutorId: ids.Executor("e"), Command: &v1.CommandInfo{Value: proto.String("run")},
					Resources: resources.MustParse("cpus:0.5;mem:32").Proto(),
				},
			}}}}},
		})
		web.answered(mine.id)
		if f.tasks["t"] == nil || len(f.executors) != 1 {
			t.Fatal("the task was not launched")
		}
		info := proto.CloneOf(f.info)
		info.Roles = []string{"kept", "new"}
		if ans := s.updateFramework(f, &schedulerv1.Call_UpdateFramework{FrameworkInfo: info}); ans.Code != 200 {
			t.Fatalf("got %v, want 200", ans)
		}
	})
	until(t, "all that no task uses to be offered in the other roles", func() bool { return web.held(t, "cpus") == 10.5 })
	s.total(t, agents[0]) // checks the allocator's books
	_, text := ask(t, http.MethodGet, url+"/roles", "")
	if want := `{"name":"old","weight":1.0,"quota":{"role":"old","guarantee":{},"limit":{},"consumed":{"cpus":1.5,"mem":96.0}}`; !strings.Contains(text, want) {
		t.Errorf("/roles: got %s, want it to contain %s", text, want)
	}
	s.do(t, func() {
		if got := s.teardown(id); got.Code != 200 {
			t.Errorf("teardown: got %v, want 200", got)
		}
	})
	s.total(t, agents[0])
}
