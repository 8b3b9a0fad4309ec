package conformance

import (
	"encoding/base64"
	"fmt"
	"net/http"
	"strings"
	"testing"
	"time"

	v1 "mesos/messages/mesos/v1"
	agentv1 "mesos/messages/mesos/v1/agent"
	rpv1 "mesos/messages/mesos/v1/resource_provider"
	"mesos/tests/cluster"
)

// resourceProvider is a subscribed resource provider, written against the HTTP API alone.
type resourceProvider struct {
	*stream[rpv1.Event_Type]
	t                 *testing.T
	e                 encoding
	url, id, streamID string
}

func newProviderEvent() event[rpv1.Event_Type] { return &rpv1.Event{} }

const (
	subscribing = `{"type":"SUBSCRIBE","subscribe":{"resource_provider_info":{"type":"org.example.disks","name":"%s"}}}`
	storage     = `{"name":"disk","type":"SCALAR","scalar":{"value":100},"provider_id":{"value":"<provider>"},"disk":{"source":{"type":"RAW","profile":"fast"}}}`
	mounted     = `{"name":"disk","type":"SCALAR","scalar":{"value":100},"provider_id":{"value":"<provider>"},"disk":{"source":{"type":"MOUNT","profile":"fast","id":"d1","mount":{"root":"/tmp"}}}}`
	stateOf     = `"update_state":{"resources":[%s],"resource_version_uuid":{"value":` + goodUUID + `}}`
)

func subscribeProvider(t *testing.T, agentURL, name string, e encoding) *resourceProvider {
	t.Helper()
	p := &resourceProvider{t: t, e: e, url: agentURL + "/slave(1)/api/v1/resource_provider"}
	p.stream = subscribe(t, p.url, e, e.encode(t, fmt.Sprintf(subscribing, name), &rpv1.Call{}), newProviderEvent)
	if got := p.reply.header.Get("Content-Type"); p.reply.code != 200 || got != e.media() {
		t.Fatalf("SUBSCRIBE answered %d %q, want 200 and %q", p.reply.code, got, e.media())
	}
	p.streamID = p.reply.header.Get("Mesos-Stream-Id")
	p.id = p.must("SUBSCRIBED", nil).(*rpv1.Event).GetSubscribed().GetProviderId().GetValue()
	return p
}

// call sends a call with headers beside its type; without any the stream's id is sent.
func (p *resourceProvider) call(kind, body string, headers ...string) reply {
	p.t.Helper()
	text := fmt.Sprintf(`{"type":%q`, kind)
	if !strings.Contains(body, `"resource_provider_id"`) {
		text += `,"resource_provider_id":{"value":"<provider>"}`
	}
	if body != "" {
		text += "," + body
	}
	if headers == nil {
		headers = []string{"Mesos-Stream-Id", p.streamID}
	}
	body = strings.ReplaceAll(text+"}", "<provider>", p.id)
	return request(p.t, http.MethodPost, p.url, p.e.encode(p.t, body, &rpv1.Call{}), append(headers, "Content-Type", p.e.media())...)
}

// tell is a call that must be taken.
func (p *resourceProvider) tell(kind, body string) {
	p.t.Helper()
	if got := p.call(kind, body); got.code != http.StatusAccepted {
		p.t.Fatalf("%s answered %d %s, want 202", kind, got.code, got.body)
	}
}

// event waits for one.
func (p *resourceProvider) event(kind string) *rpv1.Event {
	p.t.Helper()
	return p.must(kind, nil).(*rpv1.Event)
}

func base64Of(u *v1.UUID) string { return base64.StdEncoding.EncodeToString(u.GetValue()) }

var badProviderCalls = []struct {
	call, name, body string
	headers          []string
	code             int
	words            string
}{
	{"SUBSCRIBE", "without its part", "", []string{"X-None", ""}, 400, "subscribe"},
	{"SUBSCRIBE", "an id that nobody gave", `"subscribe":{"resource_provider_info":{"id":{"value":"mine"},"type":"a","name":"b"}}`, []string{"X-None", ""}, 400, `id "mine" is not known`},
	{"SUBSCRIBE", "another's name", `"subscribe":{"resource_provider_info":{"id":{"value":"<provider>"},"type":"a","name":"b"}}`, []string{"X-None", ""}, 400, "cannot become a.b"},
	{"SUBSCRIBE", "no name", `"subscribe":{"resource_provider_info":{"type":"a","name":""}}`, []string{"X-None", ""}, 400, "resource_provider_info.name"},
	{"SUBSCRIBE", "with a stream id", `"subscribe":{"resource_provider_info":{"type":"a","name":"b"}}`, nil, 400, "Mesos-Stream-Id"},
	{"UNKNOWN", "no call", "", nil, 400, "type"},
	{"UPDATE_STATE", "without its part", "", nil, 400, "update_state"},
	{"UPDATE_STATE", "no stream id", fmt.Sprintf(stateOf, storage), []string{"X-None", ""}, 400, "Mesos-Stream-Id"},
	{"UPDATE_STATE", "another's stream id", fmt.Sprintf(stateOf, storage), []string{"Mesos-Stream-Id", "x"}, 400, "Mesos-Stream-Id"},
	{"UPDATE_STATE", "nobody", `"resource_provider_id":{"value":"nobody"},` + fmt.Sprintf(stateOf, ""), nil, 400, "is not subscribed"},
	{"UPDATE_STATE", "another's resources", fmt.Sprintf(stateOf, strings.ReplaceAll(storage, "<provider>", "x")), nil, 400, "provider_id"},
	{"UPDATE_STATE", "negative resources", fmt.Sprintf(stateOf, strings.ReplaceAll(storage, ":100", ":-100")), nil, 400, "scalar.value -100"},
	{"UPDATE_STATE", "a short uuid", `"update_state":{"resource_version_uuid":{"value":"eA=="}}`, nil, 400, "resource_version_uuid has 1 bytes"},
	{"UPDATE_OPERATION_STATUS", "without its part", "", nil, 400, "update_operation_status"},
	{"UPDATE_OPERATION_STATUS", "a short uuid", `"update_operation_status":{"status":{"state":"OPERATION_FAILED"},"operation_uuid":{"value":"eA=="}}`, nil, 400, "operation_uuid has 1 bytes"},
	{"UPDATE_OPERATION_STATUS", "an end without uuid", `"update_operation_status":{"status":{"state":"OPERATION_FAILED"},"operation_uuid":{"value":` + goodUUID + `}}`, nil, 400, "status.uuid"},
	{"UPDATE_PUBLISH_RESOURCES_STATUS", "without its part", "", nil, 400, "update_publish_resources_status"},
	{"UPDATE_PUBLISH_RESOURCES_STATUS", "a short uuid", `"update_publish_resources_status":{"uuid":{"value":"eA=="},"status":"OK"}`, nil, 400, "uuid has 1 bytes"},
}

func TestResourceProviderCalls(t *testing.T) {
	t.Parallel()
	c := cluster.Start(t, cluster.Options{Separate: true, MasterFlags: []string{`--min_allocatable_resources=disk:1`}})
	agentsOf(t, c, 1)
	calls := newMatrix("calls of resource providers", names(rpv1.Call_Type_name))
	events := newMatrix("events of resource providers", names(rpv1.Event_Type_name))
	for _, e := range encodings {
		t.Run(e.String(), func(t *testing.T) { playProvider(t, c, e, calls, events) })
	}
	calls.print(t, func(string, int) bool { return true })
	events.print(t, func(_ string, column int) bool { return column%2 == 0 })
}

// playProvider is the life of a provider's disk: told, made, used, and the end of the provider.
func playProvider(t *testing.T, c *cluster.Cluster, e encoding, calls, events *matrix) {
	agentURL := "http://" + c.AgentAddr(0)
	p := subscribeProvider(t, agentURL, e.String(), e)
	for _, b := range badProviderCalls {
		t.Run(b.call+" "+b.name, func(t *testing.T) {
			if got := p.call(b.call, b.body, b.headers...); got.code != b.code || !strings.Contains(string(got.body), b.words) {
				t.Errorf("answered %d %q, want %d with %q", got.code, got.body, b.code, b.words)
			}
			if b.call != "UNKNOWN" { // which is no call
				calls.note(t, b.call, e, false, !t.Failed())
			}
		})
	}
	p.tell("UPDATE_STATE", fmt.Sprintf(stateOf, storage))
	s := subscribeScheduler(t, c.URL("/api/v1/scheduler"), e)
	ids, agent := offered(s, v1.Resource_DiskInfo_Source_RAW)
	s.known = append(s.known, "<agent>", agent, "<provider>", p.id)
	s.call("ACCEPT", fmt.Sprintf(`"accept":{"offer_ids":[%s],"operations":[{"type":"CREATE_DISK","id":{"value":"op"},"create_disk":{"source":%s,"target_type":"MOUNT"}}],"filters":{"refuse_seconds":0}}`, ids, storage))
	apply := p.event("APPLY_OPERATION").GetApplyOperation()
	if got := apply.GetInfo().GetCreateDisk().GetSource().GetScalar().GetValue(); got != 100 || apply.GetFrameworkId().GetValue() != s.id || base64Of(apply.GetResourceVersionUuid()) != strings.Trim(goodUUID, `"`) {
		t.Errorf("APPLY_OPERATION %v, want one of 100 MB of framework %s for the version that was told", apply, s.id)
	}
	// What the provider does not name it may have lost: it is asked.
	p.tell("UPDATE_STATE", fmt.Sprintf(stateOf, storage))
	if got := p.event("RECONCILE_OPERATIONS").GetReconcileOperations().GetOperationUuids(); len(got) != 1 || base64Of(got[0]) != base64Of(apply.GetOperationUuid()) {
		t.Errorf("RECONCILE_OPERATIONS of %v, want the operation", got)
	}
	const over = `"update_operation_status":{"framework_id":{"value":"%s"},"status":{"state":"OPERATION_FINISHED","uuid":{"value":` + goodUUID + `}%s},"operation_uuid":{"value":"%s"}}`
	got := p.call("UPDATE_OPERATION_STATUS", fmt.Sprintf(over, s.id, "", base64Of(apply.GetOperationUuid())))
	if got.code != 400 || !strings.Contains(string(got.body), "converted_resources") {
		t.Errorf("a disk of which nothing is said: answered %d %q, want 400", got.code, got.body)
	}
	p.tell("UPDATE_OPERATION_STATUS", fmt.Sprintf(over, s.id, `,"converted_resources":[`+mounted+`]`, base64Of(apply.GetOperationUuid())))
	st := s.event("UPDATE_OPERATION_STATUS", nil).GetUpdateOperationStatus().GetStatus()
	if st.GetState() != v1.OperationState_OPERATION_FINISHED || st.GetResourceProviderId().GetValue() != p.id || len(st.GetConvertedResources()) != 1 {
		t.Errorf("status %v, want that of a finished operation of provider %s with its disk", st, p.id)
	}
	s.call("ACKNOWLEDGE_OPERATION_STATUS", fmt.Sprintf(`"acknowledge_operation_status":{"agent_id":{"value":"<agent>"},"resource_provider_id":{"value":"<provider>"},"uuid":%q,"operation_id":{"value":"op"}}`, base64Of(st.GetUuid())))
	if got := p.event("ACKNOWLEDGE_OPERATION_STATUS").GetAcknowledgeOperationStatus(); base64Of(got.GetOperationUuid()) != base64Of(apply.GetOperationUuid()) || base64Of(got.GetStatusUuid()) != base64Of(st.GetUuid()) {
		t.Errorf("acknowledged %v, want the operation's status", got)
	}
	useDisk(t, s, p)
	for _, kind := range []string{"SUBSCRIBE", "UPDATE_STATE", "UPDATE_OPERATION_STATUS", "UPDATE_PUBLISH_RESOURCES_STATUS"} {
		calls.note(t, kind, e, true, !t.Failed())
	}
	markGone(t, agentURL, e, p.id)
	p.event("TEARDOWN")
	again := strings.Replace(fmt.Sprintf(subscribing, e), `"type":"org`, fmt.Sprintf(`"id":{"value":%q},"type":"org`, p.id), 1)
	if got := request(t, http.MethodPost, p.url, e.encode(t, again, &rpv1.Call{}), "Content-Type", e.media()); got.code != http.StatusGone {
		t.Errorf("a provider that is gone subscribes: answered %d %q, want 410", got.code, got.body)
	}
	for _, kind := range p.types() {
		events.note(t, kind, e, true, true)
	}
}

// useDisk runs a task on the provider's disk: the provider must publish it before.
func useDisk(t *testing.T, s *scheduler, p *resourceProvider) {
	t.Helper()
	ids, _ := offered(s, v1.Resource_DiskInfo_Source_MOUNT)
	task := strings.Replace(fmt.Sprintf(taskInfo, "t", "sleep 1000"), `"resources":[`, `"resources":[`+mounted+`,`, 1)
	s.call("ACCEPT", fmt.Sprintf(`"accept":{"offer_ids":[%s],"operations":[{"type":"LAUNCH","launch":{"task_infos":[%s]}}],"filters":{"refuse_seconds":0}}`, ids, task))
	publish := p.event("PUBLISH_RESOURCES").GetPublishResources()
	if r := publish.GetResources(); len(r) != 1 || r[0].GetDisk().GetSource().GetId() != "d1" {
		t.Errorf("to be published: %v, want the disk d1", r)
	}
	p.tell("UPDATE_PUBLISH_RESOURCES_STATUS", fmt.Sprintf(`"update_publish_resources_status":{"uuid":{"value":%q},"status":"OK"}`, base64Of(publish.GetUuid())))
	s.await(schedulerRow{event: "UPDATE", holds: state(v1.TaskState_TASK_RUNNING)})
	s.call("TEARDOWN", "")
}

// offered waits for a disk of that type and cpus, and gives the ids of the offers that have them, and their agent.
func offered(s *scheduler, kind v1.Resource_DiskInfo_Source_Type) (ids, agent string) {
	s.t.Helper()
	held := map[string]string{} // id by what it has
	for held["disk"] == "" || held["cpus"] == "" {
		for _, o := range s.event("OFFERS", nil).GetOffers().GetOffers() {
			agent = o.GetAgentId().GetValue()
			for _, r := range o.GetResources() {
				if r.GetName() == "cpus" {
					held["cpus"] = o.GetId().GetValue()
				} else if r.GetDisk().GetSource().GetType() == kind {
					held["disk"] = o.GetId().GetValue()
				}
			}
		}
	}
	ids = fmt.Sprintf(`{"value":%q}`, held["disk"])
	if held["cpus"] != held["disk"] {
		ids += fmt.Sprintf(`,{"value":%q}`, held["cpus"])
	}
	return ids, agent
}

// markGone marks a provider gone as soon as nothing uses it.
func markGone(t *testing.T, agentURL string, e encoding, id string) {
	t.Helper()
	body := e.encode(t, fmt.Sprintf(`{"type":"MARK_RESOURCE_PROVIDER_GONE","mark_resource_provider_gone":{"resource_provider_id":{"value":%q}}}`, id), &agentv1.Call{})
	var got reply
	for deadline := time.Now().Add(patience); time.Now().Before(deadline); time.Sleep(10 * time.Millisecond) {
		got = request(t, http.MethodPost, agentURL+"/api/v1", body, "Content-Type", e.media())
		if got.code != http.StatusConflict {
			break
		}
	}
	if got.code != http.StatusOK {
		t.Fatalf("MARK_RESOURCE_PROVIDER_GONE answered %d %s, want 200", got.code, got.body)
	}
}
