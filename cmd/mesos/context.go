package main

import (
	"fmt"
	"maps"
	"slices"
	"time"

	"github.com/urfave/cli/v2"

	"mesos/cmd/mesos/internal/contexts"
)

// currentContext is the context in use; nil if there is none.
func currentContext() (*contexts.Context, error) {
	path, err := contexts.Path()
	if err != nil {
		return nil, nil // without a home there is nothing to be read
	}
	f, err := contexts.Read(path)
	if err != nil || f.Current == "" {
		return nil, err
	}
	in := f.Contexts[f.Current]
	return &in, nil
}

// contextLine is a context as `mesos context list -o json` prints it.
type contextLine struct {
	Name    string `json:"name"`
	Master  string `json:"master"`
	Current bool   `json:"current"`
}

var contextColumns = []column[contextLine]{
	{name: "NAME", text: func(l contextLine, _ time.Time) string { return l.Name }},
	{name: "MASTER", text: func(l contextLine, _ time.Time) string { return l.Master }},
	{name: "CURRENT", text: func(l contextLine, _ time.Time) string {
		if l.Current {
			return "*"
		}
		return ""
	}},
}

const contextText = "The file is mesos/contexts.json below the user's configuration, or what MESOS_CONTEXTS names.\n--master and MESOS_MASTER count more than the context in use.\n\n"

func contextCommand() *cli.Command {
	verb := func(name, args, usage, example string, words int, do func(c *cli.Context, f *contexts.File, words []string) (string, error)) *cli.Command {
		return &cli.Command{
			Name: name, Usage: usage, ArgsUsage: args,
			UsageText:    "mesos context " + name + " " + args + "\n\nExample:\n   mesos context " + name + " " + example,
			Description:  contextText + exitCodes,
			OnUsageError: onUsageError,
			BashComplete: completeContexts,
			Action: func(c *cli.Context) error {
				given, err := arguments(c)
				if err == nil && len(given) != words {
					err = usageError(c, "got %d arguments, want %s", len(given), args)
				}
				if err != nil {
					return err
				}
				return onContexts(c, func(f *contexts.File) (string, error) { return do(c, f, given) })
			},
		}
	}
	return group("context", "remember clusters by name, and choose the one that commands ask",
		&cli.Command{
			Name: "list", Usage: "list the clusters that are remembered",
			UsageText:   "mesos context list [-o FORM]\n\nExample:\n   mesos context list",
			Description: contextText + exitCodes, OnUsageError: onUsageError, Flags: []cli.Flag{outputFlag()},
			Action: listContexts,
		},
		verb("add", "NAME MASTER", "remember a cluster, and use it if it is the first", "prod consul://10.0.0.1:8500/mesos", 2, addContext),
		verb("use", "NAME", "choose the cluster that commands ask", "prod", 1, func(_ *cli.Context, f *contexts.File, words []string) (string, error) {
			in, ok := f.Contexts[words[0]]
			if !ok {
				return "", noContext(words[0])
			}
			f.Current = words[0]
			return fmt.Sprintf("%s is in use: %s", words[0], in.Master), nil
		}),
		verb("remove", "NAME", "forget a cluster", "prod", 1, func(_ *cli.Context, f *contexts.File, words []string) (string, error) {
			if _, ok := f.Contexts[words[0]]; !ok {
				return "", noContext(words[0])
			}
			delete(f.Contexts, words[0])
			if f.Current == words[0] {
				f.Current = ""
			}
			return words[0] + " is forgotten", nil
		}),
	)
}

func noContext(name string) error {
	return fmt.Errorf("no context is called %q: `mesos context list` lists them, `mesos context add` makes one", name)
}

func addContext(c *cli.Context, f *contexts.File, words []string) (string, error) {
	if err := checkMaster(c, words[1]); err != nil {
		return "", err
	}
	f.Contexts[words[0]] = contexts.Context{Master: words[1]}
	if f.Current == "" {
		f.Current = words[0]
		return words[0] + " is remembered and in use", nil
	}
	return words[0] + " is remembered", nil
}

// onContexts reads the file, changes it and writes it again.
func onContexts(c *cli.Context, do func(*contexts.File) (string, error)) error {
	path, err := contexts.Path()
	if err != nil {
		return err
	}
	f, err := contexts.Read(path)
	if err != nil {
		return err
	}
	done, err := do(f)
	if err != nil {
		return err
	}
	if err := f.Write(path); err != nil {
		return err
	}
	_, err = fmt.Fprintln(c.App.Writer, done)
	return err
}

func contextLines() ([]contextLine, error) {
	path, err := contexts.Path()
	if err != nil {
		return nil, err
	}
	f, err := contexts.Read(path)
	if err != nil {
		return nil, err
	}
	lines := []contextLine{}
	for _, name := range slices.Sorted(maps.Keys(f.Contexts)) {
		lines = append(lines, contextLine{name, f.Contexts[name].Master, name == f.Current})
	}
	return lines, nil
}

func listContexts(c *cli.Context) error {
	if err := noArguments(c); err != nil {
		return err
	}
	if err := checkForm(c); err != nil {
		return err
	}
	lines, err := contextLines()
	if err != nil {
		return err
	}
	return printList(c, c.App.Writer, contextColumns, lines)
}

func completeContexts(c *cli.Context) {
	lines, _ := contextLines() // who completes words is told of no errors
	for _, l := range lines {
		_, _ = fmt.Fprintln(c.App.Writer, l.Name)
	}
}
