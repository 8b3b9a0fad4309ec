package early

import (
	"encoding/binary"
	"errors"
	"strings"
	"syscall"
	"unsafe"
)

// List is system calls, one after the other. The zero List has none.
type List struct {
	calls []call
	moves []move // words of calls that are places in the text
	text  []byte // what they point to
	here  []int  // words of text that are places in it, too
	what  string // of the last call
	told  Place  // and its answer
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
	// Keep is where its result is put, a []byte of 8; 0 for nowhere.
	Keep Place
	// Stays says that this is a fork: the process that it makes goes on with the list,
	// and this one remains until that has ended.
	Stays bool
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
	keep   uintptr // where; 0: nowhere
	stays  uintptr // 1: see Call
}

// move is a word of a call that is a place in the text.
type move struct{ call, word int }

const (
	word      = 8
	headWords = 2         // how many places and calls
	callWords = 1 + 6 + 7 // of a call
	argsWord  = 1         // where in a call
	toldWord  = argsWord + 6
	keepWord  = toldWord + 5
	most      = 256<<10 - 3*word // of a list that Follow takes
)

// Able says that lists are of this machine's words.
const Able = unsafe.Sizeof(uintptr(0)) == word

// errList says that what is to be done is no List: it is too long, or has a NUL in a string.
var errList = errors.New("system calls: too long a list of them, or a NUL in a string")

// New makes a List with room for so many calls.
func New(calls int) *List {
	return &List{calls: make([]call, 0, calls), moves: make([]move, 0, 5*calls), text: make([]byte, 0, 4096)}
}

// Add adds one.
func (l *List) Add(c Call) {
	n := len(l.calls)
	l.calls = append(l.calls, call{
		trap: c.Trap, told: uintptr(l.answer(c.What)), length: uintptr(2*word + len(c.What)), except: uintptr(c.Except),
		skip: uintptr(c.Skip), pass: uintptr(c.Pass), keep: uintptr(c.Keep),
	})
	to := &l.calls[n]
	l.moves = append(l.moves, move{n, toldWord})
	if c.Keep != 0 {
		l.moves = append(l.moves, move{n, keepWord})
	}
	if c.Stays {
		to.stays = 1
	}
	for i, a := range c.Args {
		switch a := a.(type) {
		case uintptr:
			to.args[i] = a
			continue
		case int:
			to.args[i] = uintptr(a)
			continue
		case string:
			to.args[i] = uintptr(l.String(a))
		case []byte:
			to.args[i] = uintptr(l.Bytes(a))
		case Place:
			to.args[i] = uintptr(a)
		}
		l.moves = append(l.moves, move{n, argsWord + i})
	}
}

// answer is what is told where a call fails: the error, when there is one, and what failed with its
// length.
func (l *List) answer(what string) Place {
	if l.told == 0 || what != l.what {
		l.align()
		l.what, l.told = what, Place(len(l.text))
		l.number(0)
		l.number(len(what))
		l.text = append(l.text, what...)
	}
	return l.told
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

// Bytes adds what begins at a word.
func (l *List) Bytes(b []byte) Place {
	l.align()
	at := Place(len(l.text))
	l.text = append(l.text, b...)
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
		l.here = append(l.here, len(l.text))
		l.number(int(p))
	}
	l.number(0)
	return at
}

func (l *List) align() {
	for len(l.text)%word != 0 {
		l.text = append(l.text, 0)
	}
}

func (l *List) number(n int) { l.text = binary.NativeEndian.AppendUint64(l.text, uint64(n)) }

// Text is what Follow reads: the length of the rest in bytes, how many places and
// how many calls there are, the places, which are of words that hold a place
// themselves and are to be pointers, the calls, and the text.
func (l *List) Text() ([]byte, error) {
	first := (headWords + len(l.moves) + len(l.here)) * word // of the calls
	text := first + len(l.calls)*callWords*word
	if l.fails || text+len(l.text) > most {
		return nil, errList
	}
	out := make([]byte, 0, word+text+len(l.text))
	put := func(n int) { out = binary.NativeEndian.AppendUint64(out, uint64(n)) }
	put(text + len(l.text))
	put(len(l.moves) + len(l.here))
	put(len(l.calls))
	for _, m := range l.moves {
		put(first + (m.call*callWords+m.word)*word)
	}
	for _, p := range l.here {
		put(text + p)
	}
	if len(l.calls) > 0 {
		out = append(out, unsafe.Slice((*byte)(unsafe.Pointer(&l.calls[0])), len(l.calls)*callWords*word)...)
	}
	out = append(out, l.text...)
	// Places are of the text so far, and are to be of all behind the length.
	shift := func(at int) {
		b := out[word+at:]
		binary.NativeEndian.PutUint64(b, binary.NativeEndian.Uint64(b)+uint64(text))
	}
	for _, m := range l.moves {
		shift(first + (m.call*callWords+m.word)*word)
	}
	for _, p := range l.here {
		shift(text + p)
	}
	return out, nil
}
