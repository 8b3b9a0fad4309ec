package validation

import (
	"errors"
	"fmt"

	"google.golang.org/protobuf/proto"

	"mesos/messages/ids"
	v1 "mesos/messages/mesos/v1"
	"mesos/messages/resources"
)

// What the executor of a task group must have at least, as in Mesos.
var leastOfExecutor = resources.MustParse("cpus:0.01;mem:32")

// GroupPlan is a task group that may be launched, as a whole.
type GroupPlan struct {
	Executor *v1.ExecutorInfo // completed
	New      bool             // it does not run yet
	Uses     resources.Resources
	Tasks    []Plan // in their order; none of them has a NewExecutor
}

// Infos are the tasks as they travel on.
func (p *GroupPlan) Infos() *v1.TaskGroupInfo {
	g := &v1.TaskGroupInfo{}
	for _, t := range p.Tasks {
		g.Tasks = append(g.Tasks, t.Info)
	}
	return g
}

// Group checks the tasks and the executor of a LAUNCH_GROUP and says what they
// take. One bad task makes the whole group bad.
func Group(g *v1.Offer_Operation_LaunchGroup, c Context) (GroupPlan, error) {
	if g == nil {
		return GroupPlan{}, errors.New("launch_group must be set for type LAUNCH_GROUP")
	}
	p := GroupPlan{Executor: proto.CloneOf(g.GetExecutor())}
	if err := p.addExecutor(c); err != nil {
		return GroupPlan{}, err
	}
	if len(g.GetTaskGroup().GetTasks()) == 0 {
		return GroupPlan{}, errors.New("task_group.tasks must hold at least one task")
	}
	seen := map[string]bool{}
	for i, t := range g.GetTaskGroup().GetTasks() {
		id := t.GetTaskId().GetValue()
		if seen[id] {
			return GroupPlan{}, fmt.Errorf("task_group.tasks[%d].task_id %q is that of another task of the group: ids must be unique", i, id)
		}
		seen[id] = true
		if err := p.addTask(t, g.GetExecutor(), c); err != nil {
			return GroupPlan{}, fmt.Errorf("task_group.tasks[%d]: %w", i, err)
		}
	}
	if err := unmixed(p.Needs()); err != nil {
		return GroupPlan{}, fmt.Errorf("task_group: its tasks and their executor use %w", err)
	}
	if need := p.Needs(); !c.Offered.Contains(need) {
		return GroupPlan{}, fmt.Errorf("task_group: its tasks and their executor use %s, more than the %s that is left of the offers", need.Unallocate(), c.Offered.Unallocate())
	}
	return p, nil
}

// Needs is what the launch takes of the offers.
func (p *GroupPlan) Needs() resources.Resources {
	need := p.Uses
	for _, t := range p.Tasks {
		need = need.Add(t.Task)
	}
	return need
}

func (p *GroupPlan) addExecutor(c Context) error {
	e := p.Executor
	if err := ids.Check("executor.executor_id", e.GetExecutorId().GetValue()); err != nil {
		return err
	}
	if err := groupExecutor(e); err != nil {
		return err
	}
	fresh, uses, err := newExecutor(e, c)
	if err != nil {
		return err
	}
	p.New, p.Uses = fresh != nil, uses
	if p.New && (uses.CPUs() < leastOfExecutor.CPUs() || uses.Mem() < leastOfExecutor.Mem()) {
		return fmt.Errorf("executor.resources %q: the executor of a task group must have at least %s", uses.Unallocate().String(), leastOfExecutor)
	}
	return nil
}

// groupExecutor checks what is special about an executor of groups.
func groupExecutor(e *v1.ExecutorInfo) error {
	switch e.GetType() {
	case v1.ExecutorInfo_DEFAULT:
		if e.Command != nil {
			return errors.New("executor.command must not be set for executor.type DEFAULT: the agent knows how to start it")
		}
		if t := e.GetContainer(); t != nil && t.GetType() != v1.ContainerInfo_MESOS {
			return fmt.Errorf("executor.container.type %s must be MESOS for executor.type DEFAULT", t.GetType())
		}
	case v1.ExecutorInfo_CUSTOM:
		if e.Command == nil {
			return errors.New("executor.command must be set for executor.type CUSTOM")
		}
		return command("executor.command", e.GetCommand())
	default:
		return errors.New("executor.type must be set for a task group: DEFAULT or CUSTOM")
	}
	return nil
}

// addTask checks one task of a group. An executor that it names itself must be
// that of the group.
func (p *GroupPlan) addTask(t *v1.TaskInfo, e *v1.ExecutorInfo, c Context) error {
	id := t.GetTaskId().GetValue()
	if t.Executor != nil && !proto.Equal(t.Executor, e) && !proto.Equal(t.Executor, p.Executor) {
		return fmt.Errorf("executor of task %s differs from that of the group: leave it out", id)
	}
	if t.Command == nil && p.Executor.GetType() == v1.ExecutorInfo_DEFAULT {
		return fmt.Errorf("task %s: command must be set: the default executor runs commands", id)
	}
	if k := t.GetContainer(); k != nil {
		if k.GetType() != v1.ContainerInfo_MESOS {
			return fmt.Errorf("task %s: container.type %s must be MESOS in a task group", id, k.GetType())
		}
		if len(k.GetNetworkInfos()) > 0 {
			return fmt.Errorf("task %s: container.network_infos must not be set in a task group: tasks share the network of their executor", id)
		}
	}
	if err := tuned(t, true); err != nil {
		return fmt.Errorf("task %s: %w", id, err)
	}
	plain := proto.CloneOf(t)
	plain.Executor = nil
	if plain.Command == nil { // of a custom executor, whose command was checked
		plain.Command = p.Executor.GetCommand()
	}
	plan, err := Task(plain, c)
	if err != nil {
		return err
	}
	plan.Info.Command, plan.Info.Executor = t.GetCommand(), p.Executor
	p.Tasks = append(p.Tasks, plan)
	return nil
}
