package validation

import (
	"errors"
	"fmt"
	"math"

	"google.golang.org/protobuf/proto"

	"mesos/messages/draining"
	"mesos/messages/ids"
	v1 "mesos/messages/mesos/v1"
	"mesos/messages/resources"
	"mesos/messages/tuning"
)

// Context is what a task's launch is checked against.
type Context struct {
	Framework      *v1.FrameworkInfo
	AgentID        string              // of the offers
	Role           string              // that the offers are allocated to
	Offered        resources.Resources // what is left of the offers
	TaskExists     func(taskID string) bool
	ExecutorExists func(executorID string) *v1.ExecutorInfo // on that agent; nil if not
}

// Plan is a task that may be launched.
type Plan struct {
	Info        *v1.TaskInfo        // with allocated resources and the executor's framework id filled in
	Task        resources.Resources // of the task alone
	NewExecutor *v1.ExecutorInfo    // nil for command tasks and executors that run already
	Executor    resources.Resources // of NewExecutor
}

// Task checks one task of a LAUNCH and says what it takes.
func Task(t *v1.TaskInfo, c Context) (Plan, error) {
	id := t.GetTaskId().GetValue()
	if err := ids.Check("task_id", id); err != nil {
		return Plan{}, err
	}
	if c.TaskExists(id) {
		return Plan{}, fmt.Errorf("task_id %q is already used by a task of this framework that is not over", id)
	}
	if got := t.GetAgentId().GetValue(); got != c.AgentID {
		return Plan{}, fmt.Errorf("agent_id %q of task %s is not the agent %q of the offers", got, id, c.AgentID)
	}
	if err := commandOrExecutor(t); err != nil {
		return Plan{}, fmt.Errorf("task %s: %w", id, err)
	}
	if err := times(t); err != nil {
		return Plan{}, fmt.Errorf("task %s: %w", id, err)
	}
	if err := watched(t); err != nil {
		return Plan{}, fmt.Errorf("task %s: %w", id, err)
	}
	if err := tuned(t, t.Executor != nil); err != nil {
		return Plan{}, fmt.Errorf("task %s: %w", id, err)
	}
	p := Plan{Info: proto.CloneOf(t)}
	var err error
	if p.Task, err = allocated(t.GetResources(), c.Role); err != nil {
		return Plan{}, fmt.Errorf("task %s: %w", id, err)
	}
	if p.Task.IsEmpty() {
		return Plan{}, fmt.Errorf("task %s uses no resources: resources must name at least one that is not zero", id)
	}
	p.Info.Resources = p.Task.Proto()
	if err := p.addExecutor(t, c); err != nil {
		return Plan{}, fmt.Errorf("task %s: %w", id, err)
	}
	if err := unmixed(p.Task.Add(p.Executor)); err != nil {
		return Plan{}, fmt.Errorf("task %s and its executor use %w", id, err)
	}
	if need := p.Task.Add(p.Executor).SharedOnce(); !c.Offered.Contains(need) {
		return Plan{}, fmt.Errorf("task %s and its executor use %s, more than the %s that is left of the offers", id, need.Unallocate(), c.Offered.Unallocate())
	}
	return p, nil
}

// allocated reads resources as allocated to role; a scheduler without
// MULTI_ROLE sends them without allocation_info.
func allocated(list []*v1.Resource, role string) (resources.Resources, error) {
	r, err := resources.FromProto(list)
	if err != nil {
		return r, err
	}
	for x := range r.All() {
		if a := x.AllocationRole(); a != "" && a != role {
			return r, fmt.Errorf("resource %q: allocation_info.role %q is not the role %q of the offers", x.Name(), a, role)
		}
	}
	return r.Unallocate().Allocate(role), nil
}

func commandOrExecutor(t *v1.TaskInfo) error {
	switch {
	case t.Command == nil && t.Executor == nil:
		return errors.New("one of command and executor must be set")
	case t.Command != nil && t.Executor != nil:
		return errors.New("only one of command and executor may be set")
	case t.Command != nil:
		return commandIn(t.GetContainer(), "command", t.GetCommand())
	}
	return nil
}

func command(field string, c *v1.CommandInfo) error {
	if c.GetShell() && c.GetValue() == "" {
		return fmt.Errorf("%s.value must be set for a shell command", field)
	}
	if !c.GetShell() && c.GetValue() == "" {
		return fmt.Errorf("%s.value must name the program to run", field)
	}
	return surroundings(field, c)
}

// commandIn is command for one that runs in a container: an image may name the
// program itself.
func commandIn(container *v1.ContainerInfo, field string, c *v1.CommandInfo) error {
	if !c.GetShell() && (container.GetMesos().GetImage() != nil || container.GetDocker() != nil) {
		return surroundings(field, c)
	}
	return command(field, c)
}

// surroundings checks what a command finds when it runs.
func surroundings(field string, c *v1.CommandInfo) error {
	for i, u := range c.GetUris() {
		if u.GetValue() == "" {
			return fmt.Errorf("%s.uris[%d].value must not be empty", field, i)
		}
	}
	for i, v := range c.GetEnvironment().GetVariables() {
		if v.GetName() == "" {
			return fmt.Errorf("%s.environment.variables[%d].name must not be empty", field, i)
		}
		if v.GetType() == v1.Environment_Variable_VALUE && v.Value == nil {
			return fmt.Errorf("%s.environment.variables[%d] %q: value must be set", field, i, v.GetName())
		}
		if v.GetType() == v1.Environment_Variable_SECRET && v.Secret == nil {
			return fmt.Errorf("%s.environment.variables[%d] %q: secret must be set for type SECRET", field, i, v.GetName())
		}
	}
	return nil
}

func times(t *v1.TaskInfo) error {
	if d := t.GetKillPolicy().GetGracePeriod(); d != nil && d.GetNanoseconds() < 0 {
		return fmt.Errorf("kill_policy.grace_period %d ns must not be negative", d.GetNanoseconds())
	}
	if d := t.GetMaxCompletionTime(); d != nil && d.GetNanoseconds() < 0 {
		return fmt.Errorf("max_completion_time %d ns must not be negative", d.GetNanoseconds())
	}
	if _, err := draining.Period(t.GetLabels()); err != nil {
		return fmt.Errorf("labels: %w", err)
	}
	for name, l := range t.GetLimits() {
		if math.IsNaN(l.GetValue()) || l.GetValue() < 0 {
			return fmt.Errorf("limits[%q] %v must not be negative", name, l.GetValue())
		}
	}
	return nil
}

// addExecutor checks the task's executor: a new one is completed and costed,
// one that runs must be the same as it was.
func (p *Plan) addExecutor(t *v1.TaskInfo, c Context) error {
	if t.Executor == nil {
		return nil
	}
	e := p.Info.GetExecutor()
	id := e.GetExecutorId().GetValue()
	if err := ids.Check("executor.executor_id", id); err != nil {
		return err
	}
	if e.GetType() == v1.ExecutorInfo_DEFAULT {
		return errors.New("executor.type DEFAULT is for task groups: launch it by LAUNCH_GROUP")
	}
	if e.Command == nil {
		return errors.New("executor.command must be set")
	}
	if err := commandIn(e.GetContainer(), "executor.command", e.GetCommand()); err != nil {
		return err
	}
	var err error
	p.NewExecutor, p.Executor, err = newExecutor(e, c)
	return err
}

// newExecutor completes an executor, which is then returned with what it uses if
// it is to be started; one that runs already must be the same as it was.
func newExecutor(e *v1.ExecutorInfo, c Context) (*v1.ExecutorInfo, resources.Resources, error) {
	var none resources.Resources
	id, fid := e.GetExecutorId().GetValue(), c.Framework.GetId().GetValue()
	if got := e.GetFrameworkId().GetValue(); got != "" && got != fid {
		return nil, none, fmt.Errorf("executor.framework_id %q is not the framework %q", got, fid)
	}
	e.FrameworkId = ids.Framework(fid)
	res, err := allocated(e.GetResources(), c.Role)
	if err != nil {
		return nil, none, fmt.Errorf("executor: %w", err)
	}
	e.Resources = res.Proto()
	if _, err := tuning.Of(e.GetLabels()); err != nil {
		return nil, none, fmt.Errorf("executor.labels: %w", err)
	}
	if old := c.ExecutorExists(id); old != nil {
		if !proto.Equal(old, e) {
			return nil, none, fmt.Errorf("executor %q differs from the one of that id that runs on the agent: all fields must be equal", id)
		}
		return nil, none, nil
	}
	return e, res, nil
}
