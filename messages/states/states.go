// Package states holds what is known about task states: which end a task, and
// which word an old or a partition-aware framework is told.
//
// Master, agent and drivers call it; it is pure.
package states

import v1 "mesos/messages/mesos/v1"

// Terminal says that a task in this state will never run again.
// TASK_UNREACHABLE and TASK_UNKNOWN are not terminal: the task may come back.
func Terminal(s v1.TaskState) bool {
	switch s {
	case v1.TaskState_TASK_FINISHED, v1.TaskState_TASK_FAILED, v1.TaskState_TASK_KILLED, v1.TaskState_TASK_ERROR,
		v1.TaskState_TASK_LOST, v1.TaskState_TASK_DROPPED, v1.TaskState_TASK_GONE, v1.TaskState_TASK_GONE_BY_OPERATOR:
		return true
	}
	return false
}

// For returns the state that a framework is told: frameworks without
// PARTITION_AWARE know only TASK_LOST for every way a task can go missing.
func For(partitionAware bool, s v1.TaskState) v1.TaskState {
	if partitionAware {
		return s
	}
	switch s {
	case v1.TaskState_TASK_DROPPED, v1.TaskState_TASK_GONE, v1.TaskState_TASK_GONE_BY_OPERATOR,
		v1.TaskState_TASK_UNREACHABLE, v1.TaskState_TASK_UNKNOWN:
		return v1.TaskState_TASK_LOST
	}
	return s
}

// OperationTerminal says that s is the end of an operation, which its framework acknowledges.
func OperationTerminal(s v1.OperationState) bool {
	switch s {
	case v1.OperationState_OPERATION_FINISHED, v1.OperationState_OPERATION_FAILED, v1.OperationState_OPERATION_ERROR,
		v1.OperationState_OPERATION_DROPPED, v1.OperationState_OPERATION_GONE_BY_OPERATOR:
		return true
	}
	return false
}
