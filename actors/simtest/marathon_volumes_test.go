package simtest

import (
	"context"
	"fmt"
	"maps"
	"slices"
	"strings"
	"testing"
	"time"

	"mesos/actors/marathon"
	def "mesos/actors/marathon/model"
	"mesos/registry"
)

// resident is an app whose instances have a volume each.
func resident(id, command string, instances int) string {
	return app(id, command, instances, `,"container":{"type":"MESOS","volumes":[{"containerPath":"data","mode":"RW","persistent":{"size":64}}]}`)
}

// startStateful is a marathon with a role, and a look at each start: no instance may run twice.
func startStateful(c *Cluster) *services {
	m := &services{c: c, role: "services", disk: &registry.Disk{}}
	c.tasks.watch = func(task, container string, _ int) {
		instance := instanceOf(task)
		c.tasks.mu.Lock()
		defer c.tasks.mu.Unlock()
		for other, in := range c.tasks.where {
			for at := range in {
				if instanceOf(other) == instance && at != container {
					c.T.Errorf("task %s starts in container %s while %s of the same instance lives in %s", task, container, other, at)
				}
			}
		}
	}
	m.start()
	return m
}

// instanceOf is the instance that a task belongs to.
func instanceOf(task string) string { return task[:max(0, strings.LastIndex(task, "._app."))] }

// volumes are those on all machines, sorted.
func (m *services) volumes() (out []string) {
	for _, a := range m.c.Agents {
		out = append(out, a.Volumes.There()...)
	}
	slices.Sort(out)
	return out
}

// keeps says that n instances of an app run what command says, and that there are so many volumes, one for each instance
// that marathon knows, and no reservation for another.
func (m *services) keeps(id string, n int, command string, volumes int) func() bool {
	settled := m.settled(id, n, command)
	return func() bool {
		if !settled() || len(m.volumes()) != volumes {
			return false
		}
		var known []string
		for _, i := range m.list() {
			if i.Spec == id {
				known = append(known, "services:"+i.Claim.Volumes[0].ID)
			}
		}
		slices.Sort(known)
		if !slices.Equal(known, m.volumes()) {
			return false
		}
		code, text := m.c.Operator("GET_AGENTS", "")
		if code != 200 {
			return false
		}
		for _, a := range m.c.Agents {
			if a.Volumes.Waste() > 0 {
				return false
			}
		}
		for _, part := range strings.Split(text, `"marathon_instance_id","value":"`)[1:] {
			instance, _, _ := strings.Cut(part, `"`)
			if !slices.ContainsFunc(m.list(), func(i *marathon.Instance) bool { return i.ID == instance }) {
				return false
			}
		}
		return true
	}
}

// held are the volumes of the instances of an app that run, by instance.
func (m *services) held(id string) map[string]string {
	out := map[string]string{}
	for _, i := range m.list() {
		if i.Spec == id && i.Condition() == def.Running {
			out[i.ID] = i.Claim.Volumes[0].ID
		}
	}
	return out
}

// kill ends instances by their ids, as a client does.
func (m *services) kill(wipe bool, ids ...string) {
	m.c.T.Helper()
	answered := make(chan error, 1)
	s := m.s
	go func() {
		_, _, err := s.KillTasks(context.Background(), false, wipe, false, func(i *def.Instance) bool { return slices.Contains(ids, i.ID) })
		answered <- err
	}()
	m.c.Advance(100 * time.Millisecond)
	if err := <-answered; err != nil {
		m.c.T.Fatal(err)
	}
}

// remove removes an app.
func (m *services) remove(id string) {
	m.c.T.Helper()
	answered := make(chan error, 1)
	s := m.s
	go func() {
		_, err := s.EditSpecs(context.Background(), true, func(map[string]*def.Spec) (map[string]*def.Spec, error) {
			return map[string]*def.Spec{id: nil}, nil
		})
		answered <- err
	}()
	m.c.Advance(100 * time.Millisecond)
	if err := <-answered; err != nil {
		m.c.T.Fatal(err)
	}
}

// TestMarathonKeepsVolumes: what instances have on disk stays theirs through an upgrade, scaling and kills, and goes with
// the app or when a user wipes it.
func TestMarathonKeepsVolumes(t *testing.T) {
	Run(t, Options{Agents: 3, Seed: 11}, func(c *Cluster) {
		m := startStateful(c)
		m.put(resident("/db", "forever", 3))
		c.Until(time.Minute, "3 instances with volumes", m.keeps("/db", 3, "forever", 3))
		first := m.held("/db")
		m.put(resident("/db", "sleep 1000000", 3))
		c.Until(5*time.Minute, "3 upgraded instances", m.keeps("/db", 3, "sleep 1000000", 3))
		if got := m.held("/db"); !maps.Equal(got, first) {
			t.Errorf("after the upgrade: got volumes %v, want %v", got, first)
		}
		m.put(resident("/db", "sleep 1000000", 1))
		c.Until(time.Minute, "1 instance, and the volumes of 3", m.keeps("/db", 1, "sleep 1000000", 3))
		m.put(resident("/db", "sleep 1000000", 3))
		c.Until(time.Minute, "3 instances again", m.keeps("/db", 3, "sleep 1000000", 3))
		if got := m.held("/db"); !maps.Equal(got, first) {
			t.Errorf("after scaling in and out: got volumes %v, want %v", got, first)
		}
		one := slices.Sorted(maps.Keys(first))[0]
		m.kill(false, one)
		c.Until(time.Minute, "the end of the killed task", func() bool { return len(m.held("/db")) < 3 })
		c.Until(time.Minute, "3 instances after a kill", m.keeps("/db", 3, "sleep 1000000", 3))
		if got := m.held("/db"); !maps.Equal(got, first) {
			t.Errorf("after a kill: got volumes %v, want %v", got, first)
		}
		m.kill(true, one)
		c.Until(5*time.Minute, "another instance for one that was wiped", func() bool {
			_, old := m.held("/db")[one]
			return !old && m.keeps("/db", 3, "sleep 1000000", 3)()
		})
		m.remove("/db")
		c.Until(5*time.Minute, "the end of all volumes", m.keeps("/db", 0, "", 0))
		c.Check()
	})
}

// TestMarathonVolumesUnderFaults lets instances with volumes live through what happens to clusters.
func TestMarathonVolumesUnderFaults(t *testing.T) {
	for _, f := range faultsOfServices() {
		for seed := uint64(1); seed <= 2; seed++ {
			t.Run(fmt.Sprintf("%s, seed %d", f.name, seed), func(t *testing.T) {
				Run(t, Options{Agents: 3, Seed: seed}, func(c *Cluster) {
					m := startStateful(c)
					m.put(resident("/db", "forever", 3))
					if seed%2 == 0 { // else it happens while volumes are made
						c.Until(time.Minute, "the volumes", m.keeps("/db", 3, "forever", 3))
					}
					before := m.held("/db")
					m.put(resident("/db", "sleep 1000000", 4))
					f.wreck(c, m)
					c.Until(time.Hour, "4 new instances", m.keeps("/db", 4, "sleep 1000000", 4))
					after := m.held("/db")
					for id, v := range before {
						if after[id] != v {
							t.Errorf("instance %s had volume %s: got %q", id, v, after[id])
						}
					}
					m.remove("/db")
					c.Until(time.Hour, "the end of all volumes", m.keeps("/db", 0, "", 0))
					c.Check()
				})
			})
		}
	}
}

// TestMarathonVolumesCrashAtEveryWrite kills marathon at its writes, before or after each.
func TestMarathonVolumesCrashAtEveryWrite(t *testing.T) {
	stopped := 0
	for n := 1; n <= 12; n++ {
		for _, after := range []bool{false, true} {
			t.Run(fmt.Sprintf("write %d after %v", n, after), func(t *testing.T) {
				Run(t, Options{Agents: 2, Seed: uint64(n)}, func(c *Cluster) {
					m := startStateful(c)
					stop := func() {
						c.Advance(20 * time.Second)
						if m.disk.Stopped() {
							stopped++
						}
						m.crash()
						c.Advance(5 * time.Second)
						m.start()
					}
					m.disk.StopAt(n, after)
					m.begin(resident("/db", "forever", 2))
					stop()
					m.put(resident("/db", "forever", 2))
					c.Until(time.Hour, "2 instances with volumes", m.keeps("/db", 2, "forever", 2))
					m.disk.StopAt(n, after)
					m.begin(resident("/db", "sleep 1000000", 2))
					stop()
					m.put(resident("/db", "sleep 1000000", 2))
					c.Until(time.Hour, "2 upgraded instances", m.keeps("/db", 2, "sleep 1000000", 2))
					m.disk.StopAt(n, after)
					m.begin("")
					stop()
					m.remove("/db")
					c.Until(time.Hour, "the end of all volumes", m.keeps("/db", 0, "", 0))
					c.Check()
				})
			})
		}
	}
	if stopped < 24 {
		t.Errorf("marathon died within %d changes, want 24 at least", stopped)
	}
}

// begin sends a change and does not wait for an answer: an app, or "" to remove /db.
func (m *services) begin(text string) {
	m.c.T.Helper()
	specs := map[string]*def.Spec{"/db": nil}
	if text != "" {
		a, err := def.DecodeApp([]byte(text), def.Root, "")
		if err != nil {
			m.c.T.Fatal(err)
		}
		specs[a.ID] = &def.Spec{App: a}
	}
	s := m.s
	go func() {
		_, _ = s.EditSpecs(context.Background(), true, func(map[string]*def.Spec) (map[string]*def.Spec, error) { return specs, nil })
	}()
}
