package main

import (
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"

	"github.com/urfave/cli/v2"

	"mesos/registry"
)

func registryCommand() *cli.Command {
	return &cli.Command{
		Name:  "registry",
		Usage: "look after the registry of a master that does not run",
		Subcommands: []*cli.Command{
			registrySubcommand("show", "say what a registry holds", "Reads all of <work_dir>/registry.db and changes nothing.", showRegistry, outputFlag()),
			registrySubcommand("verify", "check that a registry is whole", "Reads all of <work_dir>/registry.db and changes nothing.", verifyRegistry),
			registrySubcommand("export", "write a registry as JSON", "The JSON holds Mesos's Registry message and the frameworks that are away. `mesos registry import` reads it.", exportRegistry,
				&cli.StringFlag{Name: "file", Aliases: []string{"f"}, Usage: "write to `FILE`, which must not exist; - is stdout", Value: "-"}),
			registrySubcommand("import", "make a registry from an exported one", "The work directory must not have a registry: move an old one away first.", importRegistry,
				&cli.StringFlag{Name: "file", Aliases: []string{"f"}, Usage: "read from `FILE`; - is stdin", Value: "-"}),
		},
	}
}

// registrySubcommand is one that works on the registry below --work_dir.
func registrySubcommand(name, usage, text string, act func(c *cli.Context, workDir string) error, more ...cli.Flag) *cli.Command {
	return &cli.Command{
		Name: name, Usage: usage,
		UsageText:    "mesos registry " + name + " --work_dir DIR\n\nExample:\n   mesos registry " + name + " --work_dir /var/lib/mesos/master",
		Description:  text + "\n\n" + exitCodes,
		Flags:        append([]cli.Flag{&cli.StringFlag{Name: "work_dir", Usage: "the master's `DIR`", Required: true}}, more...),
		OnUsageError: onUsageError,
		Action: func(c *cli.Context) error {
			if err := noArguments(c); err != nil {
				return err
			}
			return act(c, c.String("work_dir"))
		},
	}
}

func verifyRegistry(c *cli.Context, workDir string) error {
	s, err := registry.CheckBolt(workDir)
	if err != nil {
		return err
	}
	if lacking := s.Lacking(); len(lacking) > 0 {
		return fmt.Errorf("%s is whole, but asks for minimum capabilities that this version does not have: %v", registry.Path(workDir), lacking)
	}
	_, err = fmt.Fprintf(c.App.Writer, "%s is whole (%s).\n", registry.Path(workDir), registry.Format)
	return err
}

func exportRegistry(c *cli.Context, workDir string) error {
	s, err := registry.CheckBolt(workDir)
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

func importRegistry(c *cli.Context, workDir string) error {
	text, err := readInput(c.String("file"))
	if err != nil {
		return fmt.Errorf("exported registry: %w", err)
	}
	s, err := registry.Import(text)
	if err != nil {
		return err
	}
	err = registry.ImportBolt(workDir, s)
	if errors.Is(err, fs.ErrExist) {
		return fmt.Errorf("work_dir %s has a registry: move %s away first", workDir, registry.Path(workDir))
	}
	if err != nil {
		return err
	}
	_, err = fmt.Fprintf(c.App.Writer, "%s holds %d agents, %d unreachable and %d gone.\n", registry.Path(workDir), s.Len(registry.Agents), s.Len(registry.Unreachable), s.Len(registry.Gone))
	return err
}

func readInput(file string) ([]byte, error) {
	if file == "-" {
		return io.ReadAll(os.Stdin)
	}
	return os.ReadFile(file)
}
