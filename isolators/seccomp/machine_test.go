package seccomp

import (
	"encoding/binary"
	"testing"

	"golang.org/x/sys/unix"
)

// call is what the kernel tells a filter.
type call struct {
	number, audit uint32
	args          [6]uint64
}

func (c call) word(offset uint32) uint32 {
	switch offset {
	case dataNumber:
		return c.number
	case dataArch:
		return c.audit
	}
	n := (offset - dataArgs) / 8
	if (offset-dataArgs)%8 == 4 {
		return uint32(c.args[n] >> 32)
	}
	return uint32(c.args[n])
}

// interpret runs a filter as the kernel does.
func interpret(t interface{ Fatalf(string, ...any) }, program []byte, c call) uint32 {
	var a uint32
	for pc := 0; pc < len(program)/8; pc++ {
		in := program[8*pc:]
		code, jt, jf, k := binary.NativeEndian.Uint16(in), int(in[2]), int(in[3]), binary.NativeEndian.Uint32(in[4:])
		branch := func(yes bool) {
			if yes {
				pc += jt
			} else {
				pc += jf
			}
		}
		switch code {
		case unix.BPF_LD | unix.BPF_W | unix.BPF_ABS:
			a = c.word(k)
		case unix.BPF_ALU | unix.BPF_AND | unix.BPF_K:
			a &= k
		case unix.BPF_JMP | unix.BPF_JA:
			pc += int(k)
		case unix.BPF_JMP | unix.BPF_K | unix.BPF_JEQ:
			branch(a == k)
		case unix.BPF_JMP | unix.BPF_K | unix.BPF_JGT:
			branch(a > k)
		case unix.BPF_JMP | unix.BPF_K | unix.BPF_JGE:
			branch(a >= k)
		case unix.BPF_RET | unix.BPF_K:
			return k
		default:
			t.Fatalf("instruction %d: unknown code %#x", pc, code)
		}
	}
	t.Fatalf("the filter runs off its end")
	return 0
}

func compiled(t *testing.T, text string, s Subject) []byte {
	t.Helper()
	p, err := Parse([]byte(text))
	if err != nil {
		t.Fatal(err)
	}
	out, err := p.compile(archNamed(func(a *arch) bool { return a.name == "amd64" }), s)
	if err != nil {
		t.Fatal(err)
	}
	return out
}
