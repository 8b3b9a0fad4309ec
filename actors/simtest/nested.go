package simtest

import (
	"fmt"
	"slices"
	"strings"
	"syscall"
	"time"

	"google.golang.org/protobuf/proto"

	"mesos/actors"
	"mesos/actors/checks"
	"mesos/actors/containerizer"
	"mesos/actors/containerizer/launch"
	"mesos/actors/executor"
	"mesos/actors/executor/pod"
)

// nested is a container within another: a modelled command, and in the end how
// it ended, which outlives the agent.
type nested struct {
	process containerizer.Process
	task    string // "" where the command is no task's
	exit    *containerizer.Exit
	waiting []chan containerizer.Exit
	timer   *time.Timer
}

// launchNested starts a modelled command. mu is held.
func (s *Containers) launchNested(conf containerizer.Config) (containerizer.Process, error) {
	outer, _, _ := strings.Cut(conf.ContainerID, ".")
	if s.m[outer] == nil {
		return containerizer.Process{}, fmt.Errorf("%w: %s", containerizer.ErrNoParent, outer)
	}
	s.launched++
	n := &nested{process: containerizer.Process{PID: 1000 + s.launched, Started: uint64(s.launched)}, task: launch.Getenv(conf.Environment, taskVariable)}
	s.nested[conf.ContainerID] = n
	s.c.tasks.start(n.task, conf.ContainerID)
	if after, status := behaviour(conf.Command.GetValue()); after >= 0 {
		n.timer = time.AfterFunc(after, func() {
			s.c.stage.do(conf.ContainerID, func() { s.endNested(conf.ContainerID, status<<8) })
		})
	}
	return n.process, nil
}

// taskVariable tells a modelled command which task it is.
const taskVariable = "SIMTEST_TASK"

// endNested is the end of a nested container, if it has not ended.
func (s *Containers) endNested(id string, status int) {
	s.mu.Lock()
	defer s.mu.Unlock()
	n := s.nested[id]
	if n == nil || n.exit != nil {
		return
	}
	n.exit = &containerizer.Exit{Status: status}
	if n.timer != nil {
		n.timer.Stop()
	}
	s.c.tasks.end(n.task, id)
	if status == 0 {
		s.c.tasks.finish(n.task)
	}
	for _, w := range n.waiting {
		s.exits.tell(s, w, *n.exit)
	}
	n.waiting = nil
}

// endAllNested ends what is nested in a container, and forgets it.
func (s *Containers) endAllNested(outer string) {
	var ids []string
	s.mu.Lock()
	for id := range s.nested {
		if strings.HasPrefix(id, outer+".") {
			ids = append(ids, id)
		}
	}
	s.mu.Unlock()
	slices.Sort(ids)
	for _, id := range ids {
		s.endNested(id, int(syscall.SIGKILL))
	}
}

// waitNested gives the exit of a nested container. mu is held.
func (s *Containers) waitNested(n *nested) <-chan containerizer.Exit {
	w := make(chan containerizer.Exit, 1)
	if n.exit != nil {
		w <- *n.exit
		close(w)
	} else {
		n.waiting = append(n.waiting, w)
	}
	return w
}

// recoverNested finds the nested containers that live, and ends those that
// nobody knows.
func (s *Containers) recoverNested(known []containerizer.Known, alive map[string]containerizer.Process) {
	mine := map[string]bool{}
	for _, k := range known {
		mine[k.ContainerID] = true
	}
	var strays []string
	s.mu.Lock()
	for id, n := range s.nested {
		switch {
		case !mine[id]:
			strays = append(strays, id)
		case n.exit == nil:
			alive[id] = n.process
		}
	}
	s.mu.Unlock()
	slices.Sort(strays)
	for _, id := range strays {
		s.endNested(id, int(syscall.SIGKILL))
	}
}

// podExecutor is the real default executor on a modelled machine.
func (s *Containers) podExecutor(p *actors.Process, conf executor.Config, containerID string, end func(int)) {
	k := executor.NewContainers(p, conf)
	e := pod.New(pod.Options{
		Runtime: p, Containers: k, Machine: &machine{s: s, container: containerID}, Leave: func() { end(0) }, Now: time.Now, Sandbox: conf.Sandbox,
	})
	conf.Expired, conf.Stopped = e.Expired, e.Stopped
	d := executor.New(p, conf, e)
	p.OnMessage(func(from actors.UPID, m proto.Message) {
		d.Receive(from, m)
		k.Receive(from, m)
	})
	p.OnExited(d.Exited)
	d.Start()
}

// machine is that of a default executor.
type machine struct {
	s         *Containers
	container string
	ids       int
}

func (m *machine) NewID() string {
	m.ids++
	return fmt.Sprintf("n%d", m.ids)
}

func (m *machine) Link(string, string) {}

func (m *machine) Probe(p checks.Probe, _ func(checks.Result)) func() {
	m.s.c.T.Errorf("probe %s: a modelled machine has no network for tasks", p)
	return func() {}
}

func (m *machine) KillOrphans() { m.s.endAllNested(m.container) }
