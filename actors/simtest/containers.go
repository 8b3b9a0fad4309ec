package simtest

import (
	"context"
	"strings"
	"sync"
	"syscall"

	"mesos/actors"
	"mesos/actors/containerizer"
	"mesos/actors/executor"
)

// Containers models a containerizer: a container is a program on the network
// that runs the executor driver with a modelled command.
type Containers struct {
	c  *Cluster
	mu sync.Mutex
	m  map[string]*container
}

type container struct {
	program *program
	exit    chan containerizer.Exit
	once    sync.Once
}

func newContainers(c *Cluster) *Containers { return &Containers{c: c, m: map[string]*container{}} }

var _ containerizer.Containerizer = (*Containers)(nil)

// Launch starts the container's program.
func (s *Containers) Launch(_ context.Context, conf containerizer.Config) (int, error) {
	env := map[string]string{}
	for _, kv := range conf.Environment {
		k, v, _ := strings.Cut(kv, "=")
		env[k] = v
	}
	ec, err := executor.FromEnv(func(k string) string { return env[k] })
	if err != nil {
		return 0, err
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	k := &container{exit: make(chan containerizer.Exit, 1), program: s.c.newProgram(s.c.host(40000))}
	s.m[conf.ContainerID] = k
	end := func(status int) { go s.end(conf.ContainerID, k, status) }
	_, err = k.program.sys.Spawn("executor(1)", actors.ActorFunc(func(p *actors.Process) {
		m := &model{p: p, end: end, tasks: map[string]*modelTask{}}
		d := executor.New(p, ec, m)
		p.OnMessage(d.Receive)
		p.OnExited(d.Exited)
		d.Start()
	}))
	return 1000 + len(s.m), err
}

// end is the exit of a container's program.
func (s *Containers) end(id string, k *container, status int) {
	k.once.Do(func() {
		s.mu.Lock()
		delete(s.m, id)
		s.mu.Unlock()
		k.program.dead = true
		s.c.Net.Crash(k.program.addr)
		k.program.sys.Shutdown()
		k.exit <- containerizer.Exit{Status: status}
		close(k.exit)
	})
}

// Wait gives the exit of a container.
func (s *Containers) Wait(id string) <-chan containerizer.Exit {
	s.mu.Lock()
	defer s.mu.Unlock()
	if k := s.m[id]; k != nil {
		return k.exit
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
	}
}

func (s *Containers) crashAll() {
	s.mu.Lock()
	all := map[string]*container{}
	for id, k := range s.m {
		all[id] = k
	}
	s.mu.Unlock()
	for id, k := range all {
		s.end(id, k, int(syscall.SIGKILL))
	}
}

func (s *Containers) live() int {
	s.mu.Lock()
	defer s.mu.Unlock()
	return len(s.m)
}
