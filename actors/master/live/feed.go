package live

import (
	"fmt"
	"strconv"
	"strings"
	"sync"
)

// Feed keeps the newest changes, as text that all readers share.
type Feed struct {
	run   string // tells this feed's numbers from those of another master
	most  int    // bytes that are kept
	mu    sync.Mutex
	first uint64   // number of texts[0]
	texts [][]byte // each a complete event
	bytes int
	news  chan struct{} // closed with the next change
}

// NewFeed makes a feed that keeps changes of about so many bytes. run is part of
// the names of its events; no other feed may have the same.
func NewFeed(run string, bytes int) *Feed {
	return &Feed{run: run, most: bytes, first: 1, news: make(chan struct{})}
}

// Publish adds a change and wakes those who wait for it. text is JSON without newlines.
func (f *Feed) Publish(text []byte) {
	f.mu.Lock()
	defer f.mu.Unlock()
	e := fmt.Appendf(make([]byte, 0, len(text)+80), "id: %s\ndata: ", f.name(f.first+uint64(len(f.texts))))
	e = append(append(e, text...), '\n', '\n')
	f.texts = append(f.texts, e)
	f.bytes += len(e)
	for len(f.texts) > 1 && f.bytes > f.most {
		f.bytes -= len(f.texts[0])
		f.texts[0] = nil
		f.texts = f.texts[1:]
		f.first++
	}
	close(f.news)
	f.news = make(chan struct{})
}

// Last is the name of the newest change; a picture taken now shows it.
func (f *Feed) Last() string {
	f.mu.Lock()
	defer f.mu.Unlock()
	return f.name(f.first + uint64(len(f.texts)) - 1)
}

func (f *Feed) name(n uint64) string { return f.run + "/" + strconv.FormatUint(n, 10) }

// Parse reads the name of a change; false if it is not one of this feed.
func (f *Feed) Parse(name string) (uint64, bool) {
	run, number, ok := strings.Cut(name, "/")
	n, err := strconv.ParseUint(number, 10, 64)
	return n, ok && err == nil && run == f.run
}

// After are the changes after number n and a channel that closes with the next
// one. It is false if some of them are not kept any more: the reader needs a new
// picture. A text must not be changed.
func (f *Feed) After(n uint64) (texts [][]byte, news <-chan struct{}, ok bool) {
	f.mu.Lock()
	defer f.mu.Unlock()
	next := f.first + uint64(len(f.texts))
	if n+1 < f.first || n >= next {
		return nil, nil, false
	}
	return append([][]byte(nil), f.texts[n+1-f.first:]...), f.news, true
}
