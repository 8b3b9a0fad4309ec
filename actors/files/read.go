package files

import (
	"errors"
	"fmt"
	"io"
	"os"
	"syscall"
)

// MaxRead is the most bytes that one Read returns, whatever is asked for.
const MaxRead = 16 * 4096

// Chunk is a piece of a file.
type Chunk struct {
	Offset int64 // where Data begins, in bytes from the start of the file
	Size   int64 // of the whole file, in bytes, at the moment of reading
	Data   []byte
}

// Read returns up to length bytes of a file from offset on, at most MaxRead; length -1 means to the end. Offset -1
// asks only for the end of the file: no data, and Offset is the size. Beyond the end there is no data.
func (f *Files) Read(virtual string, offset, length int64) (Chunk, error) {
	if offset < -1 {
		return Chunk{}, fmt.Errorf("%w: offset %d is negative", ErrInvalid, offset)
	}
	if length < -1 {
		return Chunk{}, fmt.Errorf("%w: length %d is negative", ErrInvalid, length)
	}
	file, info, err := f.Open(virtual)
	if err != nil {
		return Chunk{}, err
	}
	defer func() { _ = file.Close() }() // opened for reading only
	size := info.Size()
	if offset == -1 {
		return Chunk{Offset: size, Size: size}, nil
	}
	c := Chunk{Offset: offset, Size: size}
	left := size - offset
	if length == -1 || length > left {
		length = left
	}
	if length = min(length, MaxRead); length <= 0 {
		return c, nil
	}
	c.Data = make([]byte, length)
	n, err := file.ReadAt(c.Data, offset)
	c.Data = c.Data[:n]
	if err != nil && !errors.Is(err, io.EOF) { // the file may have been cut short meanwhile
		return Chunk{}, fmt.Errorf("path %q: %w", virtual, err)
	}
	return c, nil
}

// Open opens a regular file for reading; the caller closes it. Anything else is refused, so that a pipe or a device in
// a sandbox cannot hold the reader.
func (f *Files) Open(virtual string) (*os.File, os.FileInfo, error) {
	p, err := f.find(virtual)
	if err != nil {
		return nil, nil, err
	}
	defer p.close()
	info, err := p.root.Stat(p.name)
	if err != nil {
		return nil, nil, classify(virtual, err)
	}
	if err := regular(virtual, info); err != nil {
		return nil, nil, err
	}
	// Between Stat and here the name may have come to mean a pipe: O_NONBLOCK opens that without waiting for a writer.
	file, err := p.root.OpenFile(p.name, os.O_RDONLY|syscall.O_NONBLOCK, 0)
	if err != nil {
		return nil, nil, classify(virtual, err)
	}
	if info, err = file.Stat(); err == nil {
		err = regular(virtual, info)
	}
	if err != nil {
		return nil, nil, errors.Join(err, file.Close())
	}
	return file, info, nil
}

func regular(virtual string, info os.FileInfo) error {
	switch {
	case info.IsDir():
		return fmt.Errorf("path %q: %w: it is a directory, and only a file can be read", virtual, ErrInvalid)
	case !info.Mode().IsRegular():
		return fmt.Errorf("path %q: %w: only a regular file can be read", virtual, ErrInvalid)
	}
	return nil
}
