package simtest

import (
	"context"
	"fmt"
	"strings"
	"sync"
	"testing"
	"time"

	"mesos/actors/marathon"
	def "mesos/actors/marathon/model"
	"mesos/registry"
)

// services is marathon on a program of its own. Its disk outlives crashes.
type services struct {
	c    *Cluster
	role string // of the framework; "": everybody's
	disk *registry.Disk
	p    *program
	s    *marathon.Service

	mu     sync.Mutex
	failed error // why it ended by itself
}

func (m *services) failure() error {
	m.mu.Lock()
	defer m.mu.Unlock()
	return m.failed
}

func startServices(c *Cluster) *services {
	m := &services{c: c, disk: &registry.Disk{}}
	m.start()
	return m
}

func (m *services) start() {
	m.p = m.c.newProgram(m.c.host(20000))
	s, err := marathon.Start(context.Background(), m.p.sys, marathon.Config{
		Role: m.role, Master: m.c.Master(), Detector: m.c.detector(m.p.addr), Store: registry.OpenMemory(m.disk), Log: m.c.log,
		OnFailed: func(err error) {
			m.mu.Lock()
			defer m.mu.Unlock()
			m.failed = err
		},
	})
	if err != nil {
		m.c.T.Fatal(err)
	}
	m.s, m.p.stop = s, s.Wait
	m.p.again = func(bool) { m.start() }
}

func (m *services) crash() { m.c.crash(m.p) }

// put makes or changes apps, as a client does who sends it again until it is answered.
func (m *services) put(apps ...string) {
	m.c.T.Helper()
	for {
		answered := make(chan error, 1)
		ctx, cancel := context.WithCancel(context.Background())
		s := m.s
		go func() {
			_, err := s.EditSpecs(ctx, true, func(map[string]*def.Spec) (map[string]*def.Spec, error) {
				out := map[string]*def.Spec{}
				for _, text := range apps {
					a, err := def.DecodeApp([]byte(text), def.Root, "")
					if err != nil {
						return nil, err
					}
					out[a.ID] = &def.Spec{App: a}
				}
				return out, nil
			})
			answered <- err
		}()
		m.c.Advance(100 * time.Millisecond)
		cancel()
		if err := <-answered; err == nil {
			return
		} else if ctx.Err() == nil {
			m.c.T.Fatal(err)
		}
		m.c.Advance(time.Second)
	}
}

// app is an app whose instances run the modelled command.
func app(id, command string, instances int, more string) string {
	return fmt.Sprintf(`{"id":%q,"cmd":%q,"instances":%d,"cpus":0.1,"mem":32%s}`, id, command, instances, more)
}

// list asks for the instances, nil while nobody answers.
func (m *services) list() []*marathon.Instance {
	ctx, cancel := context.WithCancel(context.Background())
	defer cancel()
	answer := make(chan []*marathon.Instance, 1)
	s := m.s
	go func() {
		l, err := s.Instances(ctx, func(*def.Instance) bool { return true })
		if err != nil {
			l = nil
		}
		answer <- l
	}()
	m.c.stage.settle()
	time.Sleep(time.Millisecond)
	m.c.stage.settle()
	select {
	case l := <-answer:
		return l
	default:
		cancel()
		<-answer
		return nil
	}
}

func (m *services) deployments() int {
	ctx, cancel := context.WithCancel(context.Background())
	defer cancel()
	answer := make(chan int, 1)
	s := m.s
	go func() {
		l, err := s.Deployments(ctx)
		if err != nil {
			answer <- -1
			return
		}
		answer <- len(l)
	}()
	m.c.stage.settle()
	time.Sleep(time.Millisecond)
	m.c.stage.settle()
	select {
	case n := <-answer:
		return n
	default:
		cancel()
		<-answer
		return -1
	}
}

// settled says that no deployment is under way, that n instances of an app run
// what command says, that each does so in one container, and that nothing else of
// the app lives anywhere.
func (m *services) settled(id string, n int, command string) func() bool {
	return func() bool {
		if m.deployments() != 0 {
			return false
		}
		running, containers := 0, 0
		for _, i := range m.list() {
			if i.Spec != id || i.Condition() == def.Suspended {
				continue
			}
			if i.Condition() != def.Running || i.Def == nil || i.Def.App.Cmd != command {
				return false
			}
			running++
			containers += m.c.Runs(i.Tasks[0].ID)
		}
		return running == n && containers == n && m.c.tasks.aliveWith(def.Safe(id)+".instance-") == n
	}
}

// aliveWith counts the containers of tasks whose id begins so.
func (c *taskCounts) aliveWith(prefix string) (n int) {
	c.mu.Lock()
	defer c.mu.Unlock()
	for id, in := range c.where {
		if strings.HasPrefix(id, prefix) {
			n += len(in)
		}
	}
	return n
}

func TestMarathonScales(t *testing.T) {
	Run(t, Options{Agents: 3, Seed: 1}, func(c *Cluster) {
		m := startServices(c)
		for _, n := range []int{3, 10, 1, 0} {
			m.put(app("/web", "forever", n, ""))
			c.Until(time.Minute, fmt.Sprintf("%d instances", n), m.settled("/web", n, "forever"))
		}
		c.Check()
	})
}

// TestMarathonUpgradesWhileItCrashes kills marathon at writes of a deployment, before or after it.
func TestMarathonUpgradesWhileItCrashes(t *testing.T) {
	stopped := 0
	for n := 1; n < 10; n++ {
		for _, after := range []bool{false, true} {
			t.Run(fmt.Sprintf("write %d after %v", n, after), func(t *testing.T) {
				Run(t, Options{Agents: 3, Seed: uint64(n)}, func(c *Cluster) {
					m := startServices(c)
					m.put(app("/web", "forever", 4, ""))
					c.Until(time.Minute, "4 instances", m.settled("/web", 4, "forever"))
					m.disk.StopAt(n, after)
					a, err := def.DecodeApp([]byte(app("/web", "sleep 1000000", 6, "")), def.Root, "")
					if err != nil {
						t.Fatal(err)
					}
					ctx, cancel := context.WithCancel(context.Background())
					sent := make(chan bool)
					go func() {
						defer close(sent)
						_, _ = m.s.EditSpecs(ctx, true, func(map[string]*def.Spec) (map[string]*def.Spec, error) {
							return map[string]*def.Spec{"/web": {App: a}}, nil
						})
					}()
					c.Advance(20 * time.Second)
					cancel()
					<-sent
					if m.disk.Stopped() {
						stopped++
					}
					m.crash()
					c.Advance(5 * time.Second)
					m.start()
					m.put(app("/web", "sleep 1000000", 6, ""))
					c.Until(10*time.Minute, "6 new instances", m.settled("/web", 6, "sleep 1000000"))
					c.Check()
				})
			})
		}
	}
	if stopped < 10 {
		t.Errorf("marathon died within %d deployments, want 10 at least", stopped)
	}
}

// serviceFault is something that happens to a cluster with services.
type serviceFault struct {
	name  string
	wreck func(c *Cluster, m *services)
}

func faultsOfServices() []serviceFault {
	return []serviceFault{
		{"marathon crashes", func(c *Cluster, m *services) {
			for range 5 {
				m.crash()
				c.Advance(3 * time.Second)
				m.start()
				c.Advance(7 * time.Second)
			}
		}},
		{"the master fails over", func(c *Cluster, _ *services) {
			for range 3 {
				c.CrashMaster()
				c.Advance(5 * time.Second)
				c.StartMaster()
				c.Advance(20 * time.Second)
			}
		}},
		{"agents flap", func(c *Cluster, _ *services) {
			for _, a := range c.Agents {
				a.Crash()
				c.Advance(10 * time.Second)
				a.Start()
				c.Advance(10 * time.Second)
			}
		}},
		{"containers die", func(c *Cluster, _ *services) {
			for _, a := range c.Agents {
				a.CrashExecutors()
				c.Advance(10 * time.Second)
			}
		}},
		{"a machine restarts", func(c *Cluster, _ *services) { c.Agents[0].Reboot() }},
		{"an agent is away for an hour", func(c *Cluster, _ *services) {
			c.Agents[1].Crash()
			c.Advance(time.Hour)
			c.Agents[1].Start()
		}},
		{"all at once", func(c *Cluster, m *services) {
			m.crash()
			c.CrashMaster()
			c.Agents[0].Crash()
			c.Agents[2].CrashExecutors()
			c.Advance(30 * time.Second)
			c.StartMaster()
			m.start()
			c.Advance(time.Minute)
			c.Agents[0].Start()
		}},
	}
}

// TestMarathonUnderFaults lets services live through what happens to clusters.
func TestMarathonUnderFaults(t *testing.T) {
	for _, f := range faultsOfServices() {
		for seed := uint64(1); seed <= 3; seed++ {
			t.Run(fmt.Sprintf("%s, seed %d", f.name, seed), func(t *testing.T) {
				Run(t, Options{Agents: 3, Seed: seed}, func(c *Cluster) {
					m := startServices(c)
					m.put(app("/web", "forever", 6, ""), app("/db", "forever", 2, ""))
					c.Until(time.Minute, "the services", m.settled("/web", 6, "forever"))
					m.put(app("/web", "sleep 1000000", 8, `,"upgradeStrategy":{"minimumHealthCapacity":0.5,"maximumOverCapacity":0.2}`))
					f.wreck(c, m)
					c.Until(30*time.Minute, "8 new instances of /web", m.settled("/web", 8, "sleep 1000000"))
					c.Until(30*time.Minute, "2 instances of /db", m.settled("/db", 2, "forever"))
					c.Check()
				})
			})
		}
	}
}

// TestMarathonWaitsForDependencies: what others depend on is there first.
func TestMarathonWaitsForDependencies(t *testing.T) {
	Run(t, Options{Agents: 2, Seed: 7}, func(c *Cluster) {
		m := startServices(c)
		m.put(app("/web", "forever", 2, `,"dependencies":["/db"]`), app("/db", "forever", 1, ""))
		c.Until(time.Minute, "both", m.settled("/web", 2, "forever"))
		var db, web time.Time
		for _, i := range m.list() {
			if i.Spec == "/db" {
				db = i.Started().Time
			} else if web.IsZero() || i.Created.Before(web) {
				web = i.Created.Time
			}
		}
		if web.Before(db) {
			t.Errorf("/web was launched at %v, before /db ran at %v", web, db)
		}
	})
}

// TestMarathonBacksOff: an app that fails is launched ever more seldom.
func TestMarathonBacksOff(t *testing.T) {
	Run(t, Options{Agents: 1, Seed: 3}, func(c *Cluster) {
		m := startServices(c)
		m.put(app("/bad", "exit 1", 1, `,"backoffSeconds":10,"backoffFactor":2,"maxLaunchDelaySeconds":1000`))
		c.Advance(10 * time.Minute)
		// 10 + 20 + 40 + 80 + 160 + 320 s: six or seven launches fit into ten minutes.
		if n := c.tasks.startsWith("bad.instance-"); n < 4 || n > 8 {
			t.Errorf("an app that fails was started %d times in ten minutes, want 4 to 8", n)
		}
	})
}

// startsWith counts the starts of tasks whose id begins so.
func (c *taskCounts) startsWith(prefix string) (n int) {
	c.mu.Lock()
	defer c.mu.Unlock()
	for id, starts := range c.starts {
		if strings.HasPrefix(id, prefix) {
			n += starts
		}
	}
	return n
}

// TestMarathonCanary: an upgrade stops at its canaries, and goes back when one fails.
func TestMarathonCanary(t *testing.T) {
	const canary = `,"upgradeStrategy":{"minimumHealthCapacity":1,"maximumOverCapacity":0.5,"canaryInstances":1,"canaryPromoteSeconds":60,"autoRevert":true}`
	count := func(m *services, command string) (n int) {
		for _, i := range m.list() {
			if i.Condition() == def.Running && i.Def != nil && i.Def.App.Cmd == command {
				n++
			}
		}
		return n
	}
	Run(t, Options{Agents: 2, Seed: 5}, func(c *Cluster) {
		m := startServices(c)
		m.put(app("/web", "forever", 4, ""))
		c.Until(time.Minute, "4 instances", m.settled("/web", 4, "forever"))
		m.put(app("/web", "exit 3", 4, canary))
		c.Until(5*time.Minute, "the way back", m.settled("/web", 4, "forever"))
		m.put(app("/web", "sleep 1000000", 4, canary))
		c.Until(time.Minute, "one canary", func() bool { return count(m, "sleep 1000000") == 1 && count(m, "forever") == 3 })
		c.Advance(30 * time.Second)
		if got := count(m, "sleep 1000000"); got != 1 {
			t.Errorf("%d instances are new before the promotion, want 1", got)
		}
		c.Until(5*time.Minute, "all of them", m.settled("/web", 4, "sleep 1000000"))
	})
}
