package match

import (
	"fmt"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"

	"google.golang.org/protobuf/proto"

	"mesos/actors/marathon/model"
	"mesos/messages/ids"
	v1 "mesos/messages/mesos/v1"
	"mesos/messages/resources"
)

func offer(t *testing.T, host, res, attributes string) *Offer {
	t.Helper()
	a, err := resources.ParseAttributes(attributes)
	if err != nil {
		t.Fatal(err)
	}
	o, err := NewOffer(&v1.Offer{
		Id: ids.Offer("o-" + host), AgentId: ids.Agent("agent-" + host), Hostname: proto.String(host), Attributes: a,
		Resources: resources.MustParse(res).Allocate("web").Proto(), AllocationInfo: &v1.Resource_AllocationInfo{Role: proto.String("web")},
	})
	if err != nil {
		t.Fatal(err)
	}
	return o
}

func appSpec(t *testing.T, fields string) *model.Spec {
	t.Helper()
	a, err := model.DecodeApp([]byte(`{"id":"/product/web","cmd":"x"`+fields+`}`), model.Root, "")
	if err != nil {
		t.Fatal(err)
	}
	return &model.Spec{App: a}
}

func random() *rand.Rand { return rand.New(rand.NewPCG(1, 2)) }

func TestConstraints(t *testing.T) {
	on := func(racks string) (out []*model.Instance) {
		for n, r := range strings.Fields(racks) {
			out = append(out, &model.Instance{ID: fmt.Sprint(n), Host: "h-" + r, Attributes: map[string]string{"rack": r}})
		}
		return out
	}
	for _, c := range []struct {
		constraint, peers, rack string
		want                    bool
	}{
		{`["rack","UNIQUE"]`, "a b", "c", true},
		{`["rack","UNIQUE"]`, "a b", "a", false},
		{`["hostname","UNIQUE"]`, "a", "a", false},
		{`["rack","CLUSTER","a"]`, "", "a", true},
		{`["rack","CLUSTER","a"]`, "", "b", false},
		{`["rack","CLUSTER"]`, "a a", "a", true},
		{`["rack","CLUSTER"]`, "a a", "b", false},
		{`["rack","LIKE","a|b"]`, "", "b", true},
		{`["rack","LIKE","a"]`, "", "ab", false},
		{`["rack","UNLIKE","a.*"]`, "", "ab", false},
		{`["other","UNLIKE","a"]`, "", "a", true},
		{`["other","LIKE",".*"]`, "", "a", false},
		{`["rack","IS","a"]`, "", "a", true},
		{`["rack","IS","a"]`, "", "b", false},
		{`["rack","MAX_PER","2"]`, "a a b", "a", false},
		{`["rack","MAX_PER","2"]`, "a a b", "b", true},
		{`["rack","GROUP_BY"]`, "a b", "a", true},
		{`["rack","GROUP_BY"]`, "a a b", "a", false},
		{`["rack","GROUP_BY"]`, "a", "b", true},
		{`["rack","GROUP_BY","3"]`, "a b", "a", false},
		{`["rack","GROUP_BY","3"]`, "a b", "c", true},
		{`["rack","GROUP_BY","3"]`, "a b c", "a", true},
	} {
		s := appSpec(t, `,"constraints":[`+c.constraint+`]`)
		o := offer(t, "h-"+c.rack, "cpus:4;mem:1000;ports:[31000-31010]", "rack:"+c.rack)
		fit, reasons := Try(o, s, on(c.peers), random())
		if (fit != nil) != c.want {
			t.Errorf("%s beside %q on %s: got %v (%v), want %v", c.constraint, c.peers, c.rack, fit != nil, reasons, c.want)
		}
	}
}

func TestReasons(t *testing.T) {
	for _, c := range []struct{ offer, fields, want string }{
		{"cpus:4;mem:1000;ports:[1-9]", "", ""},
		{"cpus:0.5;mem:1000;ports:[1-9]", "", InsufficientCPUs},
		{"cpus:4;mem:100;ports:[1-9]", "", InsufficientMemory},
		{"cpus:4;mem:1000;ports:[1-9]", `,"disk":10`, InsufficientDisk},
		{"cpus:4;mem:1000", "", InsufficientPorts},
		{"cpus:4;mem:1000;ports:[1-1]", `,"ports":[0,0]`, InsufficientPorts},
		{"cpus:4;mem:1000;ports:[1-9]", `,"ports":[80],"requirePorts":true`, InsufficientPorts},
		{"cpus:0.1;mem:1", "", InsufficientCPUs + " " + InsufficientMemory + " " + InsufficientPorts},
		{"cpus:4;mem:1000;ports:[1-9]", `,"acceptedResourceRoles":["web"]`, UnfulfilledRole},
		{"cpus(web):4;mem(web):1000;ports(web):[1-9]", `,"acceptedResourceRoles":["web"]`, ""},
	} {
		_, reasons := Try(offer(t, "h", c.offer, ""), appSpec(t, c.fields), nil, random())
		if got := strings.Join(reasons, " "); got != c.want {
			t.Errorf("%s for %q: got %q, want %q", c.offer, c.fields, got, c.want)
		}
	}
}

func TestFitTakesReservedFirst(t *testing.T) {
	fit, reasons := Try(offer(t, "h", "cpus:4;cpus(web):0.4;mem:1000;ports:[31000-31000];ports(web):[32000-32000]", ""), appSpec(t, `,"ports":[0,0]`), nil, random())
	if fit == nil {
		t.Fatal(reasons)
	}
	if got := fit.Used.ReservedTo("web").CPUs().Float(); got != 0.4 {
		t.Errorf("reserved cpus that are used: got %v, want 0.4", got)
	}
	ports := slices.Sorted(slices.Values(fit.Ports))
	if !slices.Equal(ports, []int{31000, 32000}) {
		t.Errorf("ports: got %v, want both", ports)
	}
	if !fit.Used.Equal(fit.Tasks[0]) {
		t.Errorf("used %s, task %s: want the same", fit.Used, fit.Tasks[0])
	}
}

// placed makes an instance of s on a roomy offer.
func placed(t *testing.T, s *model.Spec) (*model.Instance, *Fit) {
	t.Helper()
	o := offer(t, "host-1", "cpus:8;mem:9000;disk:100;ports:[31000-31009]", "")
	fit, reasons := Try(o, s, nil, random())
	if fit == nil {
		t.Fatal(reasons)
	}
	i := &model.Instance{ID: InstanceID(s.ID(), "u1"), Spec: s.ID(), Ports: fit.Ports}
	o.Place(i, s.Constraints())
	for _, id := range TaskIDs(s, i.ID, 1) {
		i.Tasks = append(i.Tasks, model.Task{ID: id})
	}
	return i, fit
}

func env(t *v1.TaskInfo) map[string]string {
	out := map[string]string{}
	for _, v := range t.GetCommand().GetEnvironment().GetVariables() {
		out[v.GetName()] = v.GetValue()
	}
	return out
}

func TestTask(t *testing.T) {
	s := appSpec(t, `,"env":{"A":"1","HOST":"mine"},"labels":{"owner":"zeus"},"user":"www","fetch":[{"uri":"http://h/a"}],"taskKillGracePeriodSeconds":7,
		"portDefinitions":[{"port":8080,"name":"http"},{"port":0,"protocol":"tcp,udp"}],"healthChecks":[{"protocol":"MESOS_HTTP","path":"/ok","portIndex":0}]`)
	i, fit := placed(t, s)
	x := Task(s, i, fit.Tasks[0])
	if x.GetName() != "web.product" || x.GetTaskId().GetValue() != "product_web.instance-u1._app.1" || x.GetAgentId().GetValue() != "agent-host-1" {
		t.Errorf("got name %q, id %q, agent %q", x.GetName(), x.GetTaskId().GetValue(), x.GetAgentId().GetValue())
	}
	e := env(x)
	for name, want := range map[string]string{
		"A": "1", "HOST": "mine", "PORT": fmt.Sprint(fit.Ports[0]), "PORT0": fmt.Sprint(fit.Ports[0]), "PORT1": fmt.Sprint(fit.Ports[1]),
		"PORT_8080": fmt.Sprint(fit.Ports[0]), "PORT_HTTP": fmt.Sprint(fit.Ports[0]), "PORTS": fmt.Sprintf("%d,%d", fit.Ports[0], fit.Ports[1]),
		"MARATHON_APP_ID": "/product/web", "MARATHON_APP_RESOURCE_CPUS": "1.0", "MARATHON_APP_LABEL_OWNER": "zeus", "MARATHON_APP_LABELS": "OWNER",
	} {
		if e[name] != want {
			t.Errorf("variable %s: got %q, want %q", name, e[name], want)
		}
	}
	if got := x.GetHealthCheck().GetHttp().GetPort(); int(got) != fit.Ports[0] {
		t.Errorf("health check: got port %d, want %d", got, fit.Ports[0])
	}
	if got := len(x.GetDiscovery().GetPorts().GetPorts()); got != 3 {
		t.Errorf("ports of discovery: got %d, want 3: one of them speaks both", got)
	}
	if x.GetKillPolicy().GetGracePeriod().GetNanoseconds() != 7e9 || x.GetCommand().GetUser() != "www" || len(x.GetCommand().GetUris()) != 1 {
		t.Errorf("got %v", x)
	}
}

func TestDockerBridge(t *testing.T) {
	s := appSpec(t, `,"container":{"type":"DOCKER","docker":{"image":"nginx","network":"BRIDGE","privileged":true,"portMappings":[{"containerPort":80,"hostPort":0}]},
		"volumes":[{"containerPath":"/d","hostPath":"/h","mode":"RO"}]}`)
	i, fit := placed(t, s)
	d := Task(s, i, fit.Tasks[0]).GetContainer()
	m := d.GetDocker().GetPortMappings()
	if d.GetType() != v1.ContainerInfo_DOCKER || d.GetDocker().GetNetwork() != v1.ContainerInfo_DockerInfo_BRIDGE || len(m) != 1 || int(m[0].GetHostPort()) != fit.Ports[0] || m[0].GetContainerPort() != 80 {
		t.Errorf("got %v", d)
	}
	if v := d.GetVolumes(); len(v) != 1 || v[0].GetMode() != v1.Volume_RO || v[0].GetHostPath() != "/h" {
		t.Errorf("volumes: got %v", v)
	}
	if got := env(Task(s, i, fit.Tasks[0]))["PORT0"]; got != "80" {
		t.Errorf("PORT0: got %s, want 80, where the program listens", got)
	}
}

func TestPod(t *testing.T) {
	d, err := model.DecodePod([]byte(`{"id":"/pod","containers":[
		{"name":"web","resources":{"cpus":0.5,"mem":64},"exec":{"command":{"shell":"serve"}},"endpoints":[{"name":"http","hostPort":0,"protocol":["tcp"]}],
		 "healthCheck":{"http":{"endpoint":"http","path":"/"}},"volumeMounts":[{"name":"shared","mountPath":"data"}]},
		{"name":"log","resources":{"cpus":0.1,"mem":32},"exec":{"command":{"argv":["tail","-f"]}}}],"volumes":[{"name":"shared"}]}`), model.Root, "")
	if err != nil {
		t.Fatal(err)
	}
	s := &model.Spec{Pod: d}
	i, fit := placed(t, s)
	executor, tasks := Group(s, i, fit)
	if executor.GetExecutorId().GetValue() != i.ID || len(tasks) != 2 || len(fit.Tasks) != 2 {
		t.Fatalf("got executor %v, %d tasks", executor.GetExecutorId(), len(tasks))
	}
	if got := env(tasks[1])["EP_HOST_HTTP"]; got != fmt.Sprint(fit.Ports[0]) {
		t.Errorf("EP_HOST_HTTP of the other container: got %q, want %d", got, fit.Ports[0])
	}
	if tasks[1].GetCommand().GetShell() || tasks[1].GetCommand().GetValue() != "tail" || int(tasks[0].GetHealthCheck().GetHttp().GetPort()) != fit.Ports[0] {
		t.Errorf("got %v", tasks)
	}
}
