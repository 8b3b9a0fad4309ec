package validation

import (
	"errors"
	"strings"
	"testing"

	"mesos/actors/httpapi"
	"mesos/actors/operator"
	agentv1 "mesos/messages/mesos/v1/agent"
)

// TestContainerOf says what every container call must have.
func TestContainerOf(t *testing.T) {
	nested := `"container_id":{"value":"c","parent":{"value":"p"}}`
	deep := strings.Repeat(`{"value":"x","parent":`, maxDepth) + `{"value":"x"}` + strings.Repeat("}", maxDepth)
	for _, tt := range []struct {
		call string
		code int // 0: it is fine
		says string
	}{
		{`{"type":"GET_STATE"}`, 501, "GET_STATE"},
		{`{"type":"WAIT_CONTAINER"}`, 400, "'wait_container'"},
		{`{"type":"WAIT_NESTED_CONTAINER","wait_container":{` + nested + `}}`, 400, "'wait_nested_container'"},
		{`{"type":"KILL_CONTAINER"}`, 400, "'kill_container'"},
		{`{"type":"KILL_NESTED_CONTAINER"}`, 400, "'kill_nested_container'"},
		{`{"type":"REMOVE_CONTAINER"}`, 400, "'remove_container'"},
		{`{"type":"REMOVE_NESTED_CONTAINER"}`, 400, "'remove_nested_container'"},
		{`{"type":"LAUNCH_NESTED_CONTAINER"}`, 400, "'launch_nested_container'"},
		{`{"type":"LAUNCH_NESTED_CONTAINER_SESSION"}`, 400, "'launch_nested_container_session'"},
		{`{"type":"ATTACH_CONTAINER_OUTPUT"}`, 400, "'attach_container_output'"},
		{`{"type":"WAIT_CONTAINER","wait_container":{"container_id":{"value":""}}}`, 400, "container_id.value"},
		{`{"type":"WAIT_CONTAINER","wait_container":{"container_id":{"value":"a","parent":{"value":"b/c"}}}}`, 400, "container_id.parent.value"},
		{`{"type":"WAIT_CONTAINER","wait_container":{"container_id":{"value":"a.b"}}}`, 400, "dot"},
		{`{"type":"WAIT_CONTAINER","wait_container":{"container_id":` + deep + `}}`, 400, "at most 32"},
		{`{"type":"WAIT_NESTED_CONTAINER","wait_nested_container":{"container_id":{"value":"a"}}}`, 400, "parent"},
		{`{"type":"LAUNCH_CONTAINER","launch_container":{` + nested + `}}`, 400, "command.value"},
		{`{"type":"LAUNCH_CONTAINER","launch_container":{` + nested + `,"command":{"value":"x"},"container":{"type":"DOCKER"}}}`, 400, "container.type DOCKER"},
		{`{"type":"LAUNCH_NESTED_CONTAINER_SESSION","launch_nested_container_session":{` + nested + `,"command":{"value":"x"},"container":{"type":"MESOS","mesos":{"image":{"type":"DOCKER","docker":{"name":"n"}}}}}}`, 400, "image"},
		{`{"type":"LAUNCH_CONTAINER","launch_container":{` + nested + `,"command":{"value":"x"}}}`, 0, ""},
		{`{"type":"LAUNCH_NESTED_CONTAINER_SESSION","launch_nested_container_session":{` + nested + `,"command":{"value":"x"}}}`, 0, ""},
		{`{"type":"WAIT_CONTAINER","wait_container":{"container_id":{"value":"a"}}}`, 0, ""},
	} {
		call := &agentv1.Call{}
		if err := httpapi.Unmarshal(httpapi.JSON, []byte(tt.call), call); err != nil {
			t.Fatalf("%s: %v", tt.call, err)
		}
		_, err := Container(call)
		var refused *operator.Refusal
		switch {
		case tt.code == 0:
			if err != nil {
				t.Errorf("%.100s: got %v, want none", tt.call, err)
			}
		case !errors.As(err, &refused) || refused.Code != tt.code || !strings.Contains(refused.Text, tt.says):
			t.Errorf("%.100s: got %v, want %d with %q", tt.call, err, tt.code, tt.says)
		}
	}
}
