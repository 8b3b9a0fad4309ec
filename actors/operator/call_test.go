package operator

import (
	"fmt"
	"testing"

	"google.golang.org/protobuf/proto"

	agentv1 "mesos/messages/mesos/v1/agent"
	masterv1 "mesos/messages/mesos/v1/master"
)

func TestCheckCall(t *testing.T) {
	const missing = "400 Expecting '%s' to be present: a call of type %s must have it."
	for _, c := range []struct {
		call proto.Message
		want string // code and sentence; "" = it lacks nothing
	}{
		{&masterv1.Call{}, "400 Expecting 'type' to be present: it must be one of the types of mesos.v1.master.Call."},
		{&masterv1.Call{Type: masterv1.Call_TEARDOWN.Enum()}, fmt.Sprintf(missing, "teardown", "TEARDOWN")},
		{&masterv1.Call{Type: masterv1.Call_TEARDOWN.Enum(), Teardown: &masterv1.Call_Teardown{}}, ""},
		{&masterv1.Call{Type: masterv1.Call_TEARDOWN.Enum(), SetQuota: &masterv1.Call_SetQuota{}}, fmt.Sprintf(missing, "teardown", "TEARDOWN")},
		{&masterv1.Call{Type: masterv1.Call_GROW_VOLUME.Enum()}, fmt.Sprintf(missing, "grow_volume", "GROW_VOLUME")},
		{&masterv1.Call{Type: masterv1.Call_GET_METRICS.Enum()}, ""},
		{&masterv1.Call{Type: masterv1.Call_SUBSCRIBE.Enum()}, ""},
		{&masterv1.Call{Type: masterv1.Call_Type(9999).Enum()}, ""},
		{&agentv1.Call{}, "400 Expecting 'type' to be present: it must be one of the types of mesos.v1.agent.Call."},
		{&agentv1.Call{Type: agentv1.Call_LAUNCH_CONTAINER.Enum()}, fmt.Sprintf(missing, "launch_container", "LAUNCH_CONTAINER")},
		{&agentv1.Call{Type: agentv1.Call_PRUNE_IMAGES.Enum()}, ""},
		{&agentv1.Call{Type: agentv1.Call_GET_CONTAINERS.Enum()}, ""},
	} {
		got := ""
		if why := CheckCall(c.call); why != nil {
			got = fmt.Sprint(why.Code, " ", why.Text)
		}
		if got != c.want {
			t.Errorf("%v: got %q, want %q", c.call, got, c.want)
		}
	}
}
