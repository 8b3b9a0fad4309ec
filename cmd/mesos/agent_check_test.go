package main

import (
	"strings"
	"testing"

	"google.golang.org/protobuf/proto"

	"mesos/actors/agent/store"
	"mesos/messages/ids"
	v1 "mesos/messages/mesos/v1"
)

func TestSummaryShowsOperations(t *testing.T) {
	op := func(uuid byte, framework, id string) *v1.Operation {
		o := &v1.Operation{
			Uuid:         &v1.UUID{Value: append(make([]byte, 15), uuid)},
			Info:         &v1.Offer_Operation{Type: v1.Offer_Operation_RESERVE.Enum()},
			LatestStatus: &v1.OperationStatus{State: v1.OperationState_OPERATION_PENDING.Enum()},
		}
		if framework != "" {
			o.FrameworkId, o.Info.Id = ids.Framework(framework), &v1.OperationID{Value: proto.String(id)}
		}
		return o
	}
	var out strings.Builder
	if err := summarize("f", &store.State{Operations: []*v1.Operation{op(1, "", ""), op(2, "fw", "mine")}}).write(&out); err != nil {
		t.Fatal(err)
	}
	for _, want := range []string{
		"operations  2 ", "OPERATION_PENDING  RESERVE mine of fw", "OPERATION_PENDING  RESERVE 00000000-0000-0000-0000-000000000001 of an operator",
	} {
		if !strings.Contains(out.String(), want) {
			t.Errorf("got %q, want it to hold %q", out.String(), want)
		}
	}
}
