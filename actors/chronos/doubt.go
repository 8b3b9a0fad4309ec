package chronos

import (
	"time"

	"mesos/messages/ids"
	schedulerv1 "mesos/messages/mesos/v1/scheduler"
	"mesos/messages/ordered"
)

// doubtEvery is how often chronos asks for tasks that it has not heard to run. The driver asks for all after each subscription,
// until it is answered; but an answer like "its agent cannot be reached" is not the last word on a task that never came to its
// agent: nobody tells when the agent is back without it.
const doubtEvery = time.Minute

// doubt asks for those tasks, after what launches them was sent.
func (s *Scheduler) doubt() {
	var tasks []*schedulerv1.Call_Reconcile_Task
	for task, agent := range ordered.All(s.state.Doubtful()) {
		tasks = append(tasks, &schedulerv1.Call_Reconcile_Task{TaskId: ids.Task(task), AgentId: ids.Agent(agent)})
	}
	if len(tasks) > 0 {
		s.then(func() { s.driver.Reconcile(tasks...) })
		s.commit()
	}
	s.driver.Delay(doubtEvery, s.doubt)
}
