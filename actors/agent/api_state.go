package agent

import (
	agentv1 "mesos/messages/mesos/v1/agent"
)

func (a *Agent) frameworkProtos() *agentv1.Response_GetFrameworks {
	out := &agentv1.Response_GetFrameworks{}
	info := func(f *framework) *agentv1.Response_GetFrameworks_Framework {
		return &agentv1.Response_GetFrameworks_Framework{FrameworkInfo: f.info}
	}
	for _, f := range a.frameworks {
		out.Frameworks = append(out.Frameworks, info(f))
	}
	for _, f := range a.completed {
		out.CompletedFrameworks = append(out.CompletedFrameworks, info(f))
	}
	return out
}

func (a *Agent) executorProtos() *agentv1.Response_GetExecutors {
	out := &agentv1.Response_GetExecutors{}
	a.eachExecutor(func(e *executor, completed bool) {
		m := &agentv1.Response_GetExecutors_Executor{ExecutorInfo: e.info}
		if completed {
			out.CompletedExecutors = append(out.CompletedExecutors, m)
		} else {
			out.Executors = append(out.Executors, m)
		}
	})
	return out
}

func (a *Agent) taskProtos() *agentv1.Response_GetTasks {
	out := &agentv1.Response_GetTasks{}
	a.eachExecutor(func(e *executor, _ bool) {
		for _, t := range e.tasks {
			to := &out.LaunchedTasks
			switch {
			case t.terminal():
				to = &out.TerminatedTasks // its scheduler does not have its last update yet
			case t.queued:
				to = &out.QueuedTasks
			}
			*to = append(*to, t.message())
		}
		for _, t := range e.completed {
			out.CompletedTasks = append(out.CompletedTasks, t.message())
		}
	})
	return out
}

// eachExecutor visits all executors that are remembered.
func (a *Agent) eachExecutor(visit func(e *executor, completed bool)) {
	of := func(f *framework) {
		for _, e := range f.executors {
			visit(e, false)
		}
		for _, e := range f.completed {
			visit(e, true)
		}
	}
	for _, f := range a.frameworks {
		of(f)
	}
	for _, f := range a.completed {
		of(f)
	}
}

func (a *Agent) operationProtos() *agentv1.Response_GetOperations {
	out := &agentv1.Response_GetOperations{}
	for _, o := range a.operations {
		out.Operations = append(out.Operations, o.m)
	}
	return out
}
