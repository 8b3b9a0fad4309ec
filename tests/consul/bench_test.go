package consul

import (
	"fmt"
	"os"
	"slices"
	"strconv"
	"syscall"
	"testing"
	"time"

	"mesos/registry"
	"mesos/registry/storetest"
)

// The times to a new leader over many failures; ELECTIONS says how many (default 0:
// skipped, since it takes minutes).
func TestTimesToNewLeader(t *testing.T) {
	rounds, _ := strconv.Atoi(os.Getenv("ELECTIONS"))
	if rounds == 0 {
		t.Skip("ELECTIONS says how many leaders to replace, 10 say")
	}
	w := start(t, 5, 100)
	for _, sig := range []syscall.Signal{syscall.SIGKILL, syscall.SIGTERM} {
		var serving, agents, all []time.Duration
		for range rounds {
			old, s := leading(w.c.Masters)
			since := time.Now()
			old.Signal(sig)
			a, b, c, _ := w.back(since, others(w.c.Masters, old), s.ID)
			serving, agents, all = append(serving, a), append(agents, b), append(all, c)
			<-old.Done()
			old.Restart()
		}
		t.Logf("%v, %d rounds: a new leader serves after %s, all agents are back after %s, all tasks after %s", sig, rounds, spread(serving), spread(agents), spread(all))
		w.untouched()
	}
}

// spread is the median, and the least and the most.
func spread(d []time.Duration) string {
	slices.Sort(d)
	return fmt.Sprintf("%v (%v to %v)", round(d[len(d)/2]), round(d[0]), round(d[len(d)-1]))
}

// Agents admitted one operation each, and read again by the next master.
func BenchmarkRegistry(b *testing.B) {
	s := startServers(b, 3)
	for _, n := range []int{10_000, 50_000} {
		b.Run(fmt.Sprint(n), func(b *testing.B) {
			for i := range b.N {
				c := contender(b, fmt.Sprintf("%s-%d-%d-%d", s.URL, n, b.N, i))
				store := lead(b, c, "m")
				r, _ := storetest.Start(b, store, registry.Options{})
				start, told := time.Now(), make(chan error, n)
				for k := range n {
					r.Apply(registry.Admit(storetest.Info(fmt.Sprintf("a-S%d", k))), func(err error) { told <- err })
				}
				for range n {
					if err := <-told; err != nil {
						b.Fatal(err)
					}
				}
				b.ReportMetric(float64(n)/time.Since(start).Seconds(), "admitted/s")
				r.Close()
				start = time.Now()
				r, state := storetest.Start(b, store, registry.Options{})
				b.ReportMetric(time.Since(start).Seconds(), "s/recovery")
				if got := state.Len(registry.Agents); got != n {
					b.Fatalf("%d agents were kept, want %d", got, n)
				}
				r.Close()
				if err := store.Close(); err != nil {
					b.Fatal(err)
				}
			}
		})
	}
}
