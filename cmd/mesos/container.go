package main

import (
	"context"
	"fmt"
	"os"

	"github.com/urfave/cli/v2"

	"mesos/actors/attach"
	"mesos/cmd/mesos/internal/client"
	"mesos/cmd/mesos/internal/terminal"
	v1 "mesos/messages/mesos/v1"
)

func frameworkFlag() cli.Flag {
	return &cli.StringFlag{Name: "framework", Aliases: []string{"f"}, Usage: "`ID` of the task's framework, or its beginning"}
}

// located is a task with its agent.
type located struct {
	task  *client.Task
	agent *client.Agent
}

// besideTask does something with the container of the live task that a person means, until a signal ends it.
func besideTask(c *cli.Context, name string, do func(context.Context, *located, *v1.ContainerID, *attach.Agent) error) error {
	return onState(c, func(ctx context.Context, m *client.Client, s *client.State) error {
		t, err := findTask(s, name, c.String("framework"))
		if err != nil {
			return err
		}
		l, err := withAgent(s, t)
		if err != nil {
			return err
		}
		id, err := l.container()
		if err != nil {
			return err
		}
		a := attach.New(l.agent.Addr(), m.Credential, m.TLS)
		defer a.Close()
		return do(ctx, l, id, a)
	})
}

// typing prepares the user's terminal for what is typed into a task's. restore undoes that; where there is no
// terminal, or nothing is passed on, there is nothing to undo.
func typing(ctx context.Context, in *attach.Stdin) (restore func(), err error) {
	in.Sizes = sizes(ctx)
	if in.Data == nil || !terminal.Is(os.Stdin) {
		return func() {}, nil
	}
	return terminal.Raw(os.Stdin)
}

func withAgent(s *client.State, t *client.Task) (*located, error) {
	a := s.AgentOf(t)
	if a == nil {
		return nil, fmt.Errorf("agent %s of task %s is not registered with the master", t.AgentID, t.ID)
	}
	return &located{t, a}, nil
}

// container is the container of a task.
func (l *located) container() (*v1.ContainerID, error) {
	id := l.task.Container()
	if id == nil {
		return nil, fmt.Errorf("task %s is %s: its container is not known yet", l.task.ID, shortState(l.task.State))
	}
	return containerID(id), nil
}

func containerID(id *client.ContainerID) *v1.ContainerID {
	if id == nil {
		return nil
	}
	return &v1.ContainerID{Value: &id.Value, Parent: containerID(id.Parent)}
}

// sizes tells the size of the user's terminal, now and whenever it changes.
func sizes(ctx context.Context) <-chan attach.Size {
	changed, stop := terminal.Changes()
	out := make(chan attach.Size, 1)
	out <- size()
	go func() {
		defer stop()
		for {
			select {
			case <-changed:
			case <-ctx.Done():
				return
			}
			select {
			case out <- size():
			case <-ctx.Done():
				return
			}
		}
	}()
	return out
}

func size() attach.Size {
	rows, columns := terminal.Size(os.Stdin)
	return attach.Size{Rows: rows, Columns: columns}
}
