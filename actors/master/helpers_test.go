package master

import (
	"fmt"
	"log/slog"
	"net/http"
	"testing"
	"time"

	"github.com/google/uuid"
	"google.golang.org/protobuf/proto"

	"mesos/actors"
	"mesos/actors/allocator"
	"mesos/actors/authentication"
	"mesos/actors/files"
	"mesos/actors/link"
	"mesos/actors/logging"
	"mesos/actors/metrics"
	"mesos/actors/operator"
	"mesos/messages/ids"
	"mesos/messages/internalpb"
	v1 "mesos/messages/mesos/v1"
	"mesos/messages/resources"
	"mesos/registry"
)

// silence is a network where nobody else is: what is sent is lost, and no session ends.
type silence struct{}

func (silence) Addr() string                           { return "127.0.0.1:5050" }
func (silence) Start(link.Receiver)                    {}
func (silence) Send(_, _ actors.UPID, _ proto.Message) {}
func (silence) Connect(string)                         {}
func (silence) Close() error                           { return nil }

// standing is a master that runs alone, with its HTTP.
type standing struct {
	*Master
	http  *HTTP
	level *logging.Level
	files *files.Files
}

func stand(tb testing.TB, conf Config) *standing {
	tb.Helper()
	s := standUp(tb, conf)
	<-s.Recovered()
	return s
}

// standUp does not wait for the registry to be read.
func standUp(tb testing.TB, conf Config) *standing {
	tb.Helper()
	sys := actors.NewSystem(silence{}, actors.WithLogger(slog.New(slog.DiscardHandler)))
	tb.Cleanup(sys.Shutdown)
	conf.ID, conf.Hostname, conf.Log, conf.Metrics = "m", "master.test", slog.New(slog.DiscardHandler), metrics.NewRegistry()
	tb.Cleanup(conf.Metrics.Close)
	policy, err := allocator.NewPolicy("hierarchical", allocator.PolicyOptions{})
	if err != nil {
		tb.Fatal(err)
	}
	core := allocator.NewCore(allocator.Options{}, policy)
	level, shown := logging.New(&slog.LevelVar{}), files.New()
	page := http.HandlerFunc(func(http.ResponseWriter, *http.Request) {})
	c := operator.Common{Flags: conf.Flags, Build: conf.Build, Files: shown, Metrics: conf.Metrics, Level: level, Rules: conf.Rules}
	if conf.Rules != nil { // they tell principals apart
		c.Realms = &authentication.Realms{
			Daemon: "mesos-master", Known: authentication.Credentials{"admin": "secret", "eve": "secret"},
			Asks: map[authentication.Access]bool{authentication.ReadOnly: true, authentication.ReadWrite: true},
		}
	}
	h := NewHTTP(c, page)
	m, err := Start(sys, conf, func(offers func([]allocator.Offer)) *allocator.Actor { return allocator.NewActor(core, offers) })
	if err != nil {
		tb.Fatal(err)
	}
	h.SetMaster(m)
	return &standing{m, h, level, shown}
}

// do runs f on the actor.
func (s *standing) do(tb testing.TB, f func()) {
	tb.Helper()
	if _, err := actors.Call(s.p, func() struct{} { f(); return struct{}{} }); err != nil {
		tb.Fatal(err)
	}
}

func agentUPID(n int) actors.UPID {
	return actors.UPID{ID: "slave(1)", Addr: fmt.Sprintf("10.%d.%d.%d:5051", n>>16, n>>8&255, n&255)}
}

// registerAgentAt lets the agent of a number register, on the actor.
func (s *standing) registerAgentAt(n int) { s.registerAs(n, "cpus:4;mem:4096") }

func (s *standing) registerAs(n int, res string) {
	s.registerAgent(agentUPID(n), registration(res))
}

func registration(res string) *internalpb.RegisterSlaveMessage {
	return &internalpb.RegisterSlaveMessage{
		Version:           proto.String("1.11.0"),
		Slave:             &v1.AgentInfo{Hostname: proto.String("agent.test"), Port: proto.Int32(5051), Resources: resources.MustParse(res).Proto()},
		AgentCapabilities: []*v1.AgentInfo_Capability{{Type: v1.AgentInfo_Capability_MULTI_ROLE.Enum()}},
	}
}

// register makes agents register; it returns their ids.
func (s *standing) register(tb testing.TB, n int, res string) []string {
	tb.Helper()
	s.do(tb, func() {
		for i := range n {
			s.registerAs(i+1, res)
		}
	})
	var out []string
	for deadline := time.Now().Add(time.Minute); len(out) < n; time.Sleep(time.Millisecond) {
		out = nil
		s.do(tb, func() {
			for i := range n {
				if a := s.agentAt[agentUPID(i+1)]; a != nil {
					out = append(out, a.id)
				}
			}
		})
		if time.Now().After(deadline) {
			tb.Fatalf("got %d agents registered, want %d", len(out), n)
		}
	}
	return out
}

// settled waits until all that the registry was asked for is durable and acted on.
func (s *standing) settled(tb testing.TB) {
	tb.Helper()
	done := make(chan struct{})
	s.registry.View(func(*registry.State, error) { s.p.Dispatch(func() { close(done) }) })
	<-done
}

// framework makes a framework known that is not connected.
func (s *standing) framework(tb testing.TB, info *v1.FrameworkInfo) string {
	tb.Helper()
	var id string
	s.do(tb, func() {
		info = proto.CloneOf(info)
		id = s.newFrameworkID()
		info.Id = ids.Framework(id)
		f := s.newFramework(info)
		f.registered = time.Now()
		s.frameworks[id] = f
		s.addToAllocator(f, nil)
	})
	return id
}

var webFramework = &v1.FrameworkInfo{
	User: proto.String("nobody"), Name: proto.String("web"), Roles: []string{"web/a"}, FailoverTimeout: proto.Float64(3600), Principal: proto.String("alice"),
	Capabilities: []*v1.FrameworkInfo_Capability{
		{Type: v1.FrameworkInfo_Capability_MULTI_ROLE.Enum()}, {Type: v1.FrameworkInfo_Capability_PARTITION_AWARE.Enum()},
	},
	Labels: &v1.Labels{Labels: []*v1.Label{{Key: proto.String("team"), Value: proto.String("x")}}},
}

// launchTask puts a running task onto an agent, as an accepted launch and its updates do.
func (s *standing) launchTask(frameworkID, agentID, taskID string, res resources.Resources) {
	f, a := s.frameworks[frameworkID], s.agents[agentID]
	t := newTask(f, &v1.TaskInfo{
		Name: proto.String("web"), TaskId: ids.Task(taskID), AgentId: ids.Agent(agentID), Resources: res.Proto(),
		Command: &v1.CommandInfo{Value: proto.String("sleep 1000")},
		Labels:  &v1.Labels{Labels: []*v1.Label{{Key: proto.String("k"), Value: proto.String("v")}}},
		Discovery: &v1.DiscoveryInfo{
			Visibility: v1.DiscoveryInfo_CLUSTER.Enum(), Name: proto.String("web"),
			Ports: &v1.Ports{Ports: []*v1.Port{{Number: proto.Uint32(31000), Name: proto.String("http"), Protocol: proto.String("tcp")}}},
		},
	}, res)
	f.tasks[t.id] = t
	put(a.tasks, f.id, t.id, t)
	s.announceTask(t)
	s.alloc.Allocated(f.id, a.id, res)
	for _, state := range []v1.TaskState{v1.TaskState_TASK_STARTING, v1.TaskState_TASK_RUNNING} {
		s.update(frameworkID, agentID, taskID, state)
	}
}

// update delivers a status update as the agent sends it.
func (s *standing) update(frameworkID, agentID, taskID string, state v1.TaskState) {
	s.statusUpdate(s.agents[agentID].upid, updateOf(frameworkID, agentID, taskID, state))
}

func updateOf(frameworkID, agentID, taskID string, state v1.TaskState) *internalpb.StatusUpdateMessage {
	id := uuid.New()
	return &internalpb.StatusUpdateMessage{Update: &internalpb.StatusUpdate{
		FrameworkId: ids.Framework(frameworkID), SlaveId: ids.Agent(agentID), ExecutorId: ids.Executor(taskID),
		Timestamp: proto.Float64(seconds(time.Now())), Uuid: id[:],
		Status: &v1.TaskStatus{
			TaskId: ids.Task(taskID), State: state.Enum(), Source: v1.TaskStatus_SOURCE_EXECUTOR.Enum(), Uuid: id[:],
			ContainerStatus: &v1.ContainerStatus{
				ContainerId:  ids.Container("681ffe35-aa7c-4ff4-9cf8-0d35788031e2"),
				NetworkInfos: []*v1.NetworkInfo{{IpAddresses: []*v1.NetworkInfo_IPAddress{{Protocol: v1.NetworkInfo_IPv4.Enum(), IpAddress: proto.String("10.0.0.1")}}}},
				ExecutorPid:  proto.Uint32(10184),
			},
		},
	}}
}

// crowd is a cluster of agents whose tasks belong to ten frameworks.
func crowd(tb testing.TB, agents, tasks int) (*standing, []string) {
	tb.Helper()
	s := stand(tb, Config{})
	on := s.register(tb, agents, "cpus:64;mem:262144;disk:1000000;ports:[31000-32000]")
	res := resources.MustParse("cpus:0.1;mem:32;ports:[31000-31001]").Allocate("web/a")
	var of []string
	for range 10 {
		of = append(of, s.framework(tb, webFramework))
	}
	s.do(tb, func() {
		for i := range tasks {
			s.launchTask(of[i%len(of)], on[i%len(on)], fmt.Sprintf("web.%d", i), res)
		}
	})
	return s, of
}
