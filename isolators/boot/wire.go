package boot

import (
	"errors"
	"io"
	"syscall"
)

// wire writes a value's fields one after the other, or reads them: each type names its fields once, for both. It is not
// JSON, as finding out about the fields of a type takes a program that does it once longer than all the rest.
type wire struct {
	text    []byte // what was written, or is still to be read
	reading bool
	bad     bool // there was less to read than expected
}

// errShort is also what comes of programs of different versions.
var errShort = errors.New("not of this version's form")

// wordSize is what a number takes.
const wordSize = 8

func number[T ~int | ~uint64 | ~uintptr](w *wire, n *T) {
	if !w.reading {
		for i := range wordSize {
			w.text = append(w.text, byte(uint64(*n)>>(8*i)))
		}
		return
	}
	if w.bad = w.bad || len(w.text) < wordSize; w.bad {
		return
	}
	v := uint64(0)
	for i := range wordSize {
		v |= uint64(w.text[i]) << (8 * i)
	}
	*n, w.text = T(v), w.text[wordSize:]
}

// length of what follows, which takes at least a byte for each.
func (w *wire) length(n int) int {
	number(w, &n)
	if w.bad = w.bad || w.reading && (n < 0 || n > len(w.text)); w.bad {
		return 0
	}
	return n
}

func words[T ~string | ~[]byte](w *wire, s *T) {
	n := w.length(len(*s))
	if !w.reading {
		w.text = append(w.text, *s...)
		return
	}
	if n > 0 {
		*s, w.text = T(w.text[:n]), w.text[n:]
	}
}

func (w *wire) flag(b *bool) {
	n := 0
	if *b {
		n = 1
	}
	number(w, &n)
	*b = n == 1
}

func list[T any](w *wire, s *[]T, each func(*wire, *T)) {
	n := w.length(len(*s))
	if w.reading && n > 0 {
		*s = make([]T, n)
	}
	for i := range n {
		each(w, &(*s)[i])
	}
}

func optional[T any](w *wire, p **T, each func(*wire, *T)) {
	there := *p != nil
	if w.flag(&there); !there {
		return
	}
	if w.reading {
		*p = new(T)
	}
	each(w, *p)
}

// MarshalBinary writes what Run and RunOrder read. It never fails.
func (l *Launch) MarshalBinary() ([]byte, error) {
	w := &wire{}
	l.fields(w)
	return w.text, nil
}

// UnmarshalBinary reads it.
func (l *Launch) UnmarshalBinary(text []byte) error {
	w := &wire{text: text, reading: true}
	if l.fields(w); w.bad || len(w.text) > 0 {
		return errShort
	}
	return nil
}

// writeOrder writes a Launch to a pipe.
func writeOrder(to io.Writer, l *Launch) error {
	_, err := to.Write(orderOf(l))
	return err
}

// orderOf is a Launch with its length first.
func orderOf(l *Launch) []byte {
	w := &wire{text: make([]byte, wordSize, 4096)}
	l.fields(w)
	head, n := &wire{}, len(w.text)-wordSize
	number(head, &n)
	copy(w.text, head.text)
	return w.text
}

// readOrder reads what writeOrder wrote.
func readOrder(from io.Reader) (*Launch, error) {
	text := make([]byte, wordSize)
	if _, err := io.ReadFull(from, text); err != nil {
		return nil, err
	}
	n := 0
	if number(&wire{text: text, reading: true}, &n); n < 0 || n > maxOrder {
		return nil, errShort
	}
	text = make([]byte, n)
	if _, err := io.ReadFull(from, text); err != nil {
		return nil, err
	}
	l := &Launch{}
	return l, l.UnmarshalBinary(text)
}

// maxOrder is more than the kernel takes of arguments and environment.
const maxOrder = 64 << 20

// writeAnswer writes an error.
func writeAnswer(to io.Writer, e *Error) error {
	w, no := &wire{}, uint64(e.Errno)
	number(w, &no)
	words(w, &e.What)
	_, err := to.Write(w.text)
	return err
}

// readAnswer reads it; io.EOF says that there is none.
func readAnswer(from io.Reader) (*Error, error) {
	text := make([]byte, 2*wordSize)
	if _, err := io.ReadFull(from, text); err != nil {
		return nil, err
	}
	w, no, n := &wire{text: text, reading: true}, uint64(0), 0
	number(w, &no)
	if number(w, &n); n < 0 || n > maxOrder {
		return nil, errShort
	}
	what := make([]byte, n)
	if _, err := io.ReadFull(from, what); err != nil {
		return nil, err
	}
	return &Error{What: string(what), Errno: syscall.Errno(no)}, nil
}
