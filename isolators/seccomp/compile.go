package seccomp

import (
	"encoding/binary"
	"errors"
	"fmt"
	"maps"
	"slices"

	"golang.org/x/sys/unix"
)

// Compile makes the filter of a profile for this machine: instructions of 8 bytes
// in the machine's order. Errors name what of the profile is wrong.
func (p *Profile) Compile(s Subject) ([]byte, error) {
	own := native()
	if own == nil {
		return nil, errNoArch
	}
	return p.compile(own, s)
}

var errNoArch = errors.New("filters of system calls are made for amd64, 386, arm64 and arm alone")

func (p *Profile) compile(own *arch, s Subject) ([]byte, error) {
	arches, err := p.of(own)
	if err != nil {
		return nil, err
	}
	var a assembler
	a.load(dataArch)
	for _, arch := range arches {
		mine, next := a.label(), a.label()
		a.jump(unix.BPF_JEQ, arch.audit, mine, next)
		a.place(mine)
		a.load(dataNumber)
		choices, otherwise := p.choices(arch, s)
		a.search(spans(choices, otherwise, arch.name == "amd64"))
		a.place(next)
	}
	a.ret(retKillProcess)
	return a.bytes()
}

// Where a filter finds what it is about.
const (
	dataNumber = 0
	dataArch   = 4
	dataArgs   = 16 // 8 bytes each, the lower half first on all that we know
)

// span is the choice of all numbers from one to the next span's.
type span struct {
	from uint32
	choice
}

// spans cover all numbers, in their order.
func spans(choices map[uint32]choice, otherwise uint32, short bool) []span {
	rest := choice{otherwise: otherwise}
	out := []span{{0, rest}}
	add := func(from uint32, c choice) {
		switch last := len(out) - 1; {
		case out[last].from == from:
			out[last].choice = c
			if last > 0 && out[last-1].equal(c) {
				out = out[:last]
			}
		case !out[last].equal(c):
			out = append(out, span{from, c})
		}
	}
	for _, n := range slices.Sorted(maps.Keys(choices)) {
		add(n, choices[n])
		add(n+1, rest)
	}
	if short {
		add(x32, choice{otherwise: retErrno | uint32(unix.ENOSYS)})
	}
	return out
}

// assembler writes instructions whose jumps go forward to labels.
type assembler struct {
	code  []unix.SockFilter
	at    []int       // of labels
	jumps map[int]int // instruction to label
}

func (a *assembler) label() int {
	a.at = append(a.at, -1)
	return len(a.at) - 1
}

func (a *assembler) place(label int) { a.at[label] = len(a.code) }

func (a *assembler) add(code uint16, jt, jf uint8, k uint32) {
	a.code = append(a.code, unix.SockFilter{Code: code, Jt: jt, Jf: jf, K: k})
}

func (a *assembler) load(offset uint32) { a.add(unix.BPF_LD|unix.BPF_W|unix.BPF_ABS, 0, 0, offset) }
func (a *assembler) ret(v uint32)       { a.add(unix.BPF_RET|unix.BPF_K, 0, 0, v) }

// jump compares and goes on at one of two labels. Those of a comparison reach 255
// instructions only, hence two more.
func (a *assembler) jump(op uint16, k uint32, yes, no int) {
	a.add(unix.BPF_JMP|unix.BPF_K|op, 0, 1, k)
	if a.jumps == nil {
		a.jumps = make(map[int]int)
	}
	for _, to := range []int{yes, no} {
		a.jumps[len(a.code)] = to
		a.add(unix.BPF_JMP|unix.BPF_JA, 0, 0, 0)
	}
}

// search finds the span of the number that was loaded.
func (a *assembler) search(s []span) {
	if len(s) == 1 {
		a.choose(s[0].choice)
		return
	}
	mid := len(s) / 2
	above, below := a.label(), a.label()
	a.jump(unix.BPF_JGE, s[mid].from, above, below)
	a.place(below)
	a.search(s[:mid])
	a.place(above)
	a.search(s[mid:])
}

func (a *assembler) choose(c choice) {
	for _, w := range c.ways {
		fails := a.label()
		for _, arg := range w.when {
			holds := a.label()
			operators[arg.Op](a, arg, holds, fails)
			a.place(holds)
		}
		a.ret(w.then)
		a.place(fails)
	}
	a.ret(c.otherwise)
}

// operators compare an argument, half by half, and go on at one of two labels.
var operators = map[string]func(a *assembler, arg Arg, holds, fails int){
	"SCMP_CMP_EQ": func(a *assembler, arg Arg, holds, fails int) { a.same(arg.Index, ^uint64(0), arg.Value, holds, fails) },
	"SCMP_CMP_NE": func(a *assembler, arg Arg, holds, fails int) { a.same(arg.Index, ^uint64(0), arg.Value, fails, holds) },
	"SCMP_CMP_MASKED_EQ": func(a *assembler, arg Arg, holds, fails int) {
		a.same(arg.Index, arg.Value, arg.Two, holds, fails)
	},
	"SCMP_CMP_GT": func(a *assembler, arg Arg, holds, fails int) { a.over(unix.BPF_JGT, arg, holds, fails) },
	"SCMP_CMP_GE": func(a *assembler, arg Arg, holds, fails int) { a.over(unix.BPF_JGE, arg, holds, fails) },
	"SCMP_CMP_LE": func(a *assembler, arg Arg, holds, fails int) { a.over(unix.BPF_JGT, arg, fails, holds) },
	"SCMP_CMP_LT": func(a *assembler, arg Arg, holds, fails int) { a.over(unix.BPF_JGE, arg, fails, holds) },
}

func (a *assembler) same(index uint, mask, value uint64, yes, no int) {
	half := func(offset, mask, value uint32, yes int) {
		a.load(dataArgs + 8*uint32(index) + offset)
		if mask != 1<<32-1 {
			a.add(unix.BPF_ALU|unix.BPF_AND|unix.BPF_K, 0, 0, mask)
		}
		a.jump(unix.BPF_JEQ, value, yes, no)
	}
	lower := a.label()
	half(4, uint32(mask>>32), uint32(value>>32), lower)
	a.place(lower)
	half(0, uint32(mask), uint32(value), yes)
}

// over asks for greater, or greater or equal.
func (a *assembler) over(op uint16, arg Arg, yes, no int) {
	at, high := dataArgs+8*uint32(arg.Index), uint32(arg.Value>>32)
	notOver, lower := a.label(), a.label()
	a.load(at + 4)
	a.jump(unix.BPF_JGT, high, yes, notOver)
	a.place(notOver)
	a.jump(unix.BPF_JEQ, high, lower, no)
	a.place(lower)
	a.load(at)
	a.jump(op, uint32(arg.Value), yes, no)
}

// bytes resolves the jumps.
func (a *assembler) bytes() ([]byte, error) {
	if len(a.code) > unix.BPF_MAXINSNS {
		return nil, fmt.Errorf("syscalls: the rules make a filter of %d instructions: want at most %d", len(a.code), unix.BPF_MAXINSNS)
	}
	for from, label := range a.jumps {
		a.code[from].K = uint32(a.at[label] - from - 1)
	}
	var out []byte
	for _, c := range a.code {
		out = binary.NativeEndian.AppendUint16(out, c.Code)
		out = append(out, c.Jt, c.Jf)
		out = binary.NativeEndian.AppendUint32(out, c.K)
	}
	return out, nil
}
