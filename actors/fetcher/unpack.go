package fetcher

import (
	"compress/bzip2"
	"compress/gzip"
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path"
	"strings"
)

// ErrTooLarge is wrapped when an archive unpacks to more than is allowed.
var ErrTooLarge = errors.New("more unpacked bytes or entries than the agent allows")

// archive is one being unpacked.
type archive struct {
	*writer
	ctx   context.Context
	name  string // of the archive in the sandbox
	f     *os.File
	bytes int64 // still allowed
	max   int64
	left  int // entries still allowed
	made  int
}

// allowance is how many bytes an archive of that size may unpack to.
func (f *Fetcher) allowance(size int64) int64 {
	most := f.o.MaxUnpacked
	if size < most/f.o.MaxRatio { // no overflow
		most = min(most, max(f.o.FreeOfRatio, size*f.o.MaxRatio))
	}
	return most
}

type unpacker func(*archive) error

// formats are tried in this order: ".tar.gz" is also a ".gz".
var formats = []struct {
	suffix string
	unpack unpacker
}{
	{".tar", func(a *archive) error { return a.tar(a.f) }},
	{".tgz", gzipped},
	{".tar.gz", gzipped},
	{".tbz2", bzipped},
	{".tar.bz2", bzipped},
	{".txz", xzipped},
	{".tar.xz", xzipped},
	{".tzst", zstandard},
	{".tar.zst", zstandard},
	{".gz", single},
	{".zip", (*archive).zip},
}

// unpackerFor goes by the name that the file has in the sandbox; nil: it is
// not an archive.
func unpackerFor(name string) unpacker {
	for _, f := range formats {
		if strings.HasSuffix(name, f.suffix) {
			return f.unpack
		}
	}
	return nil
}

// unpack unpacks an archive, which lies in the sandbox or in the cache.
func (f *Fetcher) unpack(ctx context.Context, w *writer, p plan, file *os.File, log io.Writer) error {
	info, err := file.Stat()
	if err != nil {
		return fmt.Errorf("unpacking %s: %w", p.name, err)
	}
	most := f.allowance(info.Size())
	a := &archive{writer: w, ctx: ctx, name: p.name, f: file, bytes: most, max: most, left: f.o.MaxEntries}
	err = cause(ctx, p.unpack(a))
	// Also after a failure: what lies there is shown to people.
	if e := a.check(); err == nil {
		err = e
	}
	if err != nil {
		return fmt.Errorf("unpacking %s: %w", p.name, err)
	}
	fmt.Fprintf(log, "Unpacked %s (%d entries)\n", p.name, a.made)
	return nil
}

// entry counts one more.
func (a *archive) entry() error {
	if err := a.ctx.Err(); err != nil {
		return err
	}
	if a.left--; a.left < 0 {
		return ErrTooLarge
	}
	a.made++
	return nil
}

// put writes one file out of the allowance of bytes.
func (a *archive) put(name string, mode fs.FileMode, r io.Reader) error {
	n, err := a.counted(name, mode, a.watch(r), a.bytes)
	a.bytes -= n
	return err
}

// watch ends reads when the context does.
func (a *archive) watch(r io.Reader) io.Reader {
	return readFunc(func(b []byte) (int, error) {
		if err := a.ctx.Err(); err != nil {
			return 0, err
		}
		return r.Read(b)
	})
}

// bounded bounds what is unpacked even if none of it is written.
func (a *archive) bounded(r io.Reader) io.Reader {
	left := a.max
	r = a.watch(r)
	return readFunc(func(b []byte) (int, error) {
		n, err := r.Read(b)
		if left -= int64(n); left < 0 {
			return 0, ErrTooLarge
		}
		return n, err
	})
}

func gzipped(a *archive) error {
	z, err := gzip.NewReader(a.f)
	if err != nil {
		return err
	}
	return a.tar(z)
}

func bzipped(a *archive) error { return a.tar(bzip2.NewReader(a.f)) }

func xzipped(a *archive) error { return xzProgram.unpack(a.ctx, a.f, a.tar) }

func zstandard(a *archive) error { return zstdProgram.unpack(a.ctx, a.f, a.tar) }

// single unpacks a lone compressed file beside itself: "x.gz" to "x".
func single(a *archive) error {
	z, err := gzip.NewReader(a.f)
	if err != nil {
		return err
	}
	name, err := entryName(strings.TrimSuffix(a.name, ".gz"))
	if err != nil {
		return err
	}
	if b := path.Base(name); b == "." || strings.HasSuffix(a.name, "/.gz") {
		return fmt.Errorf("%q leaves no name for the unpacked file; set uris.output_file", a.name)
	}
	if err := a.entry(); err != nil {
		return err
	}
	return a.put(name, 0o644, z)
}
