package launch

import (
	"fmt"
	"strings"

	v1 "mesos/messages/mesos/v1"
)

// Getenv gives the value that env ("NAME=value" entries) holds for name; the
// last entry wins, "" when there is none.
func Getenv(env []string, name string) string {
	for i := len(env) - 1; i >= 0; i-- {
		if v, ok := strings.CutPrefix(env[i], name+"="); ok {
			return v
		}
	}
	return ""
}

// Environ lays the variables of a command over a base environment: base order
// is kept, a variable given again replaces the earlier value. Secrets given by
// value are filled in; one given by reference is what base has for it, where
// the agent's isolators have put it, and else an error that names the variable.
func Environ(base []string, e *v1.Environment) ([]string, error) {
	out := make([]string, 0, len(base)+len(e.GetVariables()))
	at := make(map[string]int, cap(out))
	set := func(name, entry string) {
		if i, ok := at[name]; ok {
			out[i] = entry
			return
		}
		at[name] = len(out)
		out = append(out, entry)
	}
	for _, entry := range base {
		name, _, _ := strings.Cut(entry, "=")
		set(name, entry)
	}
	for i, v := range e.GetVariables() {
		if _, there := at[v.GetName()]; there && byReference(v) {
			continue
		}
		value, err := variable(v)
		if err != nil {
			return nil, fmt.Errorf("environment.variables[%d] (%q): %w", i, v.GetName(), err)
		}
		set(v.GetName(), v.GetName()+"="+value)
	}
	return out, nil
}

func variable(v *v1.Environment_Variable) (string, error) {
	name, value := v.GetName(), v.GetValue()
	if v.GetType() == v1.Environment_Variable_SECRET {
		if v.GetSecret().GetType() != v1.Secret_VALUE {
			return "", fmt.Errorf("%w: the secret is not given by value, and the agent has not resolved it", ErrCommand)
		}
		value = string(v.GetSecret().GetValue().GetData())
	}
	switch {
	case name == "" || strings.ContainsAny(name, "=\x00"):
		return "", fmt.Errorf("%w: a name must not be empty or hold '=' or NUL", ErrCommand)
	case strings.ContainsRune(value, 0):
		return "", fmt.Errorf("%w: the value holds a NUL byte", ErrCommand)
	}
	return value, nil
}

// byReference says that a variable is a secret that isolators look up.
func byReference(v *v1.Environment_Variable) bool {
	return v.GetType() == v1.Environment_Variable_SECRET && v.GetSecret().GetType() == v1.Secret_REFERENCE
}

// References are the variables that are secrets for isolators to look up; Others
// are those that are not.
func References(e *v1.Environment) (out []*v1.Environment_Variable) {
	for _, v := range e.GetVariables() {
		if byReference(v) {
			out = append(out, v)
		}
	}
	return out
}

// Others are the variables of which everything is known: see References.
func Others(e *v1.Environment) *v1.Environment {
	out := &v1.Environment{}
	for _, v := range e.GetVariables() {
		if !byReference(v) {
			out.Variables = append(out.Variables, v)
		}
	}
	return out
}
