package agent

import (
	"net/http"

	"google.golang.org/protobuf/proto"

	"mesos/actors"
	"mesos/actors/agent/validation"
	"mesos/actors/httpapi"
	"mesos/actors/operator"
	"mesos/messages/jsonwriter"
	agentv1 "mesos/messages/mesos/v1/agent"
)

// api serves the operator API, POST /api/v1.
func (h *HTTP) api(w http.ResponseWriter, r *http.Request) {
	if !h.gate.Pass(w, r) {
		return
	}
	if r.Header.Get("Content-Type") == httpapi.MediaRecordIO {
		h.streamingAPI(w, r)
		return
	}
	call := &agentv1.Call{}
	accept, ok := httpapi.ReadCall(w, r, call, maxCallBytes)
	if !ok {
		return
	}
	if why := operator.CheckCall(call); why != nil {
		httpapi.Errorf(w, why.Code, "%s", why.Text)
		return
	}
	if why := notTheirs(r.Context(), call); why != "" {
		httpapi.Errorf(w, http.StatusForbidden, "%s", why)
		return
	}
	if field, _ := validation.ContainerField(call); field != "" {
		h.containerAPI(w, r, call)
		return
	}
	if !h.mayCall(w, r, call) {
		return
	}
	kind, ok := accept.Choose(w)
	if !ok {
		return
	}
	answer, err := h.answer(r, call)
	if err != nil {
		operator.WriteError(w, "agent", err)
		return
	}
	writeResponseAs(w, kind, answer)
}

func writeJSON(w http.ResponseWriter, write func(j *jsonwriter.Writer)) {
	var j jsonwriter.Writer
	write(&j)
	body, err := j.Bytes()
	if err != nil {
		httpapi.Errorf(w, http.StatusInternalServerError, "The answer has no JSON form: %v.", err)
		return
	}
	httpapi.WriteBody(w, httpapi.MediaJSON, body)
}

// answer carries a call out. It is nil for one that is answered by its code alone.
func (h *HTTP) answer(r *http.Request, call *agentv1.Call) (*agentv1.Response, error) {
	op := &h.operator
	switch call.GetType() {
	case agentv1.Call_GET_HEALTH:
		return &agentv1.Response{Type: agentv1.Response_GET_HEALTH.Enum(), GetHealth: &agentv1.Response_GetHealth{Healthy: proto.Bool(true)}}, nil
	case agentv1.Call_GET_FLAGS:
		return &agentv1.Response{Type: agentv1.Response_GET_FLAGS.Enum(), GetFlags: &agentv1.Response_GetFlags{Flags: op.FlagList()}}, nil
	case agentv1.Call_GET_VERSION:
		return &agentv1.Response{Type: agentv1.Response_GET_VERSION.Enum(), GetVersion: &agentv1.Response_GetVersion{VersionInfo: op.Build}}, nil
	case agentv1.Call_GET_METRICS:
		list := op.MetricList(r.Context(), call.GetGetMetrics().GetTimeout())
		return &agentv1.Response{Type: agentv1.Response_GET_METRICS.Enum(), GetMetrics: &agentv1.Response_GetMetrics{Metrics: list}}, nil
	case agentv1.Call_GET_LOGGING_LEVEL:
		level := &agentv1.Response_GetLoggingLevel{Level: proto.Uint32(op.LoggingLevel())}
		return &agentv1.Response{Type: agentv1.Response_GET_LOGGING_LEVEL.Enum(), GetLoggingLevel: level}, nil
	case agentv1.Call_SET_LOGGING_LEVEL:
		return nil, op.SetLoggingLevel(call.GetSetLoggingLevel().GetLevel(), call.GetSetLoggingLevel().GetDuration())
	case agentv1.Call_LIST_FILES:
		list, err := op.ListFiles(r.Context(), call.GetListFiles().GetPath())
		return &agentv1.Response{Type: agentv1.Response_LIST_FILES.Enum(), ListFiles: &agentv1.Response_ListFiles{FileInfos: list}}, err
	case agentv1.Call_READ_FILE:
		f := call.GetReadFile()
		data, size, err := op.ReadFile(r.Context(), f.GetPath(), f.GetOffset(), f.Length)
		return &agentv1.Response{Type: agentv1.Response_READ_FILE.Enum(), ReadFile: &agentv1.Response_ReadFile{Data: data, Size: proto.Uint64(size)}}, err
	case agentv1.Call_ADD_RESOURCE_PROVIDER_CONFIG, agentv1.Call_UPDATE_RESOURCE_PROVIDER_CONFIG, agentv1.Call_REMOVE_RESOURCE_PROVIDER_CONFIG, agentv1.Call_PRUNE_IMAGES:
		return nil, h.configCall(r, call)
	case agentv1.Call_MARK_RESOURCE_PROVIDER_GONE:
		return nil, h.markGone(r, call)
	}
	return h.read(r, call)
}

// read answers what the actor knows, and who asks may see.
func (h *HTTP) read(r *http.Request, call *agentv1.Call) (*agentv1.Response, error) {
	a, see := h.agent, h.sightOf(r)
	switch call.GetType() {
	case agentv1.Call_GET_STATE:
		return onActor(a, func() *agentv1.Response {
			return &agentv1.Response{Type: agentv1.Response_GET_STATE.Enum(), GetState: &agentv1.Response_GetState{
				GetTasks: a.taskProtos(see), GetExecutors: a.executorProtos(see), GetFrameworks: a.frameworkProtos(see),
			}}
		})
	case agentv1.Call_GET_FRAMEWORKS:
		return onActor(a, func() *agentv1.Response {
			return &agentv1.Response{Type: agentv1.Response_GET_FRAMEWORKS.Enum(), GetFrameworks: a.frameworkProtos(see)}
		})
	case agentv1.Call_GET_EXECUTORS:
		return onActor(a, func() *agentv1.Response {
			return &agentv1.Response{Type: agentv1.Response_GET_EXECUTORS.Enum(), GetExecutors: a.executorProtos(see)}
		})
	case agentv1.Call_GET_TASKS:
		return onActor(a, func() *agentv1.Response {
			return &agentv1.Response{Type: agentv1.Response_GET_TASKS.Enum(), GetTasks: a.taskProtos(see)}
		})
	case agentv1.Call_GET_AGENT:
		return onActor(a, func() *agentv1.Response {
			return &agentv1.Response{Type: agentv1.Response_GET_AGENT.Enum(), GetAgent: &agentv1.Response_GetAgent{
				AgentInfo: a.info(), DrainConfig: a.drain.config, EstimatedDrainStartTime: a.drain.timeInfo(),
			}}
		})
	case agentv1.Call_GET_CONTAINERS:
		list, err := h.containersAnd(r, call.GetGetContainers())
		return &agentv1.Response{Type: agentv1.Response_GET_CONTAINERS.Enum(), GetContainers: containerProtos(list)}, err
	case agentv1.Call_GET_OPERATIONS:
		return onActor(a, func() *agentv1.Response {
			return &agentv1.Response{Type: agentv1.Response_GET_OPERATIONS.Enum(), GetOperations: a.operationProtos(see)}
		})
	case agentv1.Call_GET_RESOURCE_PROVIDERS:
		return onActor(a, func() *agentv1.Response {
			return &agentv1.Response{Type: agentv1.Response_GET_RESOURCE_PROVIDERS.Enum(), GetResourceProviders: h.providersFor(r)}
		})
	}
	return nil, operator.Refuse(http.StatusNotImplemented, "type: call %s is not supported by this agent yet.", call.GetType())
}

// onActor makes an answer on the actor. What it points to never changes, so it is encoded elsewhere.
func onActor(a *Agent, f func() *agentv1.Response) (*agentv1.Response, error) {
	return actors.Call(a.p, f)
}
