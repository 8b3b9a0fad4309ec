package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"

	"github.com/urfave/cli/v2"

	"mesos/registry"
)

func registryCommand() *cli.Command {
	return group("registry", "look after the registry of a master that does not run, or of a cluster's masters in Consul",
		registrySubcommand("show", "say what a registry holds", readsAll, showRegistry, outputFlag()),
		registrySubcommand("verify", "check that a registry is whole", readsAll, verifyRegistry),
		registrySubcommand("export", "write a registry as JSON", "The JSON holds Mesos's Registry message and the frameworks that are away. `mesos registry import` reads it.", exportRegistry,
			&cli.StringFlag{Name: "file", Aliases: []string{"f"}, Usage: "write to `FILE`, which must not exist; - is stdout", Value: "-"}),
		registrySubcommand("import", "make a registry from an exported one", "There must not be a registry yet: move an old one away first. With --consul no master may lead, and none does until the import is finished.", importRegistry,
			&cli.StringFlag{Name: "file", Aliases: []string{"f"}, Usage: "read from `FILE`; - is stdin", Value: "-"}),
	)
}

const readsAll = "Reads all of <work_dir>/registry.db, or of what is in Consul, and changes nothing. The file must not be in use; Consul's masters may lead meanwhile."

// registrySubcommand is one that works on the registry of --work_dir or --consul.
func registrySubcommand(name, usage, text string, act func(context.Context, *cli.Context, registryAt) error, more ...cli.Flag) *cli.Command {
	return &cli.Command{
		Name: name, Usage: usage,
		UsageText:    "mesos registry " + name + " --work_dir DIR | --consul URL\n\nExamples:\n   mesos registry " + name + " --work_dir /var/lib/mesos/master\n   mesos registry " + name + " --consul consul://127.0.0.1:8500/mesos",
		Description:  text + "\n\n" + exitCodes,
		Flags:        append(registryFlags(), more...),
		OnUsageError: onUsageError,
		Action: func(c *cli.Context) error {
			if err := noArguments(c); err != nil {
				return err
			}
			at, err := registryOf(c)
			if err != nil {
				return err
			}
			ctx, stop := untilInterrupted(c)
			defer stop()
			return act(ctx, c, at)
		},
	}
}

func verifyRegistry(ctx context.Context, c *cli.Context, at registryAt) error {
	s, err := at.read(ctx)
	if err != nil {
		return err
	}
	if lacking := s.Lacking(); len(lacking) > 0 {
		return fmt.Errorf("%v is whole, but asks for minimum capabilities that this version does not have: %v", at, lacking)
	}
	_, err = fmt.Fprintf(c.App.Writer, "%v is whole (%s).\n", at, registry.Format)
	return err
}

func exportRegistry(ctx context.Context, c *cli.Context, at registryAt) error {
	s, err := at.read(ctx)
	if err != nil {
		return err
	}
	text, err := s.Export()
	if err != nil {
		return err
	}
	text = append(text, '\n')
	if c.String("file") == "-" {
		_, err = c.App.Writer.Write(text)
		return err
	}
	f, err := os.OpenFile(c.String("file"), os.O_WRONLY|os.O_CREATE|os.O_EXCL, 0o600)
	if err != nil {
		return fmt.Errorf("exported registry: %w", err)
	}
	_, err = f.Write(text)
	return errors.Join(err, f.Sync(), f.Close())
}

func importRegistry(ctx context.Context, c *cli.Context, at registryAt) error {
	text, err := readInput(c.String("file"))
	if err != nil {
		return fmt.Errorf("exported registry: %w", err)
	}
	s, err := registry.Import(text)
	if err != nil {
		return err
	}
	if err := at.make(ctx, s); err != nil {
		return err
	}
	_, err = fmt.Fprintf(c.App.Writer, "%v holds %d agents, %d unreachable and %d gone.\n", at, s.Len(registry.Agents), s.Len(registry.Unreachable), s.Len(registry.Gone))
	return err
}

func readInput(file string) ([]byte, error) {
	if file == "-" {
		return io.ReadAll(os.Stdin)
	}
	return os.ReadFile(file)
}
