package fetcher

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"time"

	"mesos/actors/containerizer/launch"
	v1 "mesos/messages/mesos/v1"
)

// Options of a Fetcher; the zero value is usable.
type Options struct {
	// FrameworksHome is put before relative paths; "" refuses them.
	FrameworksHome string
	// StallTimeout ends a fetch that gets not one byte for so long.
	// Default one minute.
	StallTimeout time.Duration
	// MaxUnpacked bounds, in bytes, what one archive may unpack to.
	// Default 16 GiB.
	MaxUnpacked int64
	// MaxEntries bounds the files, directories and links of one archive.
	// Default one million.
	MaxEntries int
	// Sources adds schemes, or replaces built-in ones, by lower-case name.
	Sources map[string]Source
}

// Fetcher is safe for use by many goroutines. Close it when no fetch runs.
type Fetcher struct {
	o       Options
	web     *web
	sources map[string]Source
}

// New makes a Fetcher with the built-in schemes and those of o.
func New(o Options) *Fetcher {
	if o.StallTimeout <= 0 {
		o.StallTimeout = time.Minute
	}
	if o.MaxUnpacked <= 0 {
		o.MaxUnpacked = 16 << 30
	}
	if o.MaxEntries <= 0 {
		o.MaxEntries = 1e6
	}
	f := &Fetcher{o: o, web: newWeb()}
	f.sources = map[string]Source{"http": f.web, "https": f.web, "file": local{}}
	for name, s := range o.Sources {
		f.sources[name] = s
	}
	return f
}

// Close drops idle connections.
func (f *Fetcher) Close() { f.web.close() }

// Request is what one container needs before it can start.
type Request struct {
	Sandbox string                // existing directory
	URIs    []*v1.CommandInfo_URI // fetched in this order
	Account *launch.Account       // owner of the files; nil: the caller
	Log     io.Writer             // one line per fetched URI or failure; nil: none
}

// Error tells which URI could not be fetched, and why.
type Error struct {
	URI string // without password
	Err error
}

func (e *Error) Error() string { return fmt.Sprintf("fetch of %q: %v", e.URI, e.Err) }
func (e *Error) Unwrap() error { return e.Err }

// ErrStalled is wrapped when a source sent nothing for Options.StallTimeout.
var ErrStalled = errors.New("no data came")

// Fetch brings every URI of r into the sandbox. It stops at the first that
// fails, with an *Error; files fetched before stay. A cancelled ctx ends it
// soon, with the cause wrapped.
func (f *Fetcher) Fetch(ctx context.Context, r Request) error {
	if len(r.URIs) == 0 {
		return nil
	}
	if r.Log == nil {
		r.Log = io.Discard
	}
	root, err := os.OpenRoot(r.Sandbox)
	if err != nil {
		return fmt.Errorf("sandbox: %w", err)
	}
	defer func() { _ = root.Close() }() // nothing is written through it
	w := &writer{root: root, account: r.Account}
	for _, u := range r.URIs {
		if err := f.one(ctx, w, u, r.Log); err != nil {
			e := &Error{URI: redact(u.GetValue()), Err: err}
			fmt.Fprintf(r.Log, "Failed: %v\n", e)
			return e
		}
	}
	return nil
}

// one fetches and, if asked to, unpacks a single URI.
func (f *Fetcher) one(ctx context.Context, w *writer, u *v1.CommandInfo_URI, log io.Writer) error {
	p, err := f.resolve(u)
	if err != nil {
		return err
	}
	n, err := f.download(ctx, w, p)
	if err != nil {
		return err
	}
	fmt.Fprintf(log, "Fetched %s into %s (%d bytes)\n", redact(u.GetValue()), p.name, n)
	if u.GetExecutable() || !u.GetExtract() {
		return nil
	}
	unpack := unpackerFor(p.name)
	if unpack == nil {
		return nil
	}
	entries, err := f.unpack(ctx, w, p.name, unpack)
	if err != nil {
		return fmt.Errorf("unpacking %s: %w", p.name, err)
	}
	fmt.Fprintf(log, "Unpacked %s (%d entries)\n", p.name, entries)
	return nil
}
