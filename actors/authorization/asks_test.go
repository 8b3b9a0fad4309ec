package authorization

import (
	"fmt"
	"strings"
	"testing"

	v1 "mesos/messages/mesos/v1"
	"mesos/messages/mesosjson"
	"mesos/messages/resources"
)

// Tasks are asked for by the users that they, and their executors, run as.
func TestTask(t *testing.T) {
	r := rules(t, `{"run_tasks":[{"principals":{"values":["p"]},"users":{"values":["guest"]}},{"principals":{"type":"ANY"},"users":{"type":"NONE"}}]}`)
	command := func(user string) *v1.CommandInfo {
		if user == "" {
			return nil
		}
		return &v1.CommandInfo{User: &user}
	}
	executor := func(user string) *v1.ExecutorInfo {
		if user == "-" {
			return nil
		}
		return &v1.ExecutorInfo{Command: command(user)}
	}
	for _, tt := range []struct{ framework, task, own, group, want string }{ // users; - stands for no executor
		{"guest", "", "-", "-", ""}, {"root", "", "-", "-", "root"}, {"root", "guest", "-", "-", ""}, {"guest", "root", "-", "-", "root"},
		{"root", "", "guest", "-", ""}, {"guest", "", "root", "-", "root"}, {"root", "", "", "-", "root"},
		{"root", "guest", "-", "guest", ""}, {"root", "guest", "-", "", "root"}, {"guest", "", "-", "root", "root"}, {"guest", "root", "-", "guest", "root"}, {"guest", "guest", "-", "root", "root"},
	} {
		err := r.Task("p", &v1.FrameworkInfo{User: &tt.framework}, &v1.TaskInfo{Command: command(tt.task), Executor: executor(tt.own)}, executor(tt.group))
		want := ""
		if tt.want != "" {
			want = fmt.Sprintf("Not authorized to launch as user '%s': the rule run_tasks[1] of --acls refuses", tt.want)
		}
		if (err == nil) != (want == "") || err != nil && !strings.HasPrefix(err.Error(), want) {
			t.Errorf("%+v: got %v, want %q", tt, err, want)
		}
	}
}

func TestFramework(t *testing.T) {
	r := rules(t, `{"register_frameworks":[{"principals":{"values":["p"]},"roles":{"values":["a","b/%"]}},{"principals":{"type":"ANY"},"roles":{"type":"NONE"}}]}`)
	for roles, want := range map[string]string{"a": "", "a,b/c": "", "b": "{ b }", "b/c,a,c": "{ a, b/c, c }", "": ""} {
		var list []string
		if roles != "" {
			list = strings.Split(roles, ",")
		}
		err := r.Framework("p", list)
		if (err == nil) != (want == "") || err != nil && !strings.HasPrefix(err.Error(), "Not authorized to use roles '"+want+"': the rule register_frameworks[1]") {
			t.Errorf("roles %s: got %v, want %q", roles, err, want)
		}
	}
}

// Operations are asked for by what they make, and by whose it is what they end.
func TestOperation(t *testing.T) {
	const (
		free      = `{"name":"cpus","type":"SCALAR","scalar":{"value":1}%s}`
		byBob     = `,"reservations":[{"type":"DYNAMIC","role":"a","principal":"bob"}]`
		refined   = `,"reservations":[{"type":"DYNAMIC","role":"a","principal":"bob"},{"type":"DYNAMIC","role":"a/b","principal":"alice"}]`
		elsewhere = `,"reservations":[{"type":"DYNAMIC","role":"c","principal":"alice"}]`
		volume    = `{"name":"disk","type":"SCALAR","scalar":{"value":8},"reservations":[{"type":"DYNAMIC","role":"a"}],"disk":{"persistence":{"id":"v","principal":"bob"},"volume":{"container_path":"x","mode":"RW"}}}`
		addition  = `{"name":"disk","type":"SCALAR","scalar":{"value":8},"reservations":[{"type":"DYNAMIC","role":"a"}]}`
	)
	cpus := func(reserved string) string { return fmt.Sprintf(free, reserved) }
	for _, tt := range []struct {
		op   string
		want string // what is asked for: action object, in order
	}{
		{`{"type":"RESERVE","reserve":{"resources":[` + cpus(byBob) + `]}}`, "reserve_resources a"},
		{`{"type":"RESERVE","reserve":{"resources":[` + cpus(refined) + `]}}`, "reserve_resources a/b"},
		{`{"type":"RESERVE","reserve":{"source":[` + cpus(byBob) + `],"resources":[` + cpus(elsewhere) + `]}}`, "reserve_resources c, unreserve_resources bob"},
		{`{"type":"RESERVE","reserve":{"source":[` + cpus(refined) + `],"resources":[` + cpus(byBob) + `]}}`, "unreserve_resources alice"},
		{`{"type":"UNRESERVE","unreserve":{"resources":[` + cpus(refined) + `]}}`, "unreserve_resources alice"},
		{`{"type":"CREATE","create":{"volumes":[` + volume + `]}}`, "create_volumes a"},
		{`{"type":"DESTROY","destroy":{"volumes":[` + volume + `]}}`, "destroy_volumes bob"},
		{`{"type":"GROW_VOLUME","grow_volume":{"volume":` + volume + `,"addition":` + addition + `}}`, "resize_volumes a"},
		{`{"type":"SHRINK_VOLUME","shrink_volume":{"volume":` + volume + `,"subtract":{"value":1}}}`, "resize_volumes a"},
	} {
		op := &v1.Offer_Operation{}
		if err := mesosjson.Unmarshal([]byte(tt.op), op); err != nil {
			t.Fatal(err)
		}
		c, err := resources.Convert(op)
		if err != nil {
			t.Fatalf("%s: %v", tt.op, err)
		}
		// With rules that permit nothing but what was asked for before, each question shows itself by its refusal.
		var got []string
		text := `{"permissive":false`
		for {
			err := rules(t, text+"}").Operation("p", op, c)
			if err == nil {
				break
			}
			d := err.(*Denied) //nolint:errorlint // nothing is wrapped
			got = append(got, string(d.Action)+" "+d.Object)
			text += fmt.Sprintf(`,%q:[{"principals":{"values":["p"]},%q:{"values":[%q]}}]`, d.Action, d.Action.Objects(), d.Object)
		}
		if asked := strings.Join(got, ", "); asked != tt.want {
			t.Errorf("%s: asked for %q, want %q", tt.op, asked, tt.want)
		}
	}
	if err := rules(t, `{"permissive":false}`).Operation("p", &v1.Offer_Operation{Type: v1.Offer_Operation_UNKNOWN.Enum()}, resources.Conversion{}); err != nil {
		t.Errorf("what is no operation on resources: got %v, want nothing", err)
	}
}

// An agent needs a right to come, and one for each role that it says it keeps resources for.
func TestAgent(t *testing.T) {
	r := rules(t, `{"permissive":false,"register_agents":[{"principals":{"values":["p"]},"agents":{"type":"ANY"}}],"reserve_resources":[{"principals":{"values":["p"]},"roles":{"values":["a"]}}]}`)
	for _, tt := range []struct{ principal, has, want string }{
		{"p", "cpus:1", ""}, {"q", "cpus:1", "Not authorized to register agent: no rule register_agents"}, {"", "", "Not authorized to register agent: "},
		{"p", "cpus(a):1;mem:5", ""}, {"p", "cpus(b):1", "Not authorized to register agent with resources reserved to role 'b': no rule reserve_resources"},
	} {
		err := r.Agent(tt.principal, resources.MustParse(tt.has))
		if (err == nil) != (tt.want == "") || err != nil && !strings.HasPrefix(err.Error(), tt.want) {
			t.Errorf("%s with %s: got %v, want %q", tt.principal, tt.has, err, tt.want)
		}
	}
}
