package seccomp

import (
	"fmt"
	"slices"
	"strings"

	"golang.org/x/sys/unix"
)

// Subject is what a filter is made for.
type Subject struct {
	Capabilities uint64    // bits of those that it can ever get
	Kernel       [2]uint64 // its version: 6, 1
}

// choice is what becomes of one system call: the first of its ways whose
// conditions hold, else otherwise.
type choice struct {
	ways      []way
	otherwise uint32
}

type way struct {
	when []Arg
	then uint32
}

func (c choice) equal(o choice) bool {
	return c.otherwise == o.otherwise && slices.EqualFunc(c.ways, o.ways, func(a, b way) bool { return a.then == b.then && slices.Equal(a.when, b.when) })
}

// choices are what becomes of each number of an architecture that a rule names.
func (p *Profile) choices(a *arch, s Subject) (map[uint32]choice, uint32) {
	otherwise, _ := value(p.DefaultAction, p.DefaultErrno) // it was checked
	out := make(map[uint32]choice)
	settled := make(map[uint32]bool)
	for _, r := range p.Syscalls {
		if !r.fits(a, s) {
			continue
		}
		then, _ := value(r.Action, r.Errno)
		for _, n := range r.numbers(a) {
			if settled[n] {
				continue
			}
			c, begun := out[n]
			if !begun {
				c.otherwise = otherwise
			}
			ways := r.ways()
			for _, when := range ways {
				c.ways = append(c.ways, way{when, then})
			}
			if len(ways) == 0 {
				c.otherwise, settled[n] = then, true
			}
			out[n] = c
		}
	}
	return out, otherwise
}

func (r *Rule) numbers(a *arch) (out []uint32) {
	for _, name := range r.names() {
		if name == every {
			for _, n := range a.numbers {
				out = append(out, n)
			}
		} else if n, has := a.numbers[name]; has {
			out = append(out, n)
		}
	}
	return out
}

// ways are the sets of conditions of which one must hold; none if the rule has no
// conditions. Several about one argument are each a way of their own, as Docker has it.
func (r *Rule) ways() [][]Arg {
	if len(r.Args) == 0 {
		return nil
	}
	seen := make(map[uint]bool)
	for _, a := range r.Args {
		if seen[a.Index] {
			var each [][]Arg
			for _, b := range r.Args {
				each = append(each, []Arg{b})
			}
			return each
		}
		seen[a.Index] = true
	}
	return [][]Arg{r.Args}
}

// fits says that a rule is for a subject's calls on an architecture.
func (r *Rule) fits(a *arch, s Subject) bool {
	in, out := r.Includes, r.Excludes
	for _, c := range in.Caps {
		if s.Capabilities&capability(c) == 0 {
			return false
		}
	}
	for _, c := range out.Caps {
		if s.Capabilities&capability(c) != 0 {
			return false
		}
	}
	switch {
	case len(in.Arches) > 0 && !slices.Contains(in.Arches, a.short) || slices.Contains(out.Arches, a.short):
		return false
	case in.MinKernel != "" && older(s.Kernel, in.MinKernel) || out.MinKernel != "" && !older(s.Kernel, out.MinKernel):
		return false
	}
	return true
}

func (f Filter) check() error {
	for i, c := range f.Caps {
		if capability(c) == 0 {
			return fmt.Errorf("caps[%d]: unknown capability %q: want a name as CAP_SYS_ADMIN", i, c)
		}
	}
	if _, err := version(f.MinKernel); f.MinKernel != "" && err != nil {
		return fmt.Errorf("minKernel: %w", err)
	}
	return nil
}

// version reads the first two numbers of a kernel's.
func version(text string) (v [2]uint64, err error) {
	if n, err := fmt.Sscanf(text, "%d.%d", &v[0], &v[1]); n != 2 || err != nil {
		return v, fmt.Errorf("version %q: want one as 4.8", text)
	}
	return v, nil
}

func older(kernel [2]uint64, than string) bool {
	v, err := version(than)
	return err == nil && slices.Compare(kernel[:], v[:]) < 0
}

// kernel is the version of this machine's; 0.0 if it does not say.
func kernel() [2]uint64 {
	var u unix.Utsname
	if err := unix.Uname(&u); err != nil {
		return [2]uint64{}
	}
	v, _ := version(unix.ByteSliceToString(u.Release[:]))
	return v
}

// capability is the bit of a name; 0 if there is none.
func capability(name string) uint64 {
	if n := slices.Index(capabilities, strings.ToLower(strings.TrimPrefix(strings.ToUpper(name), "CAP_"))); n >= 0 {
		return 1 << n
	}
	return 0
}

// capabilities in the order of their numbers.
var capabilities = strings.Fields(`chown dac_override dac_read_search fowner fsetid kill setgid setuid setpcap linux_immutable net_bind_service
	net_broadcast net_admin net_raw ipc_lock ipc_owner sys_module sys_rawio sys_chroot sys_ptrace sys_pacct sys_admin sys_boot sys_nice
	sys_resource sys_time sys_tty_config mknod lease audit_write audit_control setfcap mac_override mac_admin syslog wake_alarm
	block_suspend audit_read perfmon bpf checkpoint_restore`)
