package main

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/urfave/cli/v2"

	"mesos/cmd/mesos/internal/client"
)

func agentDrainCommand() *cli.Command {
	return &cli.Command{
		Name: "drain", Usage: "empty an agent: it is not offered any more, and kills its tasks", ArgsUsage: "AGENT_ID",
		UsageText: "mesos agent drain AGENT_ID [--deadline=TIME] [--mark-gone] [--monitor]\n\nExamples:\n" +
			"   mesos agent drain 7d2c-S3 --deadline 1h --monitor  the beginning of an id is enough\n" +
			"   mesos agent drain 7d2c-S3 --mark-gone              for a machine that will not come back",
		Description: "A task gets the time that its framework gave it to end, but no more than the deadline. The order outlives\n" +
			"the master and the agent. `mesos agent reactivate` has the agent offered again when it is drained.\n\n" + exitCodes,
		Flags: []cli.Flag{
			&cli.DurationFlag{Name: "deadline", Usage: "the most `TIME` that a task gets to end, like 30s or 1h"},
			&cli.BoolFlag{Name: "mark-gone", Usage: "give the agent up for good when it is drained"},
			&cli.BoolFlag{Name: "monitor", Usage: "wait until the agent is drained, and say how it goes"},
			masterFlag(),
		},
		OnUsageError: onUsageError,
		BashComplete: agents.complete,
		Action: func(c *cli.Context) error {
			return withAgentNamed(c, func(ctx context.Context, m *client.Client, id string) error {
				part := agentPart(id)
				if c.Bool("mark-gone") {
					part["mark_gone"] = true
				}
				if d := c.Duration("deadline"); c.IsSet("deadline") {
					if d < 0 {
						return usageError(c, "--deadline=%v is negative", d)
					}
					part["max_grace_period"] = map[string]any{"seconds": int64(d / time.Second), "nanos": int64(d % time.Second)}
				}
				if err := m.Call(ctx, "DRAIN_AGENT", part, nil); err != nil {
					return fmt.Errorf("drain of agent %s: %w", id, err)
				}
				if !c.Bool("monitor") {
					_, err := fmt.Fprintf(c.App.Writer, "%s drains\n", id)
					return err
				}
				return watchDrain(ctx, c, m, id)
			})
		},
	}
}

// agentOrderCommand is a command that orders one thing of one agent.
func agentOrderCommand(name, usage, kind, done string) *cli.Command {
	return &cli.Command{
		Name: name, Usage: usage, ArgsUsage: "AGENT_ID",
		UsageText:    fmt.Sprintf("mesos agent %s AGENT_ID\n\nExample:\n   mesos agent %s 7d2c-S3  the beginning of an id is enough", name, name),
		Description:  exitCodes,
		Flags:        []cli.Flag{masterFlag()},
		OnUsageError: onUsageError,
		BashComplete: agents.complete,
		Action: func(c *cli.Context) error {
			return withAgentNamed(c, func(ctx context.Context, m *client.Client, id string) error {
				if err := m.Call(ctx, kind, agentPart(id), nil); err != nil {
					return fmt.Errorf("%s agent %s: %w", name, id, err)
				}
				_, err := fmt.Fprintf(c.App.Writer, "%s is %s\n", id, done)
				return err
			})
		},
	}
}

func agentPart(id string) map[string]any {
	return map[string]any{"agent_id": map[string]any{"value": id}}
}

// withAgentNamed finds the one agent that the command line names.
func withAgentNamed(c *cli.Context, do func(ctx context.Context, m *client.Client, id string) error) error {
	word, err := oneArgument(c, "agent")
	if err != nil {
		return err
	}
	return onState(c, func(ctx context.Context, m *client.Client, s *client.State) error {
		id, err := findAgent(s, word)
		if err != nil {
			return err
		}
		return do(ctx, m, id)
	})
}

// findAgent finds the agent that a person means by an id or the beginning of one. A
// name that no registered agent has may be that of one that is away: the master knows.
func findAgent(s *client.State, name string) (string, error) {
	var known []client.Agent
	known = append(append(known, s.Agents...), s.Recovered...)
	a, err := pick(known, "agent", name, func(a client.Agent) string { return a.ID }, func(a client.Agent) string { return a.Hostname })
	if errors.Is(err, errUnknown) {
		return name, nil
	}
	return a.ID, err
}

// watchDrain says how many tasks are left until there are none.
func watchDrain(ctx context.Context, c *cli.Context, m *client.Client, id string) error {
	said := ""
	for {
		s, err := m.State(ctx)
		if ctx.Err() != nil {
			return fmt.Errorf("interrupted: agent %s goes on draining", id)
		}
		if err != nil {
			return err
		}
		text, over := drainProgress(s, id, c.Bool("mark-gone"))
		if text != said {
			said = text
			if _, err := fmt.Fprintln(c.App.Writer, text); err != nil {
				return err
			}
		}
		if over {
			return nil
		}
		select {
		case <-time.After(time.Second):
		case <-ctx.Done():
		}
	}
}

// drainProgress says in a line how far a drain has come.
func drainProgress(s *client.State, id string, gone bool) (text string, over bool) {
	for _, a := range s.Agents {
		switch {
		case a.ID != id:
			continue
		case a.Drain == nil:
			return id + " does not drain any more: somebody reactivated it", true
		case a.Drain.State == "DRAINED" && !gone:
			return id + " is drained", true
		}
		n := 0
		for _, f := range s.Frameworks {
			for _, t := range f.Tasks {
				if t.AgentID == id {
					n++
				}
			}
		}
		return fmt.Sprintf("%s drains: %d tasks left", id, n), false
	}
	if gone {
		return id + " is drained and gone", true
	}
	return id + " is away: the drain goes on when it is back", false
}
