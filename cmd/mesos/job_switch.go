package main

import (
	"context"
	"encoding/json"
	"fmt"
	"net/http"
	"net/url"

	"github.com/urfave/cli/v2"

	"mesos/cmd/mesos/internal/client"
)

// jobSwitch is a command that says whether the schedule of a job counts: chronos
// gets the job as it was, but for that.
func jobSwitch(name, usage string, disabled bool) *cli.Command {
	return order{
		name: name, line: "mesos job " + name, args: "JOB", usage: usage, examples: "   $ backup", min: 1, max: 1, complete: jobs.complete,
		do: func(ctx context.Context, _ *cli.Context, m *client.Client, words []string) (string, error) {
			j, err := jobs.find(ctx, m, words[0])
			if err != nil {
				return "", err
			}
			all := map[string]any{}
			if err := m.Chronos(ctx, http.MethodGet, "/job/"+url.PathEscape(j.Name), nil, &all); err != nil {
				return "", err
			}
			all["disabled"] = disabled
			body, err := json.Marshal(all)
			if err != nil {
				return "", fmt.Errorf("job %s: %w", j.Name, err)
			}
			return j.Name + " is " + name + "d", m.Chronos(ctx, http.MethodPost, jobPath(len(j.Parents)), body, nil)
		},
	}.command()
}

// jobPath is where a job with so many parents is sent.
func jobPath(parents int) string {
	if parents > 0 {
		return "/dependency"
	}
	return "/iso8601"
}
