package main

import (
	"slices"
	"strings"
	"testing"

	"github.com/urfave/cli/v2"
)

// TestExamplesNameFlagsThatAreThere walks over all commands: the help of each
// shows a line with it, and only flags that it has.
func TestExamplesNameFlagsThatAreThere(t *testing.T) {
	seen := 0
	var walk func(path string, c *cli.Command, above []cli.Flag)
	walk = func(path string, c *cli.Command, above []cli.Flag) {
		seen++
		known := append(slices.Clone(above), c.Flags...)
		lines := examples(c.UsageText, path)
		if len(lines) == 0 {
			t.Errorf("`%s --help` has no example of %q:\n%s", path, path, c.UsageText)
		}
		for _, line := range lines {
			for _, name := range flagsOf(line) {
				if !hasFlag(known, name) && !hasFlag(below(c.Subcommands), name) {
					t.Errorf("`%s --help`: the example %q has a flag %q that is not there", path, line, name)
				}
			}
		}
		for _, s := range c.Subcommands {
			walk(path+" "+s.Name, s, known)
		}
	}
	for _, c := range commands() {
		walk("mesos "+c.Name, c, nil)
	}
	if seen < 40 {
		t.Errorf("commands: got %d, want all of them", seen)
	}
}

// examples are the lines behind "Example:" or "Examples:", from a command on.
func examples(usage, path string) []string {
	_, text, ok := strings.Cut(usage, "Example")
	if !ok {
		return nil
	}
	text = strings.TrimPrefix(strings.TrimPrefix(text, "s"), ":")
	var out []string
	for line := range strings.Lines(text) {
		if at := strings.Index(line, path); at >= 0 { // a shell's word may stand around it
			out = append(out, strings.TrimSpace(line[at:]))
		}
	}
	return out
}

// flagsOf are the names of the long flags in a line, up to "--" or a comment, which stands after two spaces.
func flagsOf(line string) (out []string) {
	line, _, _ = strings.Cut(line, "  ")
	for _, word := range strings.Fields(line) {
		if word == "--" {
			break
		}
		if name, ok := strings.CutPrefix(word, "--"); ok {
			name, _, _ = strings.Cut(name, "=")
			out = append(out, name)
		}
	}
	return out
}

func hasFlag(all []cli.Flag, name string) bool {
	return name == "help" || slices.ContainsFunc(all, func(f cli.Flag) bool { return slices.Contains(f.Names(), name) })
}

// below are the flags of all subcommands, whose examples a noun may show.
func below(commands []*cli.Command) (out []cli.Flag) {
	for _, c := range commands {
		out = append(append(out, c.Flags...), below(c.Subcommands)...)
	}
	return out
}

// The $ of an example is the command; that of a variable, as in a definition, is not.
func TestUsageTextKeepsVariables(t *testing.T) {
	if got, want := usageText("mesos x", "$ a\n$ -i <$HOME/f\n$PORT ${A}\n  $"), "mesos x a\nmesos x -i <$HOME/f\n$PORT ${A}\n  mesos x"; got != want {
		t.Errorf("got %q, want %q", got, want)
	}
}

// What is refused of flags is told with both dashes and what would be right.
func TestFlagErrors(t *testing.T) {
	flags := []cli.Flag{&cli.Float64Flag{Name: "mem"}, &cli.DurationFlag{Name: "every"}, &cli.BoolFlag{Name: "all", Aliases: []string{"a"}}, &cli.IntFlag{Name: "lines"}}
	for _, tt := range []struct{ argument, want string }{
		{"--mem=foo", `flag --mem: "foo" is not a number`},
		{"--every=3", `flag --every: "3" is not a time like 10s or 5m`},
		{"-a=perhaps", `flag --all: "perhaps" is not true or false`},
		{"--lines=1.5", `flag --lines: "1.5" is not a whole number`},
		{"--mem", "flag --mem needs a value"},
		{"--cpu=1", "unknown flag --cpu"},
		{"-o", "unknown flag -o"},
	} {
		var got string
		app := &cli.App{Name: "x", Flags: flags, Action: func(*cli.Context) error { return nil }, OnUsageError: func(_ *cli.Context, err error, _ bool) error {
			got = flagError(flags, err)
			return nil
		}}
		if err := app.Run([]string{"x", tt.argument}); err != nil || got != tt.want {
			t.Errorf("%s: got %q, %v, want %q", tt.argument, got, err, tt.want)
		}
	}
}

// The help has the groups of commands in their order, each once.
func TestHelpHasGroupsInOrder(t *testing.T) {
	var out strings.Builder
	app := application()
	app.Writer = &out
	if err := app.Run([]string{"mesos", "--help"}); err != nil {
		t.Fatal(err)
	}
	at := 0
	for _, want := range []string{"\nTo begin with:\n   local ", "\nWhat runs:\n   run ", "\nMachines:\n", "\nWho gets what:\n", "\nA look inside:\n", "\nThis program:\n", "   completion "} {
		i := strings.Index(out.String()[at:], want)
		if i < 0 || strings.Count(out.String(), want) != 1 {
			t.Fatalf("help: %q is not there once behind what stands before it:\n%s", want, out.String())
		}
		at += i
	}
}
