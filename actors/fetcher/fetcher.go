package fetcher

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"time"

	"mesos/actors/containerizer/launch"
	"mesos/actors/metrics"
	v1 "mesos/messages/mesos/v1"
)

// Options of a Fetcher; the zero value is usable.
type Options struct {
	// FrameworksHome is put before relative paths; "" refuses them.
	FrameworksHome string
	// StallTimeout ends a fetch that gets not one byte for so long.
	// Default one minute.
	StallTimeout time.Duration
	// ProgressInterval is the time between two lines on a fetch that takes
	// long. Default ten seconds.
	ProgressInterval time.Duration
	// MaxUnpacked bounds, in bytes, what one archive may unpack to.
	// Default 16 GiB.
	MaxUnpacked int64
	// MaxEntries bounds the files, directories and links of one archive.
	// Default one million.
	MaxEntries int
	// MaxRatio bounds how many times its own size an archive may unpack to,
	// once that is more than FreeOfRatio bytes. Defaults 200 and 1 GiB.
	MaxRatio    int64
	FreeOfRatio int64
	// CacheDir is where files are kept whose URI asks for it; "" keeps none.
	// What agents that died left there is removed.
	CacheDir string
	// CacheSize bounds the cache, in bytes. Default 2 GB.
	CacheSize int64
	// S3 says who asks for s3:// URIs, and where; nil: nobody in particular,
	// of AWS.
	S3 *S3
	// HadoopHome is where hadoop is installed, whose client reads hdfs://
	// URIs; "" looks for it in PATH.
	HadoopHome string
	// Sources adds schemes, or replaces built-in ones, by lower-case name.
	Sources map[string]Source
	// Metrics gets containerizer/fetcher/…; nil: none.
	Metrics *metrics.Registry
}

func (o Options) withDefaults() Options {
	if o.StallTimeout <= 0 {
		o.StallTimeout = time.Minute
	}
	if o.ProgressInterval <= 0 {
		o.ProgressInterval = 10 * time.Second
	}
	for field, value := range map[*int64]int64{&o.MaxUnpacked: 16 << 30, &o.MaxRatio: 200, &o.FreeOfRatio: 1 << 30, &o.CacheSize: 2 << 30} {
		if *field <= 0 {
			*field = value
		}
	}
	if o.MaxEntries <= 0 {
		o.MaxEntries = 1e6
	}
	if o.S3 == nil {
		o.S3 = &S3{}
	}
	if o.Metrics == nil {
		o.Metrics = metrics.NewRegistry()
	}
	return o
}

// Fetcher is safe for use by many goroutines. Close it when no fetch runs.
type Fetcher struct {
	o       Options
	web     *web
	sources map[string]Source
	cache   *cache

	succeeded, failed *metrics.Counter
}

// New makes a Fetcher with the built-in schemes and those of o.
func New(o Options) *Fetcher {
	o = o.withDefaults()
	f := &Fetcher{o: o, web: newWeb(), cache: newCache(o.CacheDir, o.CacheSize)}
	f.sources = map[string]Source{"http": f.web, "https": f.web, "ftp": ftp{}, "file": local{}}
	s3, hadoop := &s3{conf: *o.S3, client: f.web.client, now: time.Now}, hadoop{home: o.HadoopHome}
	for _, name := range []string{"s3", "s3a", "s3n"} {
		f.sources[name] = s3
	}
	for _, name := range []string{"hdfs", "hftp", "webhdfs", "viewfs"} {
		f.sources[name] = hadoop
	}
	for name, s := range o.Sources {
		f.sources[name] = s
	}
	const pre = "containerizer/fetcher/"
	f.succeeded = o.Metrics.Counter(pre+"task_fetches_succeeded", "Containers that got all of their URIs.")
	f.failed = o.Metrics.Counter(pre+"task_fetches_failed", "Containers that did not get all of their URIs.")
	o.Metrics.Gauge(pre+"cache_size_total_bytes", "bytes", "The most bytes that the cache may hold.", func() float64 { return float64(o.CacheSize) })
	o.Metrics.Gauge(pre+"cache_size_used_bytes", "bytes", "Bytes that the cache holds or has promised.", func() float64 { return float64(f.cache.inUse()) })
	return f
}

// Close ends what is still being fetched into the cache, removes the cache and
// drops idle connections.
func (f *Fetcher) Close() {
	f.cache.close()
	f.web.close()
}

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
			f.failed.Inc()
			e := &Error{URI: redact(u.GetValue()), Err: err}
			fmt.Fprintf(r.Log, "Failed: %v\n", e)
			return e
		}
	}
	f.succeeded.Inc()
	return nil
}

// one fetches and, if asked to, unpacks a single URI.
func (f *Fetcher) one(ctx context.Context, w *writer, u *v1.CommandInfo_URI, log io.Writer) error {
	p, err := f.resolve(u, w.account)
	if err != nil {
		return err
	}
	if u.GetCache() {
		file, err := f.cached(ctx, p, log)
		if !errors.Is(err, errNotCached) {
			if err != nil {
				return err
			}
			defer file.release()
			return f.take(ctx, w, p, file, log)
		}
		fmt.Fprintf(log, "Fetching %s past the cache: %v\n", p.name, err)
	}
	n, err := f.pump(ctx, p, log, func(_ int64, r io.Reader) error { return w.file(p.name, p.mode, r, -1) })
	if err != nil {
		return err
	}
	fmt.Fprintf(log, "Fetched %s into %s (%d bytes)\n", p.shown, p.name, n)
	if p.unpack == nil {
		return nil
	}
	file, err := w.root.Open(p.name)
	if err != nil {
		return err
	}
	defer file.Close()
	return f.unpack(ctx, w, p, file, log)
}

// take puts a file of the cache into the sandbox: an archive only unpacked,
// anything else as a copy.
func (f *Fetcher) take(ctx context.Context, w *writer, p plan, from *held, log io.Writer) error {
	file, err := os.Open(from.path())
	if err != nil {
		return fmt.Errorf("file of the cache: %w", err)
	}
	defer file.Close()
	fmt.Fprintf(log, "Fetched %s from the cache\n", p.shown)
	if p.unpack != nil {
		return f.unpack(ctx, w, p, file, log)
	}
	stoppable := readFunc(func(b []byte) (int, error) {
		if ctx.Err() != nil {
			return 0, context.Cause(ctx)
		}
		return file.Read(b)
	})
	return w.file(p.name, p.mode, stoppable, -1)
}
