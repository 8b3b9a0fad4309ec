package simtest

import (
	"fmt"
	"os"
	"os/exec"
	"runtime"
	"runtime/debug"
	"strconv"
	"sync"
	"testing"
)

// Many hours of a cluster of five masters, fifty agents and ten frameworks, each from its own seed, with all that must
// always be true checked after every turn. SEED=n repeats one and prints its story; SEEDS=n lives through so many, FROM=n
// on from another than the first, STEP=n each n-th.
func TestSeeds(t *testing.T) {
	if seed := number(t, "SEED", 0); seed != 0 {
		defer tellLess(t, seed)
		runChaos(t, seed)
		return
	}
	few := uint64(24)
	if raceDetector {
		few = 3
	}
	first, seeds, step := number(t, "FROM", 1), number(t, "SEEDS", few), number(t, "STEP", 1)
	if workers := uint64(runtime.GOMAXPROCS(0)); seeds >= manySeeds && step == 1 && workers > 1 {
		shareSeeds(t, first, seeds, workers)
		return
	}
	// A run leaves much garbage and keeps little: collecting it more often than this only costs.
	defer debug.SetGCPercent(debug.SetGCPercent(800))
	t.Run("seeds", func(t *testing.T) {
		for seed := first; seed < first+seeds; seed += step {
			t.Run(fmt.Sprint("seed=", seed), func(t *testing.T) {
				t.Parallel()
				defer tellLess(t, seed)
				runChaos(t, seed)
			})
		}
	})
}

// manySeeds are worth a process for each processor.
const manySeeds = 100

// shareSeeds has each of several processes live through every so many-th seed. In a run one goroutine wakes the other, and
// never do two work: with one processor to a process none looks for work meanwhile, which costs less than to share them.
func shareSeeds(t *testing.T, first, seeds, workers uint64) {
	var wg sync.WaitGroup
	defer wg.Wait()
	for i := range workers {
		wg.Go(func() {
			c := exec.CommandContext(t.Context(), os.Args[0], "-test.run", "^TestSeeds$", "-test.timeout", "0")
			// Nobody asks where memory went; and stacks that begin as large as most become are moved less often.
			c.Env = append(os.Environ(), "GOMAXPROCS=1", "GODEBUG=memprofilerate=0,adaptivestackstart=1,"+os.Getenv("GODEBUG"), fmt.Sprint("FROM=", first+i), fmt.Sprint("SEEDS=", seeds-i), fmt.Sprint("STEP=", workers))
			if out, err := c.CombinedOutput(); err != nil {
				t.Errorf("seeds %d, %d, … of %d: %v\n%s", first+i, first+i+workers, seeds, err, out)
			}
		})
	}
}

// unlike are seeds that were not the same twice: which of several containers that ended at once an agent heard of first, and
// whether an old leader was gone before the new one began, was luck.
var unlike = []uint64{513, 518, 534}

// An hour of one seed is the same hour again. REPEAT=n tries n seeds, FROM=n on from another than the 500th.
func TestSeedsRepeat(t *testing.T) {
	seeds := unlike
	switch n := number(t, "REPEAT", 0); {
	case n > 0:
		seeds = nil
		for seed := number(t, "FROM", 500); uint64(len(seeds)) < n; seed++ {
			seeds = append(seeds, seed)
		}
	case raceDetector:
		seeds = unlike[:1]
	}
	for _, seed := range seeds {
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
