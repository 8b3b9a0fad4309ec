package simtest

import (
	"fmt"
	"strconv"
	"strings"
	"time"

	"google.golang.org/protobuf/proto"

	"mesos/actors"
	"mesos/actors/executor"
	v1 "mesos/messages/mesos/v1"
	executorv1 "mesos/messages/mesos/v1/executor"
)

// model is an executor whose tasks only pass time. Like the command executor
// it ends when its last task is over and acknowledged.
type model struct {
	p     *actors.Process
	end   func(status int)
	tasks map[string]*modelTask

	counts    *taskCounts
	container string
}

type modelTask struct {
	cancel func()
	over   bool
}

func (m *model) Subscribed(*executor.Driver, *executorv1.Event_Subscribed) {}
func (m *model) Disconnected(*executor.Driver)                             {}

func (m *model) Launch(d *executor.Driver, t *v1.TaskInfo) {
	id := t.GetTaskId()
	after, status := behaviour(commandOf(t))
	mt := &modelTask{}
	m.tasks[id.GetValue()] = mt
	m.counts.start(id.GetValue(), m.container)
	m.update(d, id, v1.TaskState_TASK_STARTING, "")
	m.update(d, id, v1.TaskState_TASK_RUNNING, "")
	if after < 0 {
		return
	}
	mt.cancel = m.p.Delay(after, func() {
		switch commandOf(t) {
		case "contradict": // says two ends at once
			m.finish(d, id, v1.TaskState_TASK_FINISHED, "")
			m.update(d, id, v1.TaskState_TASK_FAILED, "")
			return
		case "break off": // and dies before either is acknowledged
			m.finish(d, id, v1.TaskState_TASK_FINISHED, "")
			m.end(1 << 8)
			return
		}
		if status == 0 {
			m.finish(d, id, v1.TaskState_TASK_FINISHED, "")
		} else {
			m.finish(d, id, v1.TaskState_TASK_FAILED, fmt.Sprintf("Command exited with status %d", status))
		}
	})
}

// commandOf is the modelled command of a task: its own, or for tasks of a
// custom executor the label "model".
func commandOf(t *v1.TaskInfo) string {
	for _, l := range t.GetLabels().GetLabels() {
		if l.GetKey() == "model" {
			return l.GetValue()
		}
	}
	return t.GetCommand().GetValue()
}

// behaviour reads a modelled command: how long it runs, less than 0 for ever,
// and the status that it exits with.
func behaviour(command string) (time.Duration, int) {
	word, arg, _ := strings.Cut(command, " ")
	switch word {
	case "forever":
		return -1, 0
	case "sleep":
		s, err := strconv.ParseFloat(arg, 64)
		if err != nil {
			return 0, 1
		}
		return time.Duration(s * float64(time.Second)), 0
	case "exit":
		n, err := strconv.Atoi(arg)
		if err != nil {
			return 0, 2
		}
		return time.Millisecond, n
	}
	return time.Millisecond, 0
}

// LaunchGroup starts the tasks of a group, each for itself; task groups that end
// together are the default executor's.
func (m *model) LaunchGroup(d *executor.Driver, g *v1.TaskGroupInfo) {
	for _, t := range g.GetTasks() {
		m.Launch(d, t)
	}
}

func (m *model) Kill(d *executor.Driver, id *v1.TaskID, _ *v1.KillPolicy) {
	m.finish(d, id, v1.TaskState_TASK_KILLED, "Command terminated with signal Terminated")
}

func (m *model) Message(d *executor.Driver, data []byte) { d.SendMessage(data) }

func (m *model) Shutdown(*executor.Driver) { m.end(0) }

func (m *model) update(d *executor.Driver, id *v1.TaskID, s v1.TaskState, text string) {
	st := &v1.TaskStatus{TaskId: id, State: s.Enum()}
	if text != "" {
		st.Message = proto.String(text)
	}
	d.Update(st)
}

func (m *model) finish(d *executor.Driver, id *v1.TaskID, s v1.TaskState, text string) {
	t := m.tasks[id.GetValue()]
	if t == nil || t.over {
		return
	}
	t.over = true
	m.counts.end(id.GetValue(), m.container)
	if s == v1.TaskState_TASK_FINISHED {
		m.counts.finish(id.GetValue())
	}
	if t.cancel != nil {
		t.cancel()
	}
	m.update(d, id, s, text)
	d.WhenAcknowledged(func() { m.p.Delay(time.Second, func() { m.end(0) }) }) // as the command executor
}
