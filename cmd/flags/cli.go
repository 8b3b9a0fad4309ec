package flags

import (
	"errors"
	"fmt"
	"io"
	"strings"

	"github.com/urfave/cli/v2"
)

// AttachApp makes app read its command line into s before its Action runs. If s holds the flag version, that prints
// app's name and version instead of running the Action.
func (s *Set) AttachApp(app *cli.App) *cli.App {
	if s.byName["version"] != nil {
		s.Support("version")
		app.HideVersion = true // that of the cli package has another form
		action := app.Action
		app.Action = func(c *cli.Context) error {
			if s.Bool("version") {
				_, err := fmt.Fprintln(app.Writer, app.Name, app.Version)
				return err
			}
			return action(c)
		}
	}
	app.Flags = append(app.Flags, s.cliFlags()...)
	app.OnUsageError = s.usageError
	app.Before = s.before
	app.HideHelpCommand = !s.allow
	return app
}

// exitUsage is the exit code of a subcommand whose command line makes no sense.
const exitUsage = 2

// Attach makes a subcommand read its command line into s before its Action runs.
func (s *Set) Attach(c *cli.Command) *cli.Command {
	c.Flags = append(c.Flags, s.cliFlags()...)
	c.OnUsageError = func(ctx *cli.Context, err error, sub bool) error {
		return cli.Exit(s.usageError(ctx, err, sub).Error(), exitUsage)
	}
	c.Before = func(ctx *cli.Context) error {
		if err := s.before(ctx); err != nil {
			return cli.Exit(err.Error(), exitUsage)
		}
		return nil
	}
	return c
}

// Run runs app and returns the exit code of the program. An error becomes one line on stderr and code 1, unless it is
// a cli.ExitCoder that says otherwise; one with an empty text is silent.
func Run(app *cli.App, args []string, stderr io.Writer) int {
	app.ExitErrHandler = func(*cli.Context, error) {} // its default ends the process from inside
	app.ErrWriter = stderr
	err := app.Run(args)
	if err == nil {
		return 0
	}
	code := 1
	var exit cli.ExitCoder
	if errors.As(err, &exit) {
		code = exit.ExitCode()
	}
	if err.Error() != "" {
		_, _ = fmt.Fprintf(stderr, "%s: %v\n", app.Name, err) // nobody is left to tell
	}
	return code
}

// before runs when the command line has been read without an error.
func (s *Set) before(c *cli.Context) error {
	if c.Args().Present() && !s.allow {
		return fmt.Errorf("unexpected argument %s: flags are written --name=value", quote(c.Args().First()))
	}
	if f := s.byName["version"]; f != nil && f.value == true {
		return nil // nothing else counts
	}
	if err := s.environment(); err != nil {
		return err
	}
	return s.check()
}

// usageError says in our words what the flag package refused.
func (s *Set) usageError(_ *cli.Context, err error, _ bool) error {
	for _, f := range s.flags {
		if f.err != nil {
			return fmt.Errorf("flag %w", f.err)
		}
	}
	if name, ok := strings.CutPrefix(err.Error(), "flag provided but not defined: -"); ok {
		return s.unknown(strings.TrimLeft(name, "-"))
	}
	if name, ok := strings.CutPrefix(err.Error(), "flag needs an argument: -"); ok {
		return fmt.Errorf("flag --%s needs a value: write --%s=value", name, name)
	}
	return err
}

func (s *Set) unknown(name string) error {
	var supported, rest []string
	for _, f := range s.flags {
		if f.def.Unsupported {
			rest = append(rest, f.def.Name)
		} else {
			supported = append(supported, f.def.Name)
		}
		if f.def.Kind == Bool && !f.def.Unsupported {
			supported = append(supported, "no-"+f.def.Name)
		}
	}
	if near := Suggest(name, append(supported, rest...)); near != "" {
		return fmt.Errorf("unknown flag --%s: did you mean --%s?", name, near)
	}
	return fmt.Errorf("unknown flag --%s: --help lists them all", name)
}

// cliFlags makes a flag of urfave/cli of every name, the older ones and the no- forms hidden.
func (s *Set) cliFlags() []cli.Flag {
	var all []cli.Flag
	for _, f := range s.flags {
		all = append(all, newFlag(f, &value{set: s, flag: f, name: f.def.Name}, f.def.Unsupported))
		if f.def.Alias != "" {
			all = append(all, newFlag(f, &value{set: s, flag: f, name: f.def.Alias}, true))
		}
		if f.def.Kind == Bool {
			all = append(all, newFlag(f, &value{set: s, flag: f, name: "no-" + f.def.Name, negate: true}, true))
		}
	}
	return all
}

// value is one name of a flag on the command line.
type value struct {
	set    *Set
	flag   *state
	name   string
	negate bool
}

// String is what the flag package compares with an empty value, and shows.
func (v *value) String() string {
	if v.flag == nil {
		return ""
	}
	return v.flag.text
}

// Set takes what was written after the name.
func (v *value) Set(text string) error {
	source := "--" + v.name
	if v.negate {
		if text != "true" {
			return v.flag.fail(source, errors.New("it takes no value"))
		}
		text = "false"
	}
	if err := v.flag.set(source, text); err != nil {
		return err
	}
	if !v.negate {
		v.set.warn(v.flag, source, v.name)
	}
	return nil
}

// IsBoolFlag lets a Bool stand without a value.
func (v *value) IsBoolFlag() bool { return v.flag.def.Kind == Bool }

// cliFlag is a cli.GenericFlag that shows no value behind a switch in the help.
type cliFlag struct {
	*cli.GenericFlag
	names []string
}

func newFlag(f *state, v *value, hidden bool) cli.Flag {
	text := f.def.DefaultText
	if f.def.Default != "" {
		text = f.def.Default
	}
	g := &cli.GenericFlag{Name: v.name, Usage: f.def.Usage, Value: v, Hidden: hidden, DefaultText: text}
	return cliFlag{g, []string{v.name}}
}

// Names spares the search for commas that urfave/cli makes for each pair of flags: it would be most of the start of an
// agent, whose table has more than 200 names.
func (f cliFlag) Names() []string { return f.names }

// TakesValue is false for a switch.
func (f cliFlag) TakesValue() bool { return !f.Value.(*value).IsBoolFlag() }

// GetDefaultText is empty where the help should say nothing.
func (f cliFlag) GetDefaultText() string { return f.DefaultText }

// String is the flag's line in the help.
func (f cliFlag) String() string { return cli.FlagStringer(f) }
