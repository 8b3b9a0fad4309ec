package hosts

import (
	"context"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"net/http/httptrace"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/anishathalye/porcupine"
)

// traffic sets one weight again and again and reads it at every master, as operators
// may: each change is a write to the registry. It keeps what it was told.
type traffic struct {
	masters []string // host:port
	start   time.Time
	ctx     context.Context
	cancel  context.CancelFunc
	wg      sync.WaitGroup

	mu       sync.Mutex
	ops      []porcupine.Operation
	answered time.Time // the last change that was
	slowest  time.Duration
}

// trafficRole is whose weight it is.
const trafficRole = "traffic"

func startTraffic(t testing.TB, start time.Time, masters []string) *traffic {
	t.Helper()
	ctx, cancel := context.WithCancel(context.Background())
	f := &traffic{masters: masters, start: start, ctx: ctx, cancel: cancel}
	f.wg.Go(func() { f.change(ctx) })
	for _, m := range masters {
		f.wg.Go(func() { f.look(ctx, m) })
	}
	t.Cleanup(f.stop)
	return f
}

func (f *traffic) stop() {
	f.cancel()
	f.wg.Wait()
}

// change sets the weight at whichever master takes it.
func (f *traffic) change(ctx context.Context) {
	at := 0
	for value := 2; ctx.Err() == nil; value++ {
		start := time.Now()
		op := porcupine.Operation{Input: weight{true, value}, Output: 0, Call: int64(start.Sub(f.start)), Return: never}
		call := fmt.Sprintf(`{"type":"UPDATE_WEIGHTS","update_weights":{"weight_infos":[{"role":%q,"weight":%d}]}}`, trafficRole, value)
		status, _, err := f.ask(ctx, 10*time.Second, f.masters[at], call)
		f.mu.Lock()
		if status == http.StatusOK {
			f.answered = time.Now()
			f.slowest = max(f.slowest, f.answered.Sub(start))
			op.Return = int64(f.answered.Sub(f.start))
		}
		if status == http.StatusOK || err != nil || status >= http.StatusInternalServerError {
			f.ops = append(f.ops, op) // it may have taken place, or will
		}
		f.mu.Unlock()
		if status != http.StatusOK {
			at = (at + 1) % len(f.masters)
		}
		rest(ctx, 20*time.Millisecond)
	}
}

// look reads the weight at one master, again and again.
func (f *traffic) look(ctx context.Context, master string) {
	for ; ctx.Err() == nil; rest(ctx, 50*time.Millisecond) {
		f.read(ctx, master)
	}
}

// late reads the weight at a master that is stopped. What it answers when it goes on
// must be right then; answered is told how many reads it did answer.
func (f *traffic) late(master string, reads int) (answered <-chan int) {
	told := make(chan int, 1)
	sent := make(chan struct{}, reads)
	ctx := httptrace.WithClientTrace(f.ctx, &httptrace.ClientTrace{WroteRequest: func(httptrace.WroteRequestInfo) { sent <- struct{}{} }})
	f.wg.Go(func() {
		var n atomic.Int64
		var wg sync.WaitGroup
		for range reads {
			wg.Go(func() {
				if f.read(ctx, master) {
					n.Add(1)
				}
			})
		}
		wg.Wait()
		told <- int(n.Load())
	})
	for range reads {
		<-sent // the kernel has them, for the program
	}
	return told
}

// read notes what the weight is, if that is answered.
func (f *traffic) read(ctx context.Context, master string) bool {
	op := porcupine.Operation{Input: weight{}, Output: 0, Call: int64(time.Since(f.start))}
	status, body, err := f.ask(ctx, 2*time.Minute, master, `{"type":"GET_WEIGHTS"}`)
	var answer struct {
		Weights struct {
			Infos []struct {
				Role   string
				Weight float64
			} `json:"weight_infos"`
		} `json:"get_weights"`
	}
	if err != nil || status != http.StatusOK || json.Unmarshal(body, &answer) != nil {
		return false
	}
	for _, w := range answer.Weights.Infos {
		if w.Role == trafficRole {
			op.Output = int(w.Weight)
		}
	}
	f.mu.Lock()
	defer f.mu.Unlock()
	op.Return = int64(time.Since(f.start))
	f.ops = append(f.ops, op)
	return true
}

// ask makes a call of the operator API, which a leader answers when it has read the registry.
func (f *traffic) ask(ctx context.Context, limit time.Duration, master, call string) (int, []byte, error) {
	ctx, cancel := context.WithTimeout(ctx, limit)
	defer cancel()
	r, err := http.NewRequestWithContext(ctx, http.MethodPost, "http://"+master+"/api/v1", strings.NewReader(call))
	if err != nil {
		return 0, nil, err
	}
	r.Header.Set("Content-Type", "application/json")
	answer, err := patient.Do(r)
	if err != nil {
		return 0, nil, err
	}
	defer answer.Body.Close()
	text, err := io.ReadAll(answer.Body)
	return answer.StatusCode, text, err
}

// patient has the same ways as client, but waits.
var patient = &http.Client{CheckRedirect: client.CheckRedirect, Transport: client.Transport}

// history is what was asked and answered. A change that was not answered counts from
// the first read that saw it; one that nobody saw might as well not have been.
func (f *traffic) history() (out []porcupine.Operation) {
	f.mu.Lock()
	defer f.mu.Unlock()
	seen := map[int]int64{}
	for _, op := range f.ops {
		if q := op.Input.(weight); !q.set {
			v := op.Output.(int)
			if at, ok := seen[v]; !ok || op.Return < at {
				seen[v] = op.Return
			}
		}
	}
	for _, op := range f.ops {
		if op.Return == never {
			at, ok := seen[op.Input.(weight).value]
			if !ok {
				continue
			}
			op.Return = max(op.Call, at)
		}
		out = append(out, op)
	}
	return out
}

// since waits until a change is answered that was asked for after start, and says how
// long after start that was.
func (f *traffic) since(t testing.TB, start time.Time) time.Duration {
	t.Helper()
	var took time.Duration
	eventually(t, "a write to the registry", func() string {
		f.mu.Lock()
		defer f.mu.Unlock()
		for _, op := range f.ops {
			if op.Input.(weight).set && op.Return != never && op.Call > int64(start.Sub(f.start)) {
				took = time.Duration(op.Return) - start.Sub(f.start)
				return ""
			}
		}
		return "none was answered"
	})
	return took
}

// worst is the longest that a change took since it was asked last.
func (f *traffic) worst() time.Duration {
	f.mu.Lock()
	defer f.mu.Unlock()
	defer func() { f.slowest = 0 }()
	return f.slowest
}

func rest(ctx context.Context, d time.Duration) {
	select {
	case <-time.After(d):
	case <-ctx.Done():
	}
}

// changes waits until so many more changes are answered.
func (f *traffic) changes(t testing.TB, n int) {
	t.Helper()
	for range n {
		f.since(t, time.Now())
	}
}
