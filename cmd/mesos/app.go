package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"strconv"
	"strings"
	"time"

	"github.com/urfave/cli/v2"

	"mesos/cmd/mesos/internal/client"
	"mesos/cmd/mesos/internal/services"
)

func marathonFlag() cli.Flag {
	return &cli.StringFlag{Name: "marathon", EnvVars: []string{"MESOS_MARATHON"}, DefaultText: "the one that is subscribed at the master", Usage: "`HOST:PORT` of marathon"}
}

// changeFlags are those of commands that begin a deployment.
func changeFlags() []cli.Flag {
	return []cli.Flag{
		marathonFlag(),
		&cli.BoolFlag{Name: "force", Aliases: []string{"f"}, Usage: "also while another deployment changes it, which ends"},
		&cli.BoolFlag{Name: "detach", Aliases: []string{"d"}, Usage: "do not wait until it is done"},
	}
}

var apps = noun[services.App]{
	name: "app", id: func(a services.App) string { return a.ID },
	columns: []column[services.App]{
		{name: "ID", text: func(a services.App, _ time.Time) string { return a.ID }},
		{name: "RUNNING", text: func(a services.App, _ time.Time) string { return fmt.Sprintf("%d/%d", a.Running, a.Instances) }},
		{name: "HEALTHY", text: func(a services.App, _ time.Time) string {
			if a.Healthy+a.Unhealthy == 0 {
				return "-"
			}
			return fmt.Sprintf("%d/%d", a.Healthy, a.Healthy+a.Unhealthy)
		}},
		{name: "CPUS", text: func(a services.App, _ time.Time) string { return strconv.FormatFloat(a.CPUs, 'f', -1, 64) }},
		{name: "MEM", text: func(a services.App, _ time.Time) string { return strconv.FormatFloat(a.Mem, 'f', -1, 64) }},
		{name: "DEPLOYING", text: func(a services.App, _ time.Time) string {
			if len(a.Deployments) == 0 {
				return "no"
			}
			return "yes"
		}},
		{name: "RUNS", text: func(a services.App, _ time.Time) string { return appRuns(a) }},
		{name: "VERSION", wide: true, text: func(a services.App, _ time.Time) string { return a.Version }},
	},
}

// appRuns is what an app runs, in a few words.
func appRuns(a services.App) string {
	text := a.Cmd
	if text == "" {
		text = strings.Join(a.Args, " ")
	}
	if text == "" && a.Container != nil && a.Container.Docker != nil {
		text = a.Container.Docker.Image
	}
	if line, _, more := strings.Cut(text, "\n"); more {
		text = line + " …"
	}
	if len(text) > 40 {
		text = text[:40] + "…"
	}
	return text
}

func appCommand() *cli.Command {
	list := apps
	return group("app", "services that marathon keeps running",
		appListCommand(&list), appRunCommand(), appPlanCommand(), appScaleCommand(), appRestartCommand(), appHistoryCommand(), appRevertCommand(), appPromoteCommand(), appRollbackCommand(), appRetryCommand(), appRemoveCommand())
}

// appListCommand lists apps; where marathon is is known only when it runs.
func appListCommand(n *noun[services.App]) *cli.Command {
	var where string
	n.load = func(ctx context.Context, m *client.Client, _ bool) ([]services.App, error) {
		s, err := services.Find(ctx, m, where)
		if err != nil {
			return nil, err
		}
		return s.Apps(ctx)
	}
	c := n.list("list", "mesos app list", "list the apps and pods", "", "   $\n   $ -o wide --watch")
	c.Flags = append(c.Flags, marathonFlag())
	c.Before = func(c *cli.Context) error {
		where = c.String("marathon")
		return nil
	}
	return c
}

func appOrder(o order, do func(ctx context.Context, c *cli.Context, s *services.Client, words []string) (string, error)) *cli.Command {
	o.do = func(ctx context.Context, c *cli.Context, m *client.Client, words []string) (string, error) {
		s, err := services.Find(ctx, m, c.String("marathon"))
		if err != nil {
			return "", err
		}
		return do(ctx, c, s, words)
	}
	return o.command()
}

// appID is an id as marathon has it: the slash before it may be left out.
func appID(word string) string { return "/" + strings.Trim(word, "/") }

func appPath(word string) string { return "/v2/apps" + appID(word) }

// deployed is the deployment that a change began: marathon tells it in its answer, or, of pods, in a header.
type deployed struct {
	Deployment string `json:"deploymentId"`
}

// ReadHeader implements [client.HeaderReader].
func (d *deployed) ReadHeader(h http.Header) { d.Deployment = h.Get("Marathon-Deployment-Id") }

// changed sends a change and waits for its deployment.
func changed(ctx context.Context, c *cli.Context, s *services.Client, method, path string, body any) error {
	if c.Bool("force") {
		path += "?force=true"
	}
	var result deployed
	if err := s.Ask(ctx, method, path, body, &result); err != nil || c.Bool("detach") || result.Deployment == "" {
		return unlocked(err)
	}
	return follow(ctx, c.App.ErrWriter, s, result.Deployment)
}

// unlocked says in words of the command line what helps when a deployment is in the way of a change.
func unlocked(err error) error {
	var r *client.Refused
	if !errors.As(err, &r) || len(r.Deployments) == 0 {
		return err
	}
	id := r.Deployments[0].ID
	return fmt.Errorf("deployment %s changes it already: wait for its end, take it back with `mesos app rollback %s`, or write --force, which ends it", id, id)
}

// follow waits for the end of a deployment and tells its steps, and what it waits for.
func follow(ctx context.Context, out io.Writer, s *services.Client, id string) error {
	last, tick := "", time.NewTicker(200*time.Millisecond)
	defer tick.Stop()
	for n := 0; ; n++ {
		d, err := s.Deployment(ctx, id)
		if err != nil || d == nil {
			return err
		}
		if text, err := progress(ctx, s, d, n); err != nil {
			return err
		} else if text != "" && text != last {
			_, _ = fmt.Fprintln(out, text)
			last = text
		}
		if d.Awaits {
			_, _ = fmt.Fprintf(out, "its canaries are well: `mesos app promote %s` lets the others follow\n", d.ID)
			return nil
		}
		select {
		case <-tick.C:
		case <-ctx.Done():
			return fmt.Errorf("deployment %s goes on: %w", id, ctx.Err())
		}
	}
}

// waitsAfter is how many looks at a deployment it takes until the queue is worth a word.
const waitsAfter = 15

func progress(ctx context.Context, s *services.Client, d *services.Deployment, looks int) (string, error) {
	var what []string
	for _, a := range d.Current {
		what = append(what, a.Action+" "+a.App+a.Pod)
	}
	text := fmt.Sprintf("step %d of %d: %s", d.Step, d.Total, strings.Join(what, ", "))
	if looks < waitsAfter {
		return text, nil
	}
	queue, err := s.Queue(ctx)
	if err != nil {
		return "", err
	}
	for _, w := range queue {
		for _, a := range d.Current {
			if id := a.App + a.Pod; id == w.App.ID+w.Pod.ID {
				text += fmt.Sprintf("\n  %d of %s wait: %s", w.Count, id, w.Reason())
			}
		}
	}
	return text, nil
}

func appRunCommand() *cli.Command {
	return appOrder(order{
		name: "run", line: "mesos app run", args: "FILE", usage: "run the apps, pods and groups of a file, or change them", min: 1, max: 1, flags: changeFlags(),
		examples: "   $ web.yaml\n   $ - <web.json\n\nweb.yaml may be\n   id: /web\n   cmd: python3 -m http.server $PORT\n   instances: 3\n   cpus: 0.1\n   mem: 32",
		text:     "Files are JSON or YAML, with the fields of Marathon's API; several documents or a list are several definitions. Fields of an app that are not in the file stay as they are.\n\n",
	}, func(ctx context.Context, c *cli.Context, s *services.Client, words []string) (string, error) {
		list, err := services.Read(words[0], c.App.Reader)
		if err != nil {
			return "", err
		}
		var ids []string
		for _, d := range list {
			method, path := http.MethodPut, d.Path()
			if d.Kind == "pods" {
				if err := s.Ask(ctx, http.MethodGet, path, nil, nil); client.NotFound(err) {
					method, path = http.MethodPost, "/v2/pods"
				}
			}
			if err := changed(ctx, c, s, method, path, d.Fields); err != nil {
				return "", fmt.Errorf("%s: %w", d.ID, err)
			}
			ids = append(ids, d.ID)
		}
		if c.Bool("detach") {
			return "deploying " + strings.Join(ids, ", "), nil
		}
		return strings.Join(ids, ", ") + " is as the file says", nil
	})
}

func appScaleCommand() *cli.Command {
	return appOrder(order{
		name: "scale", line: "mesos app scale", args: "APP INSTANCES", usage: "have more or fewer instances of an app or pod; 0 suspends it", min: 2, max: 2, flags: changeFlags(),
		examples: "   $ /web 10\n   $ /web 0",
	}, func(ctx context.Context, c *cli.Context, s *services.Client, words []string) (string, error) {
		n, err := strconv.Atoi(words[1])
		if err != nil || n < 0 {
			return "", usageError(c, "%q is no number of instances", words[1])
		}
		x, err := s.Service(ctx, appID(words[0]))
		if err != nil {
			return "", err
		}
		body, err := s.Scaled(ctx, x, n)
		if err != nil {
			return "", err
		}
		return fmt.Sprintf("%s: %d instances", x.ID, n), changed(ctx, c, s, http.MethodPut, x.Path, body)
	})
}

func appRestartCommand() *cli.Command {
	return appOrder(order{
		name: "restart", line: "mesos app restart", args: "APP", usage: "replace all instances of an app or pod, as an upgrade does", min: 1, max: 1, flags: changeFlags(), examples: "   $ /web",
	}, func(ctx context.Context, c *cli.Context, s *services.Client, words []string) (string, error) {
		return appID(words[0]) + " has new instances", changed(ctx, c, s, http.MethodPost, appPath(words[0])+"/restart", nil)
	})
}

func appHistoryCommand() *cli.Command {
	return appOrder(order{
		name: "history", line: "mesos app history", args: "APP", usage: "list the versions of an app or pod, newest first", min: 1, max: 1, flags: []cli.Flag{marathonFlag()}, examples: "   $ /web",
	}, func(ctx context.Context, _ *cli.Context, s *services.Client, words []string) (string, error) {
		x, err := s.Service(ctx, appID(words[0]))
		if err != nil {
			return "", err
		}
		list, err := s.Versions(ctx, x)
		return strings.Join(list, "\n"), err
	})
}

func appRevertCommand() *cli.Command {
	return appOrder(order{
		name: "revert", line: "mesos app revert", args: "APP [VERSION]", usage: "bring an earlier version of an app or pod back: the one before, or the given one", min: 1, max: 2, flags: changeFlags(),
		examples: "   $ /web\n   $ /web 2026-01-02T03:04:05.678Z",
	}, func(ctx context.Context, c *cli.Context, s *services.Client, words []string) (string, error) {
		x, err := s.Service(ctx, appID(words[0]))
		if err != nil {
			return "", err
		}
		if len(words) == 1 {
			list, err := s.Versions(ctx, x)
			if err != nil {
				return "", err
			}
			if len(list) < 2 {
				return "", fmt.Errorf("%s has one version only", x.ID)
			}
			words = append(words, list[1])
		}
		body, err := s.Reverted(ctx, x, words[1])
		if err != nil {
			return "", err
		}
		return x.ID + " is as at " + words[1], changed(ctx, c, s, http.MethodPut, x.Path, body)
	})
}

func appRemoveCommand() *cli.Command {
	return appOrder(order{
		name: "remove", line: "mesos app remove", args: "APP", usage: "end an app or pod, with its instances", min: 1, max: 1, flags: changeFlags(), examples: "   $ /web",
	}, func(ctx context.Context, c *cli.Context, s *services.Client, words []string) (string, error) {
		x, err := s.Service(ctx, appID(words[0]))
		if err != nil {
			return "", err
		}
		return x.ID + " is removed", changed(ctx, c, s, http.MethodDelete, x.Path, nil)
	})
}
