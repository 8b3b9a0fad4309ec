package main

import (
	"log/slog"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"syscall"
	"testing"
	"time"

	"google.golang.org/protobuf/proto"

	"mesos/actors/containerizer/proctree"
	"mesos/actors/executor"
	"mesos/actors/link"
	"mesos/messages/linkpb"
	v1 "mesos/messages/mesos/v1"
	executorv1 "mesos/messages/mesos/v1/executor"
)

// token is what the program is given to show.
const token = "secret"

// agent is the other end of the link.
type agent struct {
	t     *testing.T
	net   *link.Transport
	calls chan *executorv1.Call
	peer  chan link.UPID
	gone  chan string
}

func newAgent(t *testing.T, addr string) *agent {
	t.Helper()
	n, err := link.Listen(addr, link.Options{Log: slog.New(slog.DiscardHandler)})
	if err != nil {
		t.Fatal(err)
	}
	a := &agent{t: t, net: n, calls: make(chan *executorv1.Call, 100), peer: make(chan link.UPID, 100), gone: make(chan string, 100)}
	n.Start(a)
	t.Cleanup(func() { n.Close() })
	return a
}

func (a *agent) Deliver(from link.UPID, _ string, m proto.Message) {
	a.peer <- from
	if proven, is := m.(*linkpb.ExecutorCallMessage); is {
		if proven.GetToken() != token {
			a.t.Errorf("got a call with the token %q, want %q", proven.GetToken(), token)
		}
		m = proven.GetCall()
	} else {
		a.t.Errorf("got %v, want a call with a token", m)
	}
	a.calls <- m.(*executorv1.Call)
}

func (a *agent) Exited(addr string) { a.gone <- addr }

func (a *agent) self() link.UPID { return link.UPID{ID: "slave(1)", Addr: a.net.Addr()} }

// run starts the program as an agent would.
func (a *agent) run(change func(*executor.Config)) *process {
	a.t.Helper()
	dir := a.t.TempDir()
	c := executor.Config{FrameworkID: "F", ExecutorID: "t", AgentID: "A", Agent: a.self(), Directory: dir, Sandbox: dir, Token: token}
	if change != nil {
		change(&c)
	}
	p := &process{a: a, dir: dir, cmd: exec.Command(program)}
	p.cmd.Dir = dir
	p.cmd.Env = append(c.Environ(), "PATH=/usr/bin:/bin")
	p.cmd.SysProcAttr = &syscall.SysProcAttr{Setsid: true}
	p.out, p.err = p.file("stdout"), p.file("stderr")
	p.cmd.Stdout, p.cmd.Stderr = p.out, p.err
	p.started = time.Now()
	if err := p.cmd.Start(); err != nil {
		a.t.Fatal(err)
	}
	a.t.Cleanup(func() {
		if p.cmd.ProcessState == nil {
			proctree.Kill(func() []int { return proctree.Session(p.cmd.Process.Pid) }, 5*time.Second)
			p.cmd.Wait()
		}
		if b, _ := os.ReadFile(p.err.Name()); a.t.Failed() && len(b) > 0 {
			a.t.Logf("stderr: %s", b)
		}
	})
	return p
}

type process struct {
	a        *agent
	dir      string
	cmd      *exec.Cmd
	out, err *os.File
	started  time.Time
	upid     link.UPID
}

func (p *process) file(name string) *os.File {
	f, err := os.Create(filepath.Join(p.dir, name))
	if err != nil {
		p.a.t.Fatal(err)
	}
	p.a.t.Cleanup(func() { f.Close() })
	return f
}

// call is the next one; the test's own time limit bounds the wait.
func (p *process) call(want executorv1.Call_Type) *executorv1.Call {
	p.a.t.Helper()
	c := <-p.a.calls
	p.upid = <-p.a.peer
	if c.GetType() != want {
		p.a.t.Fatalf("got call %v, want %v", c, want)
	}
	return c
}

func (p *process) send(e *executorv1.Event) { p.a.net.Send(p.a.self(), p.upid, e) }

func (p *process) subscribe(capabilities ...v1.FrameworkInfo_Capability_Type) *executorv1.Call {
	p.a.t.Helper()
	c := p.call(executorv1.Call_SUBSCRIBE)
	f := &v1.FrameworkInfo{User: proto.String("u"), Name: proto.String("n")}
	for _, k := range capabilities {
		f.Capabilities = append(f.Capabilities, &v1.FrameworkInfo_Capability{Type: k.Enum()})
	}
	p.send(&executorv1.Event{Type: executorv1.Event_SUBSCRIBED.Enum(), Subscribed: &executorv1.Event_Subscribed{
		ExecutorInfo: &v1.ExecutorInfo{ExecutorId: &v1.ExecutorID{Value: proto.String("t")}}, FrameworkInfo: f,
		AgentInfo: &v1.AgentInfo{Hostname: proto.String("h")},
	}})
	return c
}

func (p *process) launch(c *v1.CommandInfo) { p.launchTask(p.task(c)) }

func (p *process) task(c *v1.CommandInfo) *v1.TaskInfo {
	return &v1.TaskInfo{
		Name: proto.String("t"), TaskId: &v1.TaskID{Value: proto.String("t")}, AgentId: &v1.AgentID{Value: proto.String("A")}, Command: c,
		Resources: []*v1.Resource{{Name: proto.String("cpus"), Type: v1.Value_SCALAR.Enum(), AllocationInfo: &v1.Resource_AllocationInfo{Role: proto.String("web/a")}}},
	}
}

func (p *process) launchTask(t *v1.TaskInfo) {
	p.send(&executorv1.Event{Type: executorv1.Event_LAUNCH.Enum(), Launch: &executorv1.Event_Launch{Task: t}})
}

func (p *process) kill() {
	p.send(&executorv1.Event{Type: executorv1.Event_KILL.Enum(), Kill: &executorv1.Event_Kill{TaskId: &v1.TaskID{Value: proto.String("t")}}})
}

// update takes the next one and acknowledges it.
func (p *process) update(want string) *v1.TaskStatus {
	p.a.t.Helper()
	s := p.call(executorv1.Call_UPDATE).GetUpdate().GetStatus()
	p.ack(s)
	got := strings.TrimPrefix(s.GetState().String(), "TASK_") + " " + s.GetMessage()
	if strings.TrimSpace(got) != want {
		p.a.t.Fatalf("got update %q, want %q", got, want)
	}
	return s
}

func (p *process) ack(s *v1.TaskStatus) {
	p.send(&executorv1.Event{Type: executorv1.Event_ACKNOWLEDGED.Enum(), Acknowledged: &executorv1.Event_Acknowledged{TaskId: s.TaskId, Uuid: s.Uuid}})
}

func (p *process) ends(status int) {
	p.a.t.Helper()
	p.cmd.Wait()
	if got := p.cmd.ProcessState.ExitCode(); got != status {
		p.a.t.Errorf("got exit status %d, want %d", got, status)
	}
}

func (p *process) stdout() string {
	b, err := os.ReadFile(p.out.Name())
	if err != nil {
		p.a.t.Fatal(err)
	}
	return string(b)
}

func shell(line string) *v1.CommandInfo { return &v1.CommandInfo{Value: &line} }

// pid waits until the task has written a process id into a file.
func (p *process) pid(name string) int {
	for {
		b, _ := os.ReadFile(filepath.Join(p.dir, name))
		if n, err := strconv.Atoi(strings.TrimSpace(string(b))); err == nil {
			return n
		}
		time.Sleep(time.Millisecond)
	}
}
