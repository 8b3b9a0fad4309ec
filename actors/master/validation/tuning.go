package validation

import (
	"fmt"

	v1 "mesos/messages/mesos/v1"
	"mesos/messages/tuning"
)

// tuned checks what the labels of a task ask for. One that lives in its executor's container, shared, has nothing of its own.
func tuned(t *v1.TaskInfo, shared bool) error {
	asked, err := tuning.Of(t.GetLabels())
	if err != nil {
		return fmt.Errorf("labels: %w", err)
	}
	if label := asked.Label(); shared && label != "" {
		return fmt.Errorf("labels: label %s is for a whole container, and this task lives in that of its executor: put it into executor.labels", label)
	}
	return nil
}
