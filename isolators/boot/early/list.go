package early

import (
	"errors"
	"io"
	"strings"
	"syscall"
	"unsafe"
)

// List is system calls, one after the other. The zero List has none.
type List struct {
	calls []call
	text  []byte    // what they point to
	here  []pointer // words of text that are pointers into text
	fails bool
}

// Call is one of them.
type Call struct {
	// What it does: of an answer, where it fails.
	What string
	Trap uintptr
	// Args are each a uintptr (or an int), a string or []byte, to which the kernel gets
	// a pointer, or a Place.
	Args []any
	// Except is an error that is none; Any stands for all of them.
	Except syscall.Errno
	// Skip is how many of the calls behind it are left out if it succeeds, Pass
	// if it fails with Except.
	Skip, Pass int
}

// Any is no error of the system's.
const Any = syscall.Errno(1 << 16)

// call is a Call as the new process has it. All are words of the machine.
type call struct {
	trap   uintptr
	args   [6]uintptr
	told   uintptr // where its answer begins
	length uintptr // of the answer
	except uintptr
	skip   uintptr
	pass   uintptr

	points [6]bool // args that are places in the text; not sent
}

// pointer is a place in the text that holds another.
type pointer struct{ at, to int }

const (
	word      = 8
	headWords = 2                // relocations and calls
	callWords = 1 + 6 + 5        // of a call
	most      = 256<<10 - 3*word // of a list that Follow takes
)

// errList says that what is to be done is no List: it is too long, or has a NUL in a string.
var errList = errors.New("system calls: too long a list of them, or a NUL in a string")

// Add adds one.
func (l *List) Add(c Call) {
	out := call{trap: c.Trap, except: uintptr(c.Except), skip: uintptr(c.Skip), pass: uintptr(c.Pass)}
	for i, a := range c.Args {
		switch a := a.(type) {
		case uintptr:
			out.args[i] = a
		case int:
			out.args[i] = uintptr(a)
		case string:
			out.args[i], out.points[i] = uintptr(l.String(a)), true
		case []byte:
			l.align()
			out.args[i], out.points[i] = uintptr(len(l.text)), true
			l.text = append(l.text, a...)
		case Place:
			out.args[i], out.points[i] = uintptr(a), true
		}
	}
	l.align()
	out.told, out.length = uintptr(len(l.text)), uintptr(2*word+len(c.What))
	l.number(0) // the error, when there is one
	l.number(len(c.What))
	l.text = append(l.text, c.What...)
	l.calls = append(l.calls, out)
}

// Place is where something is that several calls point to.
type Place int

// String adds a string, and its NUL.
func (l *List) String(s string) Place {
	at := Place(len(l.text))
	l.fails = l.fails || strings.IndexByte(s, 0) >= 0
	l.text = append(append(l.text, s...), 0)
	return at
}

// Strings adds strings as execve takes them: pointers to them, and to nothing.
func (l *List) Strings(of []string) Place {
	places := make([]Place, len(of))
	for i, s := range of {
		places[i] = l.String(s)
	}
	l.align()
	at := Place(len(l.text))
	for _, p := range places {
		l.here = append(l.here, pointer{len(l.text), int(p)})
		l.number(0)
	}
	l.number(0)
	return at
}

func (l *List) align() {
	for len(l.text)%word != 0 {
		l.text = append(l.text, 0)
	}
}

func (l *List) number(n int) { l.text = appendWord(l.text, uintptr(n)) }

func appendWord(to []byte, n uintptr) []byte {
	return append(to, unsafe.Slice((*byte)(unsafe.Pointer(&n)), word)...)
}

// Bytes are what Follow reads: the length of the rest in bytes, how many places and
// how many calls there are, the places, which are of words that hold a place
// themselves and are to be pointers, the calls, and the text.
func (l *List) Bytes() ([]byte, error) {
	moves := make([]uintptr, 0, len(l.here)+3*len(l.calls))
	for _, c := range l.calls {
		for _, points := range c.points {
			if points {
				moves = append(moves, 0)
			}
		}
		moves = append(moves, 0) // told
	}
	first := (headWords + len(moves) + len(l.here)) * word // of the calls
	text := first + len(l.calls)*callWords*word
	if l.fails || text+len(l.text) > most {
		return nil, errList
	}
	out := make([]byte, 0, word+text+len(l.text))
	for _, n := range []int{text + len(l.text), len(moves) + len(l.here), len(l.calls)} {
		out = appendWord(out, uintptr(n))
	}
	moves = moves[:0]
	var calls []byte
	put := func(n uintptr, points bool) {
		if points {
			n += uintptr(text)
			moves = append(moves, uintptr(first+len(calls)))
		}
		calls = appendWord(calls, n)
	}
	for _, c := range l.calls {
		put(c.trap, false)
		for i, a := range c.args {
			put(a, c.points[i])
		}
		put(c.told, true)
		for _, n := range []uintptr{c.length, c.except, c.skip, c.pass} {
			put(n, false)
		}
	}
	for _, m := range moves {
		out = appendWord(out, m)
	}
	for _, p := range l.here {
		out = appendWord(out, uintptr(text+p.at))
		copy(l.text[p.at:], appendWord(nil, uintptr(text+p.to)))
	}
	return append(append(out, calls...), l.text...), nil
}

// Send writes it to the pipe of a process that follows.
func (l *List) Send(to io.Writer) error {
	b, err := l.Bytes()
	if err != nil {
		return err
	}
	_, err = to.Write(b)
	return err
}
