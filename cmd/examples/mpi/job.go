package main

import (
	"fmt"
	"log"

	"google.golang.org/protobuf/proto"

	"mesos/actors/scheduler"
	"mesos/messages/ids"
	v1 "mesos/messages/mesos/v1"
	schedulerv1 "mesos/messages/mesos/v1/scheduler"
	"mesos/messages/resources"
	"mesos/messages/states"
)

// job is the framework: nodes that are all needed.
type job struct {
	need     resources.Resources // of each node
	command  *v1.CommandInfo
	network  string
	launcher launcher          // without what the nodes tell
	waiting  []string          // ids of nodes that are not launched yet
	agents   map[string]bool   // that have nodes
	nodes    []string          // ids of those that are launched
	running  map[string]string // those that run, with their addresses
	ready    chan launcher     // once, when all run
	failed   chan error
}

// node is what a node does by itself: it waits until the job is over.
func node(uri string) *v1.CommandInfo {
	c := &v1.CommandInfo{Value: proto.String("exec sleep infinity"), Environment: &v1.Environment{}}
	for _, name := range []string{"OMPI_ALLOW_RUN_AS_ROOT", "OMPI_ALLOW_RUN_AS_ROOT_CONFIRM"} { // if the agent's user is root
		c.Environment.Variables = append(c.Environment.Variables, &v1.Environment_Variable{Name: proto.String(name), Value: proto.String("1")})
	}
	if uri != "" {
		c.Uris = []*v1.CommandInfo_URI{{Value: &uri, Executable: proto.Bool(true)}}
	}
	return c
}

func (j *job) subscribed(_ *scheduler.Driver, e *schedulerv1.Event_Subscribed) {
	j.launcher.framework = e.GetFrameworkId().GetValue()
}

func (j *job) offers(d *scheduler.Driver, offers []*v1.Offer) {
	for _, o := range offers {
		left, _ := resources.FromProto(o.GetResources()) // the master makes no bad ones
		var tasks []*v1.TaskInfo
		for ; len(j.waiting) > 0 && left.Contains(j.need) && j.mayRun(o.GetAgentId()); left = left.Sub(j.need) {
			tasks = append(tasks, j.task(j.waiting[0], o.GetAgentId()))
			j.nodes, j.waiting = append(j.nodes, j.waiting[0]), j.waiting[1:]
			j.agents[o.GetAgentId().GetValue()] = true
		}
		d.Launch(o.GetId(), tasks, nil) // declines if there are none
	}
	if len(j.waiting) == 0 {
		d.Suppress()
	}
}

// mayRun says that another node may be on an agent: nodes with the address of their machine are on different ones.
func (j *job) mayRun(agent *v1.AgentID) bool { return j.network != "" || !j.agents[agent.GetValue()] }

func (j *job) task(id string, agent *v1.AgentID) *v1.TaskInfo {
	t := &v1.TaskInfo{Name: &id, TaskId: ids.Task(id), AgentId: agent, Resources: j.need.Proto(), Command: j.command}
	if j.network != "" {
		t.Container = &v1.ContainerInfo{Type: v1.ContainerInfo_MESOS.Enum(), Hostname: &id, NetworkInfos: []*v1.NetworkInfo{{Name: &j.network}}}
	}
	return t
}

func (j *job) update(_ *scheduler.Driver, s *v1.TaskStatus) {
	id := s.GetTaskId().GetValue()
	if states.Terminal(s.GetState()) {
		j.fail(fmt.Errorf("node %s is %s: %s", id, s.GetState(), s.GetMessage()))
		return
	}
	if s.GetState() != v1.TaskState_TASK_RUNNING || j.running[id] != "" {
		return
	}
	ip := address(s)
	for other, has := range j.running {
		if has == ip {
			j.fail(fmt.Errorf("nodes %s and %s have the same address %s: a -network would give each its own", other, id, ip))
			return
		}
	}
	j.running[id] = ip
	log.Printf("%s runs at %s", id, ip)
	if len(j.waiting) > 0 || len(j.running) < len(j.nodes) {
		return
	}
	l := j.launcher
	for _, n := range j.nodes {
		l.nodes = append(l.nodes, host{n, j.running[n]})
	}
	j.ready <- l
}

func address(s *v1.TaskStatus) string {
	for _, n := range s.GetContainerStatus().GetNetworkInfos() {
		for _, a := range n.GetIpAddresses() {
			return a.GetIpAddress()
		}
	}
	return "an unknown address"
}

// fail tells what ends the job; what comes after it does not matter.
func (j *job) fail(err error) {
	select {
	case j.failed <- err:
	default:
	}
}
