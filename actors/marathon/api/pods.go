package api

import (
	"fmt"
	"io"
	"net/http"
	"strings"

	"mesos/actors/marathon"
	"mesos/actors/marathon/model"
)

func isPod(v *model.Spec) bool { return v.Pod != nil }

// pods serves /v2/pods. What is asked of a pod stands behind two colons.
func (a *API) pods(w http.ResponseWriter, r *http.Request, rest string) {
	name, what, asked := strings.Cut(rest, "::")
	id := model.Resolve(model.Root, name)
	what, more, _ := strings.Cut(what, "/")
	switch {
	case !asked && id == model.Root:
		a.allPods(w, r)
	case !asked:
		a.pod(w, r, id)
	case what == "status":
		a.podStatus(w, r, id)
	case what == "versions":
		a.podVersions(w, r, id, more)
	case what == "instances":
		a.podInstances(w, r, id, more)
	default:
		fail(w, http.StatusNotFound, "There is no page "+r.URL.Path)
	}
}

func (a *API) allPods(w http.ResponseWriter, r *http.Request) {
	if !allow(w, r, http.MethodGet, http.MethodPost, http.MethodHead) {
		return
	}
	switch r.Method {
	case http.MethodHead: // is asked whether there are pods at all
		w.WriteHeader(http.StatusOK)
	case http.MethodPost:
		a.savePod(w, r, "", http.StatusCreated)
	default:
		list, err := a.s.Apps(r.Context(), false, isPod)
		if err != nil {
			refuse(w, err)
			return
		}
		out := []*model.Pod{}
		for _, x := range list {
			out = append(out, podOut(x.Spec.Pod))
		}
		answer(w, http.StatusOK, out)
	}
}

// podOut is a pod as clients read it.
func podOut(d *model.Pod) *model.Pod {
	out := *d
	out.VersionInfo = nil
	return &out
}

func (a *API) savePod(w http.ResponseWriter, r *http.Request, id string, code int) {
	body, err := io.ReadAll(r.Body)
	if err != nil {
		refuse(w, err)
		return
	}
	d, err := model.DecodePod(body, model.Root, id)
	if err != nil {
		refuse(w, err)
		return
	}
	result, err := a.s.EditSpecs(r.Context(), force(r), func(now map[string]*model.Spec) (map[string]*model.Spec, error) {
		switch old := now[d.ID]; {
		case id == "" && old != nil:
			return nil, fmt.Errorf("a pod with id [%s] already exists: %w", d.ID, marathon.ErrExists)
		case id != "" && old == nil:
			return nil, &marathon.Missing{What: "Pod '" + id + "'"}
		}
		return map[string]*model.Spec{d.ID: {Pod: d}}, nil
	})
	if err != nil {
		refuse(w, err)
		return
	}
	w.Header().Set("Marathon-Deployment-Id", result.Deployment)
	w.Header().Set("Location", "/v2/pods"+d.ID)
	out := podOut(d)
	if x, err := a.s.App(r.Context(), d.ID); err == nil && x.Spec.Pod != nil {
		out = podOut(x.Spec.Pod)
	}
	answer(w, code, out)
}

func (a *API) pod(w http.ResponseWriter, r *http.Request, id string) {
	if !allow(w, r, http.MethodGet, http.MethodPut, http.MethodDelete) {
		return
	}
	switch r.Method {
	case http.MethodPut:
		a.savePod(w, r, id, http.StatusOK)
	case http.MethodDelete:
		result, err := a.s.EditSpecs(r.Context(), force(r), remove(id, "Pod", isPod))
		done(w, http.StatusAccepted, result, err)
	default:
		x, err := a.findPod(r, id)
		if err != nil {
			refuse(w, err)
			return
		}
		answer(w, http.StatusOK, podOut(x.Spec.Pod))
	}
}

func (a *API) findPod(r *http.Request, id string) (*marathon.App, error) {
	list, err := a.s.Apps(r.Context(), true, func(v *model.Spec) bool { return v.ID() == id && isPod(v) })
	if err == nil && len(list) == 0 {
		err = &marathon.Missing{What: "Pod '" + id + "'"}
	}
	if err != nil {
		return nil, err
	}
	return list[0], nil
}

func (a *API) podStatus(w http.ResponseWriter, r *http.Request, id string) {
	if !allow(w, r, http.MethodGet) {
		return
	}
	if id == model.Root {
		list, err := a.s.Apps(r.Context(), true, isPod)
		if err != nil {
			refuse(w, err)
			return
		}
		out := []*podJSON{}
		for _, x := range list {
			out = append(out, podStatus(x))
		}
		answer(w, http.StatusOK, out)
		return
	}
	x, err := a.findPod(r, id)
	if err != nil {
		refuse(w, err)
		return
	}
	answer(w, http.StatusOK, podStatus(x))
}

func (a *API) podVersions(w http.ResponseWriter, r *http.Request, id, version string) {
	if !allow(w, r, http.MethodGet) {
		return
	}
	all, err := a.s.Versions(r.Context(), id)
	if err == nil && (len(all) == 0 || all[0].Pod == nil) {
		err = &marathon.Missing{What: "Pod '" + id + "'"}
	}
	if err != nil {
		refuse(w, err)
		return
	}
	out := []model.Timestamp{}
	for _, v := range all {
		if v.Version().String() == version {
			answer(w, http.StatusOK, podOut(v.Pod))
			return
		}
		out = append(out, v.Version())
	}
	if version != "" {
		refuse(w, &marathon.Missing{What: "Pod '" + id + "' version " + version})
		return
	}
	answer(w, http.StatusOK, out)
}

// podInstances ends instances: the one that is named, or those of a list of ids.
func (a *API) podInstances(w http.ResponseWriter, r *http.Request, id, instance string) {
	if !allow(w, r, http.MethodDelete) {
		return
	}
	if _, err := a.findPod(r, id); err != nil {
		refuse(w, err)
		return
	}
	list := a.kill(w, r, "", func(i *model.Instance) bool { return i.Spec == id && (instance == "" || i.ID == instance) })
	if len(list) == 0 {
		refuse(w, &marathon.Missing{What: "Instance '" + instance + "'"})
		return
	}
	if !yes(r.URL.Query(), "scale", false) {
		out := []*podInstanceJSON{}
		for _, i := range list {
			out = append(out, podInstance(i))
		}
		answer(w, http.StatusOK, out)
	}
}

type podJSON struct {
	ID          string             `json:"id"`
	Spec        *model.Pod         `json:"spec"`
	Status      string             `json:"status"`
	StatusSince model.Timestamp    `json:"statusSince"`
	Instances   []*podInstanceJSON `json:"instances"`
	History     []any              `json:"terminationHistory"`
	LastUpdated model.Timestamp    `json:"lastUpdated"`
	LastChanged model.Timestamp    `json:"lastChanged"`
}

type podInstanceJSON struct {
	ID          string             `json:"id"`
	Status      string             `json:"status"`
	StatusSince model.Timestamp    `json:"statusSince"`
	Agent       string             `json:"agentHostname"`
	AgentID     string             `json:"agentId"`
	SpecRef     string             `json:"specReference"`
	Containers  []podContainerJSON `json:"containers"`
	LastUpdated model.Timestamp    `json:"lastUpdated"`
	LastChanged model.Timestamp    `json:"lastChanged"`
}

type podContainerJSON struct {
	Name        string          `json:"name"`
	Status      string          `json:"status"`
	StatusSince model.Timestamp `json:"statusSince"`
	Message     string          `json:"message,omitempty"`
	ContainerID string          `json:"containerId"`
	Endpoints   []endpointJSON  `json:"endpoints"`
	LastUpdated model.Timestamp `json:"lastUpdated"`
	LastChanged model.Timestamp `json:"lastChanged"`
}

type endpointJSON struct {
	Name string `json:"name"`
	Port int    `json:"allocatedHostPort,omitempty"`
}

func podStatus(x *marathon.App) *podJSON {
	d := x.Spec.Pod
	out := &podJSON{ID: d.ID, Spec: podOut(d), Status: "STABLE", StatusSince: d.Version, Instances: []*podInstanceJSON{}, History: []any{}, LastUpdated: d.Version, LastChanged: d.Version}
	stable := 0
	for _, i := range x.Instances {
		p := podInstance(i)
		if p.Status == "STABLE" {
			stable++
		}
		if p.StatusSince.After(out.StatusSince) {
			out.StatusSince, out.LastUpdated, out.LastChanged = p.StatusSince, p.StatusSince, p.StatusSince
		}
		out.Instances = append(out.Instances, p)
	}
	if stable < d.Scaling.Instances {
		out.Status = "DEGRADED"
	}
	return out
}

func podInstance(i *marathon.Instance) *podInstanceJSON {
	since := i.Since()
	out := &podInstanceJSON{
		ID: i.ID, Status: instanceStatus(i), StatusSince: since, Agent: i.Host, AgentID: i.AgentID, SpecRef: "/v2/pods" + i.Spec + "::versions/" + i.Version.String(),
		Containers: []podContainerJSON{}, LastUpdated: since, LastChanged: since,
	}
	from := 0
	for k, t := range i.Tasks {
		c := podContainerJSON{
			Name: t.Container, Status: t.State, StatusSince: t.Since, Message: t.Message, ContainerID: t.ID, Endpoints: []endpointJSON{}, LastUpdated: t.Since, LastChanged: t.Since,
		}
		if i.Def != nil && i.Def.Pod != nil {
			for n, e := range i.Def.Pod.Containers[k].Endpoints {
				c.Endpoints = append(c.Endpoints, endpointJSON{e.Name, i.Ports[from+n]})
			}
			from += len(i.Def.Pod.Containers[k].Endpoints)
		}
		out.Containers = append(out.Containers, c)
	}
	return out
}

// instanceStatus is where an instance is, in the words of pods.
func instanceStatus(i *marathon.Instance) string {
	switch i.Condition() {
	case model.Provisioned:
		return "PENDING"
	case model.Staging, model.Starting:
		return "STAGING"
	case model.Killing:
		return "TERMINAL"
	case model.Running:
		if i.Def == nil || i.Ready(i.Def.Checked(), false) {
			return "STABLE"
		}
	}
	return "DEGRADED"
}
