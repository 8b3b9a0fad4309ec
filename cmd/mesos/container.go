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

// locate finds a live task and where it runs.
func locate(ctx context.Context, c *cli.Context, name string) (*located, error) {
	m, err := masterClient(c)
	if err != nil {
		return nil, err
	}
	defer m.Close()
	s, err := m.State(ctx)
	if err != nil {
		return nil, err
	}
	t, err := findTask(s, name, c.String("framework"))
	if err != nil {
		return nil, err
	}
	return withAgent(s, t)
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
