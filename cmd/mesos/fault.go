package main

import (
	"encoding/json"
	"fmt"
	"net/http"
	"net/url"
	"strings"
	"time"

	"github.com/urfave/cli/v2"

	"mesos/actors/fault"
)

func faultCommand() *cli.Command {
	all := group("fault", "break the messages of a running master or agent on purpose, to test a cluster",
		faultSubcommand("add", "put a rule in force", "RULE…", "mesos fault add drop message=StatusUpdateMessage count=2\n"+
			"   mesos fault add --at 10.0.0.7:5051 delay 3s message='Call.*' probability=0.5\n   mesos fault add --file rules.txt", addFault,
			&cli.StringFlag{Name: "file", Aliases: []string{"f"}, Usage: "read rules from `FILE`, one a line; - is stdin"}),
		faultSubcommand("list", "show the rules in force, and what they did", "", "mesos fault list", listFaults, outputFlag()),
		faultSubcommand("release", "let go on what hold rules keep; the rules stay in force", "ID…", "mesos fault release --reverse 4", releaseFaults,
			&cli.BoolFlag{Name: "reverse", Usage: "the newest message goes first"}),
		faultSubcommand("clear", "take rules out of force; what they hold goes on", "[ID…]", "mesos fault clear 2 3", clearFaults),
		faultSubcommand("trace", "show the newest messages and what was done to them", "", "mesos fault trace -o mermaid", traceFaults,
			&cli.StringFlag{Name: "output", Aliases: []string{"o"}, Value: "text", Usage: "`FORM` of the output: text, mermaid or json"}),
	)
	all.Description = "Only daemons, or a mesos local, that were started with --fault_rules=FILE (which may be empty) let themselves be broken.\n" +
		"--at names the daemon; each has rules of its own.\n\n" + exitCodes
	return all
}

func faultSubcommand(name, usage, arguments, example string, act func(c *cli.Context, f faultDaemon) error, more ...cli.Flag) *cli.Command {
	at := &cli.StringFlag{Name: "at", EnvVars: []string{"MESOS_MASTER"}, Value: defaultMaster, Usage: "`HOST:PORT` of the master or agent"}
	return &cli.Command{
		Name: name, Usage: usage, ArgsUsage: arguments,
		UsageText:    "mesos fault " + strings.TrimSpace(name+" "+arguments) + " [--at HOST:PORT]\n\nExample:\n   " + example,
		Description:  exitCodes,
		Flags:        append([]cli.Flag{at}, more...),
		OnUsageError: onUsageError,
		Action: func(c *cli.Context) error {
			m, err := clientOf(c, "at")
			if err != nil {
				return err
			}
			defer m.Close()
			ctx, stop := untilInterrupted(c)
			defer stop()
			return act(c, func(method, query, body string) ([]byte, error) { return m.Faults(ctx, method, query, body) })
		},
	}
}

// faultDaemon sends a request to a daemon's fault injection.
type faultDaemon func(method, query, body string) ([]byte, error)

func addFault(c *cli.Context, f faultDaemon) error {
	words, err := arguments(c)
	if err != nil {
		return err
	}
	text := strings.Join(words, " ")
	if file := c.String("file"); file != "" && text == "" {
		b, err := readInput(file)
		if err != nil {
			return fmt.Errorf("fault rules: %w", err)
		}
		text = string(b)
	}
	switch rules, err := fault.Parse(text); {
	case err != nil:
		return usageError(c, "%v", err)
	case len(rules) == 0:
		return usageError(c, "which rule? for example: drop message=StatusUpdateMessage count=2")
	}
	answer, err := f(http.MethodPost, "", text)
	if err != nil {
		return err
	}
	return printFaults(c, answer)
}

func listFaults(c *cli.Context, f faultDaemon) error {
	if err := noArguments(c); err != nil {
		return err
	}
	answer, err := f(http.MethodGet, "", "")
	if err != nil {
		return err
	}
	return printFaults(c, answer)
}

func clearFaults(c *cli.Context, f faultDaemon) error {
	ids, err := arguments(c)
	if err != nil {
		return err
	}
	if len(ids) == 0 {
		_, err := f(http.MethodDelete, "", "")
		return err
	}
	for _, id := range ids {
		if _, err := f(http.MethodDelete, "?id="+url.QueryEscape(id), ""); err != nil {
			return err
		}
	}
	return nil
}

func releaseFaults(c *cli.Context, f faultDaemon) error {
	ids, err := arguments(c)
	if err != nil {
		return err
	}
	if len(ids) == 0 {
		return usageError(c, "release what? name the ids of hold rules: `mesos fault list` shows them")
	}
	reverse := ""
	if c.Bool("reverse") {
		reverse = "&reverse=1"
	}
	var answer []byte
	for _, id := range ids {
		if answer, err = f(http.MethodPost, "?release="+url.QueryEscape(id)+reverse, ""); err != nil {
			return err
		}
	}
	return printFaults(c, answer)
}

func traceFaults(c *cli.Context, f faultDaemon) error {
	if err := noArguments(c); err != nil {
		return err
	}
	answer, err := f(http.MethodGet, "?trace="+url.QueryEscape(c.String("output")), "")
	if err != nil {
		return err
	}
	_, err = c.App.Writer.Write(answer)
	return err
}

func printFaults(c *cli.Context, answer []byte) error {
	if err := checkForm(c); err != nil && c.IsSet("output") {
		return err
	}
	var rules []fault.Status
	if err := json.Unmarshal(answer, &rules); err != nil {
		return fmt.Errorf("answer about faults: %w", err)
	}
	return printList(c, c.App.Writer, faultColumns, rules)
}

var faultColumns = []column[fault.Status]{
	{name: "ID", text: func(r fault.Status, _ time.Time) string { return fmt.Sprint(r.ID) }},
	{name: "MATCHED", text: func(r fault.Status, _ time.Time) string { return fmt.Sprint(r.Seen) }},
	{name: "DONE", text: func(r fault.Status, _ time.Time) string { return fmt.Sprint(r.Done) }},
	{name: "HELD", text: func(r fault.Status, _ time.Time) string { return fmt.Sprint(r.Held) }},
	{name: "RULE", text: func(r fault.Status, _ time.Time) string { return fmt.Sprint(r.Rule) }},
}
