package tracing

import (
	"bytes"
	"context"
	"fmt"
	"io"
	"maps"
	"net/http"
	"slices"
	"time"

	common "go.opentelemetry.io/proto/otlp/common/v1"
	resource "go.opentelemetry.io/proto/otlp/resource/v1"
	trace "go.opentelemetry.io/proto/otlp/trace/v1"
	"google.golang.org/protobuf/proto"
)

// run sends until Close.
func (t *Tracer) run() {
	defer close(t.done)
	for t.ctx.Err() == nil {
		select {
		case <-t.wake:
		case <-t.ctx.Done():
		}
		wait(t.ctx, company)
		for t.ctx.Err() == nil {
			batch := t.take()
			if len(batch) == 0 {
				break
			}
			t.send(batch)
		}
	}
	ctx, cancel := context.WithTimeout(context.Background(), lastTry)
	defer cancel()
	for batch := t.take(); len(batch) > 0; batch = t.take() {
		t.settle(batch, t.post(ctx, batch))
	}
}

// send sends spans, again if the collector is away or busy.
func (t *Tracer) send(batch []Span) {
	var err error
	for try := range mostTries {
		if err = t.post(t.ctx, batch); err == nil {
			break
		}
		if try < mostTries-1 {
			wait(t.ctx, time.Second<<try)
		}
		if t.ctx.Err() != nil {
			t.mu.Lock() // the program ends: once more, with what else is left
			t.waiting = append(batch, t.waiting...)
			t.mu.Unlock()
			return
		}
	}
	t.settle(batch, err)
}

func (t *Tracer) settle(batch []Span, err error) {
	if err != nil {
		t.dropped.Add(uint64(len(batch)))
		t.o.Log.Warn("traces of tasks were dropped", "spans", len(batch), "error", err)
		return
	}
	t.sent.Add(uint64(len(batch)))
}

// wait is for d, or until ctx ends.
func wait(ctx context.Context, d time.Duration) {
	timer := time.NewTimer(d)
	defer timer.Stop()
	select {
	case <-timer.C:
	case <-ctx.Done():
	}
}

func (t *Tracer) post(ctx context.Context, batch []Span) error {
	body, err := proto.Marshal(t.data(batch))
	if err != nil {
		return fmt.Errorf("spans: %w", err)
	}
	r, err := http.NewRequestWithContext(ctx, http.MethodPost, t.url, bytes.NewReader(body))
	if err != nil {
		return fmt.Errorf("request of traces: %w", err)
	}
	r.Header.Set("Content-Type", "application/x-protobuf")
	resp, err := t.o.Client.Do(r)
	if err != nil {
		return fmt.Errorf("collector of traces: %w", err)
	}
	defer func() { _ = resp.Body.Close() }()
	said, _ := io.ReadAll(io.LimitReader(resp.Body, 200)) // only for the message; the code counts
	if resp.StatusCode/100 != 2 {
		return fmt.Errorf("collector of traces at %s: %s %.200q", t.url, resp.Status, said)
	}
	return nil
}

// data is what OTLP calls a request: the spans by who did what they tell of.
func (t *Tracer) data(batch []Span) *trace.TracesData {
	by := map[string]*trace.ScopeSpans{}
	for i := range batch {
		name := batch[i].Service
		if name == "" {
			name = t.o.Service
		}
		if by[name] == nil {
			by[name] = &trace.ScopeSpans{Scope: &common.InstrumentationScope{Name: "mesos/actors/tracing"}}
		}
		by[name].Spans = append(by[name].Spans, batch[i].proto())
	}
	d := &trace.TracesData{}
	for _, name := range sorted(by) {
		d.ResourceSpans = append(d.ResourceSpans, &trace.ResourceSpans{
			Resource:   &resource.Resource{Attributes: []*common.KeyValue{text("service.name", name), text("service.instance.id", t.o.Host)}},
			ScopeSpans: []*trace.ScopeSpans{by[name]},
		})
	}
	return d
}

func sorted[V any](m map[string]V) []string { return slices.Sorted(maps.Keys(m)) }
