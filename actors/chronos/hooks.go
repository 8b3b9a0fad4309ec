package chronos

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"log/slog"
	"net/http"
	"strconv"
	"strings"
	"sync"
	"time"

	"mesos/actors/chronos/plan"
)

// A hook is tried some times and then given up. Those that are under way when the program ends are lost: the history is what
// counts.
const (
	hookTries   = 5
	hookWait    = time.Second // before the second try; it doubles
	hookTime    = 10 * time.Second
	mostHooks   = 16
	mostWaiting = 1000
)

// hooks tells web servers of the ends of runs.
type hooks struct {
	client http.Client
	log    *slog.Logger
	ctx    context.Context
	cancel context.CancelFunc
	wg     sync.WaitGroup
	room   chan struct{} // those that are under way
	places chan struct{} // those, and those that wait for room
}

func newHooks(log *slog.Logger) *hooks {
	h := &hooks{client: http.Client{Timeout: hookTime}, log: log, room: make(chan struct{}, mostHooks), places: make(chan struct{}, mostWaiting)}
	h.ctx, h.cancel = context.WithCancel(context.Background())
	return h
}

// close gives up what is under way.
func (h *hooks) close() {
	h.cancel()
	h.wg.Wait()
	h.client.CloseIdleConnections()
}

// post sends a body to a URL, later.
func (h *hooks) post(url string, body []byte) {
	select {
	case h.places <- struct{}{}:
	default:
		h.log.Error("a hook is not told: too many wait", "url", url)
		return
	}
	h.wg.Go(func() {
		defer func() { <-h.places }()
		select {
		case h.room <- struct{}{}:
			defer func() { <-h.room }()
		case <-h.ctx.Done():
			return
		}
		h.try(url, body)
	})
}

func (h *hooks) try(url string, body []byte) {
	wait := hookWait
	for n := 1; ; n++ {
		err := h.send(url, body)
		if err == nil || h.ctx.Err() != nil {
			return
		}
		if n == hookTries {
			h.log.Error("a hook is not told: it is given up", "url", url, "error", err)
			return
		}
		select {
		case <-time.After(wait):
			wait *= 2
		case <-h.ctx.Done():
			return
		}
	}
}

func (h *hooks) send(url string, body []byte) error {
	req, err := http.NewRequestWithContext(h.ctx, http.MethodPost, url, bytes.NewReader(body))
	if err != nil {
		return err
	}
	req.Header.Set("Content-Type", "application/json")
	resp, err := h.client.Do(req)
	if err != nil {
		return err
	}
	_, _ = io.Copy(io.Discard, io.LimitReader(resp.Body, 1<<16))
	_ = resp.Body.Close()
	if resp.StatusCode >= 300 {
		return fmt.Errorf("answer %s", resp.Status)
	}
	return nil
}

// tell posts the ends of runs to who wants to know them.
func (s *Scheduler) tell(ended []plan.Hook) {
	for _, h := range ended {
		urls := map[string]bool{h.URL: true}
		if h.Run.Outcome != plan.Success {
			urls[s.conf.NotifyURL] = true
		}
		delete(urls, "")
		for url := range urls {
			s.hooks.post(url, hookBody(h))
		}
	}
}

// hookBody has the fields, all of them strings, that Chronos sends to its notification URL, and behind them those of the run.
func hookBody(h plan.Hook) []byte {
	j, r := h.Entry.Job, h.Run
	amount := func(f float64) string { return strconv.FormatFloat(f, 'f', -1, 64) }
	var uris []string
	for _, f := range j.Fetch {
		uris = append(uris, string(f.URI))
	}
	body := map[string]string{
		"subject": fmt.Sprintf("[Chronos] job %s: %s", j.Name, r.Outcome), "to": string(j.Owner), "job": string(j.Name), "command": string(j.Command),
		"message": r.Reason, "cpus": amount(float64(j.CPUs)), "mem": amount(float64(j.Mem)), "retries": amount(float64(j.Retries)),
		"softError": fmt.Sprint(bool(j.SoftError)), "errorCount": fmt.Sprint(h.Entry.ErrorCount), "successCount": fmt.Sprint(h.Entry.SuccessCount),
		"errorsSinceLastSuccess": fmt.Sprint(h.Entry.ErrorsSinceLastSuccess), "lastError": stamp(h.Entry.LastError), "lastSuccess": stamp(h.Entry.LastSuccess),
		"executor": string(j.Executor), "executorFlags": string(j.ExecutorFlags), "uris": strings.Join(uris, ","),
		"outcome": string(r.Outcome), "due": stamp(r.Due), "count": fmt.Sprint(max(r.Count, 1)),
	}
	if n := len(r.Tries); n > 0 {
		body["taskId"], body["slaveId"] = r.Tries[n-1].TaskID, r.Tries[n-1].AgentID
	}
	data, err := json.Marshal(body)
	if err != nil {
		panic(err) // texts only
	}
	return data
}

// stamp is a time as Chronos writes it, "" for none.
func stamp(t time.Time) string {
	if t.IsZero() {
		return ""
	}
	return t.UTC().Format("2006-01-02T15:04:05.000Z")
}
