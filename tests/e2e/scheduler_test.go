package e2e

import (
	"bufio"
	"encoding/json"
	"fmt"
	"log/slog"
	"os"
	"os/exec"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"

	"google.golang.org/protobuf/proto"

	"mesos/actors"
	"mesos/actors/link"
	"mesos/actors/scheduler"
	"mesos/messages/ids"
	v1 "mesos/messages/mesos/v1"
	schedulerv1 "mesos/messages/mesos/v1/scheduler"
	"mesos/messages/resources"
	"mesos/messages/states"
)

// schedulerEnv carries the order of a scheduler process: this test binary, run
// again as a program of its own that can be killed.
const schedulerEnv = "E2E_SCHEDULER"

// order is what a scheduler process is to do: run one task and tell of it.
type order struct {
	Master, FrameworkID, TaskID, Command string
	AgentID                              string // where the task was launched by an earlier process; "" = launch it
	Hold                                 string // stop before acknowledging this state, until killed
}

// line is one thing that a scheduler process tells, as JSON on its stdout.
type line struct {
	Event, FrameworkID, AgentID, State, Reason, Message string
}

func runScheduler() {
	var o order
	if err := json.Unmarshal([]byte(os.Getenv(schedulerEnv)), &o); err != nil {
		panic(err)
	}
	net, err := link.DialOnly("127.0.0.1", link.Options{Log: slog.New(slog.DiscardHandler)})
	if err != nil {
		panic(err)
	}
	sys := actors.NewSystem(net)
	out := json.NewEncoder(os.Stdout)
	say := func(l line) {
		if err := out.Encode(l); err != nil {
			os.Exit(1) // the test has gone
		}
	}
	upid, err := actors.ParseUPID("master@" + o.Master)
	if err != nil {
		panic(err)
	}
	info := &v1.FrameworkInfo{
		User: proto.String("root"), Name: proto.String("e2e"), FailoverTimeout: proto.Float64(120), Checkpoint: proto.Bool(true),
		Capabilities: []*v1.FrameworkInfo_Capability{{Type: v1.FrameworkInfo_Capability_PARTITION_AWARE.Enum()}, {Type: v1.FrameworkInfo_Capability_TASK_KILLING_STATE.Enum()}},
	}
	if o.FrameworkID != "" {
		info.Id = ids.Framework(o.FrameworkID)
	}
	launched := o.AgentID != ""
	_, err = scheduler.Start(sys, "scheduler(1)", scheduler.Config{Master: upid, Framework: info, ManualAck: true, Log: slog.New(slog.DiscardHandler)}, scheduler.Callbacks{
		Subscribed: func(d *scheduler.Driver, _ *schedulerv1.Event_Subscribed) {
			say(line{Event: "SUBSCRIBED", FrameworkID: d.FrameworkID()})
			if launched {
				askAgain(d, o)
			}
		},
		Offers: func(d *scheduler.Driver, offers []*v1.Offer) {
			for _, of := range offers {
				say(line{Event: "OFFER", AgentID: of.GetAgentId().GetValue()})
				if launched || o.Hold == "OFFER" {
					continue
				}
				launched, o.AgentID = true, of.GetAgentId().GetValue()
				d.Launch(of.GetId(), []*v1.TaskInfo{task(o, of)}, nil)
				say(line{Event: "LAUNCHED", AgentID: of.GetAgentId().GetValue()})
			}
		},
		Update: func(d *scheduler.Driver, s *v1.TaskStatus) {
			l := line{Event: "UPDATE", AgentID: s.GetAgentId().GetValue(), State: s.GetState().String(), Message: s.GetMessage()}
			if s.Reason != nil {
				l.Reason = s.GetReason().String()
			}
			say(l)
			if l.State == o.Hold {
				return
			}
			d.Acknowledge(s)
			say(line{Event: "ACKNOWLEDGED", State: l.State})
		},
		Error: func(_ *scheduler.Driver, err error) { say(line{Event: "ERROR", Message: err.Error()}) },
	})
	if err != nil {
		panic(err)
	}
	select {} // until killed
}

// askAgain asks for the task until something is told: this process does not
// know what an earlier one heard, nor, after a session, whether its launch was.
func askAgain(d *scheduler.Driver, o order) {
	d.Reconcile(&schedulerv1.Call_Reconcile_Task{TaskId: ids.Task(o.TaskID), AgentId: ids.Agent(o.AgentID)})
	d.Delay(time.Second, func() { askAgain(d, o) })
}

func task(o order, of *v1.Offer) *v1.TaskInfo {
	return &v1.TaskInfo{
		Name: proto.String("e2e"), TaskId: ids.Task(o.TaskID), AgentId: of.GetAgentId(),
		Resources: resources.MustParse("cpus:0.1;mem:32").Proto(), Command: &v1.CommandInfo{Value: proto.String(o.Command)},
	}
}

// schedulerProcess is a scheduler that runs as a program of its own.
type schedulerProcess struct {
	t     *testing.T
	cmd   *exec.Cmd
	mu    sync.Mutex
	lines []line
	news  chan struct{}
}

func startScheduler(t *testing.T, o order) *schedulerProcess {
	t.Helper()
	text, err := json.Marshal(o)
	if err != nil {
		t.Fatal(err)
	}
	p := &schedulerProcess{t: t, cmd: exec.Command(os.Args[0]), news: make(chan struct{}, 1)}
	p.cmd.Env = append(os.Environ(), schedulerEnv+"="+string(text))
	p.cmd.Stderr = os.Stderr
	p.cmd.SysProcAttr = &syscall.SysProcAttr{Pdeathsig: syscall.SIGKILL}
	stdout, err := p.cmd.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := p.cmd.Start(); err != nil {
		t.Fatal(err)
	}
	done := make(chan struct{})
	go func() {
		defer close(done)
		for s := bufio.NewScanner(stdout); s.Scan(); {
			var l line
			if err := json.Unmarshal(s.Bytes(), &l); err != nil {
				t.Errorf("scheduler wrote %q: %v", s.Text(), err)
				return
			}
			p.mu.Lock()
			p.lines = append(p.lines, l)
			p.mu.Unlock()
			select {
			case p.news <- struct{}{}:
			default:
			}
		}
	}()
	t.Cleanup(func() {
		_ = p.cmd.Process.Kill()
		<-done
		_ = p.cmd.Wait()
	})
	return p
}

func (p *schedulerProcess) kill() { _ = p.cmd.Process.Kill() }

func (p *schedulerProcess) told() []line {
	p.mu.Lock()
	defer p.mu.Unlock()
	return append([]line(nil), p.lines...)
}

// await waits for a line for which f holds.
func (p *schedulerProcess) await(what string, f func(line) bool) line {
	p.t.Helper()
	deadline := time.After(60 * time.Second)
	for seen := 0; ; {
		lines := p.told()
		for ; seen < len(lines); seen++ {
			if f(lines[seen]) {
				return lines[seen]
			}
		}
		select {
		case <-p.news:
		case <-deadline:
			p.t.Fatalf("still waiting for %s; the scheduler was told:\n%s", what, story(lines))
		}
	}
}

func story(lines []line) string {
	var b strings.Builder
	for _, l := range lines {
		fmt.Fprintf(&b, "  %+v\n", l)
	}
	return b.String()
}

// outcome says that a line tells how a task ended, or that it cannot be reached.
func outcome(l line) bool {
	if l.Event != "UPDATE" {
		return false
	}
	s := v1.TaskState(v1.TaskState_value[l.State])
	return states.Terminal(s) || s == v1.TaskState_TASK_UNREACHABLE
}
