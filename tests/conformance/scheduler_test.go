package conformance

import (
	"encoding/base64"
	"fmt"
	"net/http"
	"slices"
	"strings"
	"testing"

	v1 "mesos/messages/mesos/v1"
	schedulerv1 "mesos/messages/mesos/v1/scheduler"
	"mesos/tests/cluster"
)

// schedulerRow is one call of a subscribed framework. In body, <framework> and its like are filled in; what they need is
// made first: <offer> and <agent> wait for an offer, <task> and <uuid> for a running task.
type schedulerRow struct {
	call  string
	name  string
	body  string // the call's own part, without braces: `"kill":{…}`
	code  int
	bad   bool   // bad input that is answered by an event, or by nothing
	words string // in the text of a refusal
	event string // type of the event that must follow, "" = none is waited for
	holds func(e *schedulerv1.Event) bool
}

const taskInfo = `{"name":"t","task_id":{"value":"%s"},"agent_id":{"value":"<agent>"},"command":{"value":"%s"},"resources":[{"name":"cpus","type":"SCALAR","scalar":{"value":0.1}},{"name":"mem","type":"SCALAR","scalar":{"value":32}}]}`

func launch(id, command string) string {
	return `"accept":{"offer_ids":[{"value":"<offer>"}],"operations":[{"type":"LAUNCH","launch":{"task_infos":[` + fmt.Sprintf(taskInfo, id, command) + `]}}],"filters":{"refuse_seconds":0}}`
}

func state(want v1.TaskState) func(*schedulerv1.Event) bool {
	return func(e *schedulerv1.Event) bool { return e.GetUpdate().GetStatus().GetState() == want }
}

func reason(want v1.TaskStatus_Reason) func(*schedulerv1.Event) bool {
	return func(e *schedulerv1.Event) bool { return e.GetUpdate().GetStatus().GetReason() == want }
}

func operation(want v1.OperationState) func(*schedulerv1.Event) bool {
	return func(e *schedulerv1.Event) bool { return e.GetUpdateOperationStatus().GetStatus().GetState() == want }
}

const (
	reserved = `{"name":"cpus","type":"SCALAR","scalar":{"value":0.5},"allocation_info":{"role":"conform"},"reservations":[{"type":"DYNAMIC","role":"conform","principal":"p"}]}`
	reserve  = `"accept":{"offer_ids":[{"value":"<offer>"}],"operations":[{"id":{"value":"op"},"type":"RESERVE","reserve":{"resources":[%s]}}]}`
	group    = `"accept":{"offer_ids":[{"value":"<offer>"}],"operations":[{"type":"LAUNCH_GROUP","launch_group":{"executor":{"type":"DEFAULT","executor_id":{"value":"e"},"framework_id":{"value":"<framework>"},"resources":[{"name":"cpus","type":"SCALAR","scalar":{"value":0.1}},{"name":"mem","type":"SCALAR","scalar":{"value":32}},{"name":"disk","type":"SCALAR","scalar":{"value":32}}]},"task_group":{"tasks":[%s]}}}]}`
)

var schedulerRows = []schedulerRow{
	{call: "SUBSCRIBE", name: "with a stream id", body: `"subscribe":{"framework_info":{"user":"root","name":"x","id":{"value":"<framework>"}}}`, code: 400, words: "Mesos-Stream-Id"},
	{call: "ACCEPT", name: "a launch", body: launch("l", "true"), code: 202, event: "UPDATE", holds: state(v1.TaskState_TASK_FINISHED)},
	{call: "ACCEPT", name: "no operations", body: `"accept":{"offer_ids":[{"value":"<offer>"}]}`, code: 202},
	{call: "ACCEPT", name: "a launch of nothing", body: `"accept":{"offer_ids":[{"value":"<offer>"}],"operations":[{"type":"LAUNCH","launch":{}}]}`, code: 202},
	{call: "ACCEPT", name: "an offer that is gone", body: strings.ReplaceAll(launch("gone", "true"), "<offer>", "gone"), code: 202, bad: true, event: "UPDATE", holds: reason(v1.TaskStatus_REASON_INVALID_OFFERS)},
	{call: "ACCEPT", name: "a bad task", body: strings.ReplaceAll(launch("bad", "true"), `"value":0.1`, `"value":-1`), code: 202, bad: true, event: "UPDATE", holds: state(v1.TaskState_TASK_ERROR)},
	{call: "ACCEPT", name: "a task group", body: fmt.Sprintf(group, fmt.Sprintf(taskInfo, "g1", "true")+","+fmt.Sprintf(taskInfo, "g2", "true")), code: 202, event: "UPDATE", holds: state(v1.TaskState_TASK_FINISHED)},
	{call: "ACCEPT", name: "a task group with a task of two names", body: fmt.Sprintf(group, fmt.Sprintf(taskInfo, "g", "true")+","+fmt.Sprintf(taskInfo, "g", "true")), code: 202, bad: true, event: "UPDATE", holds: reason(v1.TaskStatus_REASON_TASK_GROUP_INVALID)},
	{call: "ACCEPT", name: "a reservation", body: fmt.Sprintf(reserve, reserved), code: 202, event: "UPDATE_OPERATION_STATUS", holds: operation(v1.OperationState_OPERATION_FINISHED)},
	{call: "ACCEPT", name: "a reservation of too much", body: fmt.Sprintf(reserve, strings.Replace(reserved, "0.5", "5000", 1)), code: 202, bad: true, event: "UPDATE_OPERATION_STATUS", holds: operation(v1.OperationState_OPERATION_ERROR)},
	{call: "ACCEPT", name: "without its part", code: 400, words: "accept"},
	{call: "DECLINE", body: `"decline":{"offer_ids":[{"value":"<offer>"}],"filters":{"refuse_seconds":1}}`, code: 202, event: "OFFERS"},
	{call: "DECLINE", name: "no offers", body: `"decline":{}`, code: 202},
	{call: "DECLINE", name: "without its part", code: 400, words: "decline"},
	{call: "ACCEPT_INVERSE_OFFERS", name: "one that is gone", body: `"accept_inverse_offers":{"inverse_offer_ids":[{"value":"gone"}]}`, code: 202, bad: true},
	{call: "ACCEPT_INVERSE_OFFERS", name: "without its part", code: 400, words: "accept_inverse_offers"},
	{call: "DECLINE_INVERSE_OFFERS", name: "one that is gone", body: `"decline_inverse_offers":{"inverse_offer_ids":[{"value":"gone"}],"filters":{"refuse_seconds":1}}`, code: 202, bad: true},
	{call: "DECLINE_INVERSE_OFFERS", name: "without its part", code: 400, words: "decline_inverse_offers"},
	{call: "REVIVE", code: 202},
	{call: "REVIVE", name: "a role", body: `"revive":{"roles":["conform"]}`, code: 202},
	{call: "REVIVE", name: "a role that it has not", body: `"revive":{"roles":["other"]}`, code: 202, bad: true},
	{call: "SUPPRESS", code: 202},
	{call: "SUPPRESS", name: "a role", body: `"suppress":{"roles":["conform"]}`, code: 202},
	{call: "SUPPRESS", name: "a role that it has not", body: `"suppress":{"roles":["other"]}`, code: 202, bad: true},
	{call: "KILL", body: `"kill":{"task_id":{"value":"<task>"}}`, code: 202, event: "UPDATE", holds: state(v1.TaskState_TASK_KILLED)},
	{call: "KILL", name: "an unknown task", body: `"kill":{"task_id":{"value":"nothing"}}`, code: 202, bad: true, event: "UPDATE", holds: reason(v1.TaskStatus_REASON_RECONCILIATION)},
	{call: "KILL", name: "without its part", code: 400, words: "kill"},
	{call: "SHUTDOWN", body: `"shutdown":{"executor_id":{"value":"<task>"},"agent_id":{"value":"<agent>"}}`, code: 202, event: "UPDATE", holds: state(v1.TaskState_TASK_KILLED)},
	{call: "SHUTDOWN", name: "without its part", code: 400, words: "shutdown"},
	{call: "ACKNOWLEDGE", body: `"acknowledge":{"agent_id":{"value":"<agent>"},"task_id":{"value":"<task>"},"uuid":"<uuid>"}`, code: 202},
	{call: "ACKNOWLEDGE", name: "a short uuid", body: `"acknowledge":{"agent_id":{"value":"a"},"task_id":{"value":"t"},"uuid":"eA=="}`, code: 400, words: "acknowledge.uuid"},
	{call: "ACKNOWLEDGE_OPERATION_STATUS", name: "one that is gone", body: `"acknowledge_operation_status":{"agent_id":{"value":"<agent>"},"operation_id":{"value":"op"},"uuid":"MDEyMzQ1Njc4OWFiY2RlZg=="}`, code: 202, bad: true},
	{call: "ACKNOWLEDGE_OPERATION_STATUS", name: "a short uuid", body: `"acknowledge_operation_status":{"agent_id":{"value":"a"},"operation_id":{"value":"op"},"uuid":"eA=="}`, code: 400, words: "acknowledge_operation_status.uuid"},
	{call: "RECONCILE", name: "one task", body: `"reconcile":{"tasks":[{"task_id":{"value":"<task>"}}]}`, code: 202, event: "UPDATE", holds: reason(v1.TaskStatus_REASON_RECONCILIATION)},
	{call: "RECONCILE", name: "all tasks", body: `"reconcile":{"tasks":[]},"x":"<task>"`, code: 202, event: "UPDATE", holds: reason(v1.TaskStatus_REASON_RECONCILIATION)},
	{call: "RECONCILE", name: "without its part", code: 400, words: "reconcile"},
	{call: "RECONCILE_OPERATIONS", name: "all", body: `"reconcile_operations":{}`, code: 202},
	{call: "RECONCILE_OPERATIONS", name: "an unknown one", body: `"reconcile_operations":{"operations":[{"operation_id":{"value":"nothing"},"agent_id":{"value":"<agent>"}}]}`, code: 202, bad: true, event: "UPDATE_OPERATION_STATUS", holds: operation(v1.OperationState_OPERATION_UNKNOWN)},
	{call: "RECONCILE_OPERATIONS", name: "without its part", code: 400, words: "reconcile_operations"},
	{call: "MESSAGE", body: `"message":{"agent_id":{"value":"<agent>"},"executor_id":{"value":"<task>"},"data":"aGk="}`, code: 202},
	{call: "MESSAGE", name: "without its part", code: 400, words: "message"},
	{call: "REQUEST", body: `"request":{"requests":[{"agent_id":{"value":"<agent>"}}]}`, code: 202},
	{call: "REQUEST", name: "without its part", code: 400, words: "request"},
	{call: "UPDATE_FRAMEWORK", body: `"update_framework":{"framework_info":{"user":"root","name":"other","id":{"value":"<framework>"},"roles":["conform","more"],"failover_timeout":1,"capabilities":[{"type":"PARTITION_AWARE"},{"type":"MULTI_ROLE"},{"type":"RESERVATION_REFINEMENT"}]},"suppressed_roles":["more"]}`, code: 200},
	{call: "UPDATE_FRAMEWORK", name: "another user", body: `"update_framework":{"framework_info":{"user":"daemon","name":"conform","id":{"value":"<framework>"},"roles":["conform"],"capabilities":[{"type":"MULTI_ROLE"}]}}`, code: 400, words: "user"},
	{call: "TEARDOWN", code: 202},
	{call: "TEARDOWN", name: "an unknown framework", body: `"framework_id":{"value":"nobody"}`, code: 400, words: "framework_id"},
}

const subscription = `{"type":"SUBSCRIBE","subscribe":{"framework_info":{"user":"root","name":"conform","roles":["conform"],"failover_timeout":1,` +
	`"capabilities":[{"type":"PARTITION_AWARE"},{"type":"MULTI_ROLE"},{"type":"RESERVATION_REFINEMENT"}]}}}`

// scheduler is one subscribed framework.
type scheduler struct {
	t   *testing.T
	url string
	e   encoding
	*stream[schedulerv1.Event_Type]
	streamID, id string
	known        []string // placeholders and what stands for them
}

func newSchedulerEvent() event[schedulerv1.Event_Type] { return &schedulerv1.Event{} }

func subscribeScheduler(t *testing.T, url string, e encoding) *scheduler {
	t.Helper()
	s := &scheduler{t: t, url: url, e: e}
	s.stream = subscribe(t, url, e, e.encode(t, subscription, &schedulerv1.Call{}), newSchedulerEvent)
	if got := s.reply.header.Get("Content-Type"); s.reply.code != 200 || got != e.media() {
		t.Fatalf("SUBSCRIBE answered %d %q, want 200 and %q", s.reply.code, got, e.media())
	}
	s.streamID = s.reply.header.Get("Mesos-Stream-Id")
	s.id = s.event("SUBSCRIBED", nil).GetSubscribed().GetFrameworkId().GetValue()
	s.known = []string{"<framework>", s.id}
	return s
}

func (s *scheduler) event(want string, holds func(*schedulerv1.Event) bool) *schedulerv1.Event {
	s.t.Helper()
	return s.must(want, func(ev event[schedulerv1.Event_Type]) bool { return holds == nil || holds(ev.(*schedulerv1.Event)) }).(*schedulerv1.Event)
}

// call sends a call with placeholders.
func (s *scheduler) call(kind, body string) reply {
	s.t.Helper()
	text := fmt.Sprintf(`{"framework_id":{"value":%q},"type":%q`, s.id, kind)
	if strings.HasPrefix(body, `"framework_id"`) {
		text = fmt.Sprintf(`{"type":%q`, kind)
	}
	if body != "" {
		text += "," + strings.NewReplacer(s.known...).Replace(body)
	}
	headers := []string{"Content-Type", s.e.media(), "Mesos-Stream-Id", s.streamID}
	return request(s.t, http.MethodPost, s.url, s.e.encode(s.t, text+"}", &schedulerv1.Call{}), headers...)
}

// prepare makes what the placeholders of a body need.
func (s *scheduler) prepare(body string) {
	s.t.Helper()
	wants := func(p string) bool { return strings.Contains(body, p) }
	if !wants("<offer>") && !wants("<agent>") && !wants("<task>") && !wants("<uuid>") {
		return
	}
	o := s.event("OFFERS", nil).GetOffers().GetOffers()[0]
	s.known = append(s.known, "<offer>", o.GetId().GetValue(), "<agent>", o.GetAgentId().GetValue())
	if !wants("<task>") && !wants("<uuid>") {
		return
	}
	s.call("ACCEPT", launch("long", "sleep 1000"))
	for {
		st := s.event("UPDATE", nil).GetUpdate().GetStatus()
		running := st.GetState() == v1.TaskState_TASK_RUNNING
		if running {
			s.known = append(s.known, "<task>", "long", "<uuid>", base64.StdEncoding.EncodeToString(st.GetUuid()))
		}
		if !running || !wants("<uuid>") {
			s.acknowledge(st)
		}
		if running {
			return
		}
	}
}

func (s *scheduler) acknowledge(st *v1.TaskStatus) {
	s.t.Helper()
	if len(st.GetUuid()) == 0 {
		return
	}
	s.call("ACKNOWLEDGE", fmt.Sprintf(`"acknowledge":{"agent_id":{"value":%q},"task_id":{"value":%q},"uuid":%q}`,
		st.GetAgentId().GetValue(), st.GetTaskId().GetValue(), base64.StdEncoding.EncodeToString(st.GetUuid())))
}

func TestSchedulerCalls(t *testing.T) {
	t.Parallel()
	c := cluster.Start(t, cluster.Options{Separate: true, Resources: "cpus:16;mem:4096;disk:10240"})
	url := c.URL("/api/v1/scheduler")
	m := newMatrix("scheduler calls", names(schedulerv1.Call_Type_name))
	for _, e := range encodings {
		t.Run(e.String(), func(t *testing.T) {
			for _, r := range schedulerRows {
				t.Run(r.call+" "+r.name, func(t *testing.T) {
					m.note(t, r.call, e, r.code < 400 && !r.bad, runScheduler(t, url, e, r))
				})
			}
			m.note(t, "SUBSCRIBE", e, true, true) // each row began with one
		})
	}
	m.print(t, func(line string, column int) bool {
		// An inverse offer that is not there is no error; those that are, are in the maintenance suite.
		return column%2 == 1 || !strings.HasSuffix(line, "INVERSE_OFFERS") && line != "ACKNOWLEDGE_OPERATION_STATUS"
	})
}

// runScheduler plays one row; it says whether it held.
func runScheduler(t *testing.T, url string, e encoding, r schedulerRow) bool {
	s := subscribeScheduler(t, url, e)
	defer func() {
		if r.call != "TEARDOWN" || r.code >= 400 {
			s.call("TEARDOWN", "")
		}
	}()
	s.prepare(r.body)
	got := s.call(r.call, r.body)
	if got.code != r.code || !strings.Contains(string(got.body), r.words) || r.code == 202 && len(got.body) > 0 {
		t.Errorf("answered %d %q, want %d with %q", got.code, got.body, r.code, r.words)
	}
	if r.event != "" {
		s.await(r)
	}
	return !t.Failed()
}

// await acknowledges updates until the event of the row comes.
func (s *scheduler) await(r schedulerRow) {
	s.t.Helper()
	var others []string // that came instead
	for {
		next := s.next(r.event, nil)
		if next == nil {
			s.t.Fatalf("no event %s came that holds what it must; there were the types %v and instead: %q", r.event, s.types(), others)
		}
		ev := next.(*schedulerv1.Event)
		if r.holds == nil || r.holds(ev) {
			return
		}
		others = append(others, ev.String())
		s.acknowledge(ev.GetUpdate().GetStatus())
	}
}

// names are the names of an enum's values but UNKNOWN, sorted.
func names(values map[int32]string) (out []string) {
	for _, n := range values {
		if n != "UNKNOWN" {
			out = append(out, n)
		}
	}
	slices.Sort(out)
	return out
}
