package ebpf

import (
	"fmt"
	"testing"
	"time"

	"github.com/cilium/ebpf"
	"github.com/cilium/ebpf/asm"
	"github.com/cilium/ebpf/link"
	"golang.org/x/sys/unix"

	"mesos/isolators"
)

// spent is what the kernel says that our programs took.
func spent(b *testing.B, programs map[string]ebpf.ProgramID) (took time.Duration, runs uint64) {
	for _, id := range programs {
		p, err := ebpf.NewProgramFromID(id)
		if err != nil {
			b.Fatal(err)
		}
		s, err := p.Stats()
		if err != nil {
			b.Fatal(err)
		}
		_ = p.Close()
		took, runs = took+s.Runtime, runs+s.RunCount
	}
	return took, runs
}

type spending struct {
	took time.Duration
	runs uint64
}

// measuring attaches a program that does nothing: what the kernel says that it took is what saying so takes.
func measuring(b *testing.B, i *Isolator) (ebpf.ProgramID, spending) {
	p, err := ebpf.NewProgram(&ebpf.ProgramSpec{Type: ebpf.CGroupSKB, AttachType: ebpf.AttachCGroupInetEgress, License: "GPL",
		Instructions: asm.Instructions{asm.Mov.Imm(asm.R0, 1), asm.Return()}})
	if err != nil {
		b.Fatal(err)
	}
	l, err := link.AttachCgroup(link.CgroupOptions{Path: i.places.Place("").V2, Attach: ebpf.AttachCGroupInetEgress, Program: p})
	if err != nil {
		b.Fatal(err)
	}
	b.Cleanup(func() { _, _ = l.Close(), p.Close() })
	info, err := p.Info()
	if err != nil {
		b.Fatal(err)
	}
	id, _ := info.ID()
	var s spending
	s.took, s.runs = spent(b, map[string]ebpf.ProgramID{"": id})
	return id, s
}

// cost reports what the programs of an isolator took for each of many things that a load did, and how much of a core
// that is at a rate of them.
func cost(b *testing.B, name, thing string, rate float64, load func(*isolators.Set) (things float64)) {
	set, i := newMachine(b).ready(b, Options{}, []string{name})
	stats, err := ebpf.EnableStats(unix.BPF_STATS_RUN_TIME)
	if err != nil {
		b.Skip(err)
	}
	defer stats.Close()
	programs := pinned(b, i.dir)
	empty, ran := measuring(b, i)
	var took time.Duration
	var runs uint64
	things := 0.0
	for b.Loop() {
		before, ran := spent(b, programs)
		things += load(set)
		after, now := spent(b, programs)
		took, runs = took+after-before, runs+now-ran
	}
	each := float64(took.Nanoseconds()) / things
	b.ReportMetric(each, "ns/"+thing)
	b.ReportMetric(float64(runs)/things, "runs/"+thing)
	took, runs = spent(b, map[string]ebpf.ProgramID{"": empty})
	if took, runs = took-ran.took, runs-ran.runs; runs > 0 {
		b.ReportMetric(float64(took.Nanoseconds())/float64(runs), "ns/empty-run")
	}
	b.ReportMetric(each*rate/1e9*100, fmt.Sprintf("%%core@%.0f/s", rate))
}

// Each packet is one that is sent or received: the load does both.
func BenchmarkPackets(b *testing.B) {
	n := 0
	cost(b, Network, "packet", 100000, func(set *isolators.Set) float64 {
		const packets = 50000
		n++
		id := fmt.Sprint("c", n)
		p := start(b, set, isolators.Container{ID: id, Demand: isolators.Demand{Mem: 512 << 20}}, script("udp", "HOST=127.0.0.1", fmt.Sprint("PACKETS=", packets), "SIZE=100"))
		p.Release()
		if out, err := p.Wait(); err != nil {
			b.Fatal(err, out)
		}
		return 2 * packets
	})
}

// The disk is a loop device: what the disk below it does runs the programs, too.
func BenchmarkIO(b *testing.B) {
	disk, _ := loop(b, 64<<20)
	n := 0
	cost(b, IO, "io", 10000, func(set *isolators.Set) float64 {
		const operations = 10000
		n++
		p := start(b, set, isolators.Container{ID: fmt.Sprint("c", n), Demand: demand}, fmt.Sprintf("exec dd if=/dev/zero of=%s bs=4096 count=%d oflag=direct conv=notrunc", disk, operations))
		p.Release()
		if out, err := p.Wait(); err != nil {
			b.Fatal(err, out)
		}
		return operations
	})
}

// BenchmarkContainer is what one more container costs the agent.
func BenchmarkContainer(b *testing.B) {
	m := newMachine(b)
	set, i := m.ready(b, Options{}, []string{All})
	p := start(b, set, isolators.Container{ID: "one"}, "exec sleep 1000")
	p.Release()
	c := i.known["one"]
	for b.Loop() {
		for _, part := range i.parts {
			if err := part.end(c); err != nil {
				b.Fatal(err)
			}
		}
		if err := i.begin(c); err != nil {
			b.Fatal(err)
		}
	}
}
