package agent

import (
	"cmp"
	"maps"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"time"

	"google.golang.org/protobuf/proto"

	"mesos/actors"
	"mesos/actors/authorization"
	"mesos/actors/containerizer"
	"mesos/actors/containerizer/usage"
	"mesos/actors/httpapi"
	"mesos/isolators"
	"mesos/messages/ids"
	"mesos/messages/jsonwriter"
	v1 "mesos/messages/mesos/v1"
	agentv1 "mesos/messages/mesos/v1/agent"
	"mesos/messages/resources"
)

// containerView is one executor's container.
type containerView struct {
	containerID, frameworkID string
	executorID, name, source string
	user                     string // who it runs as, "" for who is not said
	pid                      int
	limits                   resources.Resources // of the executor and its live tasks
	statistics               *v1.ResourceStatistics
	figures                  []isolators.Figure // what has no field there
	networks                 []*v1.NetworkInfo  // none for those in the network of the machine
	cgroups                  *v1.CgroupInfo     // nil where there is nothing to say
}

// containersAnd are the executors' containers and, where asked for, those that
// the operator API launched.
func (h *HTTP) containersAnd(r *http.Request, ask *agentv1.Call_GetContainers) ([]containerView, error) {
	list, err := h.containers(r)
	if err != nil || !ask.GetShowNested() && !ask.GetShowStandalone() {
		return list, err
	}
	more, err := actors.Call(h.agent.p, func() []containerView {
		return h.agent.innerViews(ask.GetShowNested(), ask.GetShowStandalone())
	})
	more = h.containersFor(r, more)
	for i := range more {
		more[i].measure(h.agent.conf.Containerizer)
	}
	return append(list, more...), err
}

// innerViews are the nested and the standalone containers that run, by key. A
// container nested in a standalone one is shown where both are asked for.
func (a *Agent) innerViews(nested, standalone bool) (out []containerView) {
	for _, key := range slices.Sorted(maps.Keys(a.inner)) {
		c, e := a.inner[key], a.executorWith(rootKey(key))
		if c.state != innerRunning || outerKey(key) != "" && !nested || e == nil && !standalone {
			continue
		}
		v := containerView{containerID: key, pid: c.process.PID}
		if e != nil {
			v.frameworkID, v.executorID, v.name, v.source = e.f.id, e.id, e.info.GetName(), e.info.GetSource()
			v.user = authorization.UserOf(e.f.info, e.info.GetCommand())
		} else if root := a.inner[rootKey(key)]; root != nil {
			v.user = root.call.GetCommand().GetUser()
		}
		v.limits, _ = resources.FromProto(c.call.GetResources()) // validated when it was launched
		out = append(out, v)
	}
	return out
}

// containers are those that run, with what /proc tells of them; it is read beside the actor.
func (h *HTTP) containers(r *http.Request) ([]containerView, error) {
	list, err := actors.Call(h.agent.p, h.agent.containerViews)
	if err != nil {
		return nil, err
	}
	list = h.containersFor(r, list)
	slices.SortFunc(list, func(a, b containerView) int {
		return cmp.Or(strings.Compare(a.frameworkID, b.frameworkID), strings.Compare(a.executorID, b.executorID))
	})
	for i := range list {
		list[i].measure(h.agent.conf.Containerizer)
	}
	return list, nil
}

func (a *Agent) containerViews() []containerView {
	var out []containerView
	for _, f := range a.frameworks {
		for _, e := range f.executors {
			if e.state == terminated || e.process.PID == 0 {
				continue
			}
			v := containerView{
				containerID: e.containerID, frameworkID: f.id, executorID: e.id, name: e.info.GetName(), source: e.info.GetSource(), pid: e.process.PID,
				user: authorization.UserOf(f.info, e.info.GetCommand()),
			}
			v.limits = e.holds()
			out = append(out, v)
		}
	}
	return out
}

// measure fills in the statistics: what isolators count, and what they do not as
// /proc tells it. Without a process to look at there are none.
func (v *containerView) measure(c containerizer.Containerizer) {
	if n, can := c.(networker); can {
		v.networks = n.Networks(v.containerID)
	}
	v.cgroups = groupsOf(c, v.containerID)
	u, err := usage.Of(v.pid)
	if err != nil {
		return
	}
	s, err := c.Usage(v.containerID)
	if err != nil || s == nil {
		s = &v1.ResourceStatistics{} // it has just ended, or is older than the isolators
	}
	s.Timestamp = proto.Float64(seconds(time.Now()))
	if s.CpusUserTimeSecs == nil {
		s.CpusUserTimeSecs, s.CpusSystemTimeSecs = proto.Float64(u.UserSecs), proto.Float64(u.SystemSecs)
	}
	if s.CpusSoftLimit == nil && s.CpusLimit == nil {
		s.CpusSoftLimit = proto.Float64(v.limits.CPUs().Float())
	}
	if s.MemRssBytes == nil {
		s.MemRssBytes = proto.Uint64(u.ResidentBytes)
	}
	if mem := uint64(v.limits.Mem().Float() * (1 << 20)); s.MemLimitBytes == nil {
		s.MemLimitBytes, s.MemSoftLimitBytes = proto.Uint64(mem), proto.Uint64(mem)
	}
	v.statistics, v.figures = s, figuresOf(c, v.containerID)
}

func (v *containerView) status() *v1.ContainerStatus {
	return &v1.ContainerStatus{ContainerId: containerID(v.containerID), ExecutorPid: proto.Uint32(uint32(v.pid)), NetworkInfos: v.networks, CgroupInfo: v.cgroups}
}

func containerProtos(list []containerView) *agentv1.Response_GetContainers {
	out := &agentv1.Response_GetContainers{}
	for i := range list {
		v := &list[i]
		c := &agentv1.Response_GetContainers_Container{ContainerId: containerID(v.containerID), ContainerStatus: v.status(), ResourceStatistics: v.statistics}
		if v.frameworkID != "" {
			c.FrameworkId, c.ExecutorId, c.ExecutorName = ids.Framework(v.frameworkID), ids.Executor(v.executorID), proto.String(v.name)
		}
		out.Containers = append(out.Containers, c)
	}
	return out
}

// serveContainers is /containers.
func (h *HTTP) serveContainers(w http.ResponseWriter, r *http.Request) {
	keep, ok := chosen(r.URL.Query())
	if !ok {
		httpapi.Errorf(w, http.StatusBadRequest, "The parameters are not a choice of containers: give container_id, framework_id, or framework_id and executor_id.")
		return
	}
	h.listContainers(w, r, keep, func(j *jsonwriter.Writer, v *containerView) {
		j.Field("container_id", v.containerID)
		v.write(j)
		j.Field("status", v.status())
	})
}

// serveStatistics is /monitor/statistics.
func (h *HTTP) serveStatistics(w http.ResponseWriter, r *http.Request) {
	measured := func(v *containerView) bool { return v.statistics != nil }
	h.listContainers(w, r, measured, func(j *jsonwriter.Writer, v *containerView) { v.write(j) })
}

func (h *HTTP) listContainers(w http.ResponseWriter, r *http.Request, keep func(*containerView) bool, write func(*jsonwriter.Writer, *containerView)) {
	if !h.gate.Pass(w, r) || !httpapi.AllowMethods(w, r, http.MethodGet, http.MethodHead) {
		return
	}
	list, err := h.containers(r)
	if err != nil {
		reply(w, answer{}, err)
		return
	}
	writeJSON(w, func(j *jsonwriter.Writer) {
		j.Array(func() {
			for i := range list {
				if v := &list[i]; keep(v) {
					j.Object(func() { write(j, v) })
				}
			}
		})
	})
}

// write writes what both endpoints tell of a container.
func (v *containerView) write(j *jsonwriter.Writer) {
	j.Field("executor_id", v.executorID)
	j.Field("executor_name", v.name)
	j.Field("framework_id", v.frameworkID)
	j.Field("source", v.source)
	if v.statistics != nil {
		j.Field("statistics", v.statistics)
	}
	if len(v.figures) > 0 {
		j.Key("figures")
		writeFigures(j, v.figures)
	}
}

// chosen reads the parameters of /containers.
func chosen(q url.Values) (keep func(*containerView) bool, ok bool) {
	c, f, e := q.Get("container_id"), q.Get("framework_id"), q.Get("executor_id")
	if c != "" && (f != "" || e != "") || e != "" && f == "" {
		return nil, false
	}
	return func(v *containerView) bool {
		return (c == "" || v.containerID == c) && (f == "" || v.frameworkID == f) && (e == "" || v.executorID == e)
	}, true
}
