package master

import (
	"time"

	"google.golang.org/protobuf/proto"

	"mesos/messages/ids"
	v1 "mesos/messages/mesos/v1"
	schedulerv1 "mesos/messages/mesos/v1/scheduler"
)

type event = schedulerv1.Event

func subscribedEvent(frameworkID string, info *v1.MasterInfo, heartbeat time.Duration) *event {
	return &event{Type: schedulerv1.Event_SUBSCRIBED.Enum(), Subscribed: &schedulerv1.Event_Subscribed{
		FrameworkId: ids.Framework(frameworkID), HeartbeatIntervalSeconds: proto.Float64(heartbeat.Seconds()), MasterInfo: info,
	}}
}

func heartbeatEvent() *event { return &event{Type: schedulerv1.Event_HEARTBEAT.Enum()} }

func errorEvent(text string) *event {
	return &event{Type: schedulerv1.Event_ERROR.Enum(), Error: &schedulerv1.Event_Error{Message: proto.String(text)}}
}

func offersEvent(offers []*v1.Offer) *event {
	return &event{Type: schedulerv1.Event_OFFERS.Enum(), Offers: &schedulerv1.Event_Offers{Offers: offers}}
}

func rescindEvent(offerID string) *event {
	return &event{Type: schedulerv1.Event_RESCIND.Enum(), Rescind: &schedulerv1.Event_Rescind{OfferId: ids.Offer(offerID)}}
}

func updateEvent(s *v1.TaskStatus) *event {
	return &event{Type: schedulerv1.Event_UPDATE.Enum(), Update: &schedulerv1.Event_Update{Status: s}}
}

func messageEvent(agentID, executorID string, data []byte) *event {
	return &event{Type: schedulerv1.Event_MESSAGE.Enum(), Message: &schedulerv1.Event_Message{
		AgentId: ids.Agent(agentID), ExecutorId: ids.Executor(executorID), Data: data,
	}}
}

func agentLostEvent(agentID string) *event {
	return &event{Type: schedulerv1.Event_FAILURE.Enum(), Failure: &schedulerv1.Event_Failure{AgentId: ids.Agent(agentID)}}
}

// executorLostEvent has the status that wait(2) gave, nil if nobody knows it.
func executorLostEvent(agentID, executorID string, status *int32) *event {
	return &event{Type: schedulerv1.Event_FAILURE.Enum(), Failure: &schedulerv1.Event_Failure{
		AgentId: ids.Agent(agentID), ExecutorId: ids.Executor(executorID), Status: status,
	}}
}

func operationEvent(s *v1.OperationStatus) *event {
	return &event{Type: schedulerv1.Event_UPDATE_OPERATION_STATUS.Enum(), UpdateOperationStatus: &schedulerv1.Event_UpdateOperationStatus{Status: s}}
}

// masterStatus is a status that the master itself makes: it carries no uuid,
// so nobody acknowledges it.
func masterStatus(taskID string, state v1.TaskState, reason v1.TaskStatus_Reason, text string, now time.Time) *v1.TaskStatus {
	return &v1.TaskStatus{
		TaskId: ids.Task(taskID), State: state.Enum(), Source: v1.TaskStatus_SOURCE_MASTER.Enum(), Reason: reason.Enum(),
		Message: proto.String(text), Timestamp: proto.Float64(seconds(now)),
	}
}

func seconds(t time.Time) float64 { return float64(t.UnixNano()) / 1e9 }
