package boltfile

import (
	"encoding/binary"
	"errors"
	"fmt"
	"hash/fnv"
	"io"
	"os"
)

// bbolt begins a file with two pages that say how large it is; the newer of
// those that are whole counts. A file that is shorter than that would be a
// fault of memory later, so it is found here.
const (
	boltMagic    = 0xED0CDAED
	boltVersion  = 2
	metaOffset   = 16 // behind the header of the page
	metaSize     = 64
	highestField = 40 // pages in use
	txField      = 48
	sumField     = 56
)

var errNoMeta = errors.New("no meta page")

type boltMeta struct {
	version, pageSize uint32
	pages, tx         uint64
	whole             bool // its checksum is right
}

// checkMeta refuses a file that is foreign, of another version of the library,
// or cut short.
func (k *Kind) checkMeta(path string) error {
	f, err := os.Open(path)
	if err != nil {
		return fmt.Errorf("%s: %w", k.Name, err)
	}
	defer f.Close()
	info, err := f.Stat()
	if err != nil {
		return fmt.Errorf("%s: %w", k.Name, err)
	}
	if !info.Mode().IsRegular() {
		return k.refuse(path, ErrForeign, "it is not a file")
	}
	var best *boltMeta
	found := false
	for at := int64(0); at <= 64<<10; at = max(1<<10, 2*at) { // the first page, and the second for each size of page
		m, err := readMeta(f, at)
		if err != nil || at != 0 && m.whole && int64(m.pageSize) != at {
			continue
		}
		found = true
		if m.version != boltVersion {
			return k.refuse(path, ErrVersion, fmt.Sprintf("the file's version is %d, not %d", m.version, boltVersion))
		}
		if m.whole && (best == nil || m.tx > best.tx) {
			best = &m
		}
	}
	switch {
	case !found && info.Size() == 0:
		return k.refuse(path, ErrDamaged, "it is empty")
	case !found:
		return k.refuse(path, ErrForeign, "it does not begin as one")
	case best == nil:
		return k.refuse(path, ErrDamaged, "its first pages are not whole")
	case uint64(info.Size()) < best.pages*uint64(best.pageSize):
		return k.refuse(path, ErrDamaged, fmt.Sprintf("it is cut short: %d of %d bytes are there", info.Size(), best.pages*uint64(best.pageSize)))
	}
	return nil
}

func readMeta(f io.ReaderAt, at int64) (boltMeta, error) {
	var b [metaSize]byte
	if _, err := f.ReadAt(b[:], at+metaOffset); err != nil {
		return boltMeta{}, err
	}
	n := binary.NativeEndian // as bbolt writes it
	if n.Uint32(b[:]) != boltMagic {
		return boltMeta{}, errNoMeta
	}
	h := fnv.New64a()
	h.Write(b[:sumField])
	return boltMeta{
		version: n.Uint32(b[4:]), pageSize: n.Uint32(b[8:]), pages: n.Uint64(b[highestField:]), tx: n.Uint64(b[txField:]),
		whole: h.Sum64() == n.Uint64(b[sumField:]),
	}, nil
}
