package simtest

import (
	"context"
	"fmt"
	"os"
	"runtime"
	"slices"
	"testing"
	"time"

	def "mesos/actors/marathon/model"
)

// put1 makes or changes one spec and waits until it is answered.
func (m *services) put1(spec *def.Spec) {
	m.c.T.Helper()
	answered := make(chan error, 1)
	s := m.s
	go func() {
		_, err := s.EditSpecs(context.Background(), true, func(map[string]*def.Spec) (map[string]*def.Spec, error) {
			return map[string]*def.Spec{spec.ID(): spec}, nil
		})
		answered <- err
	}()
	m.c.Advance(100 * time.Millisecond)
	if err := <-answered; err != nil {
		m.c.T.Fatal(err)
	}
}

// TestMarathonPerAgent: one instance on each agent, also on one that comes later.
func TestMarathonPerAgent(t *testing.T) {
	Run(t, Options{Agents: 3, Seed: 4}, func(c *Cluster) {
		m := startServices(c)
		m.put(app("/monitor", "forever", 1, `,"perAgent":true`))
		c.Until(time.Minute, "3 instances", m.settled("/monitor", 3, "forever"))
		c.AddAgent("")
		c.Until(time.Minute, "4 instances", m.settled("/monitor", 4, "forever"))
		on := map[string]int{}
		for _, i := range m.list() {
			on[i.AgentID]++
		}
		if len(on) != 4 {
			t.Errorf("instances by agent: got %v, want one on each of 4", on)
		}
		m.put(app("/monitor", "sleep 1000000", 1, `,"perAgent":true`))
		c.Until(5*time.Minute, "4 new instances", m.settled("/monitor", 4, "sleep 1000000"))
	})
}

// TestMarathonConstraints: UNIQUE leaves instances waiting that find no agent of their own.
func TestMarathonConstraints(t *testing.T) {
	Run(t, Options{Agents: 2, Seed: 6}, func(c *Cluster) {
		m := startServices(c)
		m.put(app("/one", "forever", 3, `,"constraints":[["@zone","UNLIKE","x"],["hostname","MAX_PER","1"]]`))
		c.Advance(20 * time.Second)
		if got := c.tasks.aliveWith("one.instance-"); got != 1 { // all agents of the simulation have one host name
			t.Errorf("got %d instances, want 1: the host name is the same everywhere", got)
		}
	})
}

// TestMarathonPods: the containers of an instance run and are replaced together.
func TestMarathonPods(t *testing.T) {
	Run(t, Options{Agents: 2, Seed: 8}, func(c *Cluster) {
		m := startServices(c)
		d, err := def.DecodePod([]byte(`{"id":"/pod","scaling":{"kind":"fixed","instances":2},"containers":[
			{"name":"a","resources":{"cpus":0.1,"mem":32},"exec":{"command":{"shell":"forever"}},"environment":{"`+taskVariable+`":"pod-a"},"endpoints":[{"name":"http","hostPort":0}]},
			{"name":"b","resources":{"cpus":0.1,"mem":32},"exec":{"command":{"shell":"forever"}},"environment":{"`+taskVariable+`":"pod-b"}}]}`), def.Root, "")
		if err != nil {
			t.Fatal(err)
		}
		m.put1(&def.Spec{Pod: d})
		whole := func(n int) func() bool {
			return func() bool {
				running := 0
				for _, i := range m.list() {
					if i.Condition() == def.Running && len(i.Tasks) == 2 {
						running++
					}
				}
				return running == n && c.Runs("pod-a") == n && c.Runs("pod-b") == n && m.deployments() == 0
			}
		}
		c.Until(time.Minute, "2 instances", whole(2))
		c.Agents[0].CrashExecutors()
		c.Agents[1].CrashExecutors()
		c.Until(time.Minute, "the end of the old ones", func() bool { return !whole(2)() })
		c.Until(time.Minute, "2 new instances", whole(2))
		c.Check()
	})
}

// TestMarathonDeploysThousands deploys as many apps of ten instances as MARATHON_APPS says, and tells how long it took
// and what it weighs; `make bench-marathon` has 1,000.
func TestMarathonDeploysThousands(t *testing.T) {
	n := 20
	if text := os.Getenv("MARATHON_APPS"); text != "" {
		if _, err := fmt.Sscan(text, &n); err != nil {
			t.Fatal(err)
		}
	}
	Run(t, Options{Agents: max(2, n/10), Resources: "cpus:32;mem:65536;disk:10240;ports:[31000-32000]"}, func(c *Cluster) {
		heap := func() float64 {
			runtime.GC()
			var x runtime.MemStats
			runtime.ReadMemStats(&x)
			return float64(x.HeapAlloc) / (1 << 20)
		}
		m := startServices(c)
		before, began, clock := heap(), time.Now(), realNow()
		for k := range n {
			a, err := def.DecodeApp([]byte(app(fmt.Sprintf("/app-%d", k), "forever", 10, "")), def.Root, "")
			if err != nil {
				t.Fatal(err)
			}
			m.put1(&def.Spec{App: a})
		}
		sent := time.Since(began)
		c.Until(time.Hour, "all instances", func() bool { return c.tasks.aliveWith("app-") == 10*n && m.deployments() == 0 })
		took, real, with := time.Since(began), realNow().Sub(clock), heap()
		// What it holds shows when another one takes its place: nothing else of the simulation changes then.
		m.crash()
		c.programs = slices.DeleteFunc(c.programs, func(p *program) bool { return p == m.p })
		m.s, m.p = nil, nil
		c.Advance(15 * time.Minute) // its timers hold it until then
		without := heap()
		m.start()
		c.Until(time.Hour, "its successor to know all of them", func() bool { return len(m.list()) == 10*n })
		c.Advance(time.Minute)
		alone := heap() - without
		t.Logf("%d apps of 10 instances on %d agents: all answered after %v, all run after %v of virtual time (%v of real time); heap of the whole simulation %.0f MB before, %.0f MB after; marathon alone %.1f MB",
			n, len(c.Agents), sent, took, real, before, with, alone)
	})
}

// TestMarathonAfterItsRemoval: an operator tears the framework down; the next run is another one, with the same apps.
func TestMarathonAfterItsRemoval(t *testing.T) {
	Run(t, Options{Agents: 2, Seed: 9}, func(c *Cluster) {
		m := startServices(c)
		m.put(app("/web", "forever", 2, ""))
		c.Until(time.Minute, "2 instances", m.settled("/web", 2, "forever"))
		id := make(chan string, 1)
		go func() {
			if info, err := m.s.Info(context.Background()); err == nil {
				id <- info.Framework
			}
		}()
		c.Advance(time.Millisecond)
		m.crash()
		if code, text := c.Operator("TEARDOWN", `"framework_id":{"value":"`+<-id+`"}`); code != 202 && code != 200 {
			t.Fatalf("teardown: got %d, %s", code, text)
		}
		m.start()
		c.Until(time.Minute, "its end", func() bool { return m.failure() != nil })
		c.Advance(time.Second)
		m.crash()
		m.start()
		c.Until(time.Minute, "2 instances of a new framework", m.settled("/web", 2, "forever"))
	})
}
