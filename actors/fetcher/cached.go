package fetcher

import (
	"context"
	"io"
)

// cached gives the file of a URI out of the cache, fetching it there first if
// it is not there. Errors wrap errNotCached if it should be fetched past it.
func (f *Fetcher) cached(ctx context.Context, p plan, log io.Writer) (*held, error) {
	key := cacheKey{uri: p.uri, sum: p.sum}
	if p.account != nil {
		key.user = p.account.Name
	}
	return f.cache.get(ctx, key, func(ctx context.Context, e *entry) error {
		// Not to log: this sandbox may go while others still wait.
		_, err := f.pump(ctx, p, io.Discard, func(size int64, r io.Reader) error { return f.cache.write(e, size, r) })
		return err
	})
}
