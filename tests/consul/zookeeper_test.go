package consul

import (
	"os/exec"
	"strings"
	"syscall"
	"testing"
	"time"

	"mesos/tests/cluster"
	"mesos/tests/zookeeper"
)

// Agents and tools that only know ZooKeeper find each leader that Consul elects; a dead
// leader's node does not last for the session's time, which is longer than this test waits.
func TestAnnouncedInZooKeeper(t *testing.T) {
	zk := zookeeper.Start(t, 15*time.Second) // sessions last for half a minute and more
	s := startServers(t, 3)
	c := cluster.Start(t, cluster.Options{
		Separate: true, Agents: 2, Masters: 3, Consul: s.URL, Detect: zk.URL(),
		MasterFlags: []string{"--zk_announce=" + zk.URL(), "--zk_session_timeout=5mins"},
	})
	nodes := zookeeper.Look(t, zk.URL())
	shown := func() (leader *cluster.Process) {
		value := nodes.Leader()
		for _, m := range c.Masters {
			if strings.Contains(value, `"pid":"master@`+m.Addr+`"`) {
				leader = m
			}
		}
		return leader
	}
	led := func(why string, among []*cluster.Process) *cluster.Process {
		t.Helper()
		var leader *cluster.Process
		eventually(t, why+": the leader to be alone in ZooKeeper", func() bool {
			leader, _ = leading(among)
			return leader != nil && shown() == leader && len(nodes.Names()) == 1
		})
		eventually(t, why+": the agents to find it", func() bool { _, s := leading(among); return s.Active == 2 })
		text, err := exec.Command(cluster.Binary(t, "mesos"), "agents", "--master="+zk.URL(), "-o", "json").CombinedOutput()
		if err != nil || strings.Count(string(text), `"hostname"`) != 2 {
			t.Errorf("%s: mesos agents --master=%s: got %v\n%s", why, zk.URL(), err, text)
		}
		return leader
	}
	first := led("at first", c.Masters)
	first.Kill()
	rest := others(c.Masters, first)
	second := led("after kill -9", rest)
	if !strings.Contains(second.Log(), "a master's node is removed from ZooKeeper") {
		t.Error("the new leader's log does not say that it removed the dead one's node")
	}
	first.Restart()

	second.Signal(syscall.SIGSTOP)
	third := led("after SIGSTOP", others(c.Masters, second))
	second.Signal(syscall.SIGCONT)
	<-second.Done()
	led("after SIGCONT", []*cluster.Process{third})
	second.Restart()

	third.Signal(syscall.SIGTERM)
	<-third.Done()
	led("after SIGTERM", others(c.Masters, third))
}
