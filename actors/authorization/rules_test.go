package authorization

import (
	"errors"
	"strings"
	"testing"
)

func rules(t testing.TB, text string) *Rules {
	t.Helper()
	r, err := Parse([]byte(text))
	if err != nil {
		t.Fatal(err)
	}
	return r
}

// The first rule that is about both principal and object decides.
func TestApproved(t *testing.T) {
	const (
		onlyFoo    = `{"register_frameworks":[{"principals":{"values":["foo"]},"roles":{"values":["analytics"]}},{"principals":{"type":"NONE"},"roles":{"values":["analytics"]}}]}`
		strict     = `{"permissive":false,"run_tasks":[{"principals":{"type":"ANY"},"users":{"values":["guest","bar"]}}]}`
		fooGuest   = `{"run_tasks":[{"principals":{"values":["foo"]},"users":{"values":["guest"]}},{"principals":{"values":["foo"]},"users":{"type":"NONE"}}]}`
		noRoot     = `{"run_tasks":[{"principals":{"type":"NONE"},"users":{"values":["root"]}}]}`
		wrongOrder = `{"teardown_frameworks":[{"principals":{"type":"NONE"},"framework_principals":{"type":"ANY"}},{"principals":{"type":"SOME","values":["ops"]},"framework_principals":{"type":"ANY"}}]}`
		below      = `{"permissive":false,"reserve_resources":[{"principals":{"values":["p"]},"roles":{"values":["a/%","b"]}}]}`
		nobody     = `{"run_tasks":[{"principals":{"values":[]},"users":{"type":"NONE"}}]}`
		literal    = `{"permissive":false,"run_tasks":[{"principals":{"type":"ANY"},"users":{"values":["a/%"]}}]}`
	)
	for _, tt := range []struct {
		rules             string
		a                 Action
		principal, object string
		want              bool
	}{
		{onlyFoo, RegisterFrameworks, "foo", "analytics", true}, {onlyFoo, RegisterFrameworks, "bar", "analytics", false}, {onlyFoo, RegisterFrameworks, "", "analytics", false},
		{onlyFoo, RegisterFrameworks, "bar", "ads", true}, {onlyFoo, RunTasks, "bar", "root", true}, {onlyFoo, RegisterFrameworks, "bar", "analytics/x", true},
		{strict, RunTasks, "x", "guest", true}, {strict, RunTasks, "", "bar", true}, {strict, RunTasks, "x", "root", false}, {strict, RunTasks, "x", "", false}, {strict, RegisterFrameworks, "x", "*", false},
		{fooGuest, RunTasks, "foo", "guest", true}, {fooGuest, RunTasks, "foo", "root", false}, {fooGuest, RunTasks, "bar", "root", true}, {fooGuest, RunTasks, "", "root", true}, {fooGuest, RunTasks, "foo", "", false},
		{noRoot, RunTasks, "foo", "root", false}, {noRoot, RunTasks, "", "root", false}, {noRoot, RunTasks, "foo", "guest", true}, {noRoot, RunTasks, "foo", "", true},
		{wrongOrder, TeardownFrameworks, "ops", "p", false}, {wrongOrder, TeardownFrameworks, "", "", false},
		{below, ReserveResources, "p", "a/b", true}, {below, ReserveResources, "p", "a/b/c", true}, {below, ReserveResources, "p", "a", false}, {below, ReserveResources, "p", "ab", false},
		{below, ReserveResources, "p", "b", true}, {below, ReserveResources, "p", "b/c", false}, {below, ReserveResources, "p", "", false},
		{nobody, RunTasks, "", "root", true}, {nobody, RunTasks, "p", "root", true},
		{literal, RunTasks, "p", "a/b", false}, {literal, RunTasks, "p", "a/%", true},
	} {
		r := rules(t, tt.rules)
		if got := r.Approved(tt.a, tt.principal, tt.object); got != tt.want {
			t.Errorf("%s: %s for %q to %q: got %v, want %v", tt.rules, tt.a, tt.object, tt.principal, got, tt.want)
		}
	}
	for _, a := range Actions() {
		if !(*Rules)(nil).Approved(a, "p", "x") || (*Rules)(nil).CheckAll(a, "") != nil {
			t.Errorf("%s: refused without any rules", a)
		}
		only := rules(t, `{"permissive":false,"`+string(a)+`":[{"principals":{"values":["p"]},"`+a.Objects()+`":{"type":"ANY"}}]}`)
		for _, b := range Actions() {
			if got := only.Approved(b, "p", "x"); got != (a == b) || only.Approved(b, "q", "x") || only.Approved(b, "", "x") {
				t.Errorf("a rule of %s: %s for p got %v, and others must not be let", a, b, got)
			}
		}
	}
}

// A refusal names the rule.
func TestDenied(t *testing.T) {
	r := rules(t, `{"permissive":false,"run_tasks":[{"principals":{"values":["q"]},"users":{"type":"ANY"}},{"principals":{"type":"NONE"},"users":{"values":["root"]}}]}`)
	for _, tt := range []struct {
		principal, user, want string
		rule                  int
	}{
		{"p", "root", `the rule run_tasks[1] of --acls refuses users "root" to the principal "p"`, 1},
		{"", "root", `the rule run_tasks[1] of --acls refuses users "root" to nobody who is known`, 1},
		{"p", "guest", `no rule run_tasks of --acls is about the principal "p" and users "guest", and permissive is false`, -1},
		{"", "", `no rule run_tasks of --acls is about nobody who is known and any users, and permissive is false`, -1},
	} {
		err := r.Check(RunTasks, tt.principal, tt.user)
		var d *Denied
		if !errors.As(err, &d) || err.Error() != tt.want || d.Rule != tt.rule {
			t.Errorf("%q as %q: got %v, want %q", tt.principal, tt.user, err, tt.want)
		}
	}
	if err := r.Check(RunTasks, "q", "root"); err != nil {
		t.Errorf("what is approved: got %v, want nothing", err)
	}
}

// Who may see everything must be refused nothing: rules about values count as well, unlike in a question about any object.
func TestCheckAll(t *testing.T) {
	for _, tt := range []struct {
		rules string
		want  bool
	}{
		{`{}`, true},
		{`{"permissive":false}`, false},
		{`{"view_tasks":[{"principals":{"type":"NONE"},"users":{"values":["root"]}}]}`, false},
		{`{"view_tasks":[{"principals":{"values":["p"]},"users":{"type":"ANY"}},{"principals":{"type":"NONE"},"users":{"values":["root"]}}]}`, true},
		{`{"view_tasks":[{"principals":{"values":["p"]},"users":{"values":["x"]}},{"principals":{"type":"ANY"},"users":{"type":"NONE"}}]}`, false},
		{`{"view_tasks":[{"principals":{"values":["q"]},"users":{"type":"NONE"}}]}`, true},
		{`{"permissive":false,"view_tasks":[{"principals":{"values":["p"]},"users":{"values":["x"]}}]}`, false},
	} {
		if err := rules(t, tt.rules).CheckAll(ViewTasks, "p"); (err == nil) != tt.want {
			t.Errorf("%s: got %v, want approved %v", tt.rules, err, tt.want)
		}
	}
}

// What is wrong with rules is named, with what would be right.
func TestParseRefuses(t *testing.T) {
	for _, tt := range []struct{ text, want string }{
		{``, `no JSON object`}, {`[]`, `no JSON object`}, {`{"permissive":1}`, `permissive: it is 1: want true or false`}, {`{} {}`, `something follows`}, {`{"run_tasks":[`, `JSON`},
		{`{"run_task":[]}`, `there is no action "run_task": want permissive or one of access_mesos_logs, access_sandboxes, `},
		{`{"shutdown_frameworks":[]}`, `there is no action "shutdown_frameworks"`},
		{`{"run_tasks":[],"run_tasks":[]}`, `"run_tasks" is there twice`},
		{`{"run_tasks":{}}`, `run_tasks: it is {}: want a list of rules`},
		{`{"run_tasks":[1]}`, `run_tasks[0]: "1" is no JSON object`},
		{`{"run_tasks":[{"principals":{"type":"ANY"},"user":{"type":"ANY"}}]}`, `run_tasks[0]: there is no field "user": want principals and users`},
		{`{"run_tasks":[{"principals":{"type":"ANY"}}]}`, `run_tasks[0]: users is missing`},
		{`{"run_tasks":[{"users":{"type":"ANY"}}]}`, `run_tasks[0]: principals is missing`},
		{`{"run_tasks":[{"principals":{"type":"any"},"users":{"type":"ANY"}}]}`, `run_tasks[0]: principals: type: it is "any": want ANY, NONE or`},
		{`{"run_tasks":[{"principals":{"value":["p"]},"users":{"type":"ANY"}}]}`, `principals: there is no field "value"`},
		{`{"run_tasks":[{"principals":{"values":"p"},"users":{"type":"ANY"}}]}`, `principals: values: it is "p": want a list of strings`},
		{`{"run_tasks":[{"principals":{},"users":{"type":"ANY"}}]}`, `principals: it names nobody and nothing`},
		{`{"run_tasks":[{"principals":{"type":"ANY","values":["p"]},"users":{"type":"ANY"}}]}`, `principals: values: they have no meaning beside the type ANY`},
	} {
		if _, err := Parse([]byte(tt.text)); err == nil || !strings.Contains(err.Error(), tt.want) {
			t.Errorf("%s: got %v, want an error with %q", tt.text, err, tt.want)
		}
	}
}

func FuzzParse(f *testing.F) {
	f.Add([]byte(`{"permissive":false,"run_tasks":[{"principals":{"values":["p"]},"users":{"type":"ANY"}}]}`))
	f.Add([]byte(`{"reserve_resources":[{"principals":{"type":"NONE"},"roles":{"values":["a/%"]}}]}`))
	f.Fuzz(func(t *testing.T, text []byte) {
		r, err := Parse(text)
		if (r == nil) != (err != nil) {
			t.Fatalf("got %v, %v", r, err)
		}
		for _, a := range Actions() {
			if r != nil && r.CheckAll(a, "p") == nil && !r.Approved(a, "p", "x") {
				t.Errorf("%s: p may do it to everything, and not to x", a)
			}
		}
	})
}
