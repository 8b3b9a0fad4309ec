package zookeeper

import (
	"context"
	"log/slog"
	"math/rand/v2"
	"time"
)

// again does step after step with a session until ctx ends, after a while when one
// failed. A nil error asks for the next at once.
func again(ctx context.Context, c Config, log *slog.Logger, complaint string, step func(*session) error) {
	const shortest, longest = 100 * time.Millisecond, 5 * time.Second
	s, err := open(c, log)
	if err != nil {
		log.Error(complaint, "error", err)
		return
	}
	defer s.close()
	defer context.AfterFunc(ctx, s.Close)() // what is asked ends with ctx
	backoff := shortest
	for loggedIn := false; ctx.Err() == nil; {
		err := error(nil)
		if !loggedIn {
			err = s.login()
		}
		if err == nil {
			loggedIn = true
			err = step(s)
		}
		if err == nil {
			backoff = shortest
			continue
		}
		if ctx.Err() == nil {
			log.Warn(complaint, "error", c.explain(err))
		}
		pause(ctx, backoff/2+rand.N(backoff))
		backoff = min(2*backoff, longest)
	}
}

// pause waits unless ctx ends.
func pause(ctx context.Context, d time.Duration) {
	t := time.NewTimer(d)
	defer t.Stop()
	select {
	case <-t.C:
	case <-ctx.Done():
	}
}
