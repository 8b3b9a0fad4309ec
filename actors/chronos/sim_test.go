package chronos_test

import (
	"context"
	"encoding/json"
	"fmt"
	"log/slog"
	"math/rand/v2"
	"net/http"
	"net/http/httptest"
	"os"
	"slices"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	"mesos/actors/chronos"
	"mesos/actors/simtest"
	"mesos/registry"
)

// world is chronos on a simulated cluster.
type world struct {
	t    *testing.T
	c    *simtest.Cluster
	disk registry.Disk
	api  *chronos.HTTP
	prog *simtest.Program

	mu     sync.Mutex
	failed error
}

func newWorld(t *testing.T, c *simtest.Cluster) *world {
	w := &world{t: t, c: c}
	w.prog = c.Program(func(where simtest.Place) error {
		api := chronos.NewHTTP()
		s, err := chronos.Start(context.Background(), where.System, chronos.Config{
			Master: where.Master, Detector: where.Detector, Store: registry.OpenMemory(&w.disk),
			RetryDelay: 10 * time.Second, History: 1000, OnFailed: w.fail, Log: log(),
		})
		if err != nil {
			return err
		}
		api.Lead(s, "")
		w.mu.Lock()
		defer w.mu.Unlock()
		w.api = api
		return nil
	})
	return w
}

func (w *world) fail(err error) {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.failed = err
}

// ask sends a request and returns code and body.
func (w *world) ask(method, path, body string) (int, string) {
	w.mu.Lock()
	api := w.api
	w.mu.Unlock()
	out := httptest.NewRecorder()
	api.ServeHTTP(out, httptest.NewRequestWithContext(context.Background(), method, path, strings.NewReader(body)))
	return out.Code, out.Body.String()
}

// add posts a job with a schedule, or with parents.
func (w *world) add(body string) {
	w.t.Helper()
	path := "/v1/scheduler/iso8601"
	if strings.Contains(body, `"parents"`) {
		path = "/v1/scheduler/dependency"
	}
	if code, text := w.ask(http.MethodPost, path, body); code != http.StatusNoContent {
		w.t.Fatalf("%s: got %d %s", body, code, text)
	}
}

// run is what the API tells of a run.
type run struct {
	Due     time.Time `json:"due"`
	Outcome string    `json:"outcome"`
	Phase   string    `json:"phase"`
	Reason  string    `json:"reason"`
	Count   int       `json:"count"`
	Tries   []struct {
		TaskID string `json:"taskId"`
		State  string `json:"state"`
	} `json:"tries"`
}

func (w *world) history(name string) []run {
	w.t.Helper()
	code, text := w.ask(http.MethodGet, "/scheduler/job/history/"+name, "")
	var h struct {
		Runs []run `json:"runs"`
	}
	if err := json.Unmarshal([]byte(text), &h); code != http.StatusOK || err != nil {
		w.t.Fatalf("history of %s: got %d %s, %v", name, code, text, err)
	}
	return h.Runs
}

// judge wants exactly one run that succeeded for each slot, one task of which finished, and no other to have.
func (w *world) judge(name string, slots []time.Time) {
	w.t.Helper()
	bySlot := map[int64][]run{}
	for _, r := range w.history(name) {
		bySlot[r.Due.UnixMilli()] = append(bySlot[r.Due.UnixMilli()], r)
	}
	for _, slot := range slots {
		runs := bySlot[slot.UnixMilli()]
		if len(runs) != 1 || runs[0].Outcome != "success" {
			w.t.Errorf("%s at %v: got %+v, want one run that succeeded", name, slot, runs)
		}
		finished, begun := 0, 0
		for attempt := range 100 {
			id := fmt.Sprintf("ct:%d:%d:%s:", slot.UnixMilli(), attempt, name)
			if w.c.Finished(id) {
				finished++
			}
			begun += w.c.Starts(id)
		}
		if finished != 1 {
			w.t.Errorf("%s at %v: %d tasks of it finished (%d began), want one", name, slot, finished, begun)
		}
		delete(bySlot, slot.UnixMilli())
	}
	for slot, runs := range bySlot {
		w.t.Errorf("%s: runs at %v, which is no slot: %+v", name, time.UnixMilli(slot).UTC(), runs)
	}
}

// every are n slots from start on.
func every(start time.Time, d time.Duration, n int) (out []time.Time) {
	for i := range n {
		out = append(out, start.Add(time.Duration(i)*d))
	}
	return out
}

// startOf is a whole minute of the virtual clock that has not come.
func startOf() time.Time { return time.Now().Add(2 * time.Minute).Truncate(time.Minute).UTC() }

func TestJobsRun(t *testing.T) {
	simtest.Run(t, simtest.Options{Agents: 2, Seed: 1, Referee: true}, func(c *simtest.Cluster) {
		w := newWorld(t, c)
		start := startOf()
		at := start.Format(time.RFC3339)
		w.add(`{"name":"tick","command":"sleep 5","schedule":"R10/` + at + `/PT1M"}`)
		w.add(`{"name":"tock","command":"sleep 5","parents":["tick"]}`)
		w.add(`{"name":"cron","command":"true","schedule":"*/5 * * * *"}`)
		w.add(`{"name":"bad","command":"exit 3","schedule":"R1/` + at + `/PT1M","retries":2}`)
		c.Advance(time.Until(start) + 11*time.Minute)
		w.judge("tick", every(start, time.Minute, 10))
		if got := w.history("tock"); len(got) != 10 {
			t.Errorf("tock: got %d runs, want 10", len(got))
		}
		if got := w.history("cron"); len(got) != 2 && len(got) != 3 {
			t.Errorf("cron: got %d runs in eleven minutes and some, want 2 or 3", len(got))
		}
		bad := w.history("bad")
		if len(bad) != 1 || bad[0].Outcome != "failure" || len(bad[0].Tries) != 3 {
			t.Errorf("bad: got %+v, want one failure of three tries", bad)
		}
		c.Check()
	})
}

// Chronos crashes before and after each of its writes: every slot still has one run.
func TestCrashAtEachWrite(t *testing.T) {
	for n := 1; n <= 24; n++ {
		for _, after := range []bool{false, true} {
			t.Run(fmt.Sprintf("write %d, after %v", n, after), func(t *testing.T) {
				simtest.Run(t, simtest.Options{Agents: 2, Seed: uint64(n), Referee: true}, func(c *simtest.Cluster) {
					w := newWorld(t, c)
					start := startOf()
					w.add(`{"name":"a","command":"sleep 20","schedule":"R3/` + start.Format(time.RFC3339) + `/PT1M","epsilon":"PT10M"}`)
					w.add(`{"name":"b","command":"sleep 5","parents":["a"]}`)
					w.disk.StopAt(n, after)
					end := start.Add(10 * time.Minute)
					for time.Now().Before(end) {
						c.Advance(time.Second)
						if w.disk.Stopped() {
							w.prog.Crash()
							c.Advance(5 * time.Second)
							w.prog.Start()
						}
					}
					w.judge("a", every(start, time.Minute, 3))
					if got := w.history("b"); len(got) != 3 || slices.ContainsFunc(got, func(r run) bool { return r.Outcome != "success" }) {
						t.Errorf("b: got %+v, want three runs that succeeded", got)
					}
					c.Check()
				})
			})
		}
	}
}

// Whatever happens to agents, masters, executors and chronos: every slot has exactly one run that succeeded.
func TestNemesis(t *testing.T) {
	for seed := uint64(1); seed <= seeds(t); seed++ {
		t.Run(fmt.Sprint("seed ", seed), func(t *testing.T) {
			simtest.Run(t, simtest.Options{Agents: 3, Seed: seed}, func(c *simtest.Cluster) {
				w := newWorld(t, c)
				start := startOf()
				const slots = 40
				w.add(`{"name":"quick","command":"sleep 3","schedule":"R40/` + start.Format(time.RFC3339) + `/PT30S","epsilon":"P1D","retries":1000}`)
				w.add(`{"name":"slow","command":"sleep 50","schedule":"R20/` + start.Format(time.RFC3339) + `/PT1M","epsilon":"P1D","retries":1000,"concurrent":true}`)
				r := rand.New(rand.NewPCG(seed, 7))
				for time.Now().Before(start.Add(slots * 30 * time.Second)) {
					w.trouble(r)
				}
				c.Advance(90 * time.Minute) // agents repeat an update at least every ten minutes
				w.judge("quick", every(start, 30*time.Second, slots))
				w.judge("slow", every(start, time.Minute, 20))
				c.Check()
			})
		})
	}
}

// trouble breaks something for some time.
func (w *world) trouble(r *rand.Rand) {
	c := w.c
	some := func(n int) { c.Advance(time.Duration(r.IntN(n*1000)) * time.Millisecond) }
	a := c.Agents[r.IntN(len(c.Agents))]
	switch r.IntN(6) {
	case 0:
		w.prog.Crash()
		some(40)
		w.prog.Start()
	case 1:
		c.CrashMaster()
		some(40)
		c.StartMaster()
	case 2:
		a.Crash()
		some(40)
		a.Start()
	case 3:
		a.CrashExecutors()
	case 4:
		w.disk.StopAt(1+r.IntN(5), r.IntN(2) == 0)
		some(60)
		w.prog.Crash()
		some(5)
		w.prog.Start()
	case 5:
		heal := c.Net.Partition([]string{c.Master().Addr}, []string{a.Addr()})
		some(120)
		heal()
	}
	some(30)
}

// A framework that is removed has lost its tasks: chronos says so, and its next start is a new one.
func TestRemoved(t *testing.T) {
	simtest.Run(t, simtest.Options{Agents: 1, Seed: 1}, func(c *simtest.Cluster) {
		w := newWorld(t, c)
		start := startOf()
		w.add(`{"name":"a","command":"sleep 600","schedule":"R1/` + start.Format(time.RFC3339) + `/PT1M"}`)
		c.Until(5*time.Minute, "the task", func() bool { return c.Starts(fmt.Sprintf("ct:%d:0:a:", start.UnixMilli())) == 1 })
		w.prog.Crash()
		c.Advance(8 * 24 * time.Hour) // longer than its failover timeout
		w.prog.Start()
		c.Until(5*time.Minute, "the refusal", func() bool {
			w.mu.Lock()
			defer w.mu.Unlock()
			return w.failed != nil && strings.Contains(w.failed.Error(), "removed")
		})
		w.prog.Crash()
		w.prog.Start()
		c.Until(5*time.Minute, "another try", func() bool { return c.Starts(fmt.Sprintf("ct:%d:1:a:", start.UnixMilli())) == 1 })
	})
}

// log is silent unless a person looks for what went wrong.
func log() *slog.Logger {
	if os.Getenv("SIMTEST_LOG") != "" {
		return slog.New(slog.NewTextHandler(os.Stderr, nil))
	}
	return slog.New(slog.DiscardHandler)
}

// seeds is how many lives TestNemesis lives through: few, or as many as make sim and make soak say.
func seeds(t *testing.T) uint64 {
	text := os.Getenv("SEEDS")
	if text == "" {
		return 12
	}
	n, err := strconv.ParseUint(text, 10, 64)
	if err != nil {
		t.Fatalf("SEEDS: %v", err)
	}
	return n
}
