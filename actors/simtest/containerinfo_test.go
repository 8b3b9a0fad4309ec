package simtest

import (
	"testing"
	"time"

	"mesos/actors/agent"
	v1 "mesos/messages/mesos/v1"
)

// Executors that bring no ContainerInfo get that of the agent, and keep it when the agent is started with another.
func TestDefaultContainerInfo(t *testing.T) {
	host := func(name string) *v1.ContainerInfo {
		return &v1.ContainerInfo{Type: v1.ContainerInfo_MESOS.Enum(), Hostname: &name}
	}
	given := host("first")
	Run(t, Options{Agents: 1, Agent: func(conf *agent.Config) { conf.Container = given }}, func(c *Cluster) {
		f := c.Framework("web", FrameworkOptions{Info: aware()})
		task := forever("own", "of own")
		task.Executor.Container = host("own")
		f.LaunchTask(task)
		f.LaunchTask(forever("brought", "of brought"))
		f.Launch("plain", "forever", "cpus:0.1;mem:32")
		f.LaunchPod(PodExecutor("pod"), PodTask("nested", "forever"))
		all := []string{"own", "brought", "plain", "nested"}
		for _, id := range all {
			c.Until(time.Minute, id+" to run", f.In(id, running))
		}
		names := func() map[string]int {
			n := map[string]int{}
			for _, info := range c.Agents[0].containers.infos() {
				n[info.GetHostname()]++
			}
			return n
		}
		if n := names(); n["own"] != 1 || n["first"] != 3 || len(n) != 2 {
			t.Errorf("host names of containers: got %v, want own once and first three times", n)
		}
		given = host("second")
		c.Agents[0].Crash()
		c.Agents[0].Start() // the containers check that they are recovered as they were launched
		f.Launch("later", "forever", "cpus:0.1;mem:32")
		c.Until(time.Minute, "later to run", f.In("later", running))
		if n := names(); n["own"] != 1 || n["first"] != 3 || n["second"] != 1 {
			t.Errorf("after a restart: got %v, want second once beside those that were there", n)
		}
		// A second task of an executor must be as the framework described it the first time.
		again := forever("again", "of brought")
		f.LaunchTask(again)
		c.Until(time.Minute, "a second task of the executor", f.In("again", running))
		c.Check()
	})
}
