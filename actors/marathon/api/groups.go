package api

import (
	"fmt"
	"io"
	"net/http"
	"slices"
	"strings"

	"mesos/actors/marathon"
	"mesos/actors/marathon/model"
	"mesos/messages/ordered"
)

func (a *API) groups(w http.ResponseWriter, r *http.Request, rest string) {
	if id, version, ok := cut("/"+rest, "versions"); ok {
		a.groupVersions(w, r, model.Resolve(model.Root, id), version)
		return
	}
	id := model.Resolve(model.Root, rest)
	if !allow(w, r, http.MethodGet, http.MethodPost, http.MethodPut, http.MethodDelete) {
		return
	}
	switch r.Method {
	case http.MethodGet:
		a.getGroup(w, r, id)
	case http.MethodDelete:
		if id == model.Root && !force(r) {
			fail(w, http.StatusBadRequest, "All apps and groups would be removed: use force=true if that is what you want")
			return
		}
		result, err := a.s.DeleteGroup(r.Context(), id, force(r))
		done(w, http.StatusOK, result, err)
	default:
		a.putGroup(w, r, id)
	}
}

func (a *API) putGroup(w http.ResponseWriter, r *http.Request, id string) {
	body, err := io.ReadAll(r.Body)
	if err != nil {
		refuse(w, err)
		return
	}
	create := r.Method == http.MethodPost
	base, name := model.Root, id
	if create {
		base, name = id, ""
	}
	c, err := model.DecodeGroup(body, base, name)
	if err == nil && !c.Version.IsZero() && len(c.Specs) == 0 {
		err = &model.Invalid{Problems: []model.Problem{{Path: "/version", Errors: []string{"going back to a version of a group is not supported; use the versions of its apps"}}}}
	}
	if err != nil {
		refuse(w, err)
		return
	}
	dryRun := !create && yes(r.URL.Query(), "dryRun", false)
	result, steps, err := a.s.EditGroup(r.Context(), c, create, force(r), dryRun)
	switch {
	case err != nil:
		refuse(w, err)
	case dryRun:
		answer(w, http.StatusOK, map[string]any{"steps": steps})
	case create:
		w.Header().Set("Location", "/v2/groups"+c.ID)
		done(w, http.StatusCreated, result, nil)
	default:
		done(w, http.StatusOK, result, nil)
	}
}

// groupJSON is a group as clients read it.
type groupJSON struct {
	ID           string          `json:"id"`
	Apps         []*appJSON      `json:"apps"`
	Pods         []any           `json:"pods"`
	Groups       []*groupJSON    `json:"groups"`
	Dependencies []string        `json:"dependencies"`
	Version      model.Timestamp `json:"version"`
	EnforceRole  bool            `json:"enforceRole"`
}

func (a *API) getGroup(w http.ResponseWriter, r *http.Request, id string) {
	groups, err := a.s.Groups(r.Context())
	if err != nil {
		refuse(w, err)
		return
	}
	if groups[id] == nil {
		refuse(w, &marathon.Missing{What: "Group '" + id + "'"})
		return
	}
	e := embeds(r.URL.Query(), "groups", "apps", "pods")
	// embed=group.apps and group.apps.tasks: what stands behind apps is of the apps.
	var apps embed
	for _, x := range e {
		if inner, ok := strings.CutPrefix(x, "apps."); ok {
			apps = append(apps, inner)
			e = append(e, "apps")
		}
	}
	list, err := a.s.Apps(r.Context(), true, func(v *model.Spec) bool { return model.Within(v.ID(), id) })
	if err != nil {
		refuse(w, err)
		return
	}
	answer(w, http.StatusOK, tree(id, groups, list, e, apps))
}

// tree is a group with all that is in it.
func tree(id string, groups map[string]*model.Group, list []*marathon.App, e, apps embed) *groupJSON {
	g := groups[id]
	out := &groupJSON{ID: id, Apps: []*appJSON{}, Pods: []any{}, Groups: []*groupJSON{}, Dependencies: g.Dependencies, Version: g.Version}
	for _, x := range list {
		switch {
		case model.Parent(x.Spec.ID()) != id:
		case x.Spec.App != nil && e.has("apps"):
			out.Apps = append(out.Apps, appInfo(x, apps))
		case x.Spec.Pod != nil && e.has("pods"):
			out.Pods = append(out.Pods, podStatus(x))
		}
	}
	for inner := range ordered.All(groups) {
		if inner != model.Root && model.Parent(inner) == id && e.has("groups") {
			out.Groups = append(out.Groups, tree(inner, groups, list, e, apps))
		}
	}
	return out
}

// groupVersions tells when a group changed: only the newest is kept.
func (a *API) groupVersions(w http.ResponseWriter, r *http.Request, id, version string) {
	if !allow(w, r, http.MethodGet) {
		return
	}
	groups, err := a.s.Groups(r.Context())
	if err == nil && (groups[id] == nil || version != "" && groups[id].Version.String() != version) {
		err = &marathon.Missing{What: fmt.Sprintf("Group '%s' %s", id, version)}
	}
	if err != nil {
		refuse(w, err)
		return
	}
	if version != "" {
		a.getGroup(w, r, id)
		return
	}
	answer(w, http.StatusOK, slices.DeleteFunc([]model.Timestamp{groups[id].Version}, func(t model.Timestamp) bool { return t.IsZero() }))
}
