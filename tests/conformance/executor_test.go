package conformance

import (
	"encoding/base64"
	"fmt"
	"net/http"
	"strings"
	"testing"
	"time"

	executorv1 "mesos/messages/mesos/v1/executor"
	schedulerv1 "mesos/messages/mesos/v1/scheduler"
	"mesos/tests/cluster"
)

// executorRow is one call of an executor, in Mesos's JSON.
type executorRow struct {
	call  string
	name  string
	who   string // the ids, instead of the executor's own
	body  string // the call's own part, without braces
	code  int
	words string // in the text of a refusal
	event string // type of the event that must follow; "" = none is waited for
}

const (
	goodUUID = `"MDEyMzQ1Njc4OWFiY2RlZg=="`
	status   = `"update":{"status":{"task_id":{"value":"t"},"state":"%s","source":"SOURCE_EXECUTOR","uuid":%s}}`
)

var executorRows = []executorRow{
	{call: "SUBSCRIBE", name: "an unknown framework", who: `"framework_id":{"value":"nobody"},"executor_id":{"value":"e"}`, body: `"subscribe":{}`, code: 400, words: "framework_id"},
	{call: "SUBSCRIBE", name: "an unknown executor", who: `"framework_id":{"value":"<framework>"},"executor_id":{"value":"nobody"}`, body: `"subscribe":{}`, code: 400, words: "executor_id"},
	{call: "SUBSCRIBE", name: "without its part", code: 400, words: "subscribe"},
	{call: "UPDATE", body: fmt.Sprintf(status, "TASK_RUNNING", goodUUID), code: 202, event: "ACKNOWLEDGED"},
	{call: "UPDATE", name: "again", body: fmt.Sprintf(status, "TASK_RUNNING", goodUUID), code: 202, event: "ACKNOWLEDGED"},
	{call: "UPDATE", name: "a short uuid", body: fmt.Sprintf(status, "TASK_RUNNING", `"eA=="`), code: 400, words: "update.status.uuid"},
	{call: "UPDATE", name: "a state of the master's", body: fmt.Sprintf(status, "TASK_STAGING", goodUUID), code: 400, words: "update.status.state"},
	{call: "UPDATE", name: "without its part", code: 400, words: "update"},
	{call: "UPDATE", name: "an unknown executor", who: `"framework_id":{"value":"<framework>"},"executor_id":{"value":"nobody"}`, body: fmt.Sprintf(status, "TASK_RUNNING", goodUUID), code: 400, words: "executor_id"},
	{call: "MESSAGE", body: `"message":{"data":"aGk="}`, code: 202},
	{call: "MESSAGE", name: "without its part", code: 400, words: "message"},
	{call: "HEARTBEAT", code: 202},
	{call: "HEARTBEAT", name: "dummy ids", who: `"framework_id":{"value":"unused"},"executor_id":{"value":"unused"}`, code: 202},
}

// executorEvents are those that an agent sends. Of the others HEARTBEAT comes every 30 minutes, which the package agent
// tests on a virtual clock, and ERROR is for executors that an agent cannot speak with, of which there are none.
var executorEvents = map[string]bool{
	"SUBSCRIBED": true, "LAUNCH": true, "LAUNCH_GROUP": true, "KILL": true, "ACKNOWLEDGED": true, "MESSAGE": true, "SHUTDOWN": true,
}

// ownExecutor is an executor that the test plays itself.
const ownExecutor = `"executor":{"type":"CUSTOM","executor_id":{"value":"e"},"framework_id":{"value":"<framework>"},"command":{"value":"exec sleep 1000"},"resources":[{"name":"cpus","type":"SCALAR","scalar":{"value":0.1}},{"name":"mem","type":"SCALAR","scalar":{"value":32}}]}`

// runs is a task of that executor.
func runs(id string) string {
	return strings.Replace(fmt.Sprintf(taskInfo, id, ""), `"command":{"value":""}`, ownExecutor, 1)
}

// executor is a subscribed executor.
type executor struct {
	*stream[executorv1.Event_Type]
	t     *testing.T
	e     encoding
	url   string
	known []string
}

func newExecutorEvent() event[executorv1.Event_Type] { return &executorv1.Event{} }

func (x *executor) text(kind, who, body string) []byte {
	if who == "" {
		who = `"framework_id":{"value":"<framework>"},"executor_id":{"value":"e"}`
	}
	if body != "" {
		body = "," + body
	}
	text := strings.NewReplacer(x.known...).Replace(fmt.Sprintf(`{"type":%q,%s%s}`, kind, who, body))
	return x.e.encode(x.t, text, &executorv1.Call{})
}

func (x *executor) call(kind, who, body string) reply {
	x.t.Helper()
	return request(x.t, http.MethodPost, x.url, x.text(kind, who, body), "Content-Type", x.e.media())
}

// become subscribes as soon as the agent knows the executor.
func (x *executor) become() {
	x.t.Helper()
	for deadline := time.Now().Add(patience); ; time.Sleep(10 * time.Millisecond) {
		if x.stream = subscribe(x.t, x.url, x.e, x.text("SUBSCRIBE", "", `"subscribe":{}`), newExecutorEvent); x.reply.code == http.StatusOK {
			return
		}
		if time.Now().After(deadline) {
			x.t.Fatalf("SUBSCRIBE answered %d, want 200", x.reply.code)
		}
	}
}

func TestExecutorCalls(t *testing.T) {
	t.Parallel()
	c := cluster.Start(t, cluster.Options{Separate: true})
	agentsOf(t, c, 1)
	calls := newMatrix("executor calls", names(executorv1.Call_Type_name))
	events := newMatrix("executor events", names(executorv1.Event_Type_name))
	for _, e := range encodings {
		t.Run(e.String(), func(t *testing.T) { playExecutor(t, c, e, calls, events) })
	}
	calls.print(t, func(line string, column int) bool {
		return line != "HEARTBEAT" || column%2 == 0 // none can be bad: its ids may be dummies
	})
	events.print(t, func(line string, column int) bool { return executorEvents[line] && column%2 == 0 })
}

func playExecutor(t *testing.T, c *cluster.Cluster, e encoding, calls, events *matrix) {
	s := subscribeScheduler(t, c.URL("/api/v1/scheduler"), e)
	x := &executor{t: t, e: e, url: "http://" + c.AgentAddr(0) + "/slave(1)/api/v1/executor", known: []string{"<framework>", s.id}}
	s.prepare("<offer>")
	s.call("ACCEPT", fmt.Sprintf(`"accept":{"offer_ids":[{"value":"<offer>"}],"operations":[{"type":"LAUNCH","launch":{"task_infos":[%s]}}],"filters":{"refuse_seconds":0}}`, runs("t")))
	x.become()
	calls.note(t, "SUBSCRIBE", e, true, true)
	x.must("SUBSCRIBED", nil)
	x.must("LAUNCH", nil)
	for _, r := range executorRows {
		t.Run(r.call+" "+r.name, func(t *testing.T) {
			got := x.call(r.call, r.who, r.body)
			if got.code != r.code || !strings.Contains(string(got.body), r.words) {
				t.Errorf("answered %d %q, want %d with %q", got.code, got.body, r.code, r.words)
			}
			if r.event != "" && x.next(r.event, nil) == nil {
				t.Errorf("no event %s came", r.event)
			}
			calls.note(t, r.call, e, r.code < 400, !t.Failed())
		})
	}
	s.event("MESSAGE", func(ev *schedulerv1.Event) bool { return string(ev.GetMessage().GetData()) == "hi" })
	s.call("MESSAGE", fmt.Sprintf(`"message":{"agent_id":{"value":"<agent>"},"executor_id":{"value":"e"},"data":%q}`, base64.StdEncoding.EncodeToString([]byte("ho"))))
	x.must("MESSAGE", func(ev event[executorv1.Event_Type]) bool {
		return string(ev.(*executorv1.Event).GetMessage().GetData()) == "ho"
	})
	s.call("KILL", `"kill":{"task_id":{"value":"t"}}`)
	x.must("KILL", nil)
	s.call("SHUTDOWN", `"shutdown":{"executor_id":{"value":"e"},"agent_id":{"value":"<agent>"}}`)
	x.must("SHUTDOWN", nil)
	s.call("TEARDOWN", "")
	for _, kind := range append(x.types(), playGroup(t, c, x).types()...) {
		events.note(t, kind, e, true, true)
	}
}

// playGroup has another executor launched with a group.
func playGroup(t *testing.T, c *cluster.Cluster, x *executor) *executor {
	t.Helper()
	s := subscribeScheduler(t, c.URL("/api/v1/scheduler"), x.e)
	defer s.call("TEARDOWN", "")
	s.prepare("<offer>")
	body := fmt.Sprintf(group, fmt.Sprintf(taskInfo, "g", "true"))
	body = strings.Replace(body, `"type":"DEFAULT","executor_id":{"value":"e"}`, `"type":"CUSTOM","executor_id":{"value":"e"},"command":{"value":"exec sleep 1000"}`, 1)
	s.call("ACCEPT", body)
	pod := &executor{t: t, e: x.e, url: x.url, known: []string{"<framework>", s.id}}
	pod.become()
	pod.must("LAUNCH_GROUP", nil)
	return pod
}
