package seccomp

import (
	"bytes"
	"encoding/json"
	"fmt"
)

// Profile is which system calls a process may make, as JSON has it. What Docker
// adds for its own use (comments, names of files) is left out.
type Profile struct {
	DefaultAction   string    `json:"defaultAction"`
	DefaultErrno    *uint32   `json:"defaultErrnoRet"`
	Architectures   []string  `json:"architectures"` // beside the machine's own
	ArchMap         []ArchMap `json:"archMap"`
	Syscalls        []Rule    `json:"syscalls"`
	ListenerPath    string    `json:"listenerPath"` // not supported
	DefaultErrnoOld string    `json:"defaultErrno"` // not supported: a name; defaultErrnoRet is the number
}

// ArchMap says which other architectures' programs run under one.
type ArchMap struct {
	Architecture     string   `json:"architecture"`
	SubArchitectures []string `json:"subArchitectures"`
}

// Rule is what becomes of some system calls.
type Rule struct {
	Names []string `json:"names"` // "*", of our own, is every one that we know
	Name  string   `json:"name"`  // as old profiles have it
	// Action is one of Actions; Errno what a SCMP_ACT_ERRNO or SCMP_ACT_TRACE
	// gives, 1 (EPERM) if nil.
	Action   string  `json:"action"`
	Errno    *uint32 `json:"errnoRet"`
	Args     []Arg   `json:"args"` // all of them must hold; those about one argument, any
	Includes Filter  `json:"includes"`
	Excludes Filter  `json:"excludes"`
}

// Arg is a condition on an argument, as 64 bits without sign.
type Arg struct {
	Index uint   `json:"index"` // 0 to 5
	Value uint64 `json:"value"` // of SCMP_CMP_MASKED_EQ the mask
	Two   uint64 `json:"valueTwo"`
	Op    string `json:"op"` // SCMP_CMP_EQ, NE, LT, LE, GE, GT, MASKED_EQ
}

// Filter says for which containers a rule is: included is one for which all
// holds, excluded one for which any does.
type Filter struct {
	Caps      []string `json:"caps"`   // capabilities that it can get: CAP_SYS_ADMIN
	Arches    []string `json:"arches"` // amd64, x86, arm64, arm; of these any
	MinKernel string   `json:"minKernel"`
}

// Parse reads a profile. Errors name the field.
func Parse(text []byte) (*Profile, error) {
	p := &Profile{}
	d := json.NewDecoder(bytes.NewReader(text))
	if err := d.Decode(p); err != nil {
		return nil, fmt.Errorf("profile: want JSON as Docker's seccomp profiles are: %w", err)
	}
	if d.More() {
		return nil, fmt.Errorf("profile: want one JSON object, got more after byte %d", d.InputOffset())
	}
	return p, p.check()
}

func (p *Profile) check() error {
	if p.ListenerPath != "" {
		return fmt.Errorf("listenerPath %q: nobody listens for system calls here; leave it out", p.ListenerPath)
	}
	if p.DefaultErrnoOld != "" && p.DefaultErrno == nil {
		return fmt.Errorf("defaultErrno %q: want the number, as defaultErrnoRet", p.DefaultErrnoOld)
	}
	if _, err := value(p.DefaultAction, p.DefaultErrno); err != nil {
		return fmt.Errorf("defaultAction: %w", err)
	}
	for i := range p.Syscalls {
		if err := p.Syscalls[i].check(); err != nil {
			return fmt.Errorf("syscalls[%d].%w", i, err)
		}
	}
	if own := native(); own != nil {
		_, err := p.of(own)
		return err
	}
	return nil
}

func (r *Rule) names() []string {
	if r.Name != "" {
		return append(r.Names[:len(r.Names):len(r.Names)], r.Name)
	}
	return r.Names
}

func (r *Rule) check() error {
	v, err := value(r.Action, r.Errno)
	if err != nil {
		return fmt.Errorf("action: %w", err)
	}
	if len(r.names()) == 0 {
		return fmt.Errorf("names: want one at least")
	}
	for _, n := range r.names() {
		// One that is allowed and that nobody has does no harm: profiles are
		// written for newer kernels, too. One that is to be refused would not be.
		if n != every && !known(n) && !lenient(v) {
			return fmt.Errorf("names: unknown system call %q: want one that Linux has, or an action that allows", n)
		}
	}
	for i, a := range r.Args {
		if a.Index > 5 {
			return fmt.Errorf("args[%d].index %d: want 0 to 5", i, a.Index)
		}
		if _, good := operators[a.Op]; !good {
			return fmt.Errorf("args[%d].op %q: want one of SCMP_CMP_EQ, NE, LT, LE, GE, GT, MASKED_EQ", i, a.Op)
		}
	}
	for field, f := range map[string]Filter{"includes": r.Includes, "excludes": r.Excludes} {
		if err := f.check(); err != nil {
			return fmt.Errorf("%s.%w", field, err)
		}
	}
	return nil
}

// every is the name that stands for all.
const every = "*"
