package client

import "context"

// Value is an id as the operator API has it.
type Value struct {
	Value string `json:"value"`
}

// FullTask is a task as GET_TASKS tells it, its states with reasons and messages, oldest first.
type FullTask struct {
	ID          Value        `json:"task_id"`
	FrameworkID Value        `json:"framework_id"`
	AgentID     Value        `json:"agent_id"`
	State       string       `json:"state"`
	Statuses    []TaskStatus `json:"statuses"`
}

// TaskStatus is one state of a task. Timestamp is seconds since 1970.
type TaskStatus struct {
	TaskID    Value   `json:"task_id"`
	AgentID   Value   `json:"agent_id"`
	State     string  `json:"state"`
	Source    string  `json:"source"`
	Reason    string  `json:"reason"`
	Message   string  `json:"message"`
	Healthy   *bool   `json:"healthy"`
	Timestamp float64 `json:"timestamp"`
}

// Tasks are all tasks that the master knows, with those that ended.
func (c *Client) Tasks(ctx context.Context) ([]FullTask, error) {
	var got struct {
		Tasks       []FullTask `json:"tasks"`
		Unreachable []FullTask `json:"unreachable_tasks"`
		Completed   []FullTask `json:"completed_tasks"`
		Orphan      []FullTask `json:"orphan_tasks"`
	}
	if err := c.Call(ctx, "GET_TASKS", nil, &got); err != nil {
		return nil, err
	}
	return append(append(append(got.Tasks, got.Unreachable...), got.Completed...), got.Orphan...), nil
}
