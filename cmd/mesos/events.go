package main

import (
	"cmp"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"slices"
	"strings"
	"time"

	"github.com/urfave/cli/v2"

	"mesos/cmd/mesos/internal/client"
	"mesos/cmd/mesos/internal/yaml"
)

func eventsCommand() *cli.Command {
	return &cli.Command{
		Name: "events", Usage: "show what happened in the cluster, and what happens",
		UsageText: "mesos events [--follow] [-o FORM]\n\nExamples:\n" +
			"   mesos events                      what is remembered of tasks, agents and frameworks\n" +
			"   mesos events --follow             and what happens from now on, until Ctrl-C\n" +
			"   mesos events -f -o json | jq .    the master's own events, one on a line",
		Description: "With -o json or yaml, --follow prints the events of the operator API as they come, the first being the state of the cluster.\n\n" + exitCodes,
		Flags: []cli.Flag{
			&cli.BoolFlag{Name: "follow", Aliases: []string{"f"}, Usage: "go on until Ctrl-C"},
			outputFlag(), masterFlag(),
		},
		OnUsageError: onUsageError,
		Action: func(c *cli.Context) error {
			if err := noArguments(c); err != nil {
				return err
			}
			if err := checkForm(c); err != nil {
				return err
			}
			return onMaster(c, func(ctx context.Context, m *client.Client) error { return showEvents(ctx, c, m) })
		},
	}
}

// happening is something that happened, as `mesos events -o json` prints it.
type happening struct {
	At   *string `json:"at"` // RFC 3339
	What string  `json:"what"`
	ID   string  `json:"id"`
	Text string  `json:"text"`

	seconds float64
}

var happenings = []column[happening]{
	{name: "AT", text: func(h happening, _ time.Time) string { return deref(h.At) }},
	{name: "WHAT", text: func(h happening, _ time.Time) string { return h.What }},
	{name: "ID", text: func(h happening, _ time.Time) string { return h.ID }},
	{name: "TEXT", text: func(h happening, _ time.Time) string { return h.Text }},
}

func showEvents(ctx context.Context, c *cli.Context, m *client.Client) error {
	forProgram := c.String("output") == "json" || c.String("output") == "yaml"
	if !c.Bool("follow") || !forProgram {
		past, err := history(ctx, m)
		if err != nil {
			return err
		}
		if err := printList(c, c.App.Writer, happenings, past); err != nil || !c.Bool("follow") {
			return err
		}
	}
	err := m.Events(ctx, func(event json.RawMessage) error {
		switch c.String("output") {
		case "json":
			_, err := fmt.Fprintf(c.App.Writer, "%s\n", event)
			return err
		case "yaml":
			if _, err := io.WriteString(c.App.Writer, "---\n"); err != nil {
				return err
			}
			return yaml.Write(c.App.Writer, event)
		}
		h, err := readEvent(event)
		if err != nil || h == nil {
			return err
		}
		_, err = fmt.Fprintf(c.App.Writer, "%s  %s  %s  %s\n", deref(h.At), h.What, h.ID, cmp.Or(h.Text, "-"))
		return err
	})
	if errors.Is(err, context.Canceled) {
		return nil
	}
	return err
}

// history is what the master remembers, the oldest first.
func history(ctx context.Context, m *client.Client) ([]happening, error) {
	s, err := m.State(ctx)
	if err != nil {
		return nil, err
	}
	all, err := m.Tasks(ctx)
	if err != nil {
		return nil, err
	}
	out := []happening{}
	add := func(seconds float64, what, id, text string) {
		if seconds > 0 {
			out = append(out, happening{stamp(seconds), what, id, text, seconds})
		}
	}
	for _, a := range s.Agents {
		add(a.Registered, "agent added", a.ID, a.Hostname)
	}
	for _, f := range append(slices.Clone(s.Frameworks), s.Completed...) {
		add(f.Registered, "framework added", f.ID, f.Name)
		add(f.Unregistered, "framework removed", f.ID, f.Name)
	}
	for _, t := range all {
		for _, st := range t.Statuses {
			add(st.Timestamp, "task "+shortState(st.State), t.ID.Value, st.Message)
		}
	}
	slices.SortStableFunc(out, func(a, b happening) int { return cmp.Compare(a.seconds, b.seconds) })
	return out, nil
}

// readEvent is an event in words; nil for one that says nothing new.
func readEvent(text json.RawMessage) (*happening, error) {
	var e struct {
		Type        string `json:"type"`
		TaskUpdated struct {
			Status client.TaskStatus `json:"status"`
		} `json:"task_updated"`
		TaskAdded struct {
			Task client.FullTask `json:"task"`
		} `json:"task_added"`
		AgentAdded struct {
			Agent struct {
				Info eventAgent `json:"agent_info"`
			} `json:"agent"`
		} `json:"agent_added"`
		AgentRemoved struct {
			ID client.Value `json:"agent_id"`
		} `json:"agent_removed"`
		FrameworkAdded   eventFramework `json:"framework_added"`
		FrameworkUpdated eventFramework `json:"framework_updated"`
		FrameworkRemoved struct {
			Info eventInfo `json:"framework_info"`
		} `json:"framework_removed"`
	}
	if err := json.Unmarshal(text, &e); err != nil {
		return nil, fmt.Errorf("event of the master: %w", err)
	}
	h := &happening{At: stamp(float64(time.Now().UnixMicro()) / 1e6), What: strings.ReplaceAll(strings.ToLower(e.Type), "_", " ")}
	switch e.Type {
	case "SUBSCRIBED", "HEARTBEAT":
		return nil, nil
	case "TASK_ADDED":
		h.ID, h.Text = e.TaskAdded.Task.ID.Value, "on "+e.TaskAdded.Task.AgentID.Value
	case "TASK_UPDATED":
		s := e.TaskUpdated.Status
		h.What, h.ID, h.Text = "task "+shortState(s.State), s.TaskID.Value, s.Message
	case "AGENT_ADDED":
		h.ID, h.Text = e.AgentAdded.Agent.Info.ID.Value, e.AgentAdded.Agent.Info.Hostname
	case "AGENT_REMOVED":
		h.ID = e.AgentRemoved.ID.Value
	case "FRAMEWORK_ADDED":
		h.ID, h.Text = e.FrameworkAdded.Framework.Info.ID.Value, e.FrameworkAdded.Framework.Info.Name
	case "FRAMEWORK_UPDATED":
		h.ID, h.Text = e.FrameworkUpdated.Framework.Info.ID.Value, e.FrameworkUpdated.Framework.Info.Name
	case "FRAMEWORK_REMOVED":
		h.ID, h.Text = e.FrameworkRemoved.Info.ID.Value, e.FrameworkRemoved.Info.Name
	}
	return h, nil
}

type eventAgent struct {
	ID       client.Value `json:"id"`
	Hostname string       `json:"hostname"`
}

type eventInfo struct {
	ID   client.Value `json:"id"`
	Name string       `json:"name"`
}

type eventFramework struct {
	Framework struct {
		Info eventInfo `json:"framework_info"`
	} `json:"framework"`
}
