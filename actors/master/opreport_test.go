package master

import (
	"testing"

	"google.golang.org/protobuf/proto"

	"mesos/messages/ids"
	"mesos/messages/internalpb"
	v1 "mesos/messages/mesos/v1"
)

// TestAcknowledgedOperationStaysOver has an agent report an operation that ended, once more, after its end was
// acknowledged: it is not taken over, so that nobody is ever told that it was dropped.
func TestAcknowledgedOperationStaysOver(t *testing.T) {
	s := stand(t, Config{})
	agent, framework := s.able(t, "cpus:4;mem:1024"), s.framework(t, webFramework)
	ended := &v1.Operation{
		Uuid: &v1.UUID{Value: []byte("0123456789abcdef")}, FrameworkId: ids.Framework(framework), AgentId: ids.Agent(agent),
		Info: &v1.Offer_Operation{Id: &v1.OperationID{Value: proto.String("o")}, Type: v1.Offer_Operation_RESERVE.Enum()},
		LatestStatus: &v1.OperationStatus{
			OperationId: &v1.OperationID{Value: proto.String("o")}, State: v1.OperationState_OPERATION_FINISHED.Enum(), Uuid: &v1.UUID{Value: []byte("status")},
		},
	}
	s.do(t, func() {
		a := s.agents[agent]
		report := func() int {
			s.updateAgent(a.upid, &internalpb.UpdateSlaveMessage{
				SlaveId: a.info.Id, ResourceVersionUuid: &v1.UUID{Value: []byte(a.resourceVersion)},
				Operations: &internalpb.UpdateSlaveMessage_Operations{Operations: []*v1.Operation{ended}},
			})
			return len(a.operations)
		}
		if n := report(); n != 1 {
			t.Fatalf("the first report: the master knows %d operations, want 1", n)
		}
		s.removeOperation(a.operations[string(ended.GetUuid().GetValue())])
		if n := report(); n != 0 {
			t.Errorf("a report that was late: the master knows %d operations, want none", n)
		}
	})
}
