package simtest

import (
	"fmt"
	"os"
	"strconv"
	"testing"
	"time"
)

// TestHour is a virtual hour of 10 frameworks, with a task a minute. AGENTS=50 makes the cluster larger than it is by
// default; `go test -v` tells how many messages that were.
func TestHour(t *testing.T) {
	agents := 10
	if n, err := strconv.Atoi(os.Getenv("AGENTS")); err == nil {
		agents = n
	}
	Run(t, Options{Agents: agents, Seed: 1}, func(c *Cluster) {
		var all []*Framework
		for i := range 10 {
			all = append(all, c.Framework(fmt.Sprint("f", i), FrameworkOptions{Info: aware()}))
		}
		for i := range 60 {
			f, id := all[i%len(all)], fmt.Sprint("t", i)
			f.Launch(id, "sleep 20", "cpus:0.5;mem:32")
			c.Advance(time.Minute)
			if !f.Over(id) {
				t.Errorf("task %s is not over after a minute", id)
			}
		}
		c.Check()
		messages, _ := c.History()
		t.Logf("%d messages", messages)
	})
}
