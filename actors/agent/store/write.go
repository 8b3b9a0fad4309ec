package store

import (
	"encoding/binary"
	"encoding/json"
	"fmt"

	"google.golang.org/protobuf/proto"

	"mesos/messages/internalpb"
	v1 "mesos/messages/mesos/v1"
	"mesos/registry/boltfile"
)

// table is one of the tables of the package comment.
type table string

const (
	agents     table = "agent"
	frameworks table = "frameworks"
	executors  table = "executors"
	tasks      table = "tasks"
	updates    table = "updates"
	completed  table = "completed"
	converted  table = "resources"
	operations table = "operations"
	containers table = "containers"
	drains     table = "drain"
	providers  table = "providers"
)

var tables = []table{agents, frameworks, executors, tasks, updates, completed, converted, operations, containers, drains, providers}

// Write is one row to be put, or deleted. Making one copies what it needs.
type Write struct {
	table table
	key   []byte
	value []byte // nil deletes
}

// agentKey is the key of the only row of its table.
const agentKey = "agent"

// PutAgent keeps who the agent is.
func PutAgent(a Agent) Write {
	return put(agents, []byte(agentKey), toJSON(agentRow{ID: a.ID, BootID: a.BootID, Info: bytesOf(a.Info)}))
}

// PutFramework keeps a framework.
func PutFramework(info *v1.FrameworkInfo) Write {
	return put(frameworks, []byte(info.GetId().GetValue()), bytesOf(info))
}

// DeleteFramework forgets one.
func DeleteFramework(id string) Write { return Write{table: frameworks, key: []byte(id)} }

// PutExecutor keeps an executor, or what has changed about it.
func PutExecutor(e Executor) Write {
	return put(executors, pair(e.FrameworkID, e.ExecutorID), toJSON(executorRow{
		FrameworkID: e.FrameworkID, ExecutorID: e.ExecutorID, ContainerID: e.ContainerID, Command: e.Command, Subscribed: e.Subscribed, Untried: e.Untried,
		PID: e.Process.PID, Started: e.Process.Started, Driver: e.Driver, Info: bytesOf(e.Info), Container: bytesOrNone(e.Container),
	}))
}

// DeleteExecutor forgets one.
func DeleteExecutor(frameworkID, executorID string) Write {
	return Write{table: executors, key: pair(frameworkID, executorID)}
}

// PutTask keeps a task, or what has changed about it.
func PutTask(t Task) Write {
	return put(tasks, pair(t.FrameworkID, t.Info.GetTaskId().GetValue()), toJSON(taskRow{
		FrameworkID: t.FrameworkID, ExecutorID: t.ExecutorID, Sent: t.Sent, Group: t.Group, Info: bytesOf(t.Info),
	}))
}

// DeleteTask forgets one.
func DeleteTask(frameworkID, taskID string) Write {
	return Write{table: tasks, key: pair(frameworkID, taskID)}
}

// PutUpdate keeps an update that waits for its acknowledgement.
func PutUpdate(number uint64, u *internalpb.StatusUpdate) Write {
	return put(updates, numberKey(number), append([]byte{pendingMark}, bytesOf(u)...))
}

// PutAcknowledged keeps an update that is acknowledged, for the state that it told.
func PutAcknowledged(number uint64, u *internalpb.StatusUpdate) Write {
	return put(updates, numberKey(number), append([]byte{acknowledgedMark}, bytesOf(u)...))
}

// PutSeen keeps of an acknowledged update only what tells it from new ones.
func PutSeen(number uint64, u *internalpb.StatusUpdate) Write {
	return PutAcknowledged(number, &internalpb.StatusUpdate{
		FrameworkId: u.FrameworkId, Status: &v1.TaskStatus{TaskId: u.GetStatus().GetTaskId()}, Uuid: u.Uuid,
	})
}

// DeleteUpdate forgets one.
func DeleteUpdate(number uint64) Write { return Write{table: updates, key: numberKey(number)} }

// The first byte of an update's value.
const (
	pendingMark      = 0
	acknowledgedMark = 1
)

func put(t table, key, value []byte) Write { return Write{t, key, boltfile.Seal(key, value)} }

// pair makes one key of two ids, which hold no control characters.
func pair(a, b string) []byte { return []byte(a + "\x00" + b) }

func numberKey(n uint64) []byte { return binary.BigEndian.AppendUint64(nil, n) }

// What is not an update is written seldom, as JSON around the protobuf message
// that it came with: new fields do not disturb old files.
type (
	agentRow struct {
		ID     string `json:"id"`
		BootID string `json:"boot_id"`
		Info   []byte `json:"info"`
	}
	executorRow struct {
		FrameworkID string `json:"framework_id"`
		ExecutorID  string `json:"executor_id"`
		ContainerID string `json:"container_id"`
		Command     bool   `json:"command,omitempty"`
		Subscribed  bool   `json:"subscribed,omitempty"`
		Untried     bool   `json:"untried,omitempty"`
		PID         int    `json:"pid,omitempty"`
		Started     uint64 `json:"started,omitempty"`
		Driver      string `json:"driver,omitempty"`
		Info        []byte `json:"info"`
		Container   []byte `json:"container,omitempty"`
	}
	taskRow struct {
		FrameworkID string   `json:"framework_id"`
		ExecutorID  string   `json:"executor_id"`
		Sent        bool     `json:"sent,omitempty"`
		Group       []string `json:"group,omitempty"`
		Info        []byte   `json:"info"`
	}
)

func toJSON(row any) []byte {
	b, err := json.Marshal(row)
	if err != nil {
		panic(fmt.Sprintf("row of strings, numbers and bytes has no JSON: %v", err))
	}
	return b
}

// partial: what came over the wire is kept as it is.
var partial = proto.MarshalOptions{AllowPartial: true}

// bytesOrNone is nil where there is no container.
func bytesOrNone(c *v1.ContainerInfo) []byte {
	if c == nil {
		return nil
	}
	return bytesOf(c)
}

func bytesOf(m proto.Message) []byte {
	b, err := partial.Marshal(m)
	if err != nil {
		panic(fmt.Sprintf("message that was decoded before cannot be encoded: %v", err))
	}
	return b
}
