package main

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"os"
	"strings"
	"time"

	"github.com/urfave/cli/v2"

	"mesos/cmd/mesos/internal/client"
)

var jobs = noun[client.Job]{
	name: "job", id: func(j client.Job) string { return j.Name },
	load: func(ctx context.Context, m *client.Client, _ bool) ([]client.Job, error) { return m.Jobs(ctx) },
	columns: []column[client.Job]{
		{name: "JOB", text: func(j client.Job, _ time.Time) string { return j.Name }},
		{name: "STATE", text: func(j client.Job, _ time.Time) string { return jobState(j) }, state: true},
		{name: "WHEN", text: func(j client.Job, _ time.Time) string { return when(j) }},
		{name: "SUCCESSES", text: func(j client.Job, _ time.Time) string { return number(float64(j.SuccessCount)) }},
		{name: "FAILURES", text: func(j client.Job, _ time.Time) string { return number(float64(j.ErrorCount)) }},
		{name: "MISSED", text: func(j client.Job, _ time.Time) string { return number(float64(j.MissedCount)) }},
		{name: "LAST SUCCESS", text: func(j client.Job, _ time.Time) string { return orDash(j.LastSuccess) }, wide: true},
		{name: "LAST FAILURE", text: func(j client.Job, _ time.Time) string { return orDash(j.LastError) }, wide: true},
		{name: "COMMAND", text: func(j client.Job, _ time.Time) string { return orDash(j.Command) }, wide: true},
	},
}

func orDash(text string) string {
	if text == "" {
		return "-"
	}
	return text
}

func jobState(j client.Job) string {
	if j.Disabled {
		return "disabled"
	}
	return j.State
}

// when is the schedule of a job, or what it runs after.
func when(j client.Job) string {
	switch {
	case len(j.Parents) > 0:
		return "after " + strings.Join(j.Parents, ", ")
	case j.TimeZone != "":
		return j.Schedule + " " + j.TimeZone
	}
	return j.Schedule
}

func jobCommand() *cli.Command {
	return group("job", "jobs that run at their times, or after each other, by chronos",
		jobs.list("list", "mesos job list", "list the jobs", "", "   $\n   $ -o wide"),
		jobs.show("mesos job show", "backup"),
		jobAddCommand(),
		jobOrder("run", "run a job now, besides its schedule", "runs", http.MethodPut, "/job/"),
		jobSwitch("disable", "let a job's schedule rest, until it is enabled again", true),
		jobSwitch("enable", "let a job's schedule count again", false),
		jobOrder("kill", "kill the tasks of a job", "has its tasks killed", http.MethodDelete, "/task/kill/"),
		jobOrder("delete", "forget a job, and kill its tasks", "is deleted", http.MethodDelete, "/job/"),
		jobHistoryCommand(),
	)
}

const jobAddText = `FILE is JSON, - for the standard input, like
   {"name": "backup", "command": "tar czf /backup/etc.tgz /etc", "schedule": "0 3 * * *", "scheduleTimeZone": "Europe/Berlin"}
or, for a job that runs after others,
   {"name": "report", "command": "mail-report", "parents": ["backup"]}
A schedule is a line of cron or an ISO 8601 interval: R/2026-01-31T06:00:00Z/PT12H, R5//PT1M. A job of that name is replaced.

`

func jobAddCommand() *cli.Command {
	return order{
		name: "add", line: "mesos job add", args: "FILE", usage: "make a job, or change one", examples: "   $ backup.json\n   $ - < backup.json", text: jobAddText, min: 1, max: 1,
		do: func(ctx context.Context, _ *cli.Context, m *client.Client, words []string) (string, error) {
			body, err := readJob(words[0])
			if err != nil {
				return "", err
			}
			var j client.Job
			if err := json.Unmarshal(body, &j); err != nil {
				return "", fmt.Errorf("job in %s: %w", words[0], err)
			}
			return j.Name + " is added", m.Chronos(ctx, http.MethodPost, jobPath(len(j.Parents)), body, nil)
		},
	}.command()
}

func readJob(file string) ([]byte, error) {
	if file == "-" {
		return io.ReadAll(os.Stdin)
	}
	return os.ReadFile(file)
}

// jobOrder is a command that has chronos do something with one job.
func jobOrder(name, usage, done, method, path string) *cli.Command {
	return order{
		name: name, line: "mesos job " + name, args: "JOB", usage: usage, examples: "   $ backup", min: 1, max: 1, complete: jobs.complete,
		do: func(ctx context.Context, _ *cli.Context, m *client.Client, words []string) (string, error) {
			j, err := jobs.find(ctx, m, words[0])
			if err != nil {
				return "", err
			}
			return j.Name + " " + done, m.Chronos(ctx, method, path+url.PathEscape(j.Name), nil, nil)
		},
	}.command()
}

var runColumns = []column[client.Run]{
	{name: "DUE", text: func(r client.Run, _ time.Time) string { return r.Due.UTC().Format(time.RFC3339) }},
	{name: "STATE", text: func(r client.Run, _ time.Time) string { return runState(r) }, state: true},
	{name: "TRIES", text: func(r client.Run, _ time.Time) string { return number(float64(len(r.Tries))) }},
	{name: "HOST", text: func(r client.Run, _ time.Time) string {
		if n := len(r.Tries); n > 0 {
			return r.Tries[n-1].Host
		}
		return "-"
	}},
	{name: "WHY", text: func(r client.Run, _ time.Time) string { return orDash(r.Reason) }},
	{name: "TASK", text: func(r client.Run, _ time.Time) string {
		if n := len(r.Tries); n > 0 {
			return r.Tries[n-1].TaskID
		}
		return "-"
	}, wide: true},
}

func runState(r client.Run) string {
	switch {
	case r.Outcome == "":
		return r.Phase
	case r.Count > 1:
		return fmt.Sprintf("%s %d times", r.Outcome, r.Count)
	}
	return r.Outcome
}

func jobHistoryCommand() *cli.Command {
	return &cli.Command{
		Name: "history", Usage: "tell what became of each run of a job", ArgsUsage: "JOB",
		UsageText:    "mesos job history JOB [-o FORM] [--watch]\n\nExample:\n   mesos job history backup",
		Description:  "The last runs, oldest first, and those under way. A slot that was not run is there as missed, with the reason.\n\n" + exitCodes,
		Flags:        []cli.Flag{outputFlag(), watchFlag(), masterFlag()},
		OnUsageError: onUsageError, BashComplete: jobs.complete,
		Action: func(c *cli.Context) error {
			word, err := oneArgument(c, "job")
			if err != nil {
				return err
			}
			return jobs.look(c, func(ctx context.Context, m *client.Client, out *bytes.Buffer) error {
				j, err := jobs.find(ctx, m, word)
				if err != nil {
					return err
				}
				var h struct{ Runs []client.Run }
				if err := m.Chronos(ctx, http.MethodGet, "/job/history/"+url.PathEscape(j.Name), nil, &h); err != nil {
					return err
				}
				return printList(c, out, runColumns, h.Runs)
			})
		},
	}
}
