package agent

import (
	"maps"
	"net/http"
	"slices"

	"mesos/actors"
	"mesos/actors/httpapi"
	"mesos/messages/jsonwriter"
)

// pendingContainer is a container that is on its way in or out.
type pendingContainer struct{ containerID, operation string }

// serveDebug is /containerizer/debug: what the containerizer was asked and has not answered yet. The form is ours.
func (h *HTTP) serveDebug(w http.ResponseWriter, r *http.Request) {
	if !h.gate.Pass(w, r) || !httpapi.AllowMethods(w, r, http.MethodGet, http.MethodHead) {
		return
	}
	list, err := actors.Call(h.agent.p, h.agent.pendingContainers)
	if err != nil {
		reply(w, answer{}, err)
		return
	}
	writeJSON(w, func(j *jsonwriter.Writer) {
		j.Object(func() {
			jsonwriter.List(j, "pending", list, func(j *jsonwriter.Writer, p pendingContainer) {
				j.Object(func() {
					j.Field("operation", p.operation)
					j.Field("container_id", p.containerID)
				})
			})
		})
	})
}

// pendingContainers are those that are being launched, and those that were told to end and have not.
func (a *Agent) pendingContainers() (out []pendingContainer) {
	for _, fid := range slices.Sorted(maps.Keys(a.frameworks)) {
		executors := a.frameworks[fid].executors
		for _, id := range slices.Sorted(maps.Keys(executors)) {
			switch e := executors[id]; {
			case e.launched && e.process.PID == 0 && e.state != terminated:
				out = append(out, pendingContainer{e.containerID, "launch"})
			case e.state == terminating:
				out = append(out, pendingContainer{e.containerID, "destroy"})
			}
		}
	}
	for _, key := range slices.Sorted(maps.Keys(a.inner)) {
		if a.inner[key].state == innerStarting {
			out = append(out, pendingContainer{key, "launch"})
		}
	}
	return out
}
