package main

import (
	"context"
	"encoding/json"
	"fmt"
	"io"
	"log/slog"
	"os"
	"os/signal"
	"strings"
	"syscall"
	"time"

	"github.com/urfave/cli/v2"

	"mesos/actors"
	"mesos/cmd/internal/daemon"
	"mesos/cmd/mesos/internal/client"
	v1 "mesos/messages/mesos/v1"
)

// Exit codes that the commands share; `mesos run` has more.
const (
	exitFailed = 1 // told on stderr
	exitUsage  = 2 // the command line makes no sense
)

const exitCodes = "Exit codes: 0 success, 1 an error told on stderr, 2 a command line that makes no sense."

const defaultMaster = "127.0.0.1:" + client.DefaultPort

func masterFlag() cli.Flag {
	return &cli.StringFlag{Name: "master", Aliases: []string{"m"}, EnvVars: []string{"MESOS_MASTER"}, Value: defaultMaster, Usage: "`HOST:PORT` of a master, or where their leader is found: consul://HOST:PORT,HOST:PORT/PATH or zk://HOST:PORT,HOST:PORT/PATH, or file:///FILE that says it"}
}

func outputFlag() cli.Flag {
	return &cli.StringFlag{Name: "output", Aliases: []string{"o"}, Value: "table", Usage: "`FORM` of the output: table or json"}
}

// usageError is a complaint about the command line.
func usageError(c *cli.Context, format string, args ...any) error {
	return cli.Exit(fmt.Sprintf(format, args...)+fmt.Sprintf(" (`mesos %s --help` tells more)", c.Command.Name), exitUsage)
}

// onUsageError is told what the flag package refused.
func onUsageError(c *cli.Context, err error, _ bool) error {
	text := err.Error()
	if name, ok := strings.CutPrefix(text, "flag provided but not defined: -"); ok {
		text = "unknown flag --" + strings.TrimLeft(name, "-")
	}
	return usageError(c, "%s", text)
}

// arguments are the words of the command line that are no flags; flags may stand between and behind them.
func arguments(c *cli.Context) ([]string, error) {
	var words []string
	for rest := c.Args().Slice(); len(rest) > 0; {
		word := rest[0]
		rest = rest[1:]
		switch {
		case word == "--":
			return append(words, rest...), nil
		case !strings.HasPrefix(word, "-") || word == "-":
			words = append(words, word)
			continue
		}
		name, value, given := strings.Cut(strings.TrimLeft(word, "-"), "=")
		f := flagNamed(c, name)
		switch {
		case f == nil:
			return nil, usageError(c, "unknown flag %s", word)
		case !given && isSwitch(f):
			value = "true"
		case !given && len(rest) == 0:
			return nil, usageError(c, "flag %s needs a value", word)
		case !given:
			value, rest = rest[0], rest[1:]
		}
		for _, n := range f.Names() {
			if err := c.Set(n, value); err != nil {
				return nil, usageError(c, "flag %s: %v", word, err)
			}
		}
	}
	return words, nil
}

func flagNamed(c *cli.Context, name string) cli.Flag {
	for _, f := range c.Command.Flags {
		for _, n := range f.Names() {
			if n == name {
				return f
			}
		}
	}
	return nil
}

func isSwitch(f cli.Flag) bool {
	d, ok := f.(cli.DocGenerationFlag)
	return ok && !d.TakesValue()
}

// noArguments complains about words that a command has no use for.
func noArguments(c *cli.Context) error {
	words, err := arguments(c)
	if err == nil && len(words) > 0 {
		err = usageError(c, "unexpected argument %q", words[0])
	}
	return err
}

// masterClient is a client of the master that the command line names.
func masterClient(c *cli.Context) (*client.Client, error) { return clientOf(c, "master") }

// clientOf is a client of the daemon that a flag names.
func clientOf(c *cli.Context, flag string) (*client.Client, error) {
	text := c.String(flag)
	if text == "" && os.Getenv("MESOS_MASTER") == "" {
		text = defaultMaster // the variable is there, but empty
	}
	if path, ok := strings.CutPrefix(text, "file://"); ok {
		content, err := os.ReadFile(path)
		if err != nil {
			return nil, usageError(c, "%s: %v", flag, err)
		}
		text = strings.TrimSpace(string(content))
	}
	if daemon.Elected(text) {
		return electedClient(c, text)
	}
	addr, err := client.ParseAddress(text)
	if err != nil {
		return nil, usageError(c, "%v", err)
	}
	return client.New(addr), nil
}

// findTime is how long a command looks for a leader.
const findTime = 10 * time.Second

// electedClient is a client of the master that leads.
func electedClient(c *cli.Context, text string) (*client.Client, error) {
	why := &lastError{}
	_, d, err := daemon.Masters(text, 0, slog.New(why))
	if err != nil {
		return nil, usageError(c, "master %v", err)
	}
	ctx, cancel := context.WithTimeout(c.Context, findTime)
	defer cancel()
	var addr string
	d.Watch(ctx, func(info *v1.MasterInfo) {
		if at, err := actors.ParseUPID(info.GetPid()); err == nil {
			addr = at.Addr
			cancel()
		}
	})
	if addr == "" {
		if err := why.get(); err != nil {
			return nil, fmt.Errorf("who leads was not found for %v: %w", findTime, err)
		}
		return nil, fmt.Errorf("no master leads: for %v nobody was found at %s", findTime, text)
	}
	m := client.New(addr)
	m.Masters = d
	return m, nil
}

// fetchState reads the arguments and asks the master for its state.
func fetchState(c *cli.Context) (*client.State, error) {
	if err := noArguments(c); err != nil {
		return nil, err
	}
	if o := c.String("output"); o != "table" && o != "json" {
		return nil, usageError(c, "--output=%s is not known: it is table or json", o)
	}
	m, err := masterClient(c)
	if err != nil {
		return nil, err
	}
	defer m.Close()
	ctx, stop := untilInterrupted(c)
	defer stop()
	return m.State(ctx)
}

func untilInterrupted(c *cli.Context) (context.Context, context.CancelFunc) {
	return signal.NotifyContext(c.Context, syscall.SIGINT, syscall.SIGTERM)
}

// printJSON prints v for programs: two spaces deep, ending in a line break.
func printJSON(w io.Writer, v any) error {
	e := json.NewEncoder(w)
	e.SetEscapeHTML(false)
	e.SetIndent("", "  ")
	return e.Encode(v)
}
