package simtest

import (
	"fmt"
	"os"
	"strconv"
	"testing"
)

// Many seeds of an hour each. SEED=n repeats one and prints its story; SEEDS=n runs so many.
func TestSeeds(t *testing.T) {
	if s := os.Getenv("SEED"); s != "" {
		seed, err := strconv.ParseUint(s, 10, 64)
		if err != nil {
			t.Fatal(err)
		}
		runChaos(t, seed)
		return
	}
	seeds := 20
	if s, err := strconv.Atoi(os.Getenv("SEEDS")); err == nil {
		seeds = s
	}
	for seed := 1; seed <= seeds; seed++ {
		t.Run(fmt.Sprint("seed=", seed), func(t *testing.T) {
			t.Parallel()
			runChaos(t, uint64(seed))
		})
	}
}
