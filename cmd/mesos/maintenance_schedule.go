package main

import (
	"context"
	"fmt"
	"time"

	"github.com/urfave/cli/v2"

	"mesos/cmd/mesos/internal/client"
)

// window and schedule are those of the operator API; times are nanoseconds.
type (
	nanoseconds struct {
		Nanoseconds int64 `json:"nanoseconds"`
	}
	unavailability struct {
		Start    nanoseconds  `json:"start"`
		Duration *nanoseconds `json:"duration,omitempty"` // nil = for ever
	}
	window struct {
		Machines       []machineID    `json:"machine_ids"`
		Unavailability unavailability `json:"unavailability"`
	}
	schedule struct {
		Windows []window `json:"windows"`
	}
)

func maintenanceScheduleCommand() *cli.Command {
	return &cli.Command{
		Name: "schedule", Usage: "add a window to the schedule; without machines, show it", ArgsUsage: "[HOSTNAME/IP…]",
		UsageText: "mesos maintenance schedule HOSTNAME/IP... --in=TIME [--for=TIME]\n\nExamples:\n" +
			"   mesos maintenance schedule\n" +
			"   mesos maintenance schedule node7/10.0.0.7 node8/10.0.0.8 --in 2h --for 30m",
		Description: "Frameworks that use the machines are asked to leave them before the window begins.\n\n" + exitCodes,
		Flags: []cli.Flag{
			&cli.DurationFlag{Name: "in", Usage: "`TIME` until the window begins"},
			&cli.DurationFlag{Name: "for", Usage: "`TIME` that the window lasts; without it, for ever"},
			masterFlag(),
		},
		OnUsageError: onUsageError,
		Action: func(c *cli.Context) error {
			words, err := arguments(c)
			if err != nil {
				return err
			}
			if len(words) == 0 {
				return onMaster(c, func(ctx context.Context, m *client.Client) error { return showSchedule(ctx, c, m) })
			}
			return withMachines(c, func(ctx context.Context, m *client.Client, machines []machineID) error {
				w := window{Machines: machines}
				w.Unavailability.Start.Nanoseconds = time.Now().Add(c.Duration("in")).UnixNano()
				if d := c.Duration("for"); d > 0 {
					w.Unavailability.Duration = &nanoseconds{int64(d)}
				}
				return editSchedule(ctx, m, func(s *schedule) { s.Windows = append(s.Windows, w) })
			})
		},
	}
}

func maintenanceCancelCommand() *cli.Command {
	return &cli.Command{
		Name: "cancel", Usage: "take machines out of the schedule", ArgsUsage: "HOSTNAME/IP…",
		UsageText:    "mesos maintenance cancel HOSTNAME/IP...\n\nExample:\n   mesos maintenance cancel node7/10.0.0.7",
		Description:  exitCodes,
		Flags:        []cli.Flag{masterFlag()},
		OnUsageError: onUsageError,
		Action: func(c *cli.Context) error {
			return withMachines(c, func(ctx context.Context, m *client.Client, machines []machineID) error {
				return editSchedule(ctx, m, func(s *schedule) { s.remove(machines) })
			})
		},
	}
}

func (s *schedule) remove(machines []machineID) {
	gone := map[machineID]bool{}
	for _, id := range machines {
		gone[id] = true
	}
	var windows []window
	for _, w := range s.Windows {
		var left []machineID
		for _, id := range w.Machines {
			if !gone[id] {
				left = append(left, id)
			}
		}
		if w.Machines = left; len(left) > 0 {
			windows = append(windows, w)
		}
	}
	s.Windows = windows
}

// editSchedule changes the schedule as it is now. Two who do so at once may undo
// each other's change: the API replaces the whole.
func editSchedule(ctx context.Context, m *client.Client, edit func(*schedule)) error {
	s, err := fetchSchedule(ctx, m)
	if err != nil {
		return err
	}
	edit(s)
	return m.Call(ctx, "UPDATE_MAINTENANCE_SCHEDULE", map[string]any{"schedule": s}, nil)
}

func fetchSchedule(ctx context.Context, m *client.Client) (*schedule, error) {
	var got struct {
		Schedule schedule `json:"schedule"`
	}
	err := m.Call(ctx, "GET_MAINTENANCE_SCHEDULE", nil, &got)
	return &got.Schedule, err
}

func showSchedule(ctx context.Context, c *cli.Context, m *client.Client) error {
	s, err := fetchSchedule(ctx, m)
	if err != nil {
		return err
	}
	if len(s.Windows) == 0 {
		_, err = fmt.Fprintln(c.App.Writer, "No maintenance is scheduled.")
	}
	for _, w := range s.Windows {
		lasts := "for ever"
		if d := w.Unavailability.Duration; d != nil {
			lasts = "for " + time.Duration(d.Nanoseconds).String()
		}
		for _, id := range w.Machines {
			if err == nil {
				at := time.Unix(0, w.Unavailability.Start.Nanoseconds).UTC().Format(time.RFC3339)
				_, err = fmt.Fprintf(c.App.Writer, "%s/%s  from %s %s\n", id.Hostname, id.IP, at, lasts)
			}
		}
	}
	return err
}
