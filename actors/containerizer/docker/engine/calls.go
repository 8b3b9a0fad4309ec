package engine

import (
	"context"
	"encoding/base64"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"strconv"
	"strings"
)

// Credentials are for one registry.
type Credentials struct {
	Username      string `json:"username,omitempty"`
	Password      string `json:"password,omitempty"`
	IdentityToken string `json:"identitytoken,omitempty"`
	RegistryToken string `json:"registrytoken,omitempty"`
	ServerAddress string `json:"serveraddress,omitempty"`
}

// HasImage says whether the engine has an image already.
func (c *Client) HasImage(ctx context.Context, name string) (bool, error) {
	err := c.do(ctx, http.MethodGet, "/images/"+name+"/json", nil, nil, nil)
	if NotFound(err) {
		return false, nil
	}
	return err == nil, err
}

// Pull has the engine fetch an image, and waits for it. Without a tag or digest
// "latest" is meant. With nil credentials nobody is named.
func (c *Client) Pull(ctx context.Context, name string, auth *Credentials) error {
	query := url.Values{"fromImage": {name}}
	if last := name[strings.LastIndexByte(name, '/')+1:]; !strings.ContainsAny(last, ":@") {
		query.Set("tag", "latest")
	}
	header := http.Header{}
	if auth != nil {
		text, err := json.Marshal(auth)
		if err != nil {
			return err
		}
		header.Set("X-Registry-Auth", base64.URLEncoding.EncodeToString(text))
	}
	res, err := c.call(ctx, http.MethodPost, "/images/create", query, nil, header)
	if err != nil {
		return fmt.Errorf("pull of image %s: %w", name, err)
	}
	defer res.Body.Close()
	for lines := json.NewDecoder(res.Body); ; {
		var line struct{ Error string }
		switch err := lines.Decode(&line); {
		case errors.Is(err, io.EOF):
			return nil
		case err != nil:
			return fmt.Errorf("pull of image %s: %w", name, plain(err))
		case line.Error != "":
			return fmt.Errorf("pull of image %s: %s", name, line.Error)
		}
	}
}

// CgroupDriver is who makes the cgroups of the engine's containers: "cgroupfs", or "systemd".
func (c *Client) CgroupDriver(ctx context.Context) (string, error) {
	var info struct{ CgroupDriver string }
	err := c.do(ctx, http.MethodGet, "/info", nil, nil, &info)
	return info.CgroupDriver, err
}

// Create makes a container, which does not run yet, and gives its id.
func (c *Client) Create(ctx context.Context, name string, spec *Container) (id string, err error) {
	var made struct {
		ID string `json:"Id"`
	}
	err = c.do(ctx, http.MethodPost, "/containers/create", url.Values{"name": {name}}, spec, &made)
	return made.ID, err
}

// Start runs a container; one that runs already does so on.
func (c *Client) Start(ctx context.Context, id string) error {
	return c.do(ctx, http.MethodPost, "/containers/"+id+"/start", nil, nil, nil)
}

// Inspect tells all about a container.
func (c *Client) Inspect(ctx context.Context, id string) (*State, error) {
	s := &State{}
	if err := c.do(ctx, http.MethodGet, "/containers/"+id+"/json", nil, nil, &s.Raw); err != nil {
		return nil, err
	}
	if err := json.Unmarshal(s.Raw, s); err != nil {
		return nil, fmt.Errorf("the Docker engine: what it tells of container %s: %w", id, err)
	}
	return s, nil
}

// Wait returns when a container, which was started, does not run any more, with
// its exit code.
func (c *Client) Wait(ctx context.Context, id string) (code int, err error) {
	var end struct {
		StatusCode int
		Error      *struct{ Message string }
	}
	if err := c.do(ctx, http.MethodPost, "/containers/"+id+"/wait", nil, nil, &end); err != nil {
		return 0, err
	}
	if end.Error != nil && end.Error.Message != "" {
		return 0, fmt.Errorf("the Docker engine: wait for container %s: %s", id, end.Error.Message)
	}
	return end.StatusCode, nil
}

// Kill sends a signal, "SIGTERM" say, to a container's first process. One that
// does not run is no error.
func (c *Client) Kill(ctx context.Context, id, signal string) error {
	err := c.do(ctx, http.MethodPost, "/containers/"+id+"/kill", url.Values{"signal": {signal}}, nil, nil)
	if Conflict(err) || NotFound(err) {
		return nil
	}
	return err
}

// Stop has a container end by its stop signal, and by force after some seconds.
func (c *Client) Stop(ctx context.Context, id string, seconds int) error {
	err := c.do(ctx, http.MethodPost, "/containers/"+id+"/stop", url.Values{"t": {strconv.Itoa(seconds)}}, nil, nil)
	if NotFound(err) {
		return nil
	}
	return err
}

// Remove removes a container with its anonymous volumes; one that runs is killed
// first. None is no error, nor one that is being removed already.
func (c *Client) Remove(ctx context.Context, id string) error {
	err := c.do(ctx, http.MethodDelete, "/containers/"+id, url.Values{"force": {"1"}, "v": {"1"}}, nil, nil)
	if NotFound(err) || Conflict(err) {
		return nil
	}
	return err
}

// Update changes what a container may use.
func (c *Client) Update(ctx context.Context, id string, r Resources) error {
	return c.do(ctx, http.MethodPost, "/containers/"+id+"/update", nil, r, nil)
}

// List gives the containers that have a label, "name=value", whatever their state.
func (c *Client) List(ctx context.Context, label string) (out []Listed, err error) {
	filters, err := json.Marshal(map[string][]string{"label": {label}})
	if err != nil {
		return nil, err
	}
	err = c.do(ctx, http.MethodGet, "/containers/json", url.Values{"all": {"1"}, "filters": {string(filters)}}, nil, &out)
	return out, err
}
