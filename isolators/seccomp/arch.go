package seccomp

import (
	_ "embed"
	"fmt"
	"runtime"
	"strconv"
	"strings"
	"sync"

	"golang.org/x/sys/unix"
)

// arch is an architecture whose system calls a filter can tell apart.
type arch struct {
	name    string // of Go
	profile string // of profiles
	short   string // in the conditions of rules
	audit   uint32 // how the kernel names it
	numbers map[string]uint32
}

// x32 is the bit of numbers that are those of amd64 with short pointers.
const x32 = 0x40000000

//go:embed syscalls.tsv
var numbersText string

var arches = sync.OnceValue(func() []*arch {
	all := []*arch{
		{name: "amd64", profile: "SCMP_ARCH_X86_64", short: "amd64", audit: unix.AUDIT_ARCH_X86_64},
		{name: "386", profile: "SCMP_ARCH_X86", short: "x86", audit: unix.AUDIT_ARCH_I386},
		{name: "arm64", profile: "SCMP_ARCH_AARCH64", short: "arm64", audit: unix.AUDIT_ARCH_AARCH64},
		{name: "arm", profile: "SCMP_ARCH_ARM", short: "arm", audit: unix.AUDIT_ARCH_ARM},
	}
	for _, a := range all {
		a.numbers = make(map[string]uint32)
	}
	for line := range strings.Lines(numbersText) {
		f := strings.Fields(line)
		if strings.HasPrefix(line, "#") || len(f) != 1+len(all) {
			continue
		}
		for i, a := range all {
			if n, err := strconv.ParseUint(f[1+i], 10, 32); err == nil {
				a.numbers[f[0]] = uint32(n)
			}
		}
	}
	return all
})

// native is this machine's architecture, nil if filters for it cannot be made.
func native() *arch { return archNamed(func(a *arch) bool { return a.name == runtime.GOARCH }) }

func archNamed(is func(*arch) bool) *arch {
	for _, a := range arches() {
		if is(a) {
			return a
		}
	}
	return nil
}

// known says that any architecture has a system call of a name.
func known(name string) bool {
	return archNamed(func(a *arch) bool { _, has := a.numbers[name]; return has }) != nil
}

// elsewhere are architectures of profiles that this machine never runs, but for
// x32, whose calls are always refused.
var elsewhere = []string{
	"SCMP_ARCH_X32", "SCMP_ARCH_MIPS", "SCMP_ARCH_MIPS64", "SCMP_ARCH_MIPS64N32", "SCMP_ARCH_MIPSEL", "SCMP_ARCH_MIPSEL64", "SCMP_ARCH_MIPSEL64N32", "SCMP_ARCH_PARISC",
	"SCMP_ARCH_PARISC64", "SCMP_ARCH_PPC", "SCMP_ARCH_PPC64", "SCMP_ARCH_PPC64LE", "SCMP_ARCH_RISCV64", "SCMP_ARCH_S390", "SCMP_ARCH_S390X", "SCMP_ARCH_LOONGARCH64",
}

// of finds the architectures that a profile is for on this machine, its own first.
func (p *Profile) of(own *arch) ([]*arch, error) {
	names := append([]string(nil), p.Architectures...)
	for _, m := range p.ArchMap {
		if !isArch(m.Architecture) {
			return nil, fmt.Errorf("archMap: unknown architecture %q: want a name as SCMP_ARCH_X86_64", m.Architecture)
		}
		if m.Architecture == own.profile {
			names = append(names, m.SubArchitectures...)
		}
	}
	out := []*arch{own}
	for _, n := range names {
		if !isArch(n) {
			return nil, fmt.Errorf("architectures: unknown architecture %q: want a name as SCMP_ARCH_X86_64", n)
		}
		a := archNamed(func(a *arch) bool { return a.profile == n })
		if a != nil && a != own && pair[a.name] == own.name {
			out = append(out, a)
		}
	}
	return out, nil
}

// pair has the machines on which programs of another architecture run.
var pair = map[string]string{"386": "amd64", "arm": "arm64"}

func isArch(profile string) bool {
	for _, e := range elsewhere {
		if e == profile {
			return true
		}
	}
	return archNamed(func(a *arch) bool { return a.profile == profile }) != nil
}
