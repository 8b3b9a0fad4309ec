package model

import (
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"
)

func TestResolve(t *testing.T) {
	for _, c := range []struct{ base, id, want string }{
		{"/", "web", "/web"}, {"/a", "web", "/a/web"}, {"/a/b", "../web", "/a/web"}, {"/a", "/web", "/web"}, {"/", "//a//b/", "/a/b"}, {"/a", "../../..", "/"},
	} {
		if got := Resolve(c.base, c.id); got != c.want {
			t.Errorf("Resolve(%q, %q): got %q, want %q", c.base, c.id, got, c.want)
		}
	}
}

func TestNames(t *testing.T) {
	if got := Safe("/product/web"); got != "product_web" {
		t.Errorf("Safe: got %q, want product_web", got)
	}
	if got := Label("/product/web"); got != "web.product" {
		t.Errorf("Label: got %q, want web.product", got)
	}
	for id, ok := range map[string]bool{"/web": true, "/a.b/c-1": true, "/Web": false, "/-a": false, "/a_b": false, "/a/tasks": false, "/": true} {
		if got := CheckID(id) == ""; got != ok {
			t.Errorf("CheckID(%q): got %v, want %v", id, got, ok)
		}
	}
	if !Within("/a/b", "/a") || Within("/ab", "/a") || !Within("/a", "/") {
		t.Error("Within takes names for paths")
	}
}

// refused decodes an app and returns the problems by path.
func refused(t *testing.T, text string) map[string]string {
	t.Helper()
	_, err := DecodeApp([]byte(text), Root, "")
	var inv *Invalid
	if err != nil && !errors.As(err, &inv) {
		t.Fatalf("%s: got %v, want *Invalid", text, err)
	}
	out := map[string]string{}
	if inv != nil {
		for _, p := range inv.Problems {
			out[p.Path] = strings.Join(p.Errors, "; ")
		}
	}
	return out
}

// volume is an app with a persistent volume, and more.
func volume(persistent, path, mode, more string) string {
	if more != "" {
		more = "," + more
	}
	return fmt.Sprintf(`"cmd":"x","container":{"type":"MESOS","volumes":[{"containerPath":%q,"mode":%q,"persistent":%s}]}%s`, path, mode, persistent, more)
}

func TestResidentApps(t *testing.T) {
	a := decoded(t, `{"id":"/db",`+volume(`{"size":16}`, "data", "RW", "")+`}`)
	if r := a.Residency; r == nil || r.TaskLostBehavior != WaitForever || a.UpgradeStrategy.MaximumOverCapacity != 0 || !a.UnreachableStrategy.Disabled || a.Container.Volumes[0].Persistent.Type != RootDisk {
		t.Errorf("defaults: got %+v", a)
	}
	old := &Spec{App: a}
	for _, c := range []struct{ name, text, path string }{
		{"another command", `{"id":"/db",` + strings.Replace(volume(`{"size":16}`, "data", "RW", ""), `"x"`, `"y"`, 1) + `}`, ""},
		{"other sizes", `{"id":"/db",` + volume(`{"size":17}`, "data", "RW", "") + `}`, "/container/volumes"},
		{"another path", `{"id":"/db",` + volume(`{"size":16}`, "other", "RW", "") + `}`, "/container/volumes"},
		{"no volumes", `{"id":"/db","cmd":"x"}`, "/container/volumes"},
		{"more cpus", `{"id":"/db",` + volume(`{"size":16}`, "data", "RW", `"cpus":2`) + `}`, "/cpus"},
		{"more memory", `{"id":"/db",` + volume(`{"size":16}`, "data", "RW", `"mem":256`) + `}`, "/mem"},
		{"more disk", `{"id":"/db",` + volume(`{"size":16}`, "data", "RW", `"disk":1`) + `}`, "/disk"},
		{"gpus", `{"id":"/db",` + volume(`{"size":16}`, "data", "RW", `"gpus":1`) + `}`, "/gpus"},
		{"more ports", `{"id":"/db",` + volume(`{"size":16}`, "data", "RW", `"portDefinitions":[{},{}]`) + `}`, "/portDefinitions"},
	} {
		next := &Spec{App: decoded(t, c.text)}
		var inv *Invalid
		err := next.CheckUpdate(old)
		switch {
		case c.path == "" && (err != nil || next.Footprint() != old.Footprint()):
			t.Errorf("%s: got %v, want that it may change", c.name, err)
		case c.path != "" && (!errors.As(err, &inv) || inv.Problems[0].Path != c.path || next.Footprint() == old.Footprint()):
			t.Errorf("%s: got %v, want a problem at %s", c.name, err, c.path)
		}
	}
}

func TestBadApps(t *testing.T) {
	for _, c := range []struct{ fields, path string }{
		{`"cmd":"x","nonsense":1`, "/nonsense"},
		{`"cmd":"x","container":{"docker":{"image":"i","nonsense":1}}`, "/container/docker/nonsense"},
		{`"cmd":"x","container":{"volumes":[{"containerPath":"/d","external":{},"mode":"RW"}]}`, "/container/volumes(0)/external"},
		{`"cmd":"x","cpus":"much"`, "/cpus"},
		{`"cmd":"x","instances":-1`, "/instances"},
		{`"cmd":"x","args":["x"]`, "/"},
		{`"cpus":1`, "/"},
		{`"cmd":"x","ipAddress":{}`, "/ipAddress"},
		{`"cmd":"x","storeUrls":["http://h/a"]`, "/storeUrls"},
		{`"cmd":"x","executor":"/custom"`, "/executor"},
		{`"cmd":"x","constraints":[["hostname","NEAR","x"]]`, "/constraints(0)"},
		{`"cmd":"x","constraints":[["hostname","MAX_PER","many"]]`, "/constraints(0)"},
		{`"cmd":"x","constraints":[["hostname"]]`, "/constraints(0)"},
		{`"cmd":"x","upgradeStrategy":{"minimumHealthCapacity":2}`, "/upgradeStrategy/minimumHealthCapacity"},
		{`"cmd":"x","labels":{"MESOS_DRAIN_PERIOD":"10"}`, "/labels/MESOS_DRAIN_PERIOD"},
		{`"cmd":"x","healthChecks":[{"protocol":"HTTP","portIndex":3}]`, "/healthChecks(0)/portIndex"},
		{`"cmd":"x","healthChecks":[{"protocol":"COMMAND"}]`, "/healthChecks(0)/command"},
		{`"cmd":"x","env":{"A":{"secret":"s"}}`, "/env/A"},
		{`"cmd":"x","dependencies":["/"]`, "/dependencies(0)"},
		{`"cmd":"x","networks":[{"mode":"container"}]`, "/networks(0)/name"},
		{`"cmd":"x","unreachableStrategy":{"inactiveAfterSeconds":9,"expungeAfterSeconds":3}`, "/unreachableStrategy/expungeAfterSeconds"},
		{`"cmd":"x","container":{"type":"MESOS","appc":{}}`, "/container/appc"},
		{`"cmd":"x","portDefinitions":[{"name":"A b"}]`, "/portDefinitions(0)/name"},
		{`"cmd":"x","portDefinitions":[{"nonsense":1}]`, "/portDefinitions(0)/nonsense"},
		{`"cmd":"x","healthChecks":[{"intervalSeconds":"often"}]`, "/healthChecks(0)/intervalSeconds"},
		{`"cmd":"x","networks":[{"mode":"container","name":"a"},{"mode":"container","name":"b"}],"container":{"type":"MESOS","portMappings":[{"networkNames":["b"]}]}`, "/container/portMappings(0)/networkNames"},
		{`"cmd":"x","residency":{"taskLostBehavior":"WAIT_FOREVER"}`, "/residency"},
		{volume(`{"size":1}`, "a/b", "RW", ""), "/container/volumes(0)/containerPath"},
		{volume(`{"size":1}`, "a", "RO", ""), "/container/volumes(0)/mode"},
		{volume(`{"size":0}`, "a", "RW", ""), "/container/volumes(0)/persistent/size"},
		{volume(`{"size":1,"type":"tape"}`, "a", "RW", ""), "/container/volumes(0)/persistent/type"},
		{volume(`{"size":1,"maxSize":2}`, "a", "RW", ""), "/container/volumes(0)/persistent/maxSize"},
		{volume(`{"size":2,"maxSize":1,"type":"mount"}`, "a", "RW", ""), "/container/volumes(0)/persistent/maxSize"},
		{volume(`{"size":1,"constraints":[["path","LIKE","/d"]]}`, "a", "RW", ""), "/container/volumes(0)/persistent/constraints"},
		{volume(`{"size":1,"type":"path","constraints":[["hostname","LIKE","/d"]]}`, "a", "RW", ""), "/container/volumes(0)/persistent/constraints(0)"},
		{volume(`{"size":1,"type":"path","constraints":[["path","UNIQUE"]]}`, "a", "RW", ""), "/container/volumes(0)/persistent/constraints(0)"},
		{volume(`{"size":1,"profileName":"fast"}`, "a", "RW", ""), "/container/volumes(0)/persistent/profileName"},
		{volume(`{"size":1}`, "a", "RW", `"residency":{"taskLostBehavior":"RELAUNCH_AFTER_TIMEOUT"}`), "/residency/taskLostBehavior"},
		{volume(`{"size":1}`, "a", "RW", `"residency":{"relaunchEscalationTimeoutSeconds":-1}`), "/residency/relaunchEscalationTimeoutSeconds"},
		{volume(`{"size":1}`, "a", "RW", `"upgradeStrategy":{"maximumOverCapacity":1}`), "/upgradeStrategy/maximumOverCapacity"},
		{volume(`{"size":1}`, "a", "RW", `"perAgent":true`), "/perAgent"},
		{volume(`{"size":1}`, "a", "RW", `"acceptedResourceRoles":["web"]`), "/acceptedResourceRoles"},
	} {
		got := refused(t, `{"id":"/a",`+c.fields+`}`)
		found := false
		for path := range got {
			found = found || strings.HasPrefix(path, c.path)
		}
		if !found {
			t.Errorf("%s: got %v, want a problem at %s", c.fields, got, c.path)
		}
	}
	if _, err := DecodeApp([]byte(`{"id":`), Root, ""); !errors.Is(err, ErrSyntax) {
		t.Errorf("broken JSON: got %v, want ErrSyntax", err)
	}
}

func decoded(t *testing.T, text string) *App {
	t.Helper()
	a, err := DecodeApp([]byte(text), Root, "")
	if err != nil {
		t.Fatalf("%s: %v", text, err)
	}
	return a
}

func TestDefaultsAndOlderSpellings(t *testing.T) {
	a := decoded(t, `{"id":"web","cmd":"x","ports":[8080,0],"uris":["http://h/a.tgz"],"labels":null,"tasksRunning":3,"version":"2015-09-28T19:47:37.681Z"}`)
	if a.ID != "/web" || a.Instances != 1 || a.CPUs != 1 || a.Mem != 128 || a.KillSelection != YoungestFirst || a.UpgradeStrategy.MinimumHealthCapacity != 1 {
		t.Errorf("defaults: got %+v", a)
	}
	if len(a.PortDefinitions) != 2 || a.PortDefinitions[0].Port != 8080 || a.Ports != nil || len(a.Fetch) != 1 || !a.Fetch[0].Extract {
		t.Errorf("older spellings: got ports %+v, fetch %+v", a.PortDefinitions, a.Fetch)
	}
	b := decoded(t, `{"id":"/b","container":{"docker":{"image":"i","network":"BRIDGE","portMappings":[{"containerPort":80}]}}}`)
	if b.Container.Type != "DOCKER" || b.Networks[0].Mode != BridgeMode || len(b.Container.PortMappings) != 1 || *b.Container.PortMappings[0].HostPort != 0 {
		t.Errorf("docker.network: got %+v, %+v", b.Networks, b.Container)
	}
	n := 10000
	b.AssignServicePorts(func() int { n++; return n })
	if got := b.ServicePorts(); !slices.Equal(got, []int{10001}) {
		t.Errorf("service ports: got %v, want [10001]", got)
	}
}

func TestAnswersCanBeSentBack(t *testing.T) {
	a := decoded(t, `{"id":"/web","cmd":"x","constraints":[["rack","GROUP_BY","2"]],"env":{"A":"1","B":{"secret":"s"}},"secrets":{"s":{"source":"/p"}},
		"healthChecks":[{"protocol":"MESOS_HTTP","path":"/"}],"unreachableStrategy":"disabled","resourceLimits":{"cpus":"unlimited"}}`)
	b, err := json.Marshal(a)
	if err != nil {
		t.Fatal(err)
	}
	again := decoded(t, string(b))
	c, err := json.Marshal(again)
	if err != nil || string(b) != string(c) {
		t.Errorf("got\n%s\nwant\n%s (%v)", c, b, err)
	}
}

func TestMerge(t *testing.T) {
	a := decoded(t, `{"id":"/web","cmd":"x","instances":3,"labels":{"a":"b"},"cpus":2}`)
	m, err := MergeApp(a, []byte(`{"instances":5,"cpus":null}`), "/web")
	if err != nil || m.Instances != 5 || m.Cmd != "x" || m.Labels["a"] != "b" || m.CPUs != 1 {
		t.Errorf("got %+v, %v; want 5 instances, the default of cpus, and the rest as it was", m, err)
	}
	m, err = MergeApp(a, []byte(`{"args":["y"]}`), "/web")
	if err != nil || m.Cmd != "" || len(m.Args) != 1 {
		t.Errorf("args in place of cmd: got %+v, %v", m, err)
	}
	if _, err = MergeApp(a, []byte(`{"id":"/other"}`), "/web"); err == nil {
		t.Error("another id was taken")
	}
}

func TestNextVersion(t *testing.T) {
	at := func(n int) Timestamp { return At(time.Unix(int64(n), 0)) }
	first := (&Spec{App: decoded(t, `{"id":"/web","cmd":"x"}`)}).Next(nil, at(1))
	same := (&Spec{App: decoded(t, `{"id":"/web","cmd":"x"}`)}).Next(first, at(2))
	if same != first {
		t.Errorf("nothing changed: got version %v", same.Version())
	}
	scaled := (&Spec{App: decoded(t, `{"id":"/web","cmd":"x","instances":4}`)}).Next(first, at(3))
	if scaled.Version() != at(3) || scaled.Config() != at(1) {
		t.Errorf("scaled: got version %v, config %v; want 3 and 1", scaled.Version(), scaled.Config())
	}
	changed := (&Spec{App: decoded(t, `{"id":"/web","cmd":"y"}`)}).Next(scaled, at(4))
	if changed.Config() != at(4) {
		t.Errorf("changed: got config %v, want 4", changed.Config())
	}
}

func TestGroups(t *testing.T) {
	c, err := DecodeGroup([]byte(`{"id":"/product","dependencies":["/base"],"apps":[{"id":"web","cmd":"x","dependencies":["db/main"]}],
		"groups":[{"id":"db","apps":[{"id":"main","cmd":"y"}]}]}`), Root, "")
	if err != nil {
		t.Fatal(err)
	}
	if len(c.Groups) != 2 || c.Groups[1].ID != "/product/db" || len(c.Specs) != 2 || c.Specs[0].App.Dependencies[0] != "/product/db/main" {
		t.Errorf("got %+v, %+v", c.Groups, c.Specs[0].App)
	}
	_, err = DecodeGroup([]byte(`{"id":"/p","groups":[{"id":"q","apps":[{"id":"a","cmd":"x","cpus":-1}]}]}`), Root, "")
	var inv *Invalid
	if !errors.As(err, &inv) || inv.Problems[0].Path != "/groups(0)/apps(0)/cpus" {
		t.Errorf("got %v, want a problem at /groups(0)/apps(0)/cpus", err)
	}
}

// FuzzDecodeApp: whatever is sent is refused with a reason, or can be sent back.
func FuzzDecodeApp(f *testing.F) {
	f.Add(`{"id":"/a","cmd":"x"}`)
	f.Add(`{"id":"/a","container":{"docker":{"image":"i","network":"BRIDGE"}},"constraints":[["a","IS","b"]]}`)
	f.Fuzz(func(t *testing.T, text string) {
		a, err := DecodeApp([]byte(text), Root, "")
		if err != nil {
			return
		}
		b, err := json.Marshal(a)
		if err != nil {
			t.Fatal(err)
		}
		if _, err := DecodeApp(b, Root, ""); err != nil {
			t.Errorf("%s is answered as %s, which is refused: %v", text, b, err)
		}
	})
}
