package simtest

import (
	"context"
	"maps"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"syscall"

	"google.golang.org/protobuf/proto"

	"mesos/actors"
	"mesos/actors/containerizer"
	"mesos/actors/executor"
	v1 "mesos/messages/mesos/v1"
	"mesos/messages/resources"
)

// Containers models a containerizer: a container is a program on the network
// that runs the executor driver with a modelled command.
type Containers struct {
	c         *Cluster
	agent     *Agent
	sandboxes *Sandboxes
	mu        sync.Mutex
	m         map[string]*container
	nested    map[string]*nested
	exits     exits

	launched int
}

type container struct {
	info    *v1.ContainerInfo // as it was launched with
	process containerizer.Process
	program *program
	exit    chan containerizer.Exit
	ending  atomic.Bool
	ended   chan struct{} // closed when it is over
}

func newContainers(a *Agent) *Containers {
	return &Containers{c: a.c, agent: a, sandboxes: a.Sandboxes, m: map[string]*container{}, nested: map[string]*nested{}}
}

var _ containerizer.Containerizer = (*Containers)(nil)

// Launch starts the container's program.
func (s *Containers) Launch(_ context.Context, conf containerizer.Config) (p containerizer.Process, err error) {
	s.c.stage.do(conf.ContainerID, func() { p, err = s.launch(conf) })
	return p, err
}

func (s *Containers) launch(conf containerizer.Config) (containerizer.Process, error) {
	if strings.Contains(conf.ContainerID, ".") {
		s.mu.Lock()
		defer s.mu.Unlock()
		return s.launchNested(conf)
	}
	env := map[string]string{}
	for _, kv := range conf.Environment {
		k, v, _ := strings.Cut(kv, "=")
		env[k] = v
	}
	ec, err := executor.FromEnv(func(k string) string { return env[k] })
	if err != nil {
		return containerizer.Process{}, err
	}
	s.sandboxes.made(conf.Sandbox)
	ec.Log = s.c.log
	s.mu.Lock()
	defer s.mu.Unlock()
	s.launched++
	node := s.c.Net.Node(s.c.host(40000))
	node.MaxBackoff = ec.LinkBackoff()
	k := &container{info: conf.Info, process: containerizer.Process{PID: 1000 + s.launched, Started: uint64(s.launched)}, exit: make(chan containerizer.Exit, 1), ended: make(chan struct{}), program: s.c.newProgramOn(node)}
	k.program.kill = func() { s.kill(conf.ContainerID, k) }
	s.m[conf.ContainerID] = k
	s.c.tasks.place(conf.ContainerID, s.agent)
	end := func(status int) { go s.end(conf.ContainerID, k, status) }
	if conf.Command.GetValue() == V0Command {
		_, err = k.program.sys.Spawn("executor(1)", &v0Executor{conf: ec, end: end, counts: &s.c.tasks, where: conf.ContainerID})
		return k.process, err
	}
	_, err = k.program.sys.Spawn("executor(1)", actors.ActorFunc(func(p *actors.Process) {
		if s.c.stage != nil {
			ec.UUID = func() []byte { u := p.UUID(); return u[:] }
			ec.Jitter = p.Rand().Float64
		}
		if slices.Equal(conf.Command.GetArguments(), []string{"mesos-default-executor"}) {
			s.podExecutor(p, ec, conf.ContainerID, end)
			return
		}
		m := &model{p: p, end: end, tasks: map[string]*modelTask{}, counts: &s.c.tasks, container: conf.ContainerID}
		d := executor.New(p, ec, m)
		p.OnMessage(d.Receive)
		p.OnExited(d.Exited)
		d.Start()
	}))
	return k.process, err
}

// end is the exit of a container's program. Who ends one that is ending waits for that: on a channel, since the stage gives
// no turn while anybody waits for a lock.
func (s *Containers) end(id string, k *container, status int) {
	if k.ending.Swap(true) {
		<-k.ended
		return
	}
	defer close(k.ended)
	s.c.stage.do(id, func() {
		s.mu.Lock()
		delete(s.m, id)
		s.mu.Unlock()
		s.c.tasks.containerEnded(id)
		k.program.dead.Store(true)
		s.c.Net.Crash(k.program.addr)
	})
	k.program.sys.Shutdown()
	s.c.stage.do(id, func() {
		s.endAllNested(id) // whoever waits hears of these first
		s.exits.tell(s, k.exit, containerizer.Exit{Status: status})
	})
}

// Recover finds the containers that live and ends those that nobody knows.
func (s *Containers) Recover(_ string, known []containerizer.Known) (map[string]containerizer.Process, error) {
	alive, strays := map[string]containerizer.Process{}, s.all()
	for _, c := range known {
		if k := strays[c.ContainerID]; k != nil {
			if !proto.Equal(c.Info, k.info) {
				s.c.T.Errorf("container %s is recovered as %v, and was launched as %v", c.ContainerID, c.Info, k.info)
			}
			alive[c.ContainerID] = k.process
			delete(strays, c.ContainerID)
		}
	}
	for _, id := range slices.Sorted(maps.Keys(strays)) {
		s.end(id, strays[id], int(syscall.SIGKILL))
	}
	s.c.stage.do("recovery on "+s.agent.addr, func() { s.recoverNested(known, alive) })
	return alive, nil
}

// Wait gives the exit of a container.
func (s *Containers) Wait(id string) <-chan containerizer.Exit {
	s.mu.Lock()
	defer s.mu.Unlock()
	if k := s.m[id]; k != nil {
		return k.exit
	}
	if n := s.nested[id]; n != nil {
		return s.waitNested(n)
	}
	closed := make(chan containerizer.Exit)
	close(closed)
	return closed
}

// Destroy kills a container.
func (s *Containers) Destroy(id string) {
	s.mu.Lock()
	k := s.m[id]
	s.mu.Unlock()
	if k != nil {
		s.end(id, k, int(syscall.SIGKILL))
		return
	}
	s.c.stage.do(id, func() { s.endNested(id, int(syscall.SIGKILL)) })
}

// Signal ends a modelled command that is nested in another container.
func (s *Containers) Signal(id string, sig syscall.Signal) error {
	s.c.stage.do(id, func() { s.endNested(id, int(sig)) })
	return nil
}

// Limited implements Containerizer: a modelled machine has no limits.
func (s *Containers) Limited(string) (containerizer.Exit, bool) { return containerizer.Exit{}, false }

// Update implements Containerizer.
func (s *Containers) Update(context.Context, string, resources.Resources, containerizer.Limits) error {
	return nil
}

// Usage implements Containerizer.
func (s *Containers) Usage(string) (*v1.ResourceStatistics, error) { return nil, nil }

// AttachOutput implements Containerizer: a modelled container has no streams.
func (s *Containers) AttachOutput(string) (containerizer.Output, error) {
	return nil, containerizer.ErrNotAttachable
}

// AttachInput implements Containerizer.
func (s *Containers) AttachInput(string) (containerizer.Input, error) {
	return nil, containerizer.ErrNotAttachable
}

func (s *Containers) crashAll() {
	all := s.all()
	for _, id := range slices.Sorted(maps.Keys(all)) {
		s.end(id, all[id], int(syscall.SIGKILL))
	}
}

func (s *Containers) all() map[string]*container {
	s.mu.Lock()
	defer s.mu.Unlock()
	return maps.Clone(s.m)
}

func (s *Containers) addrs() (out []string) {
	for _, k := range s.all() {
		out = append(out, k.program.addr)
	}
	slices.Sort(out)
	return out
}

// infos are the ContainerInfos of the executors' containers, by their ids.
func (s *Containers) infos() map[string]*v1.ContainerInfo {
	out := map[string]*v1.ContainerInfo{}
	for id, k := range s.all() {
		out[id] = k.info
	}
	return out
}

func (s *Containers) live() int {
	s.mu.Lock()
	defer s.mu.Unlock()
	return len(s.m)
}

// taskCounts knows which tasks run where, whatever anybody is told.
type taskCounts struct {
	mu     sync.Mutex
	starts map[string]int
	where  map[string]map[string]bool               // task → containers
	done   map[string]bool                          // tasks that came to their good end
	hosts  map[string]*Agent                        // by container
	watch  func(task, container string, starts int) // told of each start; may be nil
}

// finish notes that a task comes to its good end, before anybody is told.
func (t *taskCounts) finish(task string) {
	t.mu.Lock()
	defer t.mu.Unlock()
	if t.done == nil {
		t.done = map[string]bool{}
	}
	t.done[task] = true
}

// place notes on which machine a container is.
func (t *taskCounts) place(container string, a *Agent) {
	t.mu.Lock()
	defer t.mu.Unlock()
	if t.hosts == nil {
		t.hosts = map[string]*Agent{}
	}
	t.hosts[container] = a
}

// machine is where a container is, nil if it is not known.
func (t *taskCounts) machine(container string) *Agent {
	t.mu.Lock()
	defer t.mu.Unlock()
	return t.hosts[container]
}

func (t *taskCounts) hasFinished(task string) bool {
	t.mu.Lock()
	defer t.mu.Unlock()
	return t.done[task]
}

func (t *taskCounts) start(task, container string) {
	t.mu.Lock()
	defer t.mu.Unlock()
	if t.starts == nil {
		t.starts, t.where = map[string]int{}, map[string]map[string]bool{}
	}
	if t.where[task] == nil {
		t.where[task] = map[string]bool{}
	}
	t.starts[task]++
	t.where[task][container] = true
	if starts := t.starts[task]; t.watch != nil {
		t.mu.Unlock()
		t.watch(task, container, starts)
		t.mu.Lock()
	}
}

func (t *taskCounts) end(task, container string) {
	t.mu.Lock()
	defer t.mu.Unlock()
	delete(t.where[task], container)
}

func (t *taskCounts) containerEnded(container string) {
	t.mu.Lock()
	defer t.mu.Unlock()
	for _, in := range t.where {
		delete(in, container)
	}
}

func (t *taskCounts) alive(task string) int {
	t.mu.Lock()
	defer t.mu.Unlock()
	return len(t.where[task])
}

func (t *taskCounts) started(task string) int {
	t.mu.Lock()
	defer t.mu.Unlock()
	return t.starts[task]
}
