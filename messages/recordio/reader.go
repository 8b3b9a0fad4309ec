package recordio

import (
	"bufio"
	"errors"
	"fmt"
	"io"
	"math"
)

var (
	// ErrLength is wrapped by errors about a length that is no decimal number.
	ErrLength = errors.New("bad record length")
	// ErrTooLong is wrapped by errors about a record above the reader's bound.
	ErrTooLong = errors.New("record too long")
)

// Reader reads records from a stream. It is for one goroutine.
type Reader struct {
	r   *bufio.Reader
	max int
	err error // the first error, told again by every later Read
}

// NewReader returns a Reader on r that refuses records of more than max bytes.
// It reads ahead, so nothing else may read from r.
func NewReader(r io.Reader, max int) *Reader {
	return &Reader{r: bufio.NewReader(r), max: max}
}

// Read returns the next record, which is the caller's to keep; an empty record
// is an empty slice, not nil.
//
// The error is io.EOF if the stream ends after a whole record,
// io.ErrUnexpectedEOF if it ends within one, wraps ErrLength or ErrTooLong, or
// is that of the stream. Every error is final: each later Read returns it again.
func (r *Reader) Read() ([]byte, error) {
	if r.err != nil {
		return nil, r.err
	}
	record, err := r.read()
	if err != nil {
		r.err = err
		return nil, err
	}
	return record, nil
}

func (r *Reader) read() ([]byte, error) {
	n, err := r.length()
	if err != nil {
		return nil, err
	}
	return r.payload(n)
}

// mostDigits bounds the length line. It allows for leading zeros, which count as
// nothing, but not for a line without end.
const mostDigits = 20

// length reads the length line.
func (r *Reader) length() (int, error) {
	n := 0
	for digits := 0; ; digits++ {
		c, err := r.r.ReadByte()
		switch {
		case err == io.EOF && digits > 0:
			return 0, io.ErrUnexpectedEOF
		case err != nil:
			return 0, err
		case c == '\n' && digits > 0:
			if n > r.max {
				return 0, fmt.Errorf("%w: more than %d bytes announced", ErrTooLong, r.max)
			}
			return n, nil
		case c < '0' || c > '9':
			return 0, fmt.Errorf("%w: %q where a decimal digit should be", ErrLength, c)
		case digits == mostDigits:
			return 0, fmt.Errorf("%w: more than %d digits", ErrLength, mostDigits)
		}
		if d := int(c - '0'); n > (math.MaxInt-d)/10 {
			n = math.MaxInt // above any bound that a slice could meet
		} else {
			n = n*10 + d
		}
	}
}

// firstAlloc is how many bytes are set aside on the word of a length alone. A
// longer record grows as its bytes arrive, so that a peer cannot claim memory
// that it does not fill.
const firstAlloc = 64 << 10

func (r *Reader) payload(n int) ([]byte, error) {
	record := make([]byte, min(n, firstAlloc))
	for read := 0; ; {
		m, err := io.ReadFull(r.r, record[read:])
		if read += m; err != nil {
			if err == io.EOF { // ReadFull's word for not a single byte
				err = io.ErrUnexpectedEOF
			}
			return nil, err
		}
		if read == n {
			return record, nil
		}
		longer := make([]byte, min(n, 2*len(record)))
		copy(longer, record)
		record = longer
	}
}
