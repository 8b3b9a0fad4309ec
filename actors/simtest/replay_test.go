package simtest

import (
	"math/rand/v2"
	"os"
	"strconv"
	"testing"
	"time"
)

// One seed is one history: every message, its time and its place in the order.
func TestReplay(t *testing.T) {
	seeds := 3
	if s, err := strconv.Atoi(os.Getenv("SEEDS")); err == nil {
		seeds = s
	}
	known := map[uint64]int{}
	for seed := uint64(1); seed <= uint64(seeds); seed++ {
		var counts [2]int
		var sums [2]uint64
		for i := range 2 {
			if f := os.Getenv("HISTORY"); f != "" {
				t.Setenv("SIMTEST_HISTORY", f+"."+strconv.Itoa(int(seed))+"."+strconv.Itoa(i))
			}
			Run(t, Options{Agents: 3, Seed: seed}, func(c *Cluster) {
				n := &nemesis{c: c, r: rand.New(rand.NewPCG(seed, 1)), tasks: map[string]*Framework{}, down: map[*Agent]bool{}, away: map[*Framework]bool{}}
				for _, name := range []string{"one", "two"} {
					n.f = append(n.f, c.Framework(name, FrameworkOptions{Info: aware()}))
				}
				c.Advance(time.Second)
				for range 40 {
					n.step()
				}
				n.rest()
				c.Advance(10 * time.Minute)
				n.check()
				counts[i], sums[i] = c.History()
			})
		}
		if counts[0] != counts[1] || sums[0] != sums[1] {
			t.Errorf("seed %d: %d messages with hash %x, and the second time %d with %x: want the same", seed, counts[0], sums[0], counts[1], sums[1])
		}
		known[sums[0]]++
	}
	if len(known) != seeds {
		t.Errorf("%d seeds gave %d histories, want as many", seeds, len(known))
	}
}
