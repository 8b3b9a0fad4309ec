package job

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"strconv"
	"strings"
	"time"

	"mesos/actors/attach"
)

// How often a file is looked at: at once, soon again, and less often while nothing is added.
const (
	firstPause = 10 * time.Millisecond
	maxPause   = 250 * time.Millisecond
)

// patience is how long a file that should be there may be missing, or its agent silent, when its task has ended.
const patience = 3 * time.Second

var errNoFile = errors.New("the agent has no such file")

// follower copies one growing file of an agent.
type follower struct {
	http *http.Client
	url  string // of the file
	to   io.Writer
	must bool  // the file has been or will be there; else a task that has ended may have none
	at   int64 // bytes copied so far
}

// run copies what is there and what is added, until ended is closed and all is copied, or ctx is done. An error says
// why something may be missing.
func (f *follower) run(ctx context.Context, ended <-chan struct{}) error {
	pause := firstPause
	var giveUp time.Time
	for {
		last := isClosed(ended)
		before := f.at
		err := f.fetch(ctx)
		var local *writeError
		switch {
		case ctx.Err() != nil:
			return ctx.Err()
		case errors.As(err, &local):
			return err
		case last && err == nil && f.at == before:
			return nil // what an ended task wrote is in the file
		case last && !f.must && errors.Is(err, errNoFile):
			return nil
		case last && err != nil:
			if giveUp.IsZero() {
				giveUp = time.Now().Add(patience)
			} else if time.Now().After(giveUp) {
				return err
			}
		}
		if f.at > before {
			pause = firstPause
		}
		if last && err == nil {
			continue
		}
		f.wait(ctx, ended, pause)
		pause = min(2*pause, maxPause)
	}
}

// wait lets some time pass, less if the task ends.
func (f *follower) wait(ctx context.Context, ended <-chan struct{}, d time.Duration) {
	if isClosed(ended) {
		ended = nil
	}
	timer := time.NewTimer(d)
	defer timer.Stop()
	select {
	case <-timer.C:
	case <-ended:
	case <-ctx.Done():
	}
}

func isClosed(c <-chan struct{}) bool {
	select {
	case <-c:
		return true
	default:
		return false
	}
}

// fetch copies what was added since the last time.
func (f *follower) fetch(ctx context.Context) error {
	resp, err := f.get(ctx, f.url)
	if err != nil {
		return err
	}
	defer func() { _ = resp.Body.Close() }() // all that counts was read
	switch resp.StatusCode {
	case http.StatusOK: // the whole file, whatever was asked for
		_, err := io.CopyN(io.Discard, resp.Body, f.at)
		if errors.Is(err, io.EOF) {
			return f.anew(ctx) // an empty file has no ranges
		}
		if err != nil {
			return err
		}
		return f.copy(resp.Body)
	case http.StatusPartialContent:
		return f.copy(resp.Body)
	case http.StatusRequestedRangeNotSatisfiable:
		_, err := io.Copy(io.Discard, resp.Body) // for the connection
		if size, ok := sizeOf(resp.Header.Get("Content-Range")); ok && size < f.at {
			return f.anew(ctx)
		}
		return err
	case http.StatusNotFound:
		_, _ = io.Copy(io.Discard, resp.Body) // for the connection
		return errNoFile
	}
	return fmt.Errorf("the agent answered %s", resp.Status)
}

// get asks for what follows the bytes copied.
func (f *follower) get(ctx context.Context, url string) (*http.Response, error) {
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, url, nil)
	if err != nil {
		return nil, err
	}
	if f.at > 0 {
		req.Header.Set("Range", fmt.Sprintf("bytes=%d-", f.at))
	}
	resp, err := f.http.Do(req)
	return resp, attach.Unreachable(err)
}

// anew goes on with a file that is shorter than what was copied: the task cut it,
// or it was rotated. What is in it now is new.
func (f *follower) anew(ctx context.Context) error {
	if err := f.rest(ctx); err != nil {
		return err
	}
	f.at = 0
	return nil
}

// rest copies the end of a file that was rotated: it is in the first older one.
func (f *follower) rest(ctx context.Context) error {
	resp, err := f.get(ctx, f.url+".1")
	if err != nil {
		return err
	}
	defer func() { _ = resp.Body.Close() }() // all that counts was read
	if resp.StatusCode != http.StatusPartialContent {
		_, _ = io.Copy(io.Discard, resp.Body) // for the connection
		return nil                            // there is none, or it ends where we are
	}
	return f.copy(resp.Body)
}

// writeError is trouble with the terminal, not with the agent.
type writeError struct{ error }

func (e *writeError) Unwrap() error { return e.error }

func (f *follower) copy(from io.Reader) error {
	buf := make([]byte, 32<<10)
	for {
		n, err := from.Read(buf)
		if n > 0 {
			if _, werr := f.to.Write(buf[:n]); werr != nil {
				return &writeError{fmt.Errorf("output of the task: %w", werr)}
			}
			f.at += int64(n)
		}
		if err == io.EOF {
			return nil
		}
		if err != nil {
			return err
		}
	}
}

// sizeOf reads "bytes */1234".
func sizeOf(contentRange string) (int64, bool) {
	_, size, ok := strings.Cut(contentRange, "/")
	n, err := strconv.ParseInt(size, 10, 64)
	return n, ok && err == nil
}

// fileURL is the URL of a file in a sandbox.
func fileURL(sandbox, name string) string { return sandbox + url.QueryEscape("/"+name) }
