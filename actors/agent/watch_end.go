package agent

import "mesos/actors/containerizer"

// watchEnd has told run on the actor when a container has ended: how, and whether that is known. The actor calls it: of
// containers that have ended already it learns in the order of its calls.
func (a *Agent) watchEnd(containerID string, told func(x containerizer.Exit, known bool)) {
	exit := a.conf.Containerizer.Wait(containerID)
	select {
	case x, known := <-exit:
		a.p.Dispatch(func() { told(x, known) })
	default:
		a.wg.Go(func() { a.awaitEnd(exit, told) })
	}
}

// awaitEnd waits for the end of a container, beside the actor.
func (a *Agent) awaitEnd(exit <-chan containerizer.Exit, told func(x containerizer.Exit, known bool)) {
	select {
	case x, known := <-exit:
		a.p.Dispatch(func() { told(x, known) })
	case <-a.ctx.Done():
	}
}
