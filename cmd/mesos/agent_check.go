package main

import (
	"cmp"
	"fmt"
	"io"
	"time"

	"github.com/google/uuid"
	"github.com/urfave/cli/v2"

	"mesos/actors/agent/store"
	"mesos/messages/resources"
	"mesos/messages/states"
)

func agentCheckCommand() *cli.Command {
	return &cli.Command{
		Name:  "check",
		Usage: "verify the state file of an agent that does not run, and say what it holds",
		UsageText: "mesos agent check --work_dir DIR [-o json]\n\nExample:\n" +
			"   mesos agent check --work_dir /var/lib/mesos/agent",
		Description:  "Reads all of <work_dir>/meta/agent.db and changes nothing.\n\n" + exitCodes,
		Flags:        []cli.Flag{&cli.StringFlag{Name: "work_dir", Usage: "the agent's `DIR`", Required: true}, outputFlag()},
		OnUsageError: onUsageError,
		Action: func(c *cli.Context) error {
			if err := noArguments(c); err != nil {
				return err
			}
			if err := checkForm(c); err != nil {
				return err
			}
			s, err := store.Check(c.String("work_dir"))
			if err != nil {
				return err
			}
			sum := summarize(store.Path(c.String("work_dir")), s)
			if done, err := printed(c, c.App.Writer, sum); done {
				return err
			}
			return sum.write(c.App.Writer)
		},
	}
}

// stateSummary is what a state file holds, as `mesos agent check -o json` prints it.
type stateSummary struct {
	File           string          `json:"file"`
	Format         string          `json:"format"`
	AgentID        string          `json:"agent_id"` // "" if it never registered
	BootID         string          `json:"boot_id"`
	Frameworks     int             `json:"frameworks"`
	UpdatesWaiting int             `json:"updates_waiting"`
	Executors      []stateExecutor `json:"executors"`
	Tasks          []stateTask     `json:"tasks"`

	Containers []stateContainer `json:"containers"` // nested and standalone
	Operations []stateOperation `json:"operations"` // pending, or not acknowledged
	Resources  []string         `json:"resources"`  // reservations and volumes that operations made
}

type stateContainer struct {
	ContainerID string `json:"container_id"` // ids from the outermost to its own, joined by dots
	Session     bool   `json:"session"`
	PID         int    `json:"pid"` // 0 if not known
}

type stateOperation struct {
	UUID        string `json:"uuid"`
	FrameworkID string `json:"framework_id"` // "" if an operator asked
	ID          string `json:"id"`           // "" if its framework wants no feedback
	Type        string `json:"type"`
	State       string `json:"state"`
}

type stateExecutor struct {
	FrameworkID string `json:"framework_id"`
	ExecutorID  string `json:"executor_id"`
	ContainerID string `json:"container_id"`
	PID         int    `json:"pid"` // 0 if not known
}

type stateTask struct {
	FrameworkID string     `json:"framework_id"`
	TaskID      string     `json:"task_id"`
	State       string     `json:"state"`
	Since       *time.Time `json:"since"` // null before the first update
	Over        bool       `json:"over"`  // only its acknowledgement is missing
}

func summarize(file string, s *store.State) stateSummary {
	sum := stateSummary{File: file, Format: store.Format, Frameworks: len(s.Frameworks), UpdatesWaiting: s.Waiting(), Executors: []stateExecutor{}, Tasks: []stateTask{}, Containers: []stateContainer{}, Operations: []stateOperation{}, Resources: []string{}}
	if s.Agent != nil {
		sum.AgentID, sum.BootID = s.Agent.ID, s.Agent.BootID
	}
	for _, e := range s.Executors {
		sum.Executors = append(sum.Executors, stateExecutor{e.FrameworkID, e.ExecutorID, e.ContainerID, e.Process.PID})
	}
	for _, c := range s.Containers {
		sum.Containers = append(sum.Containers, stateContainer{c.ID, c.Session, c.Process.PID})
	}
	for _, o := range s.Operations {
		id, _ := uuid.FromBytes(o.GetUuid().GetValue()) // zero for what is none
		sum.Operations = append(sum.Operations, stateOperation{
			UUID: id.String(), FrameworkID: o.GetFrameworkId().GetValue(), ID: o.GetInfo().GetId().GetValue(),
			Type: o.GetInfo().GetType().String(), State: o.GetLatestStatus().GetState().String(),
		})
	}
	if made, err := resources.FromProto(s.Resources); err == nil { // checked when the file was read
		for r := range made.All() {
			sum.Resources = append(sum.Resources, r.String())
		}
	}
	for _, t := range s.Tasks {
		sum.Tasks = append(sum.Tasks, summarizeTask(t, s.Updates))
	}
	return sum
}

func summarizeTask(t store.Task, updates []store.Update) stateTask {
	out := stateTask{FrameworkID: t.FrameworkID, TaskID: t.Info.GetTaskId().GetValue(), State: "TASK_STAGING"}
	for _, u := range updates {
		s := u.Update.GetStatus()
		if u.Update.GetFrameworkId().GetValue() != out.FrameworkID || s.GetTaskId().GetValue() != out.TaskID || s.State == nil {
			continue
		}
		at := time.Unix(0, int64(s.GetTimestamp()*1e9)).UTC()
		out.State, out.Since, out.Over = s.GetState().String(), &at, states.Terminal(s.GetState())
	}
	return out
}

func (s stateSummary) write(w io.Writer) error {
	agent := s.AgentID
	if agent == "" {
		agent = "none: it never registered"
	}
	_, err := fmt.Fprintf(w, "%s is whole (%s).\n\nagent       %s\nboot id     %s\nframeworks  %d\nexecutors   %d\ntasks       %d\ncontainers  %d nested or standalone\nupdates     %d not acknowledged\noperations  %d pending or not acknowledged\nresources   %d made by operations\n",
		s.File, s.Format, agent, s.BootID, s.Frameworks, len(s.Executors), len(s.Tasks), len(s.Containers), s.UpdatesWaiting, len(s.Operations), len(s.Resources))
	for _, r := range s.Resources {
		if err == nil {
			_, err = fmt.Fprintf(w, "\n%s", r)
		}
	}
	for _, o := range s.Operations {
		if err == nil {
			_, err = fmt.Fprintf(w, "\n%s  %s %s of %s", o.State, o.Type, cmp.Or(o.ID, o.UUID), cmp.Or(o.FrameworkID, "an operator"))
		}
	}
	for _, t := range s.Tasks {
		if err == nil {
			_, err = fmt.Fprintf(w, "\n%s  %s of framework %s", t.State, t.TaskID, t.FrameworkID)
		}
	}
	if err == nil && len(s.Tasks)+len(s.Operations)+len(s.Resources) > 0 {
		_, err = fmt.Fprintln(w)
	}
	return err
}
