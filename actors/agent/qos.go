package agent

import (
	"time"

	"mesos/actors/agent/oversubscription"
	v1 "mesos/messages/mesos/v1"
)

// leastQoSInterval is how often the controller of quality of service is asked at most, whatever the flag says.
const leastQoSInterval = time.Second

// askController asks who must go, and has them go.
func (a *Agent) askController() {
	list := a.measurable()
	a.wg.Go(func() {
		corrections := a.conf.QoS.Corrections(a.usage(list))
		a.p.Dispatch(func() {
			for _, c := range corrections {
				a.correct(c)
			}
			a.p.Delay(max(a.conf.QoSInterval, leastQoSInterval), a.askController)
		})
	})
}

// correct ends an executor at once, so that others are well. One that ended meanwhile, or was started again, is left alone.
func (a *Agent) correct(c oversubscription.Correction) {
	f := a.frameworks[c.FrameworkID]
	if f == nil {
		return
	}
	e := f.executors[c.ExecutorID]
	if e == nil || e.state >= terminating || c.ContainerID != "" && c.ContainerID != e.containerID {
		return
	}
	a.log.Info("executor preempted", "framework_id", f.id, "executor_id", e.id, "container_id", e.containerID, "reason", c.Why)
	a.metrics.executorsPreempted.Inc()
	e.verdict = &verdict{v1.TaskState_TASK_GONE, v1.TaskStatus_REASON_CONTAINER_PREEMPTED, "Container preempted by QoS correction: " + c.Why}
	a.stopTimeout(e)
	a.destroy(e)
}
