package api

import (
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"slices"
	"strings"

	"mesos/actors/marathon"
	"mesos/actors/marathon/model"
)

// tasks serves /v2/tasks and /v2/tasks/delete.
func (a *API) tasks(w http.ResponseWriter, r *http.Request, rest string) {
	switch rest {
	case "":
		if allow(w, r, http.MethodGet) {
			a.listTasks(w, r)
		}
	case "delete":
		if allow(w, r, http.MethodPost) {
			a.deleteTasks(w, r)
		}
	default:
		fail(w, http.StatusNotFound, "There is no page "+r.URL.Path)
	}
}

func (a *API) listTasks(w http.ResponseWriter, r *http.Request) {
	q := r.URL.Query()
	states := slices.Concat(q["status"], q["status[]"])
	list, err := a.s.Instances(r.Context(), func(*model.Instance) bool { return true })
	if err != nil {
		refuse(w, err)
		return
	}
	out := []*taskJSON{}
	for _, i := range list {
		for _, t := range tasksOf(i) {
			if len(states) == 0 || slices.Contains(states, "running") && t.State == "TASK_RUNNING" || slices.Contains(states, "staging") && t.State == "TASK_STAGING" {
				out = append(out, t)
			}
		}
	}
	if strings.HasPrefix(r.Header.Get("Accept"), "text/plain") {
		plain(w, out)
		return
	}
	answer(w, http.StatusOK, map[string]any{"tasks": out})
}

// plain is a line for each app and port, as simple load balancers read it: the app, its
// service port, and where it is.
func plain(w http.ResponseWriter, tasks []*taskJSON) {
	type key struct {
		app  string
		port int
	}
	at, order := map[key][]string{}, []key{}
	for _, t := range tasks {
		for k, p := range t.Ports {
			if k >= len(t.ServicePorts) || t.State != "TASK_RUNNING" {
				continue
			}
			n := key{t.AppID, t.ServicePorts[k]}
			if at[n] == nil {
				order = append(order, n)
			}
			at[n] = append(at[n], fmt.Sprintf("%s:%d", t.Host, p))
		}
	}
	w.Header().Set("Content-Type", "text/plain")
	for _, n := range order {
		_, _ = fmt.Fprintf(w, "%s\t%d\t%s\t\n", model.Safe(n.app), n.port, strings.Join(at[n], "\t"))
	}
}

// deleteTasks ends the tasks that are named in the body.
func (a *API) deleteTasks(w http.ResponseWriter, r *http.Request) {
	body, err := io.ReadAll(r.Body)
	if err != nil {
		refuse(w, err)
		return
	}
	var sent struct {
		IDs []string `json:"ids"`
	}
	if err := json.Unmarshal(body, &sent); err != nil {
		refuse(w, fmt.Errorf("%w: %w", model.ErrSyntax, err))
		return
	}
	a.kill(w, r, "tasks", func(i *model.Instance) bool {
		return slices.ContainsFunc(i.Tasks, func(t model.Task) bool { return slices.Contains(sent.IDs, t.ID) }) || slices.Contains(sent.IDs, i.ID)
	})
}

// kill ends instances; with scale it answers the deployment, otherwise the tasks under key.
func (a *API) kill(w http.ResponseWriter, r *http.Request, key string, choose func(*model.Instance) bool) []*marathon.Instance {
	q := r.URL.Query()
	scale := yes(q, "scale", false)
	list, result, err := a.s.KillTasks(r.Context(), scale, yes(q, "wipe", false), force(r), choose)
	switch {
	case err != nil:
		refuse(w, err)
	case scale && len(list) > 0:
		done(w, http.StatusOK, result, nil)
	case key != "":
		out := []*taskJSON{}
		for _, i := range list {
			out = append(out, tasksOf(i)...)
		}
		answer(w, http.StatusOK, map[string]any{key: out})
	}
	return list
}

// appTasks serves the tasks of an app.
func (a *API) appTasks(w http.ResponseWriter, r *http.Request, id, task string) {
	if !allow(w, r, http.MethodGet, http.MethodDelete) {
		return
	}
	group, all := strings.CutSuffix(id, "/*")
	if !all {
		if _, err := a.s.App(r.Context(), id); err != nil {
			refuse(w, err)
			return
		}
	}
	host := r.URL.Query().Get("host")
	choose := func(i *model.Instance) bool {
		return (i.Spec == id || all && model.Within(i.Spec, group)) && (host == "" || host == "*" || i.Host == host) &&
			(task == "" || i.ID == task || slices.ContainsFunc(i.Tasks, func(t model.Task) bool { return t.ID == task }))
	}
	if r.Method == http.MethodDelete {
		a.deleteAppTasks(w, r, task, choose)
		return
	}
	list, err := a.s.Instances(r.Context(), choose)
	if err != nil {
		refuse(w, err)
		return
	}
	out := []*taskJSON{}
	for _, i := range list {
		out = append(out, tasksOf(i)...)
	}
	switch {
	case task == "":
		answer(w, http.StatusOK, map[string]any{"tasks": out})
	case len(out) == 0:
		refuse(w, &marathon.Missing{What: "Task '" + task + "'"})
	default:
		answer(w, http.StatusOK, map[string]any{"task": out[0]})
	}
}

func (a *API) deleteAppTasks(w http.ResponseWriter, r *http.Request, task string, choose func(*model.Instance) bool) {
	if task == "" {
		a.kill(w, r, "tasks", choose)
		return
	}
	list, err := a.s.Instances(r.Context(), choose)
	if err == nil && len(list) == 0 {
		err = &marathon.Missing{What: "Task '" + task + "'"}
	}
	if err != nil {
		refuse(w, err)
		return
	}
	if killed := a.kill(w, r, "", choose); len(killed) > 0 && !yes(r.URL.Query(), "scale", false) {
		answer(w, http.StatusOK, map[string]any{"task": tasksOf(killed[0])[0]})
	} else if len(killed) == 0 {
		answer(w, http.StatusOK, map[string]any{"task": tasksOf(list[0])[0]}) // it is being killed already
	}
}
