package main

import (
	"context"
	"fmt"
	"net"

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
	return group("maintenance", "plan when machines are taken down, and take them down",
		maintenanceStatusCommand(), maintenanceScheduleCommand(), maintenanceCancelCommand(),
		order("down", "take machines down that are scheduled: their agents end, and may not register", "START_MAINTENANCE"),
		order("up", "end the maintenance of machines that are down", "STOP_MAINTENANCE"),
	)
}

type machineID struct {
	Hostname string `json:"hostname,omitempty"`
	IP       string `json:"ip,omitempty"`
}

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

func parseMachine(text string) (machineID, error) {
	for i := len(text) - 1; i > 0; i-- {
		if text[i] == '/' && net.ParseIP(text[i+1:]) != nil {
			return machineID{text[:i], text[i+1:]}, nil
		}
	}
	return machineID{}, fmt.Errorf("machine %q: write HOSTNAME/IP, like node7/10.0.0.7; `mesos agents` shows both", text)
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
