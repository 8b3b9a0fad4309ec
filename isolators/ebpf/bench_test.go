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

// spending is what programs took.
type spending struct {
	took time.Duration
	runs uint64
}

func (s *spending) add(now, before spending) {
	s.took += now.took - before.took
	s.runs += now.runs - before.runs
}

// spent is what the kernel says that programs took since they were loaded.
func spent(b *testing.B, programs map[string]ebpf.ProgramID) (all spending) {
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
		all.add(spending{s.Runtime, s.RunCount}, spending{})
	}
	return all
}

// measuring attaches a program that does nothing where one that counts is: what the kernel says that it took is what saying
// so takes.
func measuring(b *testing.B, spec ebpf.ProgramSpec, attach func(*ebpf.Program) (link.Link, error)) ebpf.ProgramID {
	spec.License, spec.Instructions = "GPL", asm.Instructions{asm.Mov.Imm(asm.R0, 1), asm.Return()}
	p, err := ebpf.NewProgram(&spec)
	if err != nil {
		b.Fatal(err)
	}
	l, err := attach(p)
	if err != nil {
		b.Fatal(err)
	}
	b.Cleanup(func() { _, _ = l.Close(), p.Close() })
	info, err := p.Info()
	if err != nil {
		b.Fatal(err)
	}
	id, _ := info.ID()
	return id
}

func measuringPackets(b *testing.B, i *Isolator) ebpf.ProgramID {
	spec := ebpf.ProgramSpec{Type: ebpf.CGroupSKB, AttachType: ebpf.AttachCGroupInetEgress}
	return measuring(b, spec, func(p *ebpf.Program) (link.Link, error) {
		return link.AttachCgroup(link.CgroupOptions{Path: i.places.Place("").V2, Attach: spec.AttachType, Program: p})
	})
}

func measuringIO(b *testing.B, _ *Isolator) ebpf.ProgramID {
	spec := ebpf.ProgramSpec{Type: ebpf.Tracing, AttachType: ebpf.AttachTraceRawTp, AttachTo: "block_bio_queue"}
	return measuring(b, spec, func(p *ebpf.Program) (link.Link, error) {
		return link.AttachTracing(link.TracingOptions{Program: p})
	})
}

// cost reports what the programs of an isolator took for each of many things that a load did, without what it takes to
// measure that, and how much of a core that is at a rate of them.
func cost(b *testing.B, name, thing string, rate float64, measuring func(*testing.B, *Isolator) ebpf.ProgramID, load func(*isolators.Set) (things float64)) {
	set, i := newMachine(b).ready(b, Options{}, []string{name})
	stats, err := ebpf.EnableStats(unix.BPF_STATS_RUN_TIME)
	if err != nil {
		b.Skip(err)
	}
	defer stats.Close()
	programs, empty := pinned(b, i.dir), map[string]ebpf.ProgramID{"": measuring(b, i)}
	var ours, nothing spending
	things := 0.0
	for b.Loop() {
		before, idle := spent(b, programs), spent(b, empty)
		things += load(set)
		ours.add(spent(b, programs), before)
		nothing.add(spent(b, empty), idle)
	}
	each, runs, measured := float64(ours.took.Nanoseconds())/things, float64(ours.runs)/things, 0.0
	if nothing.runs > 0 {
		measured = float64(nothing.took.Nanoseconds()) / float64(nothing.runs)
	}
	net := each - runs*measured
	b.ReportMetric(each, "ns/"+thing)
	b.ReportMetric(net, "net-ns/"+thing)
	b.ReportMetric(runs, "runs/"+thing)
	b.ReportMetric(measured, "ns/empty-run")
	b.ReportMetric(net*rate/1e9*100, fmt.Sprintf("%%core@%.0f/s", rate))
}

// Each packet is one that is sent or received: the load does both.
func BenchmarkPackets(b *testing.B) {
	n := 0
	cost(b, Network, "packet", 100000, measuringPackets, func(set *isolators.Set) float64 {
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
//
// Net-ns of each operation came from 926 to 703 (medians of six runs each, in turns, 16 processes waiting for 2 cpus) when a page's owner was
// no longer read by calls, and those of what is not a container's looked for in 4 places, not 8. Programs that others have left on the
// machine make it more: see bpftool prog.
func BenchmarkIO(b *testing.B) {
	disk, _ := loop(b, 64<<20)
	n := 0
	cost(b, IO, "io", 10000, measuringIO, func(set *isolators.Set) float64 {
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
