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

// Agents admitted, recovered and removed on three servers, as package registry measures it on its stores.
func BenchmarkRegistry(b *testing.B) {
	s := startServers(b, 3)
	used := 0
	for _, n := range []int{10_000, 20_000, 30_000, 50_000} {
		b.Run(fmt.Sprintf("store=consul/agents=%d", n), func(b *testing.B) {
			storetest.BenchmarkAgents(b, n, func() func() registry.Store {
				used++
				c := contender(b, s.URL+fmt.Sprint(used)) // a path that is empty
				return func() registry.Store { return lead(b, c, "m") }
			})
		})
	}
}
