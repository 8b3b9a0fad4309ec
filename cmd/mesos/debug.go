package main

import (
	"archive/tar"
	"compress/gzip"
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"strings"
	"time"

	"github.com/urfave/cli/v2"

	"mesos/cmd/mesos/internal/client"
)

var (
	masterPages = []string{"state", "roles", "quota", "weights", "maintenance/schedule", "maintenance/status", "metrics/snapshot", "metrics", "flags", "version", "health"}
	agentPages  = []string{"state", "containers", "metrics/snapshot", "metrics", "flags", "version", "health"}
)

func debugCommand() *cli.Command {
	return group("debug", "gather what helps to find out what is wrong",
		&cli.Command{
			Name: "bundle", Usage: "write what the daemons of a cluster say of themselves to one file",
			UsageText: "mesos debug bundle [--file FILE]\n\nExample:\n   mesos debug bundle --file trouble.tar.gz",
			Description: "The file holds the state, roles, quotas, maintenance, metrics, flags and versions of the master and of each agent.\n" +
				"What was not to be had is told in errors.txt. Look through it before it is given away: flags, environments and labels may hold secrets.\n\n" + exitCodes,
			Flags: []cli.Flag{
				&cli.StringFlag{Name: "file", Aliases: []string{"f"}, Usage: "write to `FILE`, which must not exist", DefaultText: "mesos-debug-<time>.tar.gz"},
				masterFlag(),
			},
			OnUsageError: onUsageError,
			Action: func(c *cli.Context) error {
				if err := noArguments(c); err != nil {
					return err
				}
				return onState(c, func(ctx context.Context, m *client.Client, s *client.State) error { return writeBundle(ctx, c, m, s) })
			},
		})
}

func writeBundle(ctx context.Context, c *cli.Context, m *client.Client, s *client.State) error {
	now := time.Now()
	name := c.String("file")
	if name == "" {
		name = "mesos-debug-" + now.UTC().Format("20060102T150405Z") + ".tar.gz"
	}
	f, err := os.OpenFile(name, os.O_WRONLY|os.O_CREATE|os.O_EXCL, 0o600)
	if err != nil {
		return fmt.Errorf("debug bundle: %w", err)
	}
	n, err := fillBundle(ctx, f, m, s, now)
	if err = errors.Join(err, f.Close()); err != nil {
		return fmt.Errorf("debug bundle %s: %w", name, errors.Join(err, os.Remove(name)))
	}
	_, err = fmt.Fprintf(c.App.Writer, "%s: %d files of the master and %d agents\n", name, n, len(s.Agents))
	return err
}

// fillBundle writes the archive and returns how many files are in it.
func fillBundle(ctx context.Context, out io.Writer, m *client.Client, s *client.State, now time.Time) (files int, err error) {
	z := gzip.NewWriter(out)
	t := tar.NewWriter(z)
	put := func(name string, text []byte) error {
		files++
		if err := t.WriteHeader(&tar.Header{Name: "mesos-debug/" + name, Mode: 0o600, Size: int64(len(text)), ModTime: now}); err != nil {
			return err
		}
		_, err := t.Write(text)
		return err
	}
	failures := ""
	gather := func(dir string, from *client.Client, pages []string) error {
		for _, page := range pages {
			text, err := from.Get(ctx, "/"+page)
			if err != nil {
				if ctx.Err() != nil {
					return ctx.Err()
				}
				failures += fmt.Sprintf("%s/%s: %v\n", dir, page, err)
				continue
			}
			if err := put(dir+"/"+strings.ReplaceAll(page, "/", "-"), text); err != nil {
				return err
			}
		}
		return nil
	}
	if err := gather("master", m, masterPages); err != nil {
		return 0, err
	}
	for _, a := range s.Agents {
		agent := client.New(a.Addr(), m.Credential, m.TLS)
		err := gather("agents/"+a.ID, agent, agentPages)
		agent.Close()
		if err != nil {
			return 0, err
		}
	}
	if failures != "" {
		err = put("errors.txt", []byte(failures))
	}
	return files, errors.Join(err, t.Close(), z.Close())
}
