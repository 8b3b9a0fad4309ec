package secrets

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"

	"mesos/isolators"
	"mesos/isolators/boot"
)

// Environment is the isolator environment_secret: variables whose values are
// secrets.
type Environment struct {
	isolators.Launching
	Resolver Resolver
}

var _ isolators.Isolator = (*Environment)(nil)

// Name implements isolators.Isolator.
func (*Environment) Name() string { return "environment_secret" }

// Prepare implements isolators.Isolator.
func (e *Environment) Prepare(_ context.Context, c isolators.Container, l *boot.Launch) error {
	if err := e.Begin(c.ID); err != nil {
		return err
	}
	env := slices.Clone(l.Env)
	for _, v := range c.Secrets {
		value, err := e.Resolver.Resolve(v.GetSecret())
		switch {
		case v.GetName() == "" || strings.ContainsAny(v.GetName(), "=\x00"):
			err = errors.New("want a name without '=' and NUL")
		case strings.HasPrefix(v.GetName(), "MESOS_"):
			err = errors.New("want a name that is not the agent's own, as those with MESOS_ are")
		case err == nil && bytes.IndexByte(value, 0) >= 0:
			err = errors.New("a variable cannot hold a secret with a NUL byte: want a volume of it")
		}
		if err != nil {
			return fmt.Errorf("command.environment.variables, %q: secret: %w", v.GetName(), err)
		}
		name := v.GetName() + "="
		env = slices.DeleteFunc(env, func(e string) bool { return strings.HasPrefix(e, name) })
		env = append(env, name+string(value))
	}
	l.Env = env
	return nil
}
