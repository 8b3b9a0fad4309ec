package flags

import (
	"encoding/json"
	"fmt"
	"os"
	"time"

	"mesos/messages/units"
)

// EnvPrefix stands before the upper-case name of a flag in the environment.
const EnvPrefix = "MESOS_"

// Set is the flags of one program run. It is filled by parsing a command line (see [Set.Attach]) and then only read.
// Asking it for a name that it does not hold, or as another kind, is a mistake of the program and panics.
type Set struct {
	flags    []*state
	byName   map[string]*state
	lookup   func(name string) (string, bool)
	allow    bool
	warnings []string
}

// state is one flag and its value.
type state struct {
	def   Def
	given string // the name or variable that set it, "" while it has its default
	value any    // nil without a value
	text  string // canonical
	err   error  // why what was given could not be taken
}

// NewSet makes a Set of the given tables. A default that its own kind cannot read, or a name used twice, panics.
func NewSet(tables ...[]Def) *Set {
	s := &Set{byName: map[string]*state{}, lookup: os.LookupEnv}
	for _, t := range tables {
		for _, d := range t {
			s.add(d)
		}
	}
	return s
}

func (s *Set) add(d Def) {
	f := &state{def: d}
	if d.Default != "" {
		s.setDefault(f, d.Default)
	}
	for _, name := range []string{d.Name, d.Alias} {
		if name == "" {
			continue
		}
		if s.byName[name] != nil {
			panic(fmt.Sprintf("flag %q is defined twice", name))
		}
		s.byName[name] = f
	}
	s.flags = append(s.flags, f)
}

func (s *Set) setDefault(f *state, text string) {
	value, canonical, err := f.def.parse(text)
	if err != nil {
		panic(fmt.Sprintf("default of flag %q: %v", f.def.Name, err))
	}
	f.def.Default, f.value, f.text = text, value, canonical
}

// Support marks flags that the program acts on.
func (s *Set) Support(names ...string) {
	for _, n := range names {
		s.find(n).def.Unsupported = false
	}
}

// Require marks flags that must have a value.
func (s *Set) Require(names ...string) {
	for _, n := range names {
		s.find(n).def.Required = true
	}
}

// Default gives a flag another default than its table does.
func (s *Set) Default(name, value string) { s.setDefault(s.find(name), value) }

// AllowArguments lets words follow the flags; without it they are an error.
func (s *Set) AllowArguments() { s.allow = true }

// SetEnvironment replaces os.LookupEnv.
func (s *Set) SetEnvironment(lookup func(name string) (string, bool)) { s.lookup = lookup }

// Warnings are sentences about the use of older names.
func (s *Set) Warnings() []string { return s.warnings }

func (s *Set) find(name string) *state {
	f := s.byName[name]
	if f == nil {
		panic(fmt.Sprintf("flag %q is not defined", name))
	}
	return f
}

// Given reports whether the user set the flag, even to its default.
func (s *Set) Given(name string) bool { return s.find(name).given != "" }

// Has reports whether the flag has a value, given or by default.
func (s *Set) Has(name string) bool { return s.find(name).value != nil }

// get returns the value, or T's zero without one.
func get[T any](s *Set, name string) (v T) {
	f := s.find(name)
	if f.value == nil {
		return v
	}
	v, ok := f.value.(T)
	if !ok {
		panic(fmt.Sprintf("flag %q holds %T, not %T", name, f.value, v))
	}
	return v
}

// Fallback is String of a flag whose default only the program knows: without a value it gets this one, which /flags
// tells from then on.
func (s *Set) Fallback(name, value string) string {
	if s.String(name) == "" {
		s.setDefault(s.find(name), value)
	}
	return s.String(name)
}

// String returns a String or File flag.
func (s *Set) String(name string) string { return get[string](s, name) }

// Defines tells whether there is a flag of that name.
func (s *Set) Defines(name string) bool { return s.byName[name] != nil }

// Bool returns a Bool flag.
func (s *Set) Bool(name string) bool { return get[bool](s, name) }

// Int returns an Int or Port flag.
func (s *Set) Int(name string) int { return get[int](s, name) }

// Float returns a Float flag, or a Percent flag as a fraction of 1.
func (s *Set) Float(name string) float64 { return get[float64](s, name) }

// Duration returns a Duration flag.
func (s *Set) Duration(name string) time.Duration { return get[time.Duration](s, name) }

// Bytes returns a Bytes flag.
func (s *Set) Bytes(name string) units.Bytes { return get[units.Bytes](s, name) }

// Rate returns a Rate flag.
func (s *Set) Rate(name string) units.Rate { return get[units.Rate](s, name) }

// Values is every flag that has a value, by name, as text: what /flags and GET_FLAGS tell.
func (s *Set) Values() map[string]string {
	m := make(map[string]string, len(s.flags))
	for _, f := range s.flags {
		if f.value != nil && (!f.def.Extra || !f.def.Unsupported) {
			m[f.def.Name] = f.text
		}
	}
	m["help"] = "false"
	return m
}

// JSON is the body of /flags: {"flags":{name: text}}.
func (s *Set) JSON() []byte {
	b, err := json.Marshal(map[string]map[string]string{"flags": s.Values()})
	if err != nil {
		panic(err) // maps of strings always have a JSON form
	}
	return b
}
