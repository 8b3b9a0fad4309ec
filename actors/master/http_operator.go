package master

import (
	"net/http"

	"google.golang.org/protobuf/proto"

	"mesos/actors"
	"mesos/actors/authentication"
	"mesos/actors/httpapi"
	"mesos/actors/master/view"
	"mesos/actors/operator"
	"mesos/messages/jsonwriter"
	masterv1 "mesos/messages/mesos/v1/master"
)

// api serves the operator API, POST /api/v1.
func (h *HTTP) api(w http.ResponseWriter, r *http.Request) {
	if !h.ready(w, r) {
		return
	}
	call := &masterv1.Call{}
	accept, ok := httpapi.ReadCall(w, r, call, maxCallBytes)
	if !ok {
		return
	}
	if why := operator.CheckCall(call); why != nil {
		httpapi.Errorf(w, why.Code, "%s", why.Text)
		return
	}
	if _, op := operationOf(call); op != nil && !owned(w, r, op) {
		return
	}
	if !h.mayCall(w, r, call) {
		return
	}
	kind, ok := accept.Choose(w)
	if !ok {
		return
	}
	if call.GetType() == masterv1.Call_SUBSCRIBE {
		m := h.master
		m.subs.Serve(w, r, kind, h.sightOf(r), func() { m.p.Dispatch(func() { m.subs.Admit(m.snapshot) }) }, m.p.Done())
	} else if pictures[call.GetType()] != nil {
		h.picture(w, r, kind, call.GetType())
	} else if o := h.master.orderOf(authentication.Principal(r.Context()), call); o != nil {
		h.later(w, r, o)
	} else if !h.roleCall(w, r, kind, call) {
		h.own(w, r, kind, call)
	}
}

// pictures are the calls that are answered from a snapshot.
var pictures = map[masterv1.Call_Type]func(*view.Cluster) *masterv1.Response{
	masterv1.Call_GET_STATE: func(c *view.Cluster) *masterv1.Response {
		return &masterv1.Response{Type: masterv1.Response_GET_STATE.Enum(), GetState: c.StateProto()}
	},
	masterv1.Call_GET_AGENTS: func(c *view.Cluster) *masterv1.Response {
		return &masterv1.Response{Type: masterv1.Response_GET_AGENTS.Enum(), GetAgents: c.AgentProtos()}
	},
	masterv1.Call_GET_FRAMEWORKS: func(c *view.Cluster) *masterv1.Response {
		return &masterv1.Response{Type: masterv1.Response_GET_FRAMEWORKS.Enum(), GetFrameworks: c.FrameworkProtos()}
	},
	masterv1.Call_GET_EXECUTORS: func(c *view.Cluster) *masterv1.Response {
		return &masterv1.Response{Type: masterv1.Response_GET_EXECUTORS.Enum(), GetExecutors: c.ExecutorProtos()}
	},
	masterv1.Call_GET_TASKS: func(c *view.Cluster) *masterv1.Response {
		return &masterv1.Response{Type: masterv1.Response_GET_TASKS.Enum(), GetTasks: c.Tasks()}
	},
	masterv1.Call_GET_ROLES: func(c *view.Cluster) *masterv1.Response {
		return &masterv1.Response{Type: masterv1.Response_GET_ROLES.Enum(), GetRoles: &masterv1.Response_GetRoles{Roles: c.RoleProtos()}}
	},
}

// picture answers a read of the cluster from one computation for all who ask alike.
func (h *HTTP) picture(w http.ResponseWriter, r *http.Request, kind httpapi.Type, t masterv1.Call_Type) {
	see := h.sightOf(r)
	h.reads.Serve(w, r, t.String()+" "+kind.String()+seenBy(see), kind.String(), func(f *httpapi.Flight) error {
		c, err := h.look(f, see)
		if err != nil {
			return err
		}
		response := pictures[t](c)
		if kind == httpapi.JSON {
			j := jsonwriter.To(f.Write)
			view.WriteResponse(j, response)
			return j.Flush()
		}
		body, err := httpapi.Marshal(kind, response)
		f.Write(body)
		return err
	})
}

// command runs f on the actor and answers with its outcome.
func (h *HTTP) command(w http.ResponseWriter, f func() answer) {
	ans, err := actors.Call(h.master.p, f)
	reply(w, ans, err)
}

// own answers what needs no look at the cluster, and refuses the rest.
func (h *HTTP) own(w http.ResponseWriter, r *http.Request, kind httpapi.Type, call *masterv1.Call) {
	answer := &masterv1.Response{}
	err := h.fill(r, call, answer)
	switch {
	case err != nil:
		operator.WriteError(w, "master", err)
	case answer.Type == nil:
		w.WriteHeader(http.StatusOK)
	default:
		httpapi.WriteMessage(w, kind, answer)
	}
}

func (h *HTTP) fill(r *http.Request, call *masterv1.Call, a *masterv1.Response) error {
	m, op := h.master, &h.operator
	switch call.GetType() {
	case masterv1.Call_GET_HEALTH:
		a.Type, a.GetHealth = masterv1.Response_GET_HEALTH.Enum(), &masterv1.Response_GetHealth{Healthy: proto.Bool(true)}
	case masterv1.Call_GET_FLAGS:
		a.Type, a.GetFlags = masterv1.Response_GET_FLAGS.Enum(), &masterv1.Response_GetFlags{Flags: op.FlagList()}
	case masterv1.Call_GET_VERSION:
		a.Type, a.GetVersion = masterv1.Response_GET_VERSION.Enum(), &masterv1.Response_GetVersion{VersionInfo: m.view.Build}
	case masterv1.Call_GET_METRICS:
		list := op.MetricList(r.Context(), call.GetGetMetrics().GetTimeout())
		a.Type, a.GetMetrics = masterv1.Response_GET_METRICS.Enum(), &masterv1.Response_GetMetrics{Metrics: list}
	case masterv1.Call_GET_LOGGING_LEVEL:
		a.Type, a.GetLoggingLevel = masterv1.Response_GET_LOGGING_LEVEL.Enum(), &masterv1.Response_GetLoggingLevel{Level: proto.Uint32(op.LoggingLevel())}
	case masterv1.Call_SET_LOGGING_LEVEL:
		return op.SetLoggingLevel(call.GetSetLoggingLevel().GetLevel(), call.GetSetLoggingLevel().GetDuration())
	case masterv1.Call_LIST_FILES:
		list, err := op.ListFiles(r.Context(), call.GetListFiles().GetPath())
		a.Type, a.ListFiles = masterv1.Response_LIST_FILES.Enum(), &masterv1.Response_ListFiles{FileInfos: list}
		return err
	case masterv1.Call_READ_FILE:
		f := call.GetReadFile()
		data, size, err := op.ReadFile(r.Context(), f.GetPath(), f.GetOffset(), f.Length)
		a.Type, a.ReadFile = masterv1.Response_READ_FILE.Enum(), &masterv1.Response_ReadFile{Data: data, Size: proto.Uint64(size)}
		return err
	case masterv1.Call_GET_MASTER:
		a.Type, a.GetMaster = masterv1.Response_GET_MASTER.Enum(), &masterv1.Response_GetMaster{
			MasterInfo: m.view.Info, StartTime: proto.Float64(seconds(m.view.Start)), ElectedTime: proto.Float64(seconds(m.view.Elected)),
		}
	case masterv1.Call_GET_OPERATIONS:
		list, err := h.operationsFor(r)
		if err != nil {
			return err
		}
		a.Type, a.GetOperations = masterv1.Response_GET_OPERATIONS.Enum(), &masterv1.Response_GetOperations{Operations: list}
	default:
		if done, err := h.fillMaintenance(r, call.GetType(), a); done {
			return err
		}
		return operator.Refuse(http.StatusNotImplemented, "type: call %s is not supported by this master yet.", call.GetType())
	}
	return nil
}
