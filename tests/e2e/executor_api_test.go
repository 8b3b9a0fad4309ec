package e2e

import (
	"encoding/base64"
	"fmt"
	"net/http"
	"strings"
	"testing"
	"time"

	"google.golang.org/protobuf/proto"

	"mesos/messages/ids"
	v1 "mesos/messages/mesos/v1"
	executorv1 "mesos/messages/mesos/v1/executor"
	"mesos/messages/resources"
	"mesos/tests/cluster"
)

// launchIdleExecutor launches a task whose executor does nothing, so that the
// test can speak the executor API in its place.
func launchIdleExecutor(t *testing.T, c *cluster.Cluster) (f *framework, frameworkID, agentID string) {
	t.Helper()
	f = startFramework(t, c, "api")
	o := f.offer("cpus:2;mem:512;ports:[31000-31000]")
	f.launch(o, nil, &v1.TaskInfo{
		Name: proto.String("t"), TaskId: ids.Task("t"), Resources: resources.MustParse("cpus:0.5;mem:32").Proto(), Data: []byte("payload"),
		Executor: &v1.ExecutorInfo{ExecutorId: ids.Executor("e"), Command: &v1.CommandInfo{Value: proto.String("exec sleep 600")}},
	})
	return f, o.GetFrameworkId().GetValue(), o.GetAgentId().GetValue()
}

func TestExecutorAPI(t *testing.T) {
	t.Parallel()
	c := cluster.Start(t, cluster.Options{Agents: 1, Separate: true, Resources: "cpus:2;mem:512;disk:0;ports:[31000-31000]"})
	f, fid, agentID := launchIdleExecutor(t, c)
	url := "http://" + c.AgentAddr(0) + "/slave(1)/api/v1/executor"
	who := fmt.Sprintf(`"framework_id":{"value":%q},"executor_id":{"value":"e"}`, fid)
	uuid := base64.StdEncoding.EncodeToString([]byte("0123456789abcdef"))
	update := func(uuid string) string {
		return fmt.Sprintf(`{"type":"UPDATE",%s,"update":{"status":{"task_id":{"value":"t"},"state":"TASK_RUNNING","source":"SOURCE_EXECUTOR","uuid":%q,"labels":{"labels":[{"key":"k","value":"v"}]},"data":"AQI="}}}`, who, uuid)
	}
	eventually(t, "the executor to be known to the agent", func() bool {
		status, _ := post(t, url, "application/json", "", strings.NewReader(update(uuid)))
		return status != http.StatusBadRequest
	})
	for _, b := range []struct {
		name, contentType, body string
		status                  int
		names                   string
	}{
		{"before the subscription", "application/json", update(uuid), 403, "subscribed"},
		{"unknown framework", "application/json", `{"type":"SUBSCRIBE","subscribe":{},"framework_id":{"value":"x"},"executor_id":{"value":"e"}}`, 400, "framework_id"},
		{"unknown executor", "application/json", fmt.Sprintf(`{"type":"SUBSCRIBE","subscribe":{},"framework_id":{"value":%q},"executor_id":{"value":"x"}}`, fid), 400, "executor_id"},
		{"no ids", "application/json", `{"type":"SUBSCRIBE","subscribe":{}}`, 400, "executor_id"},
		{"no part", "application/json", `{"type":"SUBSCRIBE",` + who + `}`, 400, "subscribe"},
		{"no type", "application/json", `{` + who + `}`, 400, "type"},
		{"wrong content type", "text/plain", "x", 415, "Content-Type"},
		{"heartbeat with dummy ids", "application/json", `{"type":"HEARTBEAT","framework_id":{"value":"unused"},"executor_id":{"value":"unused"}}`, 202, ""},
	} {
		if status, text := post(t, url, b.contentType, "", strings.NewReader(b.body)); status != b.status || !strings.Contains(text, b.names) {
			t.Errorf("%s: answered %d %.200q, want %d with %q", b.name, status, text, b.status, b.names)
		}
	}

	events := openStream(t, url, "application/json", `{"type":"SUBSCRIBE","subscribe":{},`+who+`}`)
	if e := events.next(t); !strings.Contains(e, `"type":"SUBSCRIBED"`) || !strings.Contains(e, `"container_id"`) || !strings.Contains(e, `"agent_info"`) {
		t.Errorf("first event %.300s, want SUBSCRIBED with container_id and agent_info", e)
	}
	if e := events.next(t); !strings.Contains(e, `"type":"LAUNCH"`) || !strings.Contains(e, `"value":"t"`) || !strings.Contains(e, `"data":"cGF5bG9hZA=="`) {
		t.Errorf("second event %.300s, want LAUNCH of the task with its data", e)
	}
	if status, text := post(t, url, "application/json", "", strings.NewReader(update("AA=="))); status != 400 || !strings.Contains(text, "update.status.uuid") {
		t.Errorf("update with a short uuid answered %d %q, want 400 with the field", status, text)
	}
	if status, text := post(t, url, "application/json", "", strings.NewReader(update(uuid))); status != 202 || text != "" {
		t.Errorf("update answered %d %q, want 202", status, text)
	}
	if e := events.next(t); !strings.Contains(e, `"type":"ACKNOWLEDGED"`) || !strings.Contains(e, uuid) {
		t.Errorf("event %.300s, want ACKNOWLEDGED with the uuid", e)
	}
	select {
	case s := <-f.updates:
		if s.GetState() != v1.TaskState_TASK_RUNNING || s.GetLabels().GetLabels()[0].GetValue() != "v" || string(s.GetData()) != "\x01\x02" ||
			s.GetExecutorId().GetValue() != "e" || s.GetAgentId().GetValue() != agentID || s.GetContainerStatus().GetContainerId() == nil {
			t.Errorf("the scheduler got %v, want the update untouched, with its origin", s)
		}
	case <-time.After(patience):
		t.Fatal("the update did not reach the scheduler")
	}
	f.driver.Kill("t", nil)
	if e := events.next(t); !strings.Contains(e, `"type":"KILL"`) {
		t.Errorf("event %.300s, want KILL", e)
	}
}

func TestExecutorAPIProtobuf(t *testing.T) {
	t.Parallel()
	c := cluster.Start(t, cluster.Options{Agents: 1, Separate: true, Resources: "cpus:2;mem:512;disk:0;ports:[31000-31000]"})
	_, fid, _ := launchIdleExecutor(t, c)
	url := "http://" + c.AgentAddr(0) + "/api/v1/executor"
	call, err := proto.Marshal(&executorv1.Call{
		Type: executorv1.Call_SUBSCRIBE.Enum(), FrameworkId: ids.Framework(fid), ExecutorId: ids.Executor("e"), Subscribe: &executorv1.Call_Subscribe{},
	})
	if err != nil {
		t.Fatal(err)
	}
	var events *eventStream
	eventually(t, "the executor to be known to the agent", func() bool {
		events = openStream(t, url, "application/x-protobuf", string(call))
		return events.status == http.StatusOK
	})
	e := &executorv1.Event{}
	if err := proto.Unmarshal([]byte(events.next(t)), e); err != nil || e.GetType() != executorv1.Event_SUBSCRIBED {
		t.Errorf("first event %v, %v, want SUBSCRIBED", e, err)
	}
	// A second subscription takes over: the first stream ends.
	second := openStream(t, url, "application/x-protobuf", string(call))
	eventually(t, "the first stream to end", func() bool {
		select {
		case _, open := <-events.records:
			return !open
		default:
			return false
		}
	})
	if err := proto.Unmarshal([]byte(second.next(t)), e); err != nil || e.GetType() != executorv1.Event_SUBSCRIBED {
		t.Errorf("first event of the second stream %v, %v, want SUBSCRIBED", e, err)
	}
}
