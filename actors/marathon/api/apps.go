package api

import (
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"slices"
	"strings"

	"mesos/actors/marathon"
	"mesos/actors/marathon/model"
)

func (a *API) apps(w http.ResponseWriter, r *http.Request, rest string) {
	if id, version, ok := cut(rest, "versions"); ok {
		a.appVersions(w, r, model.Resolve(model.Root, id), version)
		return
	}
	if id, task, ok := cut(rest, "tasks"); ok {
		a.appTasks(w, r, model.Resolve(model.Root, id), task)
		return
	}
	if id, more, ok := cut(rest, "restart"); ok && more == "" {
		if allow(w, r, http.MethodPost) {
			result, err := a.s.Restart(r.Context(), model.Resolve(model.Root, id), force(r))
			done(w, http.StatusOK, result, err)
		}
		return
	}
	switch {
	case rest == "":
		a.allApps(w, r)
	case strings.HasSuffix(rest, "*"):
		group := model.Resolve(model.Root, strings.TrimSuffix(rest, "*"))
		if allow(w, r, http.MethodGet) {
			a.listApps(w, r, "*", func(id string) bool { return model.Within(id, group) && id != group })
		}
	default:
		a.app(w, r, model.Resolve(model.Root, rest))
	}
}

func (a *API) allApps(w http.ResponseWriter, r *http.Request) {
	if !allow(w, r, http.MethodGet, http.MethodPost, http.MethodPut, http.MethodPatch) {
		return
	}
	switch r.Method {
	case http.MethodGet:
		a.listApps(w, r, "apps", func(string) bool { return true })
	case http.MethodPost:
		a.createApp(w, r)
	default:
		a.putApps(w, r)
	}
}

// listApps answers {"apps": [...]}, or {"*": [...]} for a group.
func (a *API) listApps(w http.ResponseWriter, r *http.Request, key string, within func(id string) bool) {
	q := r.URL.Query()
	selected, err := selector(q.Get("label"))
	if err != nil {
		fail(w, http.StatusBadRequest, err.Error())
		return
	}
	e := embeds(q, "counts", "deployments")
	list, err := a.s.Apps(r.Context(), e.has("tasks"), func(v *model.Spec) bool {
		return v.App != nil && within(v.ID()) && selected(v.Labels()) &&
			strings.Contains(v.App.Cmd, q.Get("cmd")) && strings.Contains(v.ID(), q.Get("id"))
	})
	if err != nil {
		refuse(w, err)
		return
	}
	out := []*appJSON{}
	for _, x := range list {
		out = append(out, appInfo(x, e))
	}
	answer(w, http.StatusOK, map[string]any{key: out})
}

func (a *API) createApp(w http.ResponseWriter, r *http.Request) {
	body, err := io.ReadAll(r.Body)
	if err != nil {
		refuse(w, err)
		return
	}
	app, err := model.DecodeApp(body, model.Root, "")
	if err != nil {
		refuse(w, err)
		return
	}
	result, err := a.s.EditSpecs(r.Context(), force(r), func(now map[string]*model.Spec) (map[string]*model.Spec, error) {
		if now[app.ID] != nil {
			return nil, fmt.Errorf("an app with id [%s] already exists: %w", app.ID, marathon.ErrExists)
		}
		return map[string]*model.Spec{app.ID: {App: app}}, nil
	})
	if err != nil {
		refuse(w, err)
		return
	}
	a.announce(r, app.ID)
	w.Header().Set("Location", "/v2/apps"+app.ID)
	w.Header().Set("Marathon-Deployment-Id", result.Deployment)
	x, err := a.s.App(r.Context(), app.ID)
	if err != nil { // it was removed at once
		answer(w, http.StatusCreated, result)
		return
	}
	info := appInfo(x, embeds(nil, "counts", "tasks", "deployments"))
	info.Deployments = &[]ref{{result.Deployment}}
	answer(w, http.StatusCreated, info)
}

// announce tells listeners that the API was used.
func (a *API) announce(r *http.Request, id string) {
	a.s.Announce("api_post_event", map[string]any{"clientIp": r.RemoteAddr, "uri": r.URL.Path, "appDefinition": ref{id}})
}

// updated is what an app becomes by an update.
func updated(old *model.Spec, body []byte, id string, partial bool) (*model.Spec, error) {
	if old != nil && old.App == nil {
		return nil, fmt.Errorf("%s is a pod: %w", id, marathon.ErrExists)
	}
	if old == nil || !partial {
		app, err := model.DecodeApp(body, model.Parent(id), id)
		return &model.Spec{App: app}, err
	}
	app, err := model.MergeApp(old.App, body, id)
	return &model.Spec{App: app}, err
}

func (a *API) putApp(w http.ResponseWriter, r *http.Request, id string) {
	body, err := io.ReadAll(r.Body)
	if err != nil {
		refuse(w, err)
		return
	}
	partial := r.Method == http.MethodPatch || yes(r.URL.Query(), "partialUpdate", true)
	if v, ok := onlyVersion(body); ok {
		a.toVersion(w, r, id, v)
		return
	}
	code := http.StatusOK
	result, err := a.s.EditSpecs(r.Context(), force(r), func(now map[string]*model.Spec) (map[string]*model.Spec, error) {
		old := now[id]
		if old == nil {
			if code = http.StatusCreated; r.Method == http.MethodPatch {
				return nil, &marathon.Missing{What: "App '" + id + "'"}
			}
		}
		v, err := updated(old, body, id, partial)
		return map[string]*model.Spec{id: v}, err
	})
	a.announce(r, id)
	done(w, code, result, err)
}

// onlyVersion says that an update asks for nothing but an earlier version.
func onlyVersion(body []byte) (model.Timestamp, bool) {
	var all map[string]json.RawMessage
	var v model.Timestamp
	if json.Unmarshal(body, &all) != nil || all["version"] == nil || len(all) > 2 || len(all) == 2 && all["id"] == nil {
		return v, false
	}
	return v, v.UnmarshalJSON(all["version"]) == nil
}

// toVersion brings an earlier version back, as a new one.
func (a *API) toVersion(w http.ResponseWriter, r *http.Request, id string, v model.Timestamp) {
	all, err := a.s.Versions(r.Context(), id)
	if err != nil {
		refuse(w, err)
		return
	}
	k := slices.IndexFunc(all, func(x *model.Spec) bool { return x.Version() == v })
	if k < 0 {
		fail(w, http.StatusUnprocessableEntity, fmt.Sprintf("App '%s' has no version %s", id, v))
		return
	}
	result, err := a.s.EditSpecs(r.Context(), force(r), func(map[string]*model.Spec) (map[string]*model.Spec, error) {
		return map[string]*model.Spec{id: all[k].WithVersion(all[k].Version(), all[k].VersionInfo())}, nil
	})
	done(w, http.StatusOK, result, err)
}

// putApps changes several apps by one deployment.
func (a *API) putApps(w http.ResponseWriter, r *http.Request) {
	body, err := io.ReadAll(r.Body)
	if err != nil {
		refuse(w, err)
		return
	}
	var list []json.RawMessage
	if err := json.Unmarshal(body, &list); err != nil {
		refuse(w, fmt.Errorf("%w: a list of apps is wanted: %w", model.ErrSyntax, err))
		return
	}
	partial := r.Method == http.MethodPatch || yes(r.URL.Query(), "partialUpdate", true)
	result, err := a.s.EditSpecs(r.Context(), force(r), func(now map[string]*model.Spec) (map[string]*model.Spec, error) {
		out := map[string]*model.Spec{}
		for k, one := range list {
			var named ref
			if json.Unmarshal(one, &named) != nil || named.ID == "" {
				return nil, &model.Invalid{Problems: []model.Problem{{Path: fmt.Sprintf("/(%d)/id", k), Errors: []string{"must be set"}}}}
			}
			id := model.Resolve(model.Root, named.ID)
			v, err := updated(now[id], one, id, partial)
			if err != nil {
				return nil, err
			}
			out[id] = v
		}
		return out, nil
	})
	done(w, http.StatusOK, result, err)
}

// app serves one app.
func (a *API) app(w http.ResponseWriter, r *http.Request, id string) {
	if !allow(w, r, http.MethodGet, http.MethodPut, http.MethodPatch, http.MethodDelete) {
		return
	}
	switch r.Method {
	case http.MethodGet:
		x, err := a.s.App(r.Context(), id)
		if err == nil && x.Spec.App == nil {
			err = &marathon.Missing{What: "App '" + id + "'"}
		}
		if err != nil {
			refuse(w, err)
			return
		}
		answer(w, http.StatusOK, map[string]any{"app": appInfo(x, embeds(url.Values{}, "counts", "tasks", "deployments", "lastTaskFailure", "readiness"))})
	case http.MethodDelete:
		result, err := a.s.EditSpecs(r.Context(), force(r), remove(id, "App", func(v *model.Spec) bool { return v.App != nil }))
		done(w, http.StatusOK, result, err)
	default:
		a.putApp(w, r, id)
	}
}

// remove takes a spec away, if there is one of the right kind.
func remove(id, kind string, is func(*model.Spec) bool) func(map[string]*model.Spec) (map[string]*model.Spec, error) {
	return func(now map[string]*model.Spec) (map[string]*model.Spec, error) {
		if now[id] == nil || !is(now[id]) {
			return nil, &marathon.Missing{What: kind + " '" + id + "'"}
		}
		return map[string]*model.Spec{id: nil}, nil
	}
}

func (a *API) appVersions(w http.ResponseWriter, r *http.Request, id, version string) {
	if !allow(w, r, http.MethodGet) {
		return
	}
	all, err := a.s.Versions(r.Context(), id)
	if err != nil {
		refuse(w, err)
		return
	}
	if len(all) == 0 || all[0].App == nil {
		refuse(w, &marathon.Missing{What: "App '" + id + "'"})
		return
	}
	if version == "" {
		out := []model.Timestamp{}
		for _, v := range all {
			out = append(out, v.Version())
		}
		answer(w, http.StatusOK, map[string]any{"versions": out})
		return
	}
	for _, v := range all {
		if v.Version().String() == version {
			answer(w, http.StatusOK, v.App)
			return
		}
	}
	refuse(w, &marathon.Missing{What: "App '" + id + "' version " + version})
}
