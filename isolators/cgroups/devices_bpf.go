package cgroups

import (
	"fmt"
	"os"
	"strings"

	"github.com/cilium/ebpf"
	"github.com/cilium/ebpf/asm"
	"github.com/cilium/ebpf/link"
	"golang.org/x/sys/unix"

	"mesos/isolators"
	"mesos/isolators/cgroup"
)

// attachDevices gives a v2 cgroup a program that is asked about every access.
// It stays attached for as long as the cgroup is there, whatever becomes of us.
func attachDevices(d cgroup.Dir, allowed []Device) error {
	p, err := loadDevices(allowed)
	if err != nil {
		return err
	}
	defer func() { _ = p.Close() }()
	dir, err := os.Open(d.Path)
	if err != nil {
		return err
	}
	defer dir.Close()
	err = link.RawAttachProgram(link.RawAttachProgramOptions{Target: int(dir.Fd()), Program: p, Attach: ebpf.AttachCGroupDevice, Flags: unix.BPF_F_ALLOW_MULTI})
	if err != nil {
		return fmt.Errorf("device program at cgroup %s: %w", d.Path, err)
	}
	return nil
}

func loadDevices(allowed []Device) (*ebpf.Program, error) {
	p, err := ebpf.NewProgram(&ebpf.ProgramSpec{Name: "mesos_devices", Type: ebpf.CGroupDevice, License: "Apache-2.0", Instructions: deviceProgram(allowed)})
	if err != nil {
		return nil, fmt.Errorf("device program: %w", err)
	}
	return p, nil
}

// devicePrograms is what v2 has instead of a controller.
var devicePrograms = isolators.NewFeature("eBPF programs for the devices of a cgroup", "a kernel with CONFIG_CGROUP_BPF, and the capability CAP_BPF", func() error {
	p, err := loadDevices(usual)
	if err != nil {
		return err
	}
	return p.Close()
})

// What the kernel hands the program: three words, the first with the kind of
// device in its lower half and the access in the upper.
const (
	ctxAccess = 0
	ctxMajor  = 4
	ctxMinor  = 8
	halfBits  = 16
)

var (
	deviceKinds  = map[byte]int32{'b': 1, 'c': 2}
	deviceAccess = map[rune]int32{'m': 1, 'r': 2, 'w': 4}
)

// deviceProgram answers 1 (go ahead) at the first device that allows all of an
// access, and 0 in the end.
func deviceProgram(allowed []Device) asm.Instructions {
	const kind, access, major, minor, scratch = asm.R2, asm.R3, asm.R4, asm.R5, asm.R6
	out := asm.Instructions{
		asm.LoadMem(kind, asm.R1, ctxAccess, asm.Word),
		asm.Mov.Reg32(access, kind),
		asm.And.Imm32(kind, 1<<halfBits-1),
		asm.RSh.Imm32(access, halfBits),
		asm.LoadMem(major, asm.R1, ctxMajor, asm.Word),
		asm.LoadMem(minor, asm.R1, ctxMinor, asm.Word),
	}
	for n, d := range allowed {
		next := fmt.Sprintf("after%d", n)
		var rule asm.Instructions
		if k, one := deviceKinds[d.Kind]; one {
			rule = append(rule, asm.JNE.Imm(kind, k, next))
		}
		refused := int32(1 | 2 | 4)
		for a, bit := range deviceAccess {
			if strings.ContainsRune(d.Access, a) {
				refused &^= bit
			}
		}
		if refused != 0 {
			rule = append(rule, asm.Mov.Reg32(scratch, access), asm.And.Imm32(scratch, refused), asm.JNE.Imm(scratch, 0, next))
		}
		if d.Major != Any {
			rule = append(rule, asm.JNE.Imm(major, int32(d.Major), next))
		}
		if d.Minor != Any {
			rule = append(rule, asm.JNE.Imm(minor, int32(d.Minor), next))
		}
		if len(rule) == 0 { // allows everything: the kernel refuses code that is never reached
			return append(out, asm.Mov.Imm(asm.R0, 1), asm.Return())
		}
		rule = append(rule, asm.Mov.Imm(asm.R0, 1), asm.Return(), asm.Mov.Imm(asm.R0, 0).WithSymbol(next))
		out = append(out, rule...)
	}
	return append(out, asm.Mov.Imm(asm.R0, 0), asm.Return())
}
