package store

import (
	"mesos/messages/internalpb"
	v1 "mesos/messages/mesos/v1"
)

// resourcesKey is the key of the only row of its table.
const resourcesKey = "resources"

// PutResources keeps what operations made of the agent's resources: all of it,
// in place of what was kept before.
func PutResources(list []*v1.Resource) Write {
	return put(converted, []byte(resourcesKey), bytesOf(&internalpb.CheckpointResourcesMessage{Resources: list}))
}

// PutOperation keeps an operation with its latest status.
func PutOperation(op *v1.Operation) Write {
	return put(operations, op.GetUuid().GetValue(), bytesOf(op))
}

// DeleteOperation forgets one.
func DeleteOperation(uuid []byte) Write { return Write{table: operations, key: uuid} }
