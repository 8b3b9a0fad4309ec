package metrics

import (
	"context"
	"encoding/json"
	"math"
	"net/http"
	"net/http/httptest"
	"runtime"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"
	"unicode/utf8"

	"go.uber.org/goleak"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

func TestSnapshot(t *testing.T) {
	r := NewRegistry()
	defer r.Close()
	c := r.Counter("master/tasks_finished", "Tasks that ended well.")
	r.Gauge("master/elected", "", "1 while leading.", func() float64 { return 1 })
	r.Gauge("nothing", "", "Has no value.", func() float64 { return math.NaN() })
	r.Gauge("endless", "", "Has none either.", func() float64 { return math.Inf(1) })
	remove := r.AddSource(func(_ context.Context, emit func(string, *Desc, float64)) {
		emit("master/frameworks/f/calls", &Desc{Kind: KindCounter, Help: "Calls."}, 7)
	})
	c.Inc()
	c.Add(2)
	want := map[string]float64{"master/tasks_finished": 3, "master/elected": 1, "master/frameworks/f/calls": 7}
	expect(t, r.Snapshot(t.Context()), want)

	remove()
	r.Remove("master/elected")
	r.Remove("unknown")
	expect(t, r.Snapshot(t.Context()), map[string]float64{"master/tasks_finished": 3})
	if c.Value() != 3 {
		t.Errorf("Value: got %d, want 3", c.Value())
	}
	for _, s := range r.Gather(t.Context()) {
		if s.Desc == nil || s.Desc.Help == "" {
			t.Errorf("%s: got no help", s.Name)
		}
	}
}

func expect(t *testing.T, got, want map[string]float64) {
	t.Helper()
	if len(got) != len(want) {
		t.Errorf("got %v, want %v", got, want)
		return
	}
	for k, v := range want {
		if g, ok := got[k]; !ok || math.Abs(g-v) > 1e-9 {
			t.Errorf("%s: got %v, want %v", k, g, v)
		}
	}
}

func TestDoubleRegistration(t *testing.T) {
	r := NewRegistry()
	defer r.Close()
	r.Counter("a", "A.")
	defer func() {
		if recover() == nil {
			t.Error("a name was registered twice without a panic")
		}
	}()
	r.Timer("a", "A.", time.Hour)
}

// TestTimer uses the five durations of a recorded registrar: its percentiles are known.
func TestTimer(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		r := NewRegistry()
		defer r.Close()
		m := r.Timer("store_ms", "Writes.", time.Hour)
		expect(t, r.Snapshot(t.Context()), map[string]float64{})
		m.Observe(130048 * time.Nanosecond)
		expect(t, r.Snapshot(t.Context()), map[string]float64{"store_ms": 0.130048})
		for _, ns := range []time.Duration{3463168, 131072, 150016, 2395136} {
			m.Observe(ns)
		}
		expect(t, r.Snapshot(t.Context()), map[string]float64{
			"store_ms": 2.395136, "store_ms/count": 5, "store_ms/min": 0.130048, "store_ms/max": 3.463168,
			"store_ms/p50": 0.150016, "store_ms/p90": 3.0359552, "store_ms/p95": 3.2495616, "store_ms/p99": 3.42044672,
			"store_ms/p999": 3.458895872, "store_ms/p9999": 3.4627407872,
		})
		time.Sleep(40 * time.Minute)
		stop := m.Start()
		time.Sleep(5 * time.Millisecond)
		stop()
		time.Sleep(30 * time.Minute) // the first five are out of the window
		expect(t, r.Snapshot(t.Context()), map[string]float64{"store_ms": 5})
	})
}

func TestTimerIsBounded(t *testing.T) {
	r := NewRegistry()
	defer r.Close()
	m := r.Timer("x_ms", "X.", time.Hour)
	for i := range 3 * timerCapacity {
		m.Observe(time.Duration(i) * time.Millisecond)
	}
	got := r.Snapshot(t.Context())
	if got["x_ms/count"] != timerCapacity || got["x_ms/min"] != 2*timerCapacity || got["x_ms"] != 3*timerCapacity-1 {
		t.Errorf("got count %v, min %v, last %v, want the newest %d", got["x_ms/count"], got["x_ms/min"], got["x_ms"], timerCapacity)
	}
}

// TestLateSource leaves out a source that does not answer in time, and does not ask it again while it is busy.
func TestLateSource(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		r := NewRegistry()
		var asked atomic.Int32
		answer := make(chan struct{})
		r.AddSource(func(_ context.Context, emit func(string, *Desc, float64)) {
			asked.Add(1)
			<-answer
			emit("late", &Desc{}, 1)
		})
		r.AddSource(func(_ context.Context, emit func(string, *Desc, float64)) { emit("prompt", &Desc{}, 2) })
		for range 3 {
			ctx, cancel := context.WithTimeout(t.Context(), 2*time.Second)
			expect(t, r.Snapshot(ctx), map[string]float64{"prompt": 2})
			cancel()
		}
		if n := asked.Load(); n != 1 {
			t.Errorf("asked %d times, want 1", n)
		}
		// Two that wait share the run that is under way.
		var wg sync.WaitGroup
		for range 2 {
			wg.Go(func() {
				expect(t, r.Snapshot(context.Background()), map[string]float64{"prompt": 2, "late": 1})
			})
		}
		synctest.Wait()
		close(answer)
		wg.Wait()
		r.Close()
	})
}

// TestCloseEndsSources checks that Close cancels a source that hangs, and that what it gave then does not count.
func TestCloseEndsSources(t *testing.T) {
	r := NewRegistry()
	running := make(chan struct{})
	r.AddSource(func(ctx context.Context, emit func(string, *Desc, float64)) {
		close(running)
		<-ctx.Done()
		emit("half", &Desc{}, 1)
	})
	got := make(chan map[string]float64)
	go func() { got <- r.Snapshot(context.Background()) }()
	<-running
	r.Close()
	expect(t, <-got, map[string]float64{})
	expect(t, r.Snapshot(context.Background()), map[string]float64{})
}

func TestServeSnapshot(t *testing.T) {
	r := NewRegistry()
	defer r.Close()
	r.Counter("a", "A.").Inc()
	r.Gauge("b \"\u00e9\n", "", "Odd name.", func() float64 { return 21685235712 })
	r.Gauge("c", "", "Small.", func() float64 { return 1e-9 })
	for _, target := range []string{"/metrics/snapshot", "/metrics/snapshot?timeout=2secs", "/metrics/snapshot?timeout=2000ms"} {
		w := httptest.NewRecorder()
		r.ServeSnapshot(w, httptest.NewRequest(http.MethodGet, target, nil))
		want := `{"a":1.0,"b \"é\n":21685235712.0,"c":1e-09}`
		if w.Code != 200 || w.Body.String() != want || w.Header().Get("Content-Type") != "application/json" {
			t.Errorf("%s: got %d %s, want %s", target, w.Code, w.Body, want)
		}
	}
	for _, timeout := range []string{"", "2", "2s", "-1secs", "x"} {
		w := httptest.NewRecorder()
		r.ServeSnapshot(w, httptest.NewRequest(http.MethodGet, "/metrics/snapshot?timeout="+timeout, nil))
		if w.Code != http.StatusBadRequest || !strings.Contains(w.Body.String(), "timeout") {
			t.Errorf("timeout=%s: got %d %q, want 400 that names it", timeout, w.Code, w.Body)
		}
	}
}

func TestSystem(t *testing.T) {
	if runtime.GOOS != "linux" {
		t.Skip("only Linux tells")
	}
	r := NewRegistry()
	defer r.Close()
	r.AddSystem()
	got := r.Snapshot(t.Context())
	for _, name := range []string{"system/cpus_total", "system/mem_total_bytes", "system/mem_free_bytes"} {
		if got[name] <= 0 {
			t.Errorf("%s: got %v, want more than 0", name, got[name])
		}
	}
	for _, name := range []string{"system/load_1min", "system/load_5min", "system/load_15min"} {
		if v, ok := got[name]; !ok || v < 0 || v > 1e6 {
			t.Errorf("%s: got %v, want a load", name, v)
		}
	}
	w := httptest.NewRecorder()
	ServeStats(w, httptest.NewRequest(http.MethodGet, "/system/stats.json", nil))
	var stats map[string]float64
	if err := json.Unmarshal(w.Body.Bytes(), &stats); err != nil || w.Code != 200 {
		t.Fatalf("stats.json: got %d %s, %v", w.Code, w.Body, err)
	}
	for _, name := range []string{"avg_load_1min", "avg_load_5min", "avg_load_15min", "cpus_total", "mem_total_bytes", "mem_free_bytes"} {
		if _, ok := stats[name]; !ok {
			t.Errorf("stats.json lacks %s: %s", name, w.Body)
		}
	}
	if stats["mem_total_bytes"] != got["system/mem_total_bytes"] {
		t.Errorf("mem_total_bytes: got %v, want %v", stats["mem_total_bytes"], got["system/mem_total_bytes"])
	}
}

func FuzzNumber(f *testing.F) {
	for _, v := range []float64{0, 1, -1, 0.1, 1e21, 1e-7, 5e-324, math.MaxFloat64, math.Copysign(0, -1)} {
		f.Add(v)
	}
	f.Fuzz(func(t *testing.T, v float64) {
		if math.IsNaN(v) || math.IsInf(v, 0) {
			return // Gather leaves them out
		}
		b := appendNumber(nil, v)
		var back float64
		if err := json.Unmarshal(b, &back); err != nil || back != v {
			t.Fatalf("%g: got %s, which reads as %g, %v", v, b, back, err)
		}
		if !strings.ContainsAny(string(b), ".e") {
			t.Fatalf("%g: got %s, which reads as an integer", v, b)
		}
	})
}

func FuzzName(f *testing.F) {
	f.Add("master/frameworks/a\"b")
	f.Add("\x00\xff")
	f.Fuzz(func(t *testing.T, name string) {
		var back string
		if err := json.Unmarshal(appendString(nil, name), &back); err != nil || utf8.ValidString(name) && back != name {
			t.Fatalf("%q: got %q, %v", name, back, err)
		}
	})
}

func BenchmarkObserve(b *testing.B) {
	r := NewRegistry()
	defer r.Close()
	m := r.Timer("x_ms", "X.", time.Hour)
	b.ReportAllocs()
	for b.Loop() {
		m.Observe(time.Millisecond)
	}
}
