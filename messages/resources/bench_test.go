package resources

import "testing"

// The agent of the benchmarks: 4 scalars, a list of 10 ranges, 5 reservations.
const benchAgent = "cpus:16;gpus:4;mem:65536;disk:1000000;" +
	"ports:[1-9,11-19,21-29,31-39,41-49,51-59,61-69,71-79,81-89,91-99];" +
	"cpus(a):4;mem(a):8192;cpus(b):4;mem(b):8192;disk(b/c):4096"

const benchTask = "cpus:0.5;mem:128;ports:[45-46];cpus(b):1;disk(b/c):16"

func benchPair(role string) (agent, task Resources) {
	return MustParse(benchAgent).Allocate(role), MustParse(benchTask).Allocate(role)
}

func BenchmarkContains(b *testing.B) {
	agent, task := benchPair("")
	b.ReportAllocs()
	for b.Loop() {
		if !agent.Contains(task) {
			b.Fatal("not contained")
		}
	}
}

func BenchmarkSub(b *testing.B) {
	agent, task := benchPair("")
	b.ReportAllocs()
	for b.Loop() {
		if agent.Sub(task).Len() != agent.Len() {
			b.Fatal("lost an entry")
		}
	}
}

func BenchmarkSubScalars(b *testing.B) {
	agent, task := MustParse(benchAgent), MustParse("cpus:0.5;mem:128")
	b.ReportAllocs()
	for b.Loop() {
		if agent.Sub(task).Len() != agent.Len() {
			b.Fatal("lost an entry")
		}
	}
}

func BenchmarkAdd(b *testing.B) {
	agent, task := benchPair("")
	agent = agent.Sub(task)
	b.ReportAllocs()
	for b.Loop() {
		if agent.Add(task).Len() != agent.Len() {
			b.Fatal("lost an entry")
		}
	}
}

func BenchmarkAccumulate(b *testing.B) {
	agent, task := MustParse(benchAgent), MustParse("cpus:0.5;mem:128")
	var sum Accumulator
	sum.Add(agent)
	b.ReportAllocs()
	for b.Loop() {
		sum.Add(task)
		sum.Sub(task)
	}
}

func BenchmarkAllocate(b *testing.B) {
	agent, _ := benchPair("")
	b.ReportAllocs()
	for b.Loop() {
		if agent.Allocate("b/c").IsEmpty() {
			b.Fatal("lost all")
		}
	}
}

func BenchmarkFilterAllocatable(b *testing.B) {
	agent, _ := benchPair("")
	b.ReportAllocs()
	for b.Loop() {
		if agent.AllocatableTo("b/c").IsEmpty() {
			b.Fatal("lost all")
		}
	}
}

func BenchmarkQuantities(b *testing.B) {
	agent, _ := benchPair("")
	b.ReportAllocs()
	for b.Loop() {
		if agent.Quantities().IsEmpty() {
			b.Fatal("lost all")
		}
	}
}

func BenchmarkFromProto(b *testing.B) {
	agent, _ := benchPair("b/c")
	ms := agent.Proto()
	b.ReportAllocs()
	for b.Loop() {
		if _, err := FromProto(ms); err != nil {
			b.Fatal(err)
		}
	}
}

func BenchmarkProto(b *testing.B) {
	agent, _ := benchPair("b/c")
	b.ReportAllocs()
	for b.Loop() {
		if len(agent.Proto()) != agent.Len() {
			b.Fatal("lost an entry")
		}
	}
}

// TestGarbage holds the inner loop to its promise.
func TestGarbage(t *testing.T) {
	agent, task := benchPair("")
	scalars, fresh := MustParse("cpus:0.5;mem:128"), MustParse("cpus(x):1;cpus(y):1;cpus(z):1;mem:1")
	for _, c := range []struct {
		name string
		f    func()
		most float64
	}{
		{"Contains", func() { agent.Contains(task) }, 0},
		{"Equal", func() { agent.Equal(task) }, 0},
		{"NonRevocable", func() { agent.NonRevocable() }, 0},
		{"AllocatableTo", func() { agent.AllocatableTo("b/c") }, 1},
		{"Sub of scalars", func() { agent.Sub(scalars) }, 1},
		{"Sub with ranges", func() { agent.Sub(task) }, 2},
		{"Add of scalars", func() { agent.Add(scalars) }, 1},
		{"Add of new kinds", func() { agent.Add(fresh) }, 1},
		{"Quantities", func() { agent.Quantities() }, 1},
		{"CPUs", func() { agent.CPUs() }, 0},
	} {
		if got := testing.AllocsPerRun(100, c.f); got > c.most {
			t.Errorf("%s allocates %v times, want at most %v", c.name, got, c.most)
		}
	}
}
