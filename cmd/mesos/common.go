package main

import (
	"context"
	"fmt"
	"log/slog"
	"os"
	"os/signal"
	"regexp"
	"slices"
	"strings"
	"syscall"
	"time"

	"github.com/urfave/cli/v2"

	"mesos/actors"
	"mesos/actors/authentication"
	"mesos/actors/secure"
	"mesos/cmd/internal/daemon"
	"mesos/cmd/internal/ssl"
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
	return &cli.StringFlag{Name: "master", Aliases: []string{"m"}, EnvVars: []string{"MESOS_MASTER"}, Value: defaultMaster, DefaultText: "that of `mesos context`, else " + defaultMaster, Usage: "`HOST:PORT` of a master, or where their leader is found: consul://HOST:PORT,HOST:PORT/PATH or zk://HOST:PORT,HOST:PORT/PATH, or file:///FILE that says it"}
}

// usageError is a complaint about the command line.
func usageError(c *cli.Context, format string, args ...any) error {
	return cli.Exit(fmt.Sprintf(format, args...)+fmt.Sprintf(" (`%s --help` tells more)", c.Command.HelpName), exitUsage)
}

// usageText is a usage with $ for the command: some have two names, like `mesos ps` and `mesos task list`. The $ of a
// variable stays.
func usageText(line, text string) string {
	return ownName.ReplaceAllString(text, strings.ReplaceAll(line, "$", "$$")+"$1")
}

var ownName = regexp.MustCompile(`\$([^\w{]|$)`)

// onUsageError is told what the flag package refused.
func onUsageError(c *cli.Context, err error, _ bool) error {
	return usageError(c, "%s", flagError(c.Command.Flags, err))
}

// refusedValue is how the flag package refuses a value: what was written, the flag, and why.
var refusedValue = regexp.MustCompile(`(?s)^invalid (?:boolean )?value (".*") for (?:flag )?-([\w-]+): .*$`)

// flagError says in our words what the flag package refused of flags.
func flagError(flags []cli.Flag, err error) string {
	text := err.Error()
	if name, ok := strings.CutPrefix(text, "flag provided but not defined: -"); ok {
		if name = strings.TrimLeft(name, "-"); len(name) == 1 {
			return "unknown flag -" + name
		}
		return "unknown flag --" + name
	}
	if name, ok := strings.CutPrefix(text, "flag needs an argument: -"); ok {
		return "flag --" + strings.TrimLeft(name, "-") + " needs a value"
	}
	if m := refusedValue.FindStringSubmatch(text); m != nil {
		for _, f := range flags {
			if slices.Contains(f.Names(), m[2]) {
				return fmt.Sprintf("flag --%s: %s is not %s", f.Names()[0], m[1], wants(f))
			}
		}
	}
	return text
}

// wants is what the value of a flag must be.
func wants(f cli.Flag) string {
	switch f.(type) {
	case *cli.BoolFlag:
		return "true or false"
	case *cli.IntFlag, *cli.Int64Flag, *cli.UintFlag, *cli.Uint64Flag:
		return "a whole number"
	case *cli.Float64Flag:
		return "a number"
	case *cli.DurationFlag:
		return "a time like 10s or 5m"
	}
	return "such a value"
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

// oneArgument is the one word that a command needs.
func oneArgument(c *cli.Context, noun string) (string, error) {
	words, err := arguments(c)
	if err == nil && len(words) != 1 {
		err = usageError(c, "name one %s: `mesos %s list` lists them", noun, noun)
	}
	if err != nil {
		return "", err
	}
	return words[0], nil
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
	text, err := masterText(c, flag)
	if err != nil {
		return nil, err
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
	as, by, err := ownTerms()
	if err != nil {
		return nil, err
	}
	if strings.HasPrefix(strings.TrimSpace(text), "https://") && by == nil {
		return nil, usageError(c, "master %q: set LIBPROCESS_SSL_ENABLED=true to speak TLS, and LIBPROCESS_SSL_CA_FILE and _VERIFY_SERVER_CERT=true to know with whom", text)
	}
	return client.New(addr, as, by), nil
}

// checkMaster complains about what names no master.
func checkMaster(c *cli.Context, text string) error {
	if strings.HasPrefix(text, "file://") || daemon.Elected(text) {
		return nil
	}
	if _, err := client.ParseAddress(text); err != nil {
		return usageError(c, "%v", err)
	}
	return nil
}

// masterText is what a flag says or, if --master was not given, the context in use.
func masterText(c *cli.Context, flag string) (string, error) {
	text := c.String(flag)
	if flag != "master" || c.IsSet(flag) && text != "" {
		return text, nil
	}
	if text == "" && os.Getenv("MESOS_MASTER") != "" {
		return "", nil // an empty --master was asked for
	}
	in, err := currentContext()
	if err != nil || in == nil {
		return defaultMaster, err
	}
	return in.Master, nil
}

// credential is the user's own, nil if there is none.
func credential() (*authentication.Credential, error) {
	path := strings.TrimPrefix(os.Getenv(client.CredentialVariable), "file://")
	if path == "" {
		return nil, nil
	}
	as, err := authentication.ReadCredential(path)
	if err != nil {
		return nil, fmt.Errorf("%s: %w", client.CredentialVariable, err)
	}
	return as, nil
}

// ownTerms are how this user's commands reach masters and agents: as whom, and whether by TLS.
func ownTerms() (*authentication.Credential, *secure.TLS, error) {
	as, err := credential()
	if err != nil {
		return nil, nil, err
	}
	by, err := ssl.FromEnvironment(os.Environ(), false, slog.New(slog.DiscardHandler))
	return as, by, err
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
	as, by, err := ownTerms()
	if err != nil {
		return nil, err
	}
	m := client.New(addr, as, by)
	m.Masters = d
	return m, nil
}

func untilInterrupted(c *cli.Context) (context.Context, context.CancelFunc) {
	return signal.NotifyContext(c.Context, syscall.SIGINT, syscall.SIGTERM)
}

// onMaster does something with the master that the command line names, until a signal ends it.
func onMaster(c *cli.Context, do func(context.Context, *client.Client) error) error {
	m, err := masterClient(c)
	if err != nil {
		return err
	}
	defer m.Close()
	ctx, stop := untilInterrupted(c)
	defer stop()
	return do(ctx, m)
}

// onState is onMaster for what begins with a look at the cluster's state.
func onState(c *cli.Context, do func(context.Context, *client.Client, *client.State) error) error {
	return onMaster(c, func(ctx context.Context, m *client.Client) error {
		s, err := m.State(ctx)
		if err != nil {
			return err
		}
		return do(ctx, m, s)
	})
}
