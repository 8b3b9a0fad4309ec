package agent

import (
	"mesos/actors/authorization"
	agentv1 "mesos/messages/mesos/v1/agent"
)

func (a *Agent) frameworkProtos(see *authorization.Sight) *agentv1.Response_GetFrameworks {
	out := &agentv1.Response_GetFrameworks{}
	info := func(f *framework) *agentv1.Response_GetFrameworks_Framework {
		return &agentv1.Response_GetFrameworks_Framework{FrameworkInfo: f.info}
	}
	for _, f := range a.frameworks {
		if see.Framework(f.info) {
			out.Frameworks = append(out.Frameworks, info(f))
		}
	}
	for _, f := range a.completed {
		if see.Framework(f.info) {
			out.CompletedFrameworks = append(out.CompletedFrameworks, info(f))
		}
	}
	return out
}

func (a *Agent) executorProtos(see *authorization.Sight) *agentv1.Response_GetExecutors {
	out := &agentv1.Response_GetExecutors{}
	a.eachExecutor(func(e *executor, completed bool) {
		if !see.Framework(e.f.info) || !see.Executor(e.f.info, e.info) {
			return
		}
		m := &agentv1.Response_GetExecutors_Executor{ExecutorInfo: e.info}
		if completed {
			out.CompletedExecutors = append(out.CompletedExecutors, m)
		} else {
			out.Executors = append(out.Executors, m)
		}
	})
	return out
}

func (a *Agent) taskProtos(see *authorization.Sight) *agentv1.Response_GetTasks {
	out := &agentv1.Response_GetTasks{}
	a.eachExecutor(func(e *executor, _ bool) {
		if !see.Framework(e.f.info) {
			return
		}
		for _, t := range e.tasks {
			if !see.TaskInfo(e.f.info, t.info) {
				continue
			}
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
			if !see.TaskInfo(e.f.info, t.info) {
				continue
			}
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

func (a *Agent) operationProtos(see *authorization.Sight) *agentv1.Response_GetOperations {
	out := &agentv1.Response_GetOperations{}
	for _, o := range a.operations {
		if f := a.frameworks[o.m.GetFrameworkId().GetValue()]; f != nil && !see.Framework(f.info) {
			continue
		}
		out.Operations = append(out.Operations, o.m)
	}
	return out
}
