package discovery

import (
	"fmt"
	"net/netip"
	"slices"
	"strings"
	"testing"

	"google.golang.org/protobuf/proto"

	v1 "mesos/messages/mesos/v1"
	masterv1 "mesos/messages/mesos/v1/master"
	"mesos/messages/resources"
)

func agentOf(id, addr string) *masterv1.Response_GetAgents_Agent {
	return &masterv1.Response_GetAgents_Agent{
		AgentInfo: &v1.AgentInfo{Id: &v1.AgentID{Value: &id}, Hostname: proto.String("h")}, Pid: proto.String("slave(1)@" + addr),
	}
}

func taskOf(id, name, agent string, state v1.TaskState) *v1.Task {
	all, err := resources.Parse("cpus:1;ports:[31000-31001]", "*")
	if err != nil {
		panic(err)
	}
	return &v1.Task{
		Name: &name, TaskId: &v1.TaskID{Value: &id}, AgentId: &v1.AgentID{Value: &agent}, FrameworkId: &v1.FrameworkID{Value: proto.String("f1")},
		State: &state, Resources: all.Proto(),
	}
}

func added(t *v1.Task) *masterv1.Event {
	return &masterv1.Event{Type: masterv1.Event_TASK_ADDED.Enum(), TaskAdded: &masterv1.Event_TaskAdded{Task: t}}
}

func updated(id string, state v1.TaskState, ips ...string) *masterv1.Event {
	s := &v1.TaskStatus{TaskId: &v1.TaskID{Value: &id}, State: &state}
	for _, ip := range ips {
		s.ContainerStatus = &v1.ContainerStatus{NetworkInfos: []*v1.NetworkInfo{{IpAddresses: []*v1.NetworkInfo_IPAddress{{IpAddress: &ip}}}}}
	}
	return &masterv1.Event{Type: masterv1.Event_TASK_UPDATED.Enum(), TaskUpdated: &masterv1.Event_TaskUpdated{
		FrameworkId: &v1.FrameworkID{Value: proto.String("f1")}, Status: s, State: &state,
	}}
}

// newCluster has one agent and the framework "marathon".
func newCluster() (*Cluster, *Zone) {
	z := NewZone("mesos")
	c := NewCluster(Names(z))
	c.Subscribed(&masterv1.Response_GetState{
		GetAgents: &masterv1.Response_GetAgents{Agents: []*masterv1.Response_GetAgents_Agent{agentOf("m-S1", "10.0.0.1:5051")}},
		GetFrameworks: &masterv1.Response_GetFrameworks{Frameworks: []*masterv1.Response_GetFrameworks_Framework{{FrameworkInfo: &v1.FrameworkInfo{
			Id: &v1.FrameworkID{Value: proto.String("f1")}, Name: proto.String("marathon"), WebuiUrl: proto.String("http://10.0.0.9:8080/"),
		}}}},
	}, netip.MustParseAddrPort("10.0.0.8:5050"))
	return c, z
}

func lines(z *Zone) string {
	var all []string
	for _, l := range z.enumerate()["records"] {
		all = append(all, fmt.Sprintln(l.Name, l.Type, l.Host))
	}
	return strings.Join(all, "")
}

func TestDaemonsAndFrameworks(t *testing.T) {
	_, z := newCluster()
	want := `_framework._tcp.marathon.mesos. SRV marathon.mesos.:8080
_leader._tcp.mesos. SRV leader.mesos.:5050
_leader._udp.mesos. SRV leader.mesos.:5050
_slave._tcp.mesos. SRV slave.mesos.:5051
_slave._udp.mesos. SRV slave.mesos.:5051
leader.mesos. A 10.0.0.8
marathon.mesos. A 10.0.0.9
master.mesos. A 10.0.0.8
slave.mesos. A 10.0.0.1
`
	if got := lines(z); got != want {
		t.Errorf("got\n%swant\n%s", got, want)
	}
}

// TestOnlyHealthy: a task with a health check is told of between its first good result and the next bad one.
func TestOnlyHealthy(t *testing.T) {
	z := NewZone("mesos")
	c := NewCluster(OnlyHealthy(Names(z)))
	task := taskOf("t1", "web", "m-S1", v1.TaskState_TASK_RUNNING)
	task.HealthCheck = &v1.HealthCheck{}
	plain := taskOf("t2", "plain", "m-S1", v1.TaskState_TASK_RUNNING)
	c.Subscribed(&masterv1.Response_GetState{
		GetAgents:     &masterv1.Response_GetAgents{Agents: []*masterv1.Response_GetAgents_Agent{agentOf("m-S1", "10.0.0.1:5051")}},
		GetFrameworks: &masterv1.Response_GetFrameworks{Frameworks: []*masterv1.Response_GetFrameworks_Framework{{FrameworkInfo: &v1.FrameworkInfo{Id: &v1.FrameworkID{Value: proto.String("f1")}, Name: proto.String("marathon")}}}},
		GetTasks:      &masterv1.Response_GetTasks{Tasks: []*v1.Task{task, plain}},
	}, netip.MustParseAddrPort("10.0.0.8:5050"))
	seen := func(when string, want bool) {
		t.Helper()
		if got := z.Exists("web.marathon.mesos"); got != want {
			t.Errorf("%s: got %v, want %v", when, got, want)
		}
	}
	result := func(healthy bool) {
		e := updated("t1", v1.TaskState_TASK_RUNNING)
		e.TaskUpdated.Status.Healthy = &healthy
		c.Apply(e)
	}
	seen("without a result", false)
	result(true)
	seen("healthy", true)
	result(false)
	seen("not healthy", false)
	if !z.Exists("plain.marathon.mesos") {
		t.Error("a task without a health check is hidden")
	}
}

// TestTaskLife follows a task through its states, and its agent out of the cluster and back.
func TestTaskLife(t *testing.T) {
	c, z := newCluster()
	seen := func(when string, want ...string) {
		t.Helper()
		var got []string
		for _, a := range z.Hosts("web.marathon.mesos") {
			got = append(got, a.String())
		}
		if !slices.Equal(got, want) {
			t.Errorf("%s: got %v, want %v", when, got, want)
		}
	}
	c.Apply(added(taskOf("t1", "web", "m-S1", v1.TaskState_TASK_STAGING)))
	seen("while it starts")
	c.Apply(updated("t1", v1.TaskState_TASK_RUNNING))
	seen("running", "10.0.0.1")
	if got, want := z.Services("_web._tcp.marathon.mesos"), []Service{{"web-" + canonical("", "t1", "m-S1")[1:] + ".marathon.slave.mesos", 31000}, {"web-" + canonical("", "t1", "m-S1")[1:] + ".marathon.slave.mesos", 31001}}; !slices.Equal(got, want) {
		t.Errorf("services: got %v, want %v", got, want)
	}
	c.Apply(updated("t1", v1.TaskState_TASK_RUNNING, "192.168.7.7"))
	seen("with an address of its own", "192.168.7.7")
	if got := z.Hosts("web.marathon.slave.mesos"); !slices.Equal(got, []netip.Addr{netip.MustParseAddr("10.0.0.1")}) {
		t.Errorf("its agent: got %v", got)
	}
	c.Apply(added(taskOf("t2", "web", "m-S2", v1.TaskState_TASK_RUNNING)))
	seen("a second one on an agent that is not known yet", "192.168.7.7")
	c.Apply(&masterv1.Event{Type: masterv1.Event_AGENT_ADDED.Enum(), AgentAdded: &masterv1.Event_AgentAdded{Agent: agentOf("m-S2", "10.0.0.2:5051")}})
	seen("when its agent is", "10.0.0.2", "192.168.7.7")
	c.Apply(&masterv1.Event{Type: masterv1.Event_AGENT_REMOVED.Enum(), AgentRemoved: &masterv1.Event_AgentRemoved{AgentId: &v1.AgentID{Value: proto.String("m-S2")}}})
	seen("when that has gone", "192.168.7.7")
	c.Apply(updated("t1", v1.TaskState_TASK_UNREACHABLE))
	seen("unreachable")
	c.Apply(updated("t1", v1.TaskState_TASK_RUNNING))
	seen("back", "10.0.0.1")
	c.Apply(updated("t1", v1.TaskState_TASK_FINISHED))
	seen("ended")
	if z.Exists("web.marathon.mesos") {
		t.Error("something is left of web")
	}
}

func TestDiscoveryInfo(t *testing.T) {
	c, z := newCluster()
	task := taskOf("t1", "task-name", "m-S1", v1.TaskState_TASK_RUNNING)
	task.Discovery = &v1.DiscoveryInfo{Visibility: v1.DiscoveryInfo_CLUSTER.Enum(), Name: proto.String("Search"), Ports: &v1.Ports{Ports: []*v1.Port{
		{Number: proto.Uint32(8080), Name: proto.String("http"), Protocol: proto.String("tcp")}, {Number: proto.Uint32(53)}, {Number: proto.Uint32(70000)},
	}}}
	c.Apply(added(task))
	alone := canonical("search", "t1", "m-S1") + ".marathon"
	for name, want := range map[string][]Service{
		"_search._tcp.marathon.mesos":       {{alone + ".mesos", 53}, {alone + ".mesos", 8080}},
		"_search._udp.marathon.mesos":       {{alone + ".mesos", 53}},
		"_http._search._tcp.marathon.mesos": {{alone + ".mesos", 8080}},
		"_search._tcp.marathon.slave.mesos": {{alone + ".slave.mesos", 31000}, {alone + ".slave.mesos", 31001}},
		"_task-name._tcp.marathon.mesos":    nil,
	} {
		if got := z.Services(name); !slices.Equal(got, want) {
			t.Errorf("%s: got %v, want %v", name, got, want)
		}
	}
}

// TestSnapshotReplaces: what a new master does not know is gone, and nothing of it comes back.
func TestSnapshotReplaces(t *testing.T) {
	c, z := newCluster()
	c.Apply(added(taskOf("t1", "web", "m-S1", v1.TaskState_TASK_RUNNING)))
	c.Subscribed(&masterv1.Response_GetState{}, netip.MustParseAddrPort("10.0.0.7:5050"))
	c.Apply(updated("t1", v1.TaskState_TASK_RUNNING))
	if z.Exists("web.marathon.mesos") || z.Exists("slave.mesos") {
		t.Errorf("still there:\n%s", lines(z))
	}
	if got := z.Hosts("leader.mesos"); len(got) != 1 || got[0].String() != "10.0.0.7" {
		t.Errorf("leader: got %v", got)
	}
}

// TestMasterFailover: a new leader that awaits an agent has not heard of its tasks. They keep their names until the agent is back, and
// then only those that it brings along.
func TestMasterFailover(t *testing.T) {
	c, z := newCluster()
	for _, id := range []string{"kept", "lost"} {
		c.Apply(added(taskOf(id, id, "m-S1", v1.TaskState_TASK_RUNNING)))
	}
	heartbeat := &masterv1.Event{Type: masterv1.Event_HEARTBEAT.Enum()}
	c.Subscribed(&masterv1.Response_GetState{GetAgents: &masterv1.Response_GetAgents{
		RecoveredAgents: []*v1.AgentInfo{{Id: &v1.AgentID{Value: proto.String("m-S1")}}},
	}}, netip.MustParseAddrPort("10.0.0.7:5050"))
	c.Apply(heartbeat)
	for _, name := range []string{"kept.marathon.mesos", "lost.marathon.mesos", "slave.mesos"} {
		if len(z.Hosts(name)) != 1 {
			t.Errorf("%s is gone though its agent is awaited", name)
		}
	}
	c.Apply(&masterv1.Event{Type: masterv1.Event_AGENT_ADDED.Enum(), AgentAdded: &masterv1.Event_AgentAdded{Agent: agentOf("m-S1", "10.0.0.1:5051")}})
	c.Apply(added(taskOf("kept", "kept", "m-S1", v1.TaskState_TASK_RUNNING)))
	if len(z.Hosts("lost.marathon.mesos")) != 1 {
		t.Error("a task is gone before all that its agent brings along is told")
	}
	c.Apply(heartbeat)
	if len(z.Hosts("kept.marathon.mesos")) != 1 || z.Exists("lost.marathon.mesos") {
		t.Errorf("got\n%swant kept and not lost", lines(z))
	}
}
