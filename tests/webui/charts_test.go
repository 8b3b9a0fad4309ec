package webui

import (
	"os"
	"syscall"
	"testing"

	"mesos/isolators/cgroup"
	"mesos/tests/cluster"
)

// figure is the chart of a name on a page, figures are those that are drawn.
const (
	network = `[...document.querySelectorAll(".usage-charts figure")].filter((f) => f.innerText.toLowerCase().startsWith("network"))`
	disk    = `[...document.querySelectorAll(".usage-charts figure")].filter((f) => f.innerText.toLowerCase().startsWith("disk"))`
	drawn   = `.some((f) => f.querySelector("canvas") && /[1-9]/.test(f.querySelector("figcaption b")?.innerText ?? ""))`
)

// needCounting skips a test where agents cannot count bytes by eBPF: that takes root, and all of a cgroup v2.
func needCounting(t *testing.T) {
	l, err := cgroup.Probe("/sys/fs/cgroup")
	var root syscall.Stat_t
	if err != nil || l.V2 == "" || os.Geteuid() != 0 || syscall.Access(l.V2, 2) != nil || syscall.Stat(l.V2, &root) != nil || root.Ino != 1 {
		t.Skip("bytes are counted by eBPF: only root can, below the root of a cgroup v2 that can be written")
	}
	l.Writable()
}

// TestMeasuredIO shows what a container sends and writes where the agent counts it.
func TestMeasuredIO(t *testing.T) {
	needCounting(t)
	c := start(t, cluster.Options{Agents: 1, LocalFlags: []string{"--isolation=ebpf/all", "--launcher=linux"}})
	run(t, c.Addr(), "--name=busy", "--", "sh", "-c", "while :; do dd if=/dev/zero of=file bs=1M count=8 conv=fsync 2>/dev/null; "+cluster.Binary(t, "mesos")+" ps --master="+c.Addr()+"; sleep 0.3; done")
	p := Open(t).Visit(c.URL("/"), 1440, 900)
	p.WaitText("1 live task")
	p.Hash("#/agents")
	p.Follow(`.rows a.name[href^='#/agents/']`, "", "")
	p.Click(".container-row", "busy")
	p.Wait("bytes of the network", network+drawn)
	p.Wait("bytes of disks", disk+drawn)
	quietly()
	p.Screenshot("agent-measured")
	p.toTask("busy", "", "running")
	p.Wait("bytes of the network", network+drawn)
	p.Wait("bytes of disks", disk+drawn)
	quietly()
	p.Screenshot("task-measured")
	clean(t, p)
}

// TestHowToMeasureIO says on an agent that counts neither network nor disks how it would.
func TestHowToMeasureIO(t *testing.T) {
	c := start(t, cluster.Options{Agents: 1})
	run(t, c.Addr(), "--name=quiet", "--", "sleep", "1000")
	p := Open(t).Visit(c.URL("/"), 1440, 900)
	p.WaitText("1 live task")
	p.Hash("#/agents")
	p.Follow(`.rows a.name[href^='#/agents/']`, "", "")
	p.Click(".container-row", "quiet")
	p.WaitText("when ebpf/network, or ebpf/all, is in its --isolation")
	p.WaitText("when ebpf/io, or ebpf/all, is in its --isolation")
	p.Screenshot("how-to-measure")
	clean(t, p)
}
