package master

import (
	"bytes"
	"fmt"
	"net/http"
	"os"
	"runtime"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	"google.golang.org/protobuf/proto"

	"mesos/actors/httpapi"
	"mesos/messages/ids"
	v1 "mesos/messages/mesos/v1"
	schedulerv1 "mesos/messages/mesos/v1/scheduler"
	"mesos/messages/recordio"
)

// Frameworks that came, failed over and were torn down leave nothing behind
// but the history that is kept on purpose. FRAMEWORKS says how many come.
func TestFrameworksComeAndGo(t *testing.T) {
	n := 1000
	if v, err := strconv.Atoi(os.Getenv("FRAMEWORKS")); err == nil {
		n = v
	}
	s := stand(t, Config{MaxCompletedFrameworks: 50})
	url := serve(t, s) + "/api/v1/scheduler"
	s.register(t, 1, "cpus:4;mem:4096")
	comeAndGo(t, url, 200) // fills the history, the pools and the idle connections
	before := footprint(t, s)
	start := time.Now()
	comeAndGo(t, url, n)
	took := time.Since(start)
	after := footprint(t, s)
	t.Logf("%d frameworks in %v; before %+v, after %+v", n, took.Round(time.Millisecond), before, after)
	if after.goroutines > before.goroutines+10 {
		t.Errorf("%d goroutines after %d frameworks, %d before", after.goroutines, n, before.goroutines)
	}
	// A framework that leaked would keep 4 KB at the very least.
	if grown := int64(after.heap) - int64(before.heap); grown > int64(n)*2048 && grown > 1<<20 {
		t.Errorf("the heap grew by %d bytes over %d frameworks", grown, n)
	}
	s.do(t, func() {
		if len(s.frameworks) != 0 || len(s.offers) != 0 {
			t.Errorf("left are %d frameworks, %d offers, want none", len(s.frameworks), len(s.offers))
		}
	})
	for _, x := range s.conf.Metrics.Gather(t.Context()) {
		if strings.HasPrefix(x.Name, "frameworks/") {
			t.Errorf("%s is still counted, want no principals", x.Name)
		}
	}
}

type size struct {
	goroutines int
	heap       uint64
}

// footprint is what the program holds once it rests.
func footprint(t *testing.T, s *standing) (out size) {
	t.Helper()
	http.DefaultClient.CloseIdleConnections()
	last := -1
	for deadline := time.Now().Add(time.Minute); ; time.Sleep(100 * time.Millisecond) {
		s.do(t, func() {})
		runtime.GC()
		out.goroutines = runtime.NumGoroutine()
		if out.goroutines == last || time.Now().After(deadline) {
			break
		}
		last = out.goroutines
	}
	var m runtime.MemStats
	runtime.GC()
	runtime.ReadMemStats(&m)
	out.heap = m.HeapAlloc
	return out
}

func comeAndGo(t *testing.T, url string, n int) {
	t.Helper()
	next := make(chan int)
	var visitors sync.WaitGroup
	for range 16 {
		visitors.Go(func() {
			for i := range next {
				if err := visit(url, i); err != nil {
					t.Errorf("framework %d: %v", i, err)
				}
			}
		})
	}
	for i := range n {
		next <- i
	}
	close(next)
	visitors.Wait()
}

// visit subscribes, fails over to a second subscription, and tears down.
func visit(url string, i int) error {
	info := proto.CloneOf(webFramework)
	info.Name, info.Principal = proto.String(fmt.Sprintf("web-%d", i)), proto.String(fmt.Sprintf("principal-%d", i))
	info.Roles = []string{fmt.Sprintf("role-%d", i%100)}
	first, err := enter(url, info)
	if err != nil {
		return err
	}
	defer first.close()
	info.Id = first.id
	second, err := enter(url, info)
	if err != nil {
		return err
	}
	defer second.close()
	if _, err := first.read(schedulerv1.Event_ERROR); err != nil {
		return fmt.Errorf("the first subscription's end: %w", err)
	}
	return second.teardown(url)
}

// subscription is one scheduler's stream.
type subscription struct {
	id       *v1.FrameworkID
	streamID string
	records  *recordio.Reader
	close    func()
}

const mediaProtobuf = "application/x-protobuf"

func send(url, streamID string, call *schedulerv1.Call) (*http.Response, error) {
	body, err := proto.Marshal(call)
	if err != nil {
		return nil, err
	}
	r, err := http.NewRequest(http.MethodPost, url, bytes.NewReader(body))
	if err != nil {
		return nil, err
	}
	r.Header.Set("Content-Type", mediaProtobuf)
	r.Header.Set("Accept", mediaProtobuf)
	if streamID != "" {
		r.Header.Set(httpapi.StreamIDHeader, streamID)
	}
	return http.DefaultClient.Do(r)
}

func enter(url string, info *v1.FrameworkInfo) (*subscription, error) {
	w, err := send(url, "", &schedulerv1.Call{
		Type: schedulerv1.Call_SUBSCRIBE.Enum(), FrameworkId: info.Id, Subscribe: &schedulerv1.Call_Subscribe{FrameworkInfo: info},
	})
	if err != nil {
		return nil, err
	}
	s := &subscription{streamID: w.Header.Get(httpapi.StreamIDHeader), records: recordio.NewReader(w.Body, 1<<20), close: func() { _ = w.Body.Close() }}
	e, err := s.read(schedulerv1.Event_SUBSCRIBED)
	if err != nil {
		s.close()
		return nil, fmt.Errorf("subscription: %w", err)
	}
	s.id = e.GetSubscribed().GetFrameworkId()
	return s, nil
}

// read skips events until one of the type comes.
func (s *subscription) read(want schedulerv1.Event_Type) (*schedulerv1.Event, error) {
	for {
		record, err := s.records.Read()
		if err != nil {
			return nil, err
		}
		e := &schedulerv1.Event{}
		if err := proto.Unmarshal(record, e); err != nil {
			return nil, err
		}
		if e.GetType() == want {
			return e, nil
		}
	}
}

func (s *subscription) teardown(url string) error {
	w, err := send(url, s.streamID, &schedulerv1.Call{Type: schedulerv1.Call_TEARDOWN.Enum(), FrameworkId: ids.Framework(s.id.GetValue())})
	if err != nil {
		return err
	}
	defer func() { _ = w.Body.Close() }()
	if w.StatusCode != http.StatusAccepted {
		return fmt.Errorf("teardown: %s", w.Status)
	}
	return nil
}
