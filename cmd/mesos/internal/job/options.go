package job

import (
	"errors"
	"fmt"
	"io"
	"math"
	"strings"
	"time"

	"mesos/messages/ids"
	"mesos/messages/resources"
)

// Options are what is to run.
type Options struct {
	Args      []string // the command; see Command for what one or several words mean
	Name      string   // "" = the program's name
	Instances int
	CPUs      float64 // of each instance
	MemMB     float64
	DiskMB    float64
	Env       []string // KEY=VALUE
	URIs      []string // fetched into the sandbox
	Role      string
	Pod       bool          // each of Args is a shell's line for a task of its own, all of them one task group
	Share     []string      // directories that the tasks of a pod have in common, each under this name
	User      string        // "" = as the agent
	Timeout   time.Duration // 0 = none
	Quiet     bool          // no state lines

	Stdout, Stderr io.Writer // where the tasks' output and our lines go; a terminal on Stderr gets progress as well
}

func (o *Options) check() error {
	if len(o.Args) == 0 || o.Args[0] == "" {
		return errors.New("which command? write it behind --, like `mesos run -- echo hello`")
	}
	if err := o.checkPod(); err != nil {
		return err
	}
	if o.Instances < 1 {
		return fmt.Errorf("--instances=%d: it must be at least 1", o.Instances)
	}
	for _, r := range []struct {
		flag  string
		value float64
		zero  bool
	}{{"cpus", o.CPUs, false}, {"mem", o.MemMB, false}, {"disk", o.DiskMB, true}} {
		if math.IsNaN(r.value) || math.IsInf(r.value, 0) || r.value < 0 || !r.zero && resources.FromFloat(r.value) == 0 {
			return fmt.Errorf("--%s=%v: it must be a number of at least 0.001", r.flag, r.value)
		}
	}
	if err := resources.ValidateRole(o.Role); err != nil {
		return fmt.Errorf("--role: %w", err)
	}
	if o.Timeout < 0 {
		return fmt.Errorf("--timeout=%s: it must not be negative", o.Timeout)
	}
	for _, kv := range o.Env {
		if name, _, ok := strings.Cut(kv, "="); !ok || name == "" {
			return fmt.Errorf("--env=%q: write KEY=VALUE", kv)
		}
	}
	return nil
}

// need is what each instance takes.
func (o *Options) need() need {
	return need{{"cpus", resources.FromFloat(o.CPUs)}, {"mem", resources.FromFloat(o.MemMB)}, {"disk", resources.FromFloat(o.DiskMB)}}
}

// idPrefix begins the ids of the job's tasks: the name, as far as it fits into an id and into a line.
func (o *Options) idPrefix() string {
	name := strings.Map(func(r rune) rune {
		switch {
		case r >= 'a' && r <= 'z', r >= 'A' && r <= 'Z', r >= '0' && r <= '9', r == '.', r == '_', r == '-':
			return r
		}
		return '-'
	}, o.Name)
	name = strings.Trim(name[:min(len(name), 40)], "-.")
	if ids.Check("name", name) != nil {
		return "task"
	}
	return name
}
