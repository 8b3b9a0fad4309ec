package tracing

import (
	"bytes"
	"context"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net/http"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	trace "go.opentelemetry.io/proto/otlp/trace/v1"
	"go.uber.org/goleak"
	"google.golang.org/protobuf/proto"

	"mesos/actors/metrics"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

// collector answers requests of a Tracer without a network.
type collector struct {
	mu     sync.Mutex
	refuse int // so many requests fail first
	tries  int
	spans  map[string][]*trace.Span // by service
}

func (c *collector) RoundTrip(r *http.Request) (*http.Response, error) {
	body, err := io.ReadAll(r.Body)
	if err != nil {
		return nil, err
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	c.tries++
	if r.URL.Path != "/v1/traces" || r.Header.Get("Content-Type") != "application/x-protobuf" {
		return nil, fmt.Errorf("got %s of %s, want application/x-protobuf at /v1/traces", r.Header.Get("Content-Type"), r.URL)
	}
	if c.tries <= c.refuse {
		return nil, errors.New("the collector is away")
	}
	var d trace.TracesData
	if err := proto.Unmarshal(body, &d); err != nil {
		return nil, err
	}
	for _, rs := range d.GetResourceSpans() {
		service := rs.GetResource().GetAttributes()[0].GetValue().GetStringValue()
		for _, s := range rs.GetScopeSpans() {
			c.spans[service] = append(c.spans[service], s.GetSpans()...)
		}
	}
	return &http.Response{StatusCode: http.StatusOK, Status: "200 OK", Body: io.NopCloser(strings.NewReader(""))}, nil
}

func (c *collector) count() (n int) {
	c.mu.Lock()
	defer c.mu.Unlock()
	for _, s := range c.spans {
		n += len(s)
	}
	return n
}

func start(t *testing.T, c *collector, share float64) (*Tracer, *metrics.Registry) {
	t.Helper()
	c.spans = map[string][]*trace.Span{}
	reg := metrics.NewRegistry()
	tr, err := New(Options{
		Endpoint: "http://collector:4318", Service: "mesos-test", Host: "10.0.0.1:5050", Share: share, Metrics: reg,
		Log: slog.New(slog.DiscardHandler), Client: &http.Client{Transport: c},
	})
	if err != nil {
		t.Fatal(err)
	}
	return tr, reg
}

func span(task, name string) Span {
	return Span{Task: Task{"f", task}, Ref: Ref{Name: name}, Start: time.Now(), End: time.Now().Add(time.Second)}
}

func TestSpansOfATaskAreOneTrace(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		c := &collector{}
		tr, reg := start(t, c, 1)
		defer reg.Close()
		whole := span("t", "task")
		whole.Continues = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01"
		tr.Record(whole)
		run := span("t", "run")
		run.Service, run.Parent, run.Failed, run.Attributes = Executor, Ref{Name: "launch"}, "it broke", map[string]string{"state": "TASK_FAILED"}
		tr.Record(run)
		tr.Record(span("t", "launch"))
		tr.Record(Span{Task: Task{"f", "t"}, Ref: Ref{Name: "before a restart"}, End: time.Now()})
		time.Sleep(2 * company)
		tr.Close()
		if got := c.count(); got != 3 {
			t.Fatalf("spans: got %d, want 3", got)
		}
		own, of := c.spans["mesos-test"], c.spans[Executor]
		if len(own) != 2 || len(of) != 1 {
			t.Fatalf("spans: got %d of the program and %d of the executor, want 2 and 1", len(own), len(of))
		}
		root, launch, ran := own[0], own[1], of[0]
		want := Task{"f", "t"}.TraceText()
		for _, s := range []*trace.Span{root, launch, ran} {
			if got := hex.EncodeToString(s.GetTraceId()); got != want {
				t.Errorf("trace of %s: got %s, want %s", s.GetName(), got, want)
			}
		}
		if len(root.GetParentSpanId()) != 0 || !bytes.Equal(launch.GetParentSpanId(), root.GetSpanId()) || !bytes.Equal(ran.GetParentSpanId(), launch.GetSpanId()) {
			t.Errorf("parents: got %x, %x, %x, want none, %x, %x", root.GetParentSpanId(), launch.GetParentSpanId(), ran.GetParentSpanId(), root.GetSpanId(), launch.GetSpanId())
		}
		if len(root.GetLinks()) != 1 || hex.EncodeToString(root.GetLinks()[0].GetSpanId()) != "b7ad6b7169203331" {
			t.Errorf("links: got %v, want the trace that the framework began", root.GetLinks())
		}
		if got := ran.GetStatus(); got.GetCode() != trace.Status_STATUS_CODE_ERROR || got.GetMessage() != "it broke" {
			t.Errorf("status: got %v, want an error", got)
		}
		if took := ran.GetEndTimeUnixNano() - ran.GetStartTimeUnixNano(); took != uint64(time.Second) {
			t.Errorf("duration: got %d ns, want a second", took)
		}
	})
}

func TestCollectorIsAwayForAMoment(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		c := &collector{refuse: mostTries - 1}
		tr, reg := start(t, c, 1)
		defer reg.Close()
		defer tr.Close()
		tr.Record(span("t", "task"))
		time.Sleep(time.Minute)
		synctest.Wait()
		if got := c.count(); got != 1 || tr.sent.Value() != 1 || tr.dropped.Value() != 0 {
			t.Errorf("got %d spans, %d sent, %d dropped, want 1, 1, 0", got, tr.sent.Value(), tr.dropped.Value())
		}
	})
}

func TestWhatCannotBeSentIsCounted(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		c := &collector{refuse: 1 << 30}
		tr, reg := start(t, c, 1)
		defer reg.Close()
		const more = 7
		for range mostWaiting + more {
			tr.Record(span("t", "update"))
		}
		tr.Close()
		if got := tr.dropped.Value(); got != mostWaiting+more {
			t.Errorf("dropped: got %d, want %d", got, mostWaiting+more)
		}
	})
}

// TestEndSendsWhatIsLeft ends a program right after a span.
func TestEndSendsWhatIsLeft(t *testing.T) {
	for _, refuse := range []int{0, 1} {
		synctest.Test(t, func(t *testing.T) {
			c := &collector{refuse: refuse}
			tr, reg := start(t, c, 1)
			defer reg.Close()
			tr.Record(span("t", "task"))
			if refuse > 0 {
				time.Sleep(company + time.Second/2) // the first try failed, the second is waited for
			}
			tr.Record(span("t", "run"))
			tr.Close()
			if got := c.count(); got != 2 {
				t.Errorf("%d requests refused: got %d spans, want 2", refuse, got)
			}
		})
	}
}

func TestShare(t *testing.T) {
	for _, want := range []float64{0, 0.25, 1} {
		tr, reg := start(t, &collector{}, want)
		n := 0
		for i := range 4000 {
			if tr.On(Task{"f", fmt.Sprint(i)}) {
				n++
			}
		}
		if got := float64(n) / 4000; got < want-0.05 || got > want+0.05 {
			t.Errorf("share %v: got %v of the tasks", want, got)
		}
		tr.Close()
		reg.Close()
	}
}

func TestNilTracesNothing(t *testing.T) {
	var tr *Tracer
	tr.Record(span("t", "task"))
	tr.Close()
	if tr.On(Task{"f", "t"}) {
		t.Error("a nil Tracer says that it traces")
	}
}

func TestBadOptions(t *testing.T) {
	for _, o := range []Options{
		{Endpoint: "collector:4318", Share: 1}, {Endpoint: "ftp://collector", Share: 1}, {Endpoint: "http://", Share: 1},
		{Endpoint: "http://collector", Share: 1.5}, {Endpoint: "http://collector", Share: -1},
	} {
		if _, err := New(o); err == nil {
			t.Errorf("endpoint %q, share %v: got no error", o.Endpoint, o.Share)
		}
	}
}

func TestParentOf(t *testing.T) {
	good := "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01"
	for text, want := range map[string]bool{
		good: true, "": false, "x": false, strings.ToUpper(good): false, "ff" + good[2:]: false, good + "-00": false,
		"00-" + strings.Repeat("0", 32) + "-b7ad6b7169203331-01": false, "00-zaf7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01": false,
	} {
		if _, _, got := parentOf(text); got != want {
			t.Errorf("%q: got %v, want %v", text, got, want)
		}
	}
}

func TestLogNamesTheTrace(t *testing.T) {
	tr, reg := start(t, &collector{}, 1)
	defer reg.Close()
	defer tr.Close()
	id := Task{"f1", "t1"}.TraceText()
	for name, c := range map[string]struct {
		say  func(*slog.Logger)
		want bool
	}{
		"in the line":    {func(l *slog.Logger) { l.Info("m", "framework_id", "f1", "task_id", "t1") }, true},
		"partly before":  {func(l *slog.Logger) { l.With("framework_id", "f1").Info("m", "task_id", "t1") }, true},
		"no task":        {func(l *slog.Logger) { l.Info("m", "framework_id", "f1") }, false},
		"of other lines": {func(l *slog.Logger) { l.With("task_id", "t1"); l.Info("m", "framework_id", "f1") }, false},
		"within a group": {func(l *slog.Logger) { l.WithGroup("g").Info("m", "framework_id", "f1", "task_id", "t1") }, false},
	} {
		var out bytes.Buffer
		c.say(slog.New(Log(slog.NewTextHandler(&out, nil), tr)))
		if got := strings.Contains(out.String(), "trace_id="+id); got != c.want {
			t.Errorf("%s: trace_id in the line: got %v, want %v: %s", name, got, c.want, out.String())
		}
	}
	if h := slog.NewTextHandler(io.Discard, nil); Log(h, nil) != slog.Handler(h) {
		t.Error("without a Tracer the log is another one")
	}
	if Log(slog.DiscardHandler, tr).Enabled(context.Background(), slog.LevelError) {
		t.Error("a log that is off is on")
	}
}
