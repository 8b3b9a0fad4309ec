package dockertask

import (
	"context"
	"log/slog"
	"sync"
	"syscall"

	"google.golang.org/protobuf/proto"

	"mesos/actors/containerizer/docker"
	"mesos/actors/containerizer/docker/engine"
	"mesos/actors/containerizer/proctree"
	"mesos/actors/executor/command"
	v1 "mesos/messages/mesos/v1"
)

// Task is the container of a task with a command, as the command executor sees it.
type Task struct {
	order    *docker.Order
	dispatch func(func())
	https    string // path of mesos-probe
	log      *slog.Logger
	c        *container
	busy     sync.WaitGroup
	ctx      context.Context
	cancel   context.CancelFunc
	killing  sync.WaitGroup // which Close does not cut short
}

var (
	_ command.Processes = (*Task)(nil)
	_ command.Slow      = (*Task)(nil)
)

// NewTask makes one. dispatch runs a function on the executor's goroutine; https
// is the path of mesos-probe.
func NewTask(o *docker.Order, c *engine.Client, dispatch func(func()), https string, log *slog.Logger) *Task {
	t := &Task{order: o, dispatch: dispatch, https: https, log: log, c: newContainer(o, c)}
	t.ctx, t.cancel = context.WithCancel(context.Background())
	return t
}

// Start implements command.Processes; the executor calls StartSlowly.
func (t *Task) Start(*v1.TaskInfo, func(syscall.WaitStatus)) error {
	panic("a container is started by StartSlowly")
}

// StartSlowly implements command.Slow.
func (t *Task) StartSlowly(task *v1.TaskInfo, started func(*v1.TaskStatus, error), ended func(syscall.WaitStatus)) {
	t.busy.Go(func() {
		spec, out, about, err := t.begin(task)
		t.dispatch(func() { started(about, err) })
		if err != nil {
			return
		}
		if spec.Tty && terminal() {
			restore := t.c.interact(t.ctx, out)
			defer restore()
		}
		memory := watchMemory(t.c.pid)
		defer memory.Close()
		code, err := t.c.await(t.ctx, out, spec.Tty)
		if t.ctx.Err() != nil {
			return
		}
		limit, is := limited(t.ctx, spec, memory, code)
		ws := syscall.WaitStatus(code << 8)
		if err != nil {
			t.log.Error("the container is gone", "error", err)
			ws = syscall.WaitStatus(syscall.SIGKILL)
		}
		t.dispatch(func() {
			if is {
				about.Reason, about.Limitation = limit.Reason.Enum(), &v1.TaskResourceLimitation{Resources: limit.Resources}
				about.Message = proto.String("Command " + proctree.Describe(ws) + ": " + limit.Message)
			}
			ended(ws)
		})
	})
}

// begin starts the container of a task.
func (t *Task) begin(task *v1.TaskInfo) (spec *engine.Container, out *engine.Stream, about *v1.TaskStatus, err error) {
	spec = t.order.Container
	docker.Command(spec, task.GetCommand())
	var role []string
	for _, r := range task.GetResources() {
		if name := r.GetAllocationInfo().GetRole(); name != "" {
			role = []string{"MESOS_ALLOCATION_ROLE=" + name}
		}
	}
	if err := docker.Environment(spec, role, task.GetCommand().GetEnvironment()); err != nil {
		return nil, nil, nil, err
	}
	s, out, err := t.c.start(t.ctx, spec)
	if err != nil {
		return nil, nil, nil, err
	}
	return spec, out, describe(s, task.GetContainer()), nil
}

// describe is what is told about a container that runs: its addresses, and all
// that the engine says of it, as Mesos does.
func describe(s *engine.State, info *v1.ContainerInfo) *v1.TaskStatus {
	about := &v1.TaskStatus{Data: append(append([]byte("["), s.Raw...), ']')}
	net := &v1.NetworkInfo{}
	if list := info.GetNetworkInfos(); len(list) == 1 {
		net = proto.CloneOf(list[0])
		net.IpAddresses = nil
	}
	for _, e := range s.NetworkSettings.Networks {
		if e.IPAddress != "" {
			net.IpAddresses = append(net.IpAddresses, &v1.NetworkInfo_IPAddress{Protocol: v1.NetworkInfo_IPv4.Enum(), IpAddress: proto.String(e.IPAddress)})
			if about.Labels == nil {
				about.Labels = &v1.Labels{Labels: []*v1.Label{{Key: proto.String("Docker.NetworkSettings.IPAddress"), Value: proto.String(e.IPAddress)}}}
			}
		}
		if e.GlobalIPv6 != "" {
			net.IpAddresses = append(net.IpAddresses, &v1.NetworkInfo_IPAddress{Protocol: v1.NetworkInfo_IPv6.Enum(), IpAddress: proto.String(e.GlobalIPv6)})
		}
	}
	if len(net.IpAddresses) > 0 {
		about.ContainerStatus = &v1.ContainerStatus{NetworkInfos: []*v1.NetworkInfo{net}}
	}
	return about
}

// Terminate implements command.Processes.
func (t *Task) Terminate() { t.signal(stopSignal) }

// Kill implements command.Processes.
func (t *Task) Kill() { t.signal("SIGKILL") }

func (t *Task) signal(name string) {
	t.killing.Go(func() {
		ctx, end := context.WithTimeout(context.Background(), killTimeout)
		defer end()
		if err := t.c.signal(ctx, name); err != nil {
			t.log.Error("the container cannot be signalled", "signal", name, "error", err)
		}
	})
}

// Close waits for signals that are on their way to the container, and lets go of
// it: if it runs still, it is the agent's to end. Probes must have been cancelled.
func (t *Task) Close() {
	t.killing.Wait()
	t.cancel()
	t.busy.Wait()
}
