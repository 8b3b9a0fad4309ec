package simtest

import (
	"google.golang.org/protobuf/proto"

	"mesos/actors/scheduler"
	"mesos/messages/ids"
	v1 "mesos/messages/mesos/v1"
	"mesos/messages/resources"
)

// wantedPod is a task group that waits for an offer.
type wantedPod struct {
	executor *v1.ExecutorInfo
	tasks    []*v1.TaskInfo
}

// PodExecutor is a default executor.
func PodExecutor(id string) *v1.ExecutorInfo {
	return &v1.ExecutorInfo{ExecutorId: ids.Executor(id), Type: v1.ExecutorInfo_DEFAULT.Enum(), Resources: resources.MustParse("cpus:0.1;mem:32").Proto()}
}

// PodTask is a task with a modelled command.
func PodTask(id, command string) *v1.TaskInfo {
	return &v1.TaskInfo{
		Name: proto.String(id), TaskId: ids.Task(id), Resources: resources.MustParse("cpus:0.2;mem:32").Proto(),
		Command: &v1.CommandInfo{Value: proto.String(command), Environment: &v1.Environment{Variables: []*v1.Environment_Variable{
			{Name: proto.String(taskVariable), Value: proto.String(id)},
		}}},
	}
}

// LaunchPod wants a task group to run; agent ids are filled in.
func (f *Framework) LaunchPod(executor *v1.ExecutorInfo, tasks ...*v1.TaskInfo) {
	f.mu.Lock()
	idle := f.idle()
	f.pods = append(f.pods, wantedPod{executor, tasks})
	f.mu.Unlock()
	f.hunger(idle)
	f.driver.Dispatch(func() { f.serve(f.driver) })
}

// servePod uses an offer for the first pod that waits, if it fits. mu is held.
func (f *Framework) servePod(d *scheduler.Driver, o *v1.Offer, left resources.Resources) (resources.Resources, bool) {
	if len(f.pods) == 0 {
		return left, false
	}
	p := f.pods[0]
	need, err := resources.FromProto(p.executor.GetResources())
	for _, t := range p.tasks {
		r, bad := resources.FromProto(t.GetResources())
		if bad != nil || err != nil {
			f.c.T.Errorf("pod with bad resources: %v %v", err, bad)
			return left, false
		}
		need = need.Add(r)
		t.AgentId = o.GetAgentId()
	}
	if !left.Contains(need) {
		return left, false
	}
	f.pods = f.pods[1:]
	for _, t := range p.tasks {
		f.launched[t.GetTaskId().GetValue()] = t.GetAgentId().GetValue()
	}
	f.c.referee.launched(f.info, p.tasks...)
	d.LaunchGroup(o.GetId(), p.executor, p.tasks, scheduler.RefuseFor(0))
	return left, true
}
