package simtest

import (
	"fmt"
	"os"
	"runtime/debug"
	"strconv"
	"testing"
)

// Many hours of a cluster of five masters, fifty agents and ten frameworks, each from its own seed, with all that must
// always be true checked after every turn. SEED=n repeats one and prints its story; SEEDS=n lives through so many, FROM=n
// on from another than the first.
func TestSeeds(t *testing.T) {
	if seed := number(t, "SEED", 0); seed != 0 {
		defer tellLess(t, seed)
		runChaos(t, seed)
		return
	}
	seeds := uint64(24)
	if raceDetector {
		seeds = 3
	}
	// A run leaves much garbage and keeps little: collecting it more often than this only costs.
	defer debug.SetGCPercent(debug.SetGCPercent(800))
	t.Run("seeds", func(t *testing.T) {
		first := number(t, "FROM", 1)
		for seed := first; seed < first+number(t, "SEEDS", seeds); seed++ {
			t.Run(fmt.Sprint("seed=", seed), func(t *testing.T) {
				t.Parallel()
				defer tellLess(t, seed)
				runChaos(t, seed)
			})
		}
	})
}

// An hour of one seed is the same hour again. REPEAT=n tries n seeds.
func TestSeedsRepeat(t *testing.T) {
	for i := range number(t, "REPEAT", 1) {
		seed := 500 + i
		count, sum := runChaos(t, seed)
		again, same := runChaos(t, seed)
		if again != count || same != sum {
			t.Errorf("seed %d: %d messages with hash %x, and the second time %d with %x: want the same", seed, count, sum, again, same)
		}
	}
}

// number is an environment variable.
func number(t *testing.T, name string, otherwise uint64) uint64 {
	t.Helper()
	s := os.Getenv(name)
	if s == "" {
		return otherwise
	}
	n, err := strconv.ParseUint(s, 10, 64)
	if err != nil {
		t.Fatalf("%s=%s: want a number", name, s)
	}
	return n
}
