package faults

import (
	"context"
	"fmt"
	"log/slog"
	"os"
	"os/exec"
	"runtime"
	"strconv"
	"syscall"

	"google.golang.org/protobuf/proto"

	"mesos/actors/executor"
	"mesos/actors/link"
	v1 "mesos/messages/mesos/v1"
	executorv1 "mesos/messages/mesos/v1/executor"
)

// The test program is a custom executor too, when it is started with executorArg: it runs the shell commands in its
// tasks' data. It leaves when it has run as many tasks as tasksEnv says. With httpEnv it speaks the v1 HTTP API.
const (
	executorArg = "run-executor"
	tasksEnv    = "FAULTS_TASKS"
	httpEnv     = "FAULTS_HTTP"
)

// runtimeLoop is what a driver lives on, over either wire.
type runtimeLoop interface {
	executor.Runtime
	Run(ctx context.Context) error
	Stop()
}

// shells is the executor.
type shells struct {
	loop    runtimeLoop
	left    int // tasks yet to end
	running map[string]*exec.Cmd
	killed  map[string]bool
}

func runExecutor() int {
	runtime.LockOSThread() // its commands die with this thread
	conf, err := executor.FromEnv(os.Getenv)
	if err == nil {
		err = serve(conf)
	}
	if err != nil {
		fmt.Fprintln(os.Stderr, "executor:", err)
		return 1
	}
	return 0
}

func serve(conf executor.Config) error {
	left, err := strconv.Atoi(os.Getenv(tasksEnv))
	if err != nil {
		return err
	}
	conf.Log = slog.New(slog.NewTextHandler(os.Stderr, nil))
	e := &shells{left: left, running: map[string]*exec.Cmd{}, killed: map[string]bool{}}
	var d *executor.Driver
	if os.Getenv(httpEnv) != "" {
		loop := newHTTPLoop(conf)
		e.loop, d = loop, executor.New(loop, conf, e)
		loop.driver = d
	} else {
		t, err := link.DialOnlyTo(conf.Agent.Addr, link.Options{Log: conf.Log, MaxBackoff: conf.LinkBackoff()})
		if err != nil {
			return err
		}
		defer t.Close()
		loop := link.NewLoop("executor(1)", t)
		e.loop, d = loop, executor.New(loop, conf, e)
		loop.OnMessage(d.Receive)
		loop.OnExited(d.Exited)
	}
	e.loop.Dispatch(d.Start)
	return e.loop.Run(context.Background())
}

func (e *shells) Launch(d *executor.Driver, t *v1.TaskInfo) {
	id := t.GetTaskId().GetValue()
	cmd := exec.Command("sh", "-c", string(t.GetData()))
	cmd.Stdout, cmd.Stderr = os.Stdout, os.Stderr
	cmd.SysProcAttr = &syscall.SysProcAttr{Setpgid: true, Pdeathsig: syscall.SIGKILL}
	if err := cmd.Start(); err != nil {
		e.end(d, t.TaskId, v1.TaskState_TASK_FAILED, err.Error())
		return
	}
	e.running[id] = cmd
	d.Update(&v1.TaskStatus{TaskId: t.TaskId, State: v1.TaskState_TASK_RUNNING.Enum()})
	go func() {
		err := cmd.Wait()
		e.loop.Dispatch(func() {
			delete(e.running, id)
			switch {
			case err == nil:
				e.end(d, t.TaskId, v1.TaskState_TASK_FINISHED, "")
			case e.killed[id]:
				e.end(d, t.TaskId, v1.TaskState_TASK_KILLED, err.Error())
			default:
				e.end(d, t.TaskId, v1.TaskState_TASK_FAILED, err.Error())
			}
		})
	}()
}

func (e *shells) end(d *executor.Driver, id *v1.TaskID, s v1.TaskState, text string) {
	d.Update(&v1.TaskStatus{TaskId: id, State: s.Enum(), Message: proto.String(text)})
	if e.left--; e.left <= 0 {
		d.WhenAcknowledged(e.loop.Stop)
	}
}

func (e *shells) LaunchGroup(d *executor.Driver, g *v1.TaskGroupInfo) {
	for _, t := range g.GetTasks() {
		e.Launch(d, t)
	}
}

func (e *shells) Kill(_ *executor.Driver, id *v1.TaskID, _ *v1.KillPolicy) {
	if cmd := e.running[id.GetValue()]; cmd != nil {
		e.killed[id.GetValue()] = true
		_ = syscall.Kill(-cmd.Process.Pid, syscall.SIGKILL) // fails for one that has just ended
	}
}

func (e *shells) Shutdown(d *executor.Driver) {
	e.left = 0
	for id, cmd := range e.running {
		e.killed[id] = true
		_ = syscall.Kill(-cmd.Process.Pid, syscall.SIGKILL)
	}
	if len(e.running) == 0 {
		d.WhenAcknowledged(e.loop.Stop)
	}
}

func (e *shells) Subscribed(*executor.Driver, *executorv1.Event_Subscribed) {}
func (e *shells) Message(*executor.Driver, []byte)                          {}
func (e *shells) Disconnected(*executor.Driver)                             {}
