package simtest

import (
	"mesos/actors"
	"mesos/registry/leader"
)

// Program is a program of a test on the cluster's network, like a framework with a store of its own. It crashes and starts
// again as the test says.
type Program struct {
	c       *Cluster
	start   func(where Place) error
	program *program
}

// Place is what a program is started with.
type Place struct {
	System   *actors.System
	Master   actors.UPID
	Detector leader.Detector // nil with one master
}

// Program starts a program.
func (c *Cluster) Program(start func(where Place) error) *Program {
	c.T.Helper()
	p := &Program{c: c, start: start}
	p.Start()
	return p
}

// Start starts the program, for the first time or after a crash, at an address of its own.
func (p *Program) Start() {
	p.c.T.Helper()
	p.program = p.c.newProgram(p.c.host(20000))
	p.program.again = func(bool) { p.Start() }
	where := Place{System: p.program.sys, Master: p.c.Master(), Detector: p.c.detector(p.program.addr)}
	if err := p.start(where); err != nil {
		p.c.T.Error(err)
	}
}

// Crash ends the program as kill -9 does: nothing that it had is sent any more.
func (p *Program) Crash() { p.c.crash(p.program) }

// Finished says that a task came to its good end, whoever learned of it.
func (c *Cluster) Finished(taskID string) bool { return c.tasks.hasFinished(taskID) }
