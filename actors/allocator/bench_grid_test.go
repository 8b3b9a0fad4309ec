package allocator

import (
	"fmt"
	"os"
	"slices"
	"testing"
	"time"
)

// The published Mesos benchmarks of adding agents and declining offers, with
// their parameters. The figures are printed as metrics. All sizes run with
// MESOS_BENCH_GRID=full in the environment, which takes many minutes and, because
// of the filters, some gigabytes; else only the smaller ones do.
var (
	gridAgents     = []int{1000, 5000, 10000, 20000, 30000, 50000}
	gridFrameworks = []int{1, 50, 100, 200, 500, 1000, 3000, 6000}
)

// grid are the sizes to run.
func grid() [][2]int {
	var sizes [][2]int
	full := os.Getenv("MESOS_BENCH_GRID") == "full"
	for _, agents := range gridAgents {
		for _, frameworks := range gridFrameworks {
			if full || agents <= 5000 && slices.Contains([]int{1, 50, 200}, frameworks) {
				sizes = append(sizes, [2]int{agents, frameworks})
			}
		}
	}
	return sizes
}

// maxFilters keeps the decline rounds within about 2 GB.
const maxFilters = 12_000_000

// BenchmarkGrid adds frameworks and agents, has a first cycle, and then rounds in
// which every offer is declined with a long filter: one for each framework, as far
// as the filters fit in memory.
func BenchmarkGrid(b *testing.B) {
	for _, size := range grid() {
		for _, roles := range []string{"one", "each"} {
			agents, frameworks := size[0], size[1]
			if roles == "each" && frameworks == 1 {
				continue
			}
			b.Run(fmt.Sprintf("agents=%d/frameworks=%d/role=%s", agents, frameworks, roles), func(b *testing.B) {
				for b.Loop() {
					n := 1
					if roles == "each" {
						n = frameworks
					}
					gridRun(b, agents, frameworks, n)
				}
			})
		}
	}
}

// phases add up what took how long.
type phases struct {
	from time.Time
	took map[string]time.Duration
}

func newPhases() *phases { return &phases{from: time.Now(), took: map[string]time.Duration{}} }

// end notes that the phase that began at the end of the one before is over.
func (p *phases) end(name string) {
	now := time.Now()
	p.took[name] += now.Sub(p.from)
	p.from = now
}

// report prints the phases in milliseconds, each divided by how often it ran.
func (p *phases) report(b *testing.B, times map[string]int) {
	b.Helper()
	for name, took := range p.took {
		b.ReportMetric(float64(took.Microseconds())/1000/float64(max(1, times[name])), "ms/"+name)
	}
}

func gridRun(b *testing.B, agents, frameworks, roles int) {
	w := newWorld(b, Options{})
	p := newPhases()
	for i := range frameworks {
		w.framework(fmt.Sprint("framework-", i), fmt.Sprint("role-", i%roles))
	}
	p.end("add-frameworks")
	for i := range agents {
		w.c.AddAgent(Agent{ID: fmt.Sprint("agent-", i), Total: benchAgent}, nil)
	}
	p.end("add-agents")
	offers := w.c.Allocate(w.now)
	p.end("first-cycle")
	rounds := min(frameworks, maxFilters/agents)
	for range rounds {
		if len(offers) != agents {
			b.Fatalf("got %d offers, want %d", len(offers), agents)
		}
		for _, o := range offers {
			w.decline(o, 1e6)
		}
		p.end("decline-all")
		offers = w.c.Allocate(w.now)
		p.end("round")
	}
	if rounds == frameworks && len(offers) > 0 {
		b.Fatalf("got %d offers after every framework declined every agent, want none", len(offers))
	}
	p.report(b, map[string]int{"decline-all": rounds, "round": rounds})
}

// BenchmarkSuppressed is a cycle that makes offers while most frameworks are
// suppressed.
func BenchmarkSuppressed(b *testing.B) {
	for _, size := range [][2]int{{1000, 200}, {10000, 1000}} {
		for _, percent := range []int{0, 50, 99} {
			b.Run(fmt.Sprintf("agents=%d/frameworks=%d/suppressed=%d%%", size[0], size[1], percent), func(b *testing.B) {
				w := cluster(b, size[0], size[1], size[1])
				for i := range size[1] * percent / 100 {
					w.c.Suppress(fmt.Sprint("framework-", i), nil)
				}
				cycles(b, w, size[0])
			})
		}
	}
}

// BenchmarkRolesTree is a cycle with frameworks in the leaves of a tree of roles
// of depth 4, ten children each.
func BenchmarkRolesTree(b *testing.B) {
	for _, size := range [][2]int{{1000, 200}, {10000, 1000}} {
		b.Run(fmt.Sprintf("agents=%d/frameworks=%d", size[0], size[1]), func(b *testing.B) {
			w := cluster(b, size[0], 0, 1)
			for i := range size[1] {
				w.framework(fmt.Sprint("framework-", i), fmt.Sprintf("r%d/r%d/r%d/r%d", i%10, i/10%10, i/100%10, i/1000%10))
			}
			cycles(b, w, size[0])
		})
	}
}
