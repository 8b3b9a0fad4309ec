package simtest

import (
	"context"
	"fmt"
	"sync"

	"mesos/actors/master"
	v1 "mesos/messages/mesos/v1"
	"mesos/registry/leader"
)

// Candidate is one of several masters. Its program ends when it is deposed, as the
// real one does, and is started again only by the test.
type Candidate struct {
	Addr string

	c       *Cluster
	program *program

	mu      sync.Mutex
	leads   bool
	deposed error // why its program ended
}

// startMasters starts one master, or several that elect their leader.
func (c *Cluster) startMasters() {
	if c.opts.Masters == 0 {
		c.StartMaster()
		return
	}
	c.Election = &leader.Election{Disk: c.Registry}
	for i := range c.opts.Masters {
		d := &Candidate{Addr: fmt.Sprintf("10.0.0.%d:5050", i+1), c: c}
		c.Candidates = append(c.Candidates, d)
		d.Start()
	}
}

// detector is what the program at addr has, nil without an election.
func (c *Cluster) detector(addr string) leader.Detector {
	if c.Election == nil {
		return nil
	}
	return detector{c, addr}
}

// detector tells one program who leads, in a turn of its own: others may tell that program something at the same time.
type detector struct {
	c    *Cluster
	addr string
}

// Watch implements leader.Detector.
func (d detector) Watch(ctx context.Context, told func(*v1.MasterInfo)) {
	d.c.Election.Watch(ctx, func(info *v1.MasterInfo) {
		d.c.stage.doUntil(ctx, "watch "+d.addr, func() { told(info) })
	})
}

// Start starts the candidate's program, for the first time, or after it ended.
func (d *Candidate) Start() {
	c := d.c
	if d.program != nil {
		c.crash(d.program)
	}
	d.mu.Lock()
	d.leads, d.deposed = false, nil
	d.mu.Unlock()
	p, conf := c.newProgram(d.Addr), c.nextMaster()
	d.program, p.again = p, d.again
	ctx, cancel := context.WithCancel(context.Background())
	var wg sync.WaitGroup
	wg.Add(1) // until it is stopped
	wg.Go(func() {
		store, err := c.Election.Contend(ctx, master.Info(conf, d.Addr))
		if err != nil {
			return
		}
		c.stage.do("lead of "+p.addr, func() {})
		m, al := c.lead(p, conf, store, func(err error) { wg.Go(func() { d.failed(p, err) }) })
		d.mu.Lock()
		defer d.mu.Unlock()
		d.leads = true
		c.mu.Lock()
		defer c.mu.Unlock()
		c.master, c.leader, c.alloc = p, m, al
	})
	p.stop = func() {
		cancel()
		wg.Done()
		wg.Wait()
	}
	c.stage.settle()
}

// failed ends the program, in a turn of its own, since another may begin to lead at the same time: nothing that it does
// from then on is heard.
func (d *Candidate) failed(p *program, err error) {
	d.c.stage.do("end of "+p.addr, func() {
		if p.dead.Load() {
			return // by itself
		}
		d.mu.Lock()
		defer d.mu.Unlock()
		d.leads, d.deposed = false, err
		d.c.Net.Crash(d.Addr)
	})
}

// Crash ends the candidate's program as kill -9 does. Its session, if it leads,
// lasts until the test lets it expire.
func (d *Candidate) Crash() {
	d.c.crash(d.program)
	d.mu.Lock()
	defer d.mu.Unlock()
	d.leads = false
}

// Leads says that it believes to lead.
func (d *Candidate) Leads() bool {
	d.mu.Lock()
	defer d.mu.Unlock()
	return d.leads
}

// Deposed is why its program ended, nil if it did not.
func (d *Candidate) Deposed() error {
	d.mu.Lock()
	defer d.mu.Unlock()
	return d.deposed
}

// Leader is the candidate that leads the registry, nil if none does.
func (c *Cluster) Leader() *Candidate {
	info := c.Election.Leader()
	for _, d := range c.Candidates {
		if info != nil && d.Leads() && info.GetPid() == "master@"+d.Addr {
			return d
		}
	}
	return nil
}
