package main

import (
	"context"
	"fmt"
	"net/http"
	"net/url"
	"strconv"
	"strings"

	"github.com/urfave/cli/v2"

	"mesos/cmd/mesos/internal/client"
	"mesos/cmd/mesos/internal/services"
)

// appPlanCommand tells what a file would change, and where there is room for it; it changes nothing.
func appPlanCommand() *cli.Command {
	return order{
		name: "plan", line: "mesos app plan", args: "FILE", usage: "tell what a file would change, and whether there is room for it", min: 1, max: 1, flags: []cli.Flag{marathonFlag()},
		examples: "   $ web.yaml", text: "Nothing is changed. Whether there is room is what the master knows at this moment, for one instance; constraints that look at other instances do not count.\n\n",
		do: func(ctx context.Context, c *cli.Context, m *client.Client, words []string) (string, error) {
			s, err := services.Find(ctx, m, c.String("marathon"))
			if err != nil {
				return "", err
			}
			list, err := services.Read(words[0], c.App.Reader)
			if err != nil {
				return "", err
			}
			var lines []string
			for _, d := range list {
				more, err := planOf(ctx, m, s, d)
				if err != nil {
					return "", fmt.Errorf("%s: %w", d.ID, err)
				}
				lines = append(lines, more...)
			}
			return strings.Join(lines, "\n"), nil
		},
	}.command()
}

func planOf(ctx context.Context, m *client.Client, s *services.Client, d services.Definition) ([]string, error) {
	now, err := definedNow(ctx, s, d)
	if err != nil {
		return nil, err
	}
	lines := []string{d.ID + " is new:"}
	if now != nil {
		lines = []string{d.ID + " changes:"}
	}
	diff := services.Difference(now, d.Fields)
	if len(diff) == 0 {
		return []string{d.ID + " is as the file says"}, nil
	}
	for _, l := range diff {
		lines = append(lines, "  "+l)
	}
	steps, err := stepsOf(ctx, s, d)
	if err != nil {
		return nil, err
	}
	lines = append(lines, steps...)
	if d.Kind != "apps" {
		return lines, nil
	}
	room, err := roomFor(ctx, m, s, d.Fields, now)
	if err != nil {
		return nil, err
	}
	return append(lines, room...), nil
}

// definedNow is what marathon has of a definition, nil for nothing.
func definedNow(ctx context.Context, s *services.Client, d services.Definition) (map[string]any, error) {
	var v map[string]any
	err := s.Ask(ctx, http.MethodGet, d.Path(), nil, &v)
	switch {
	case client.NotFound(err):
		return nil, nil
	case err != nil:
		return nil, err
	}
	if inner, ok := v["app"].(map[string]any); ok {
		return inner, nil
	}
	return v, nil
}

// stepsOf asks marathon what steps a group would take; of apps and pods it does not tell.
func stepsOf(ctx context.Context, s *services.Client, d services.Definition) ([]string, error) {
	if d.Kind != "groups" {
		return nil, nil
	}
	var x struct {
		Steps []struct {
			Actions []struct {
				Action string `json:"action"`
				App    string `json:"app"`
				Pod    string `json:"pod"`
			} `json:"actions"`
		} `json:"steps"`
	}
	if err := s.Ask(ctx, http.MethodPut, d.Path()+"?dryRun=true", d.Fields, &x); err != nil {
		return nil, err
	}
	var lines []string
	for n, step := range x.Steps {
		var what []string
		for _, a := range step.Actions {
			what = append(what, a.Action+" "+a.App+a.Pod)
		}
		lines = append(lines, fmt.Sprintf("  step %d: %s", n+1, strings.Join(what, ", ")))
	}
	return lines, nil
}

// roomFor asks the master on which agents one instance of an app fits, and why not on the others.
func roomFor(ctx context.Context, m *client.Client, s *services.Client, fields, now map[string]any) ([]string, error) {
	role, err := s.Role(ctx)
	if err != nil {
		return nil, err
	}
	q := url.Values{"role": {role}}
	for name, otherwise := range map[string]float64{"cpus": 1, "mem": 128, "disk": 0, "gpus": 0} {
		v, ok := amountIn(fields[name])
		if !ok {
			if v, ok = amountIn(now[name]); !ok {
				v = otherwise
			}
		}
		if v > 0 {
			q.Set(name, strconv.FormatFloat(v, 'f', -1, 64))
		}
	}
	body, err := m.Get(ctx, "/explain/request?"+q.Encode())
	if err != nil {
		return nil, err
	}
	var out strings.Builder
	if err := writeSummary(&out, body); err != nil {
		return nil, err
	}
	var lines []string
	for l := range strings.Lines(out.String()) {
		lines = append(lines, "  "+strings.TrimRight(l, "\n"))
	}
	return lines, nil
}

func amountIn(v any) (float64, bool) {
	switch x := v.(type) {
	case float64:
		return x, true
	case int:
		return float64(x), true
	}
	return 0, false
}
