package main

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"log/slog"

	"github.com/urfave/cli/v2"

	"mesos/registry"
	"mesos/registry/consul"
)

// registryAt is a registry that a command looks after.
type registryAt struct {
	workDir string        // of a master of its own; "": it is in Consul
	consul  consul.Config // of a cluster's masters
}

func registryFlags() []cli.Flag {
	return []cli.Flag{
		&cli.StringFlag{Name: "work_dir", Usage: "`DIR` of a master that keeps its registry in a file"},
		&cli.StringFlag{Name: "consul", Usage: "`URL` of a cluster's registry, as its masters have it: consul://host:port,host:port/path"},
	}
}

// registryOf reads which registry the command line means.
func registryOf(c *cli.Context) (registryAt, error) {
	at := registryAt{workDir: c.String("work_dir")}
	url := c.String("consul")
	if (at.workDir == "") == (url == "") {
		return at, usageError(c, "one of --work_dir and --consul says where the registry is")
	}
	if url == "" {
		return at, nil
	}
	var err error
	if at.consul, err = consul.Parse(url); err != nil {
		return at, usageError(c, "--consul: %v", err)
	}
	return at, nil
}

// String is its file, or its URL without settings.
func (at registryAt) String() string {
	if at.workDir != "" {
		return registry.Path(at.workDir)
	}
	return at.consul.String()
}

// read checks all of it and changes nothing.
func (at registryAt) read(ctx context.Context) (*registry.State, error) {
	if at.workDir != "" {
		return registry.CheckBolt(at.workDir)
	}
	return consul.Read(ctx, at.consul)
}

// make makes it, where there is none and no master leads.
func (at registryAt) make(ctx context.Context, s *registry.State) error {
	if at.workDir == "" {
		return consul.Import(ctx, at.consul, s, slog.New(slog.DiscardHandler))
	}
	err := registry.ImportBolt(at.workDir, s)
	if errors.Is(err, fs.ErrExist) {
		return fmt.Errorf("work_dir %s has a registry: move %v away first", at.workDir, at)
	}
	return err
}
