package main

import (
	"context"
	"fmt"
	"net"
	"time"

	"github.com/urfave/cli/v2"

	"mesos/cmd/mesos/internal/client"
)

func maintenanceCommand() *cli.Command {
	order := func(name, usage, kind string) *cli.Command {
		return &cli.Command{
			Name: name, Usage: usage, ArgsUsage: "HOSTNAME/IP…",
			UsageText:    fmt.Sprintf("mesos maintenance %s HOSTNAME/IP...\n\nExample:\n   mesos maintenance %s node7.example.com/10.0.0.7", name, name),
			Description:  "A machine is named by hostname and IP as its agent registers with them.\n\n" + exitCodes,
			Flags:        []cli.Flag{masterFlag()},
			OnUsageError: onUsageError,
			Action: func(c *cli.Context) error {
				return withMachines(c, func(ctx context.Context, m *client.Client, machines []machineID) error {
					return m.Call(ctx, kind, map[string]any{"machines": machines}, nil)
				})
			},
		}
	}
	return &cli.Command{
		Name: "maintenance", Usage: "plan when machines are taken down, and take them down",
		Subcommands: []*cli.Command{
			maintenanceStatusCommand(), maintenanceScheduleCommand(), maintenanceCancelCommand(),
			order("down", "take machines down that are scheduled: their agents end, and may not register", "START_MAINTENANCE"),
			order("up", "end the maintenance of machines that are down", "STOP_MAINTENANCE"),
		},
	}
}

type machineID struct {
	Hostname string `json:"hostname,omitempty"`
	IP       string `json:"ip,omitempty"`
}

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

// withMachines reads the machines that the command line names, and says OK for each.
func withMachines(c *cli.Context, do func(context.Context, *client.Client, []machineID) error) error {
	words, err := arguments(c)
	if err == nil && len(words) == 0 {
		err = usageError(c, "which machine? name it as HOSTNAME/IP")
	}
	if err != nil {
		return err
	}
	var machines []machineID
	for _, w := range words {
		id, err := parseMachine(w)
		if err != nil {
			return usageError(c, "%v", err)
		}
		machines = append(machines, id)
	}
	return onMaster(c, func(ctx context.Context, m *client.Client) error {
		if err := do(ctx, m, machines); err != nil {
			return fmt.Errorf("maintenance %s: %w", c.Command.Name, err)
		}
		_, err := fmt.Fprintf(c.App.Writer, "%s: %d machines\n", c.Command.Name, len(machines))
		return err
	})
}

func onMaster(c *cli.Context, do func(context.Context, *client.Client) error) error {
	m, err := masterClient(c)
	if err != nil {
		return err
	}
	defer m.Close()
	ctx, stop := untilInterrupted(c)
	defer stop()
	return do(ctx, m)
}

func parseMachine(text string) (machineID, error) {
	for i := len(text) - 1; i > 0; i-- {
		if text[i] == '/' && net.ParseIP(text[i+1:]) != nil {
			return machineID{text[:i], text[i+1:]}, nil
		}
	}
	return machineID{}, fmt.Errorf("machine %q: write HOSTNAME/IP, like node7/10.0.0.7; `mesos agents` shows both", text)
}

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

func maintenanceStatusCommand() *cli.Command {
	return &cli.Command{
		Name: "status", Usage: "show which machines are draining or down, and what frameworks answered",
		UsageText:    "mesos maintenance status\n\nExample:\n   mesos maintenance status",
		Description:  exitCodes,
		Flags:        []cli.Flag{masterFlag()},
		OnUsageError: onUsageError,
		Action: func(c *cli.Context) error {
			if err := noArguments(c); err != nil {
				return err
			}
			return onMaster(c, func(ctx context.Context, m *client.Client) error { return showMaintenance(ctx, c, m) })
		},
	}
}

func showMaintenance(ctx context.Context, c *cli.Context, m *client.Client) error {
	var got struct {
		Status struct {
			Draining []struct {
				ID       machineID `json:"id"`
				Statuses []struct {
					Status      string `json:"status"`
					FrameworkID struct {
						Value string `json:"value"`
					} `json:"framework_id"`
				} `json:"statuses"`
			} `json:"draining_machines"`
			Down []machineID `json:"down_machines"`
		} `json:"status"`
	}
	if err := m.Call(ctx, "GET_MAINTENANCE_STATUS", nil, &got); err != nil {
		return err
	}
	var lines []string
	for _, d := range got.Status.Draining {
		lines = append(lines, fmt.Sprintf("%s/%s  draining", d.ID.Hostname, d.ID.IP))
		for _, s := range d.Statuses {
			lines = append(lines, fmt.Sprintf("    framework %s: %s", s.FrameworkID.Value, s.Status))
		}
	}
	for _, id := range got.Status.Down {
		lines = append(lines, fmt.Sprintf("%s/%s  down", id.Hostname, id.IP))
	}
	if len(lines) == 0 {
		lines = []string{"No machine is under maintenance."}
	}
	for _, l := range lines {
		if _, err := fmt.Fprintln(c.App.Writer, l); err != nil {
			return err
		}
	}
	return nil
}
