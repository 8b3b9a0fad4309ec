package tracing

import (
	"context"
	"encoding/binary"
	"fmt"
	"log/slog"
	"math"
	"net/http"
	"net/url"
	"strings"
	"sync"
	"time"

	"mesos/actors/metrics"
)

const (
	mostWaiting = 8192            // spans; what comes above it is dropped
	mostAtOnce  = 512             // spans of one request
	company     = time.Second     // so long the first span waits for others
	mostTries   = 5               // of one request
	lastTry     = 2 * time.Second // for what is left when the program ends
)

// Options are how a Tracer is made.
type Options struct {
	Endpoint string            // http://host:4318 of an OTLP collector; the path /v1/traces is added where there is none
	Service  string            // the program: mesos-master, mesos-agent
	Host     string            // address of the program
	Share    float64           // of tasks that are traced, from 0 to 1; all programs choose the same ones
	Metrics  *metrics.Registry // counts what was sent and what was dropped
	Log      *slog.Logger
	Client   *http.Client // http.DefaultClient's transport with a timeout if nil
}

// Tracer sends spans to a collector. All methods are safe for concurrent use,
// and do nothing on a nil Tracer.
type Tracer struct {
	o             Options
	url           string
	below         uint64 // traces whose number is below it are sent
	sent, dropped *metrics.Counter

	mu      sync.Mutex
	waiting []Span

	wake   chan struct{} // there is something to send
	ctx    context.Context
	cancel context.CancelFunc
	done   chan struct{}
}

// New makes a Tracer, which does not need its collector to be there. Close ends it.
func New(o Options) (*Tracer, error) {
	u, err := url.Parse(o.Endpoint)
	if err != nil || u.Scheme != "http" && u.Scheme != "https" || u.Host == "" {
		return nil, fmt.Errorf("OTLP endpoint %q is no address like http://127.0.0.1:4318", o.Endpoint)
	}
	if !(o.Share >= 0 && o.Share <= 1) {
		return nil, fmt.Errorf("share of traced tasks %v is not a number from 0 to 1", o.Share)
	}
	if strings.Trim(u.Path, "/") == "" {
		u.Path = "/v1/traces"
	}
	if o.Client == nil {
		o.Client = &http.Client{Timeout: 10 * time.Second}
	}
	t := &Tracer{o: o, url: u.String(), below: math.MaxUint64, wake: make(chan struct{}, 1), done: make(chan struct{})}
	if o.Share < 1 {
		t.below = uint64(o.Share * (1 << 63) * 2)
	}
	t.sent = o.Metrics.Counter("tracing/spans_sent", "Spans of tasks that the collector took.")
	t.dropped = o.Metrics.Counter("tracing/spans_dropped", "Spans of tasks that the collector did not take in time.")
	t.ctx, t.cancel = context.WithCancel(context.Background())
	go t.run()
	return t, nil
}

// On says whether a task is traced, so that nothing need be computed for one that is not.
func (t *Tracer) On(k Task) bool {
	if t == nil {
		return false
	}
	id := k.TraceID()
	return t.below == math.MaxUint64 || binary.BigEndian.Uint64(id[8:]) < t.below
}

// Record takes a span that is over. It does not wait. A span whose start is not
// known (it was before a restart) is left out.
func (t *Tracer) Record(s Span) {
	if t == nil || s.Start.IsZero() || !t.On(s.Task) {
		return
	}
	t.mu.Lock()
	full := len(t.waiting) >= mostWaiting
	if !full {
		t.waiting = append(t.waiting, s)
	}
	t.mu.Unlock()
	if full {
		t.dropped.Inc()
		return
	}
	select {
	case t.wake <- struct{}{}:
	default: // it is awake
	}
}

// Close sends what is left, in a moment or never, and ends the Tracer.
func (t *Tracer) Close() {
	if t == nil {
		return
	}
	t.cancel()
	<-t.done
}

// take returns at most mostAtOnce waiting spans.
func (t *Tracer) take() []Span {
	t.mu.Lock()
	defer t.mu.Unlock()
	n := min(len(t.waiting), mostAtOnce)
	batch := t.waiting[:n:n]
	if t.waiting = t.waiting[n:]; len(t.waiting) == 0 {
		t.waiting = nil
	}
	return batch
}
