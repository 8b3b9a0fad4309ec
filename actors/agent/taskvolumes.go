package agent

import (
	"errors"

	v1 "mesos/messages/mesos/v1"
	"mesos/messages/resources"
)

// withVolumes gives an executor that runs already the volumes of a task before
// the task; those of the executor itself, and so those of a command task, it got
// with its container. The links are made beside the actor.
func (a *Agent) withVolumes(e *executor, t *task, then func()) {
	if e.command {
		then()
		return
	}
	a.publish(t.info.GetResources(), func(err error) {
		switch {
		case t.terminal(): // its executor ended meanwhile
		case err != nil:
			a.volumesFailed(e, t, err)
		default:
			a.linkVolumes(e, t, then)
		}
	})
}

func (a *Agent) linkVolumes(e *executor, t *task, then func()) {
	r, err := resources.FromProto(t.info.GetResources())
	if err == nil && r.Volumes().IsEmpty() {
		then()
		return
	}
	mounts, mountErr := a.conf.Volumes.Mounts(r)
	if err = errors.Join(err, mountErr); err != nil {
		a.volumesFailed(e, t, err)
		return
	}
	user, sandbox := a.userOf(e), e.sandbox
	a.wg.Go(func() {
		var err error
		for _, m := range mounts {
			err = errors.Join(err, a.conf.Volumes.LinkAs(sandbox, m, user))
		}
		a.p.Dispatch(func() {
			if err != nil {
				a.volumesFailed(e, t, err)
				return
			}
			then()
		})
	})
}

func (a *Agent) volumesFailed(e *executor, t *task, why error) {
	t.launching = false
	a.ownUpdate(e.f.id, e.f.info, t.id(), e.id, v1.TaskState_TASK_FAILED, v1.TaskStatus_REASON_CONTAINER_UPDATE_FAILED, "The volumes of the task could not be given to its executor: "+why.Error())
}
