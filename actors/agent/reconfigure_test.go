package agent

import (
	"errors"
	"testing"

	"google.golang.org/protobuf/proto"

	"mesos/messages/ids"
	v1 "mesos/messages/mesos/v1"
	executorv1 "mesos/messages/mesos/v1/executor"
	"mesos/messages/resources"
)

func TestReconfiguration(t *testing.T) {
	agent := func(host string, port int32, res, attributes string) *v1.AgentInfo {
		a, err := resources.ParseAttributes(attributes)
		if err != nil {
			t.Fatal(err)
		}
		return &v1.AgentInfo{Hostname: proto.String(host), Port: proto.Int32(port), Resources: resources.MustParse(res).Proto(), Attributes: a}
	}
	old := agent("h", 5051, "cpus:4;mem:100;ports:[1-10]", "rack:r1;zone:a")
	placed := proto.CloneOf(old)
	placed.Domain = &v1.DomainInfo{FaultDomain: &v1.DomainInfo_FaultDomain{
		Region: &v1.DomainInfo_FaultDomain_RegionInfo{Name: proto.String("r")}, Zone: &v1.DomainInfo_FaultDomain_ZoneInfo{Name: proto.String("z")},
	}}
	tests := []struct {
		name            string
		old, now        *v1.AgentInfo
		equal, additive string // the field refused, "" for none
	}{
		{"same", old, agent("h", 5051, "mem:100;cpus:4;ports:[1-10]", "zone:a;rack:r1"), "", ""},
		{"host", old, agent("g", 5051, "cpus:4;mem:100;ports:[1-10]", "rack:r1;zone:a"), "hostname", "hostname"},
		{"port", old, agent("h", 5052, "cpus:4;mem:100;ports:[1-10]", "rack:r1;zone:a"), "port", "port"},
		{"more of one", old, agent("h", 5051, "cpus:5;mem:100;ports:[1-10]", "rack:r1;zone:a"), "resources", ""},
		{"another kind", old, agent("h", 5051, "cpus:4;mem:100;gpus:1;ports:[1-20]", "rack:r1;zone:a"), "resources", ""},
		{"less", old, agent("h", 5051, "cpus:3;mem:1000;ports:[1-10]", "rack:r1;zone:a"), "resources", "resources"},
		{"other ports", old, agent("h", 5051, "cpus:4;mem:100;ports:[2-11]", "rack:r1;zone:a"), "resources", "resources"},
		{"new attribute", old, agent("h", 5051, "cpus:4;mem:100;ports:[1-10]", "rack:r1;zone:a;disk:ssd"), "attributes", ""},
		{"another attribute", old, agent("h", 5051, "cpus:4;mem:100;ports:[1-10]", "rack:r2;zone:a"), "attributes", "attributes"},
		{"no attribute", old, agent("h", 5051, "cpus:4;mem:100;ports:[1-10]", ""), "attributes", "attributes"},
		{"domain given", old, placed, "domain", ""},
		{"domain taken", placed, old, "domain", "domain"},
	}
	for _, tt := range tests {
		for policy, want := range map[Reconfiguration]string{Equal: tt.equal, Additive: tt.additive} {
			err := policy.check(tt.old, tt.now)
			var refused *ReconfigurationError
			switch {
			case want == "" && err != nil:
				t.Errorf("%s, policy %d: got %v, want it accepted", tt.name, policy, err)
			case want != "" && (!errors.As(err, &refused) || refused.Field != want):
				t.Errorf("%s, policy %d: got %v, want its %s refused", tt.name, policy, err, want)
			}
		}
	}
}

// Until an executor has subscribed to the restarted agent its other calls are
// to be tried again; one that never subscribed may not make them.
func TestCallsWhileRecovering(t *testing.T) {
	tests := []struct {
		recovered bool
		want      int
	}{{true, 503}, {false, 403}}
	for _, tt := range tests {
		f := &framework{id: "f", executors: map[string]*executor{}}
		f.executors["e"] = &executor{id: "e", f: f, recovered: tt.recovered}
		a := &Agent{frameworks: map[string]*framework{"f": f}}
		e, ans := a.subscriber(callOf("f", "e"))
		if e != nil || ans.Code != tt.want {
			t.Errorf("recovered %v: got %d %q, want %d", tt.recovered, ans.Code, ans.Text, tt.want)
		}
	}
}

func callOf(framework, executor string) *executorv1.Call {
	return &executorv1.Call{Type: executorv1.Call_MESSAGE.Enum(), FrameworkId: ids.Framework(framework), ExecutorId: ids.Executor(executor)}
}
