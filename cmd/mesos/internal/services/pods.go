package services

import (
	"context"
	"encoding/json"
	"fmt"
	"maps"
	"net/http"
	"net/url"
	"slices"
	"strings"

	"mesos/cmd/mesos/internal/client"
)

// Service is where an app or a pod is: its path below the API, and which of both it is.
type Service struct {
	ID   string
	Path string
	Pod  bool
}

// Service finds an app or a pod by its id. If there is neither, the error is that of an app that is not there.
func (c *Client) Service(ctx context.Context, id string) (Service, error) {
	s := Service{ID: id, Path: "/v2/apps" + id}
	missing := c.Ask(ctx, http.MethodGet, s.Path, nil, nil)
	if !client.NotFound(missing) {
		return s, missing
	}
	pod := Service{ID: id, Path: "/v2/pods" + id, Pod: true}
	if err := c.Ask(ctx, http.MethodGet, pod.Path, nil, nil); !client.NotFound(err) {
		return pod, err
	}
	return s, missing
}

// Scaled is what is sent to have so many instances of a service: of a pod all of its definition.
func (c *Client) Scaled(ctx context.Context, s Service, instances int) (any, error) {
	if !s.Pod {
		return map[string]int{"instances": instances}, nil
	}
	var spec map[string]json.RawMessage
	if err := c.Ask(ctx, http.MethodGet, s.Path, nil, &spec); err != nil {
		return nil, err
	}
	scaling := map[string]any{}
	if text := spec["scaling"]; text != nil {
		if err := json.Unmarshal(text, &scaling); err != nil {
			return nil, fmt.Errorf("scaling of %s: %w", s.ID, err)
		}
	}
	scaling["kind"], scaling["instances"] = "fixed", instances
	text, err := json.Marshal(scaling)
	if err != nil {
		return nil, fmt.Errorf("scaling of %s: %w", s.ID, err)
	}
	spec["scaling"] = text
	delete(spec, "version")
	return spec, nil
}

// Versions are those of a service that marathon keeps, newest first.
func (c *Client) Versions(ctx context.Context, s Service) (list []string, err error) {
	if s.Pod {
		err = c.Ask(ctx, http.MethodGet, s.Path+"::versions", nil, &list)
		return list, err
	}
	var x struct{ Versions []string }
	err = c.Ask(ctx, http.MethodGet, s.Path+"/versions", nil, &x)
	return x.Versions, err
}

// Reverted is what is sent to bring a version back: of a pod all that it said.
func (c *Client) Reverted(ctx context.Context, s Service, version string) (any, error) {
	if !s.Pod {
		return map[string]string{"version": version}, nil
	}
	var spec map[string]json.RawMessage
	if err := c.Ask(ctx, http.MethodGet, s.Path+"::versions/"+url.PathEscape(version), nil, &spec); err != nil {
		return nil, err
	}
	delete(spec, "version")
	return spec, nil
}

// pods are all pods, as apps are told.
func (c *Client) pods(ctx context.Context) ([]App, error) {
	var list []struct {
		ID   string `json:"id"`
		Spec struct {
			Version string `json:"version"`
			Scaling struct {
				Instances int `json:"instances"`
			} `json:"scaling"`
			Containers []struct {
				Name      string `json:"name"`
				Resources struct {
					CPUs float64 `json:"cpus"`
					Mem  float64 `json:"mem"`
				} `json:"resources"`
			} `json:"containers"`
		} `json:"spec"`
		Instances []struct {
			Status string `json:"status"`
		} `json:"instances"`
	}
	if err := c.Ask(ctx, http.MethodGet, "/v2/pods/::status", nil, &list); err != nil || len(list) == 0 {
		return nil, err
	}
	var deployments []struct {
		ID   string   `json:"id"`
		Pods []string `json:"affectedPods"`
	}
	if err := c.Ask(ctx, http.MethodGet, "/v2/deployments", nil, &deployments); err != nil {
		return nil, err
	}
	var out []App
	for _, p := range list {
		a := App{ID: p.ID, Pod: true, Instances: p.Spec.Scaling.Instances, Version: p.Spec.Version}
		names := map[string]bool{}
		for _, k := range p.Spec.Containers {
			a.CPUs, a.Mem = a.CPUs+k.Resources.CPUs, a.Mem+k.Resources.Mem
			names[k.Name] = true
		}
		a.Cmd = "pod of " + strings.Join(slices.Sorted(maps.Keys(names)), ", ")
		for _, i := range p.Instances {
			if i.Status == "STABLE" {
				a.Running++
			}
		}
		for _, d := range deployments {
			if slices.Contains(d.Pods, p.ID) {
				a.Deployments = append(a.Deployments, Ref{d.ID})
			}
		}
		out = append(out, a)
	}
	return out, nil
}
