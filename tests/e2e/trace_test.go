package e2e

import (
	"encoding/hex"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"sync"
	"testing"

	trace "go.opentelemetry.io/proto/otlp/trace/v1"
	"google.golang.org/protobuf/proto"

	"mesos/tests/cluster"
)

// told is a span as a collector has it.
type told struct {
	*trace.Span
	service string
}

// traces is a collector of traces over OTLP/HTTP.
type traces struct {
	mu    sync.Mutex
	spans []told
}

func (c *traces) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	body, err := io.ReadAll(r.Body)
	var d trace.TracesData
	if err == nil {
		err = proto.Unmarshal(body, &d)
	}
	if err != nil || r.URL.Path != "/v1/traces" {
		http.Error(w, fmt.Sprint("bad request of traces: ", err), http.StatusBadRequest)
		return
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	for _, rs := range d.GetResourceSpans() {
		for _, a := range rs.GetResource().GetAttributes() {
			if a.GetKey() == "service.name" {
				for _, s := range rs.GetScopeSpans() {
					for _, span := range s.GetSpans() {
						c.spans = append(c.spans, told{span, a.GetValue().GetStringValue()})
					}
				}
			}
		}
	}
}

// of are the spans of the task whose id begins so, by "service/name".
func (c *traces) of(task string) map[string][]told {
	c.mu.Lock()
	defer c.mu.Unlock()
	out := map[string][]told{}
	for _, s := range c.spans {
		for _, a := range s.GetAttributes() {
			if a.GetKey() == "task_id" && strings.HasPrefix(a.GetValue().GetStringValue(), task) {
				out[s.service+"/"+s.GetName()] = append(out[s.service+"/"+s.GetName()], s)
			}
		}
	}
	return out
}

// TestTrace follows one task through master, agent and executor in one trace, and finds its id in the logs of both daemons.
func TestTrace(t *testing.T) {
	t.Parallel()
	c := &traces{}
	server := httptest.NewServer(c)
	t.Cleanup(server.Close)
	flags := []string{"--otlp_endpoint=" + server.URL, "--log_format=json"}
	cl := cluster.Start(t, cluster.Options{Separate: true, MasterFlags: flags, AgentFlags: flags})
	if code, _, stderr := mesos(t, cl, "run", "--name=goes", "--", "true"); code != 0 {
		t.Fatalf("mesos run of true: got exit code %d, want 0\n%s", code, stderr)
	}
	if code, _, stderr := mesos(t, cl, "run", "--name=breaks", "--", "sh", "-c", "exit 3"); code != 3 {
		t.Fatalf("mesos run of exit 3: got exit code %d, want 3\n%s", code, stderr)
	}
	want := []string{
		"mesos-agent/container", "mesos-agent/fetch", "mesos-agent/launch", "mesos-agent/subscribe", "mesos-agent/update",
		"mesos-executor/run", "mesos-executor/start", "mesos-master/accept", "mesos-master/forward", "mesos-master/offer", "mesos-master/task",
	}
	var goes, breaks map[string][]told
	eventually(t, "all spans of two tasks", func() bool {
		goes, breaks = c.of("goes"), c.of("breaks")
		return slices.Equal(keys(goes), want) && len(breaks["mesos-master/task"]) == 1
	})
	if s := breaks["mesos-master/task"][0].GetStatus(); s.GetCode() != trace.Status_STATUS_CODE_ERROR || !strings.Contains(s.GetMessage(), "TASK_FAILED") {
		t.Errorf("status of the task that failed: got %v, want an error that says TASK_FAILED", s)
	}
	id := checkTree(t, goes)
	for _, p := range []*cluster.Process{cl.Master, cl.Agents[0]} {
		eventually(t, "a line of "+p.Addr+" that names the trace", func() bool { return logNames(p.Log(), id) })
	}
	_, metrics := get(t, cl.URL("/metrics"))
	if !strings.Contains(metrics, "mesos_tracing_spans_sent_total") {
		t.Errorf("/metrics does not count the spans that were sent")
	}
}

// checkTree wants one trace whose spans are in each other, and returns its id.
func checkTree(t *testing.T, by map[string][]told) string {
	t.Helper()
	root := by["mesos-master/task"][0]
	ids := map[string]string{hex.EncodeToString(root.GetSpanId()): "task"}
	for _, name := range keys(by) {
		for _, s := range by[name] {
			ids[hex.EncodeToString(s.GetSpanId())] = s.GetName()
		}
	}
	parents := map[string]string{
		"task": "", "offer": "task", "accept": "task", "launch": "task", "container": "launch", "fetch": "container",
		"subscribe": "launch", "start": "task", "run": "task", "update": "task", "forward": "update",
	}
	for _, name := range keys(by) {
		for _, s := range by[name] {
			if hex.EncodeToString(s.GetTraceId()) != hex.EncodeToString(root.GetTraceId()) {
				t.Errorf("%s is of another trace: got %x, want %x", name, s.GetTraceId(), root.GetTraceId())
			}
			if got := ids[hex.EncodeToString(s.GetParentSpanId())]; got != parents[s.GetName()] {
				t.Errorf("%s: got parent %q, want %q", name, got, parents[s.GetName()])
			}
			if s.GetEndTimeUnixNano() < s.GetStartTimeUnixNano() || s.GetStartTimeUnixNano() == 0 {
				t.Errorf("%s: got times %d to %d", name, s.GetStartTimeUnixNano(), s.GetEndTimeUnixNano())
			}
		}
	}
	return hex.EncodeToString(root.GetTraceId())
}

// logNames tells whether a line of a log of JSON has the trace's id.
func logNames(log, id string) bool {
	for line := range strings.Lines(log) {
		var l struct {
			TraceID string `json:"trace_id"`
			Level   string `json:"level"`
		}
		if json.Unmarshal([]byte(line), &l) == nil && l.TraceID == id && l.Level != "" {
			return true
		}
	}
	return false
}

func keys[V any](m map[string]V) []string {
	var out []string
	for k := range m {
		out = append(out, k)
	}
	slices.Sort(out)
	return out
}

// TestTraceOutlivesDaemons kills the agent and the master of a running task: what they tell after it is of the same trace.
func TestTraceOutlivesDaemons(t *testing.T) {
	t.Parallel()
	c := &traces{}
	server := httptest.NewServer(c)
	t.Cleanup(server.Close)
	flags := []string{"--otlp_endpoint=" + server.URL}
	cl := cluster.Start(t, cluster.Options{
		Separate: true, MasterFlags: flags, AgentFlags: append([]string{"--registration_backoff_factor=100ms", "--executor_reregistration_timeout=15secs"}, flags...),
	})
	run := startMesos(t, cl, "run", "--name=survivor", "--", "sh", "-c", "echo started; sleep 1000")
	run.until(&run.stdout, "started")
	eventually(t, "the spans of its start", func() bool {
		by := c.of("survivor")
		return by["mesos-executor/start"] != nil && by["mesos-master/offer"] != nil
	})
	cl.Agents[0].Kill()
	cl.Agents[0].Restart()
	cl.WaitAgents(1)
	cl.Master.Kill()
	cl.Master.Restart()
	cl.WaitAgents(1)
	eventually(t, "the kill to be taken", func() bool {
		code, _, _ := mesos(t, cl, "kill", "survivor")
		return code == 0
	})
	if code := run.wait(); code == 0 {
		t.Errorf("mesos run of a killed task: got exit code 0")
	}
	var by map[string][]told
	eventually(t, "the spans of its end", func() bool {
		by = c.of("survivor")
		return by["mesos-master/task"] != nil && by["mesos-executor/run"] != nil
	})
	offer, whole, ran := by["mesos-master/offer"][0], by["mesos-master/task"][0], by["mesos-executor/run"][0]
	for _, s := range []told{whole, ran} {
		if hex.EncodeToString(s.GetTraceId()) != hex.EncodeToString(offer.GetTraceId()) {
			t.Errorf("%s is of another trace: got %x, want %x", s.GetName(), s.GetTraceId(), offer.GetTraceId())
		}
	}
	if whole.GetStartTimeUnixNano() > ran.GetStartTimeUnixNano() || whole.GetStartTimeUnixNano() == 0 {
		t.Errorf("the task as a whole begins at %d, want before it ran, at %d", whole.GetStartTimeUnixNano(), ran.GetStartTimeUnixNano())
	}
	if !slices.Equal(offer.GetParentSpanId(), whole.GetSpanId()) {
		t.Errorf("the offer, told by the master before: got parent %x, want the span that the next master told, %x", offer.GetParentSpanId(), whole.GetSpanId())
	}
}
