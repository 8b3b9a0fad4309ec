package agent

import (
	"fmt"
	"maps"
	"math"

	"google.golang.org/protobuf/proto"

	"mesos/actors/containerizer"
	v1 "mesos/messages/mesos/v1"
	"mesos/messages/ordered"
)

// resizing is that the amounts which an executor's container may use are being
// changed, one change after the other.
type resizing struct {
	busy bool
	then []func(error) // to be called after the next change
}

// limitsOf are what an executor's container is stopped at, with all its tasks
// that are not over: of each resource for which any of them has a limit, the sum
// of their limits, and of the requests of those that have none.
func (e *executor) limitsOf() containerizer.Limits {
	limited, sum := map[string]bool{}, map[string]float64{}
	add := func(list []*v1.Resource, limits containerizer.Limits) {
		asked := map[string]float64{}
		for _, r := range list {
			if r.GetType() == v1.Value_SCALAR {
				asked[r.GetName()] += r.GetScalar().GetValue()
			}
		}
		for name, l := range limits {
			limited[name] = true
			asked[name] = l.GetValue()
		}
		for name, n := range asked {
			sum[name] += n
		}
	}
	if !e.command {
		add(e.info.GetResources(), nil)
	}
	for _, t := range ordered.All(e.tasks) {
		if !t.terminal() {
			add(t.info.GetResources(), t.info.GetLimits())
		}
	}
	maps.DeleteFunc(sum, func(name string, _ float64) bool { return !limited[name] })
	out := containerizer.Limits{}
	for name, n := range sum {
		if math.IsInf(n, 1) || n > 0 {
			out[name] = &v1.Value_Scalar{Value: proto.Float64(n)}
		}
	}
	return out
}

// resize has an executor's container follow what it and its tasks hold, beside
// the actor. then is called when it does, or cannot.
func (a *Agent) resize(e *executor, then func(error)) {
	if !a.conf.Isolates || e.command || !e.launched || e.state == terminated {
		then(nil) // that of a command has its one task's from the start
		return
	}
	e.resizing.then = append(e.resizing.then, then)
	if !e.resizing.busy {
		a.resizeNow(e)
	}
}

func (a *Agent) resizeNow(e *executor) {
	waiting := e.resizing.then
	e.resizing = resizing{busy: true}
	id, holds, limits := e.containerID, e.holds(), e.limitsOf()
	a.wg.Go(func() {
		err := a.conf.Containerizer.Update(a.ctx, id, holds, limits)
		a.p.Dispatch(func() {
			e.resizing.busy = false
			for _, then := range waiting {
				then(err)
			}
			if len(e.resizing.then) > 0 && !e.resizing.busy {
				a.resizeNow(e)
			}
		})
	})
}

// withAmounts raises what an executor that runs already may use by what tasks
// bring, before they are sent to it.
func (a *Agent) withAmounts(e *executor, tasks []*task, then func()) {
	a.resize(e, func(err error) {
		if err == nil {
			then()
			return
		}
		for _, t := range tasks {
			t.launching = false
			a.ownUpdate(e.f.id, e.f.info, t.id(), e.id, v1.TaskState_TASK_FAILED, v1.TaskStatus_REASON_CONTAINER_UPDATE_FAILED,
				"The container of the task's executor could not be given the task's resources: "+err.Error())
		}
	})
}

// shrink takes back what a task held that is over. More than that may be in use:
// then it stays until the next change.
func (a *Agent) shrink(frameworkID, taskID string) {
	e, _ := a.find(frameworkID, taskID)
	if e == nil || e.state >= terminating {
		return
	}
	a.resize(e, func(err error) {
		if err != nil {
			a.log.Info("container keeps the resources of a task that is over", "container_id", e.containerID, "task_id", taskID, "error", err)
		}
	})
}

// explainFailure finds out, beside the actor, whether a task that its executor
// tells failed was killed by a limit, which an executor cannot know.
func (a *Agent) explainFailure(e *executor, s *v1.TaskStatus, then func()) {
	if !a.conf.Isolates || s.GetState() != v1.TaskState_TASK_FAILED || s.Limitation != nil {
		then()
		return
	}
	id := e.containerID
	a.wg.Go(func() {
		x, limited := a.conf.Containerizer.Limited(id)
		a.p.Dispatch(func() {
			if limited {
				s.Reason, s.Limitation = x.Reason.Enum(), limitation(x)
				s.Message = proto.String(fmt.Sprintf("%s: %s", s.GetMessage(), x.Message))
			}
			then()
		})
	})
}

// limitation is what is told of the resources that a container was ended for.
func limitation(x containerizer.Exit) *v1.TaskResourceLimitation {
	if len(x.Limitation) == 0 {
		return nil
	}
	return &v1.TaskResourceLimitation{Resources: x.Limitation}
}
