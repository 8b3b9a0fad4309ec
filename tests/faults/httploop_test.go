package faults

import (
	"bytes"
	"context"
	"fmt"
	"io"
	"net/http"
	"sync"
	"time"

	"google.golang.org/protobuf/proto"

	"mesos/actors/executor"
	"mesos/actors/link"
	executorv1 "mesos/messages/mesos/v1/executor"
	"mesos/messages/recordio"
)

// httpLoop carries an executor's driver over the v1 HTTP API as other executors speak it: one stream of events, a
// request for each call, all calls in order.
type httpLoop struct {
	agent  link.UPID
	driver *executor.Driver
	client http.Client

	mu    sync.Mutex
	queue []func()
	wake  chan struct{}

	over   bool
	calls  chan *executorv1.Call
	cancel context.CancelFunc // of the present stream
	stream int                // number of it
}

func newHTTPLoop(c executor.Config) *httpLoop {
	l := &httpLoop{agent: c.Agent, wake: make(chan struct{}, 1), calls: make(chan *executorv1.Call, 1000), cancel: func() {}}
	go l.post()
	return l
}

func (l *httpLoop) Self() link.UPID { return link.UPID{} }
func (l *httpLoop) Link(link.UPID)  {}

func (l *httpLoop) Dispatch(f func()) {
	l.mu.Lock()
	l.queue = append(l.queue, f)
	l.mu.Unlock()
	select {
	case l.wake <- struct{}{}:
	default:
	}
}

func (l *httpLoop) Delay(d time.Duration, f func()) (cancel func()) {
	dead := false // on the loop only
	t := time.AfterFunc(d, func() {
		l.Dispatch(func() {
			if !dead {
				f()
			}
		})
	})
	return func() { dead = true; t.Stop() }
}

// Send starts a stream with SUBSCRIBE; any other call follows those before it.
func (l *httpLoop) Send(_ link.UPID, m proto.Message) {
	call := m.(*executorv1.Call)
	if call.GetType() != executorv1.Call_SUBSCRIBE {
		l.calls <- proto.CloneOf(call)
		return
	}
	l.cancel()
	l.stream++
	n := l.stream
	ctx, cancel := context.WithCancel(context.Background())
	l.cancel = cancel
	body, err := proto.Marshal(call)
	if err != nil {
		panic(err) // the driver made it
	}
	go func() {
		_ = l.read(ctx, body, n) // whatever ended the stream, the driver opens the next
		l.broke(n)
	}()
}

// broke tells the driver that a stream ended, if it is the present one.
func (l *httpLoop) broke(n int) {
	l.Dispatch(func() {
		if n == l.stream {
			l.cancel()
			l.stream++
			l.driver.Exited(l.agent.Addr)
		}
	})
}

func (l *httpLoop) request(ctx context.Context, body []byte) (*http.Response, error) {
	r, err := http.NewRequestWithContext(ctx, http.MethodPost, "http://"+l.agent.Addr+"/slave(1)/api/v1/executor", bytes.NewReader(body))
	if err != nil {
		return nil, err
	}
	r.Header.Set("Content-Type", "application/x-protobuf")
	r.Header.Set("Accept", "application/x-protobuf")
	return l.client.Do(r)
}

func (l *httpLoop) read(ctx context.Context, body []byte, n int) error {
	resp, err := l.request(ctx, body)
	if err != nil {
		return err
	}
	defer resp.Body.Close()
	if resp.StatusCode != http.StatusOK {
		return fmt.Errorf("SUBSCRIBE was answered %s", resp.Status)
	}
	for records := recordio.NewReader(resp.Body, 1<<20); ; {
		b, err := records.Read()
		if err != nil {
			return err
		}
		e := &executorv1.Event{}
		if err := proto.Unmarshal(b, e); err != nil {
			return err
		}
		l.Dispatch(func() {
			if n == l.stream {
				l.driver.Receive(l.agent, e)
			}
		})
	}
}

// post sends the calls one by one. One that is not taken ends the stream: the next SUBSCRIBE says it again.
func (l *httpLoop) post() {
	for call := range l.calls {
		body, err := proto.Marshal(call)
		if err != nil {
			panic(err)
		}
		ctx, cancel := context.WithTimeout(context.Background(), 10*time.Second)
		resp, err := l.request(ctx, body)
		if err == nil {
			_, _ = io.Copy(io.Discard, resp.Body)
			resp.Body.Close()
		}
		cancel()
		if err != nil || resp.StatusCode != http.StatusAccepted {
			l.Dispatch(func() { l.broke(l.stream) })
		}
	}
}

// Run runs what is dispatched until Stop.
func (l *httpLoop) Run(context.Context) error {
	for !l.over {
		l.mu.Lock()
		queue := l.queue
		l.queue = nil
		l.mu.Unlock()
		for _, f := range queue {
			f()
		}
		if len(queue) == 0 {
			<-l.wake
		}
	}
	return nil
}

// Stop ends Run; it is called on the loop.
func (l *httpLoop) Stop() { l.over = true }
