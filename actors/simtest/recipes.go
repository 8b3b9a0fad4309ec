package simtest

import (
	"fmt"
	"math/rand/v2"
	"time"

	"mesos/actors/fault"
)

// Recipe is a kind of trouble. Break makes it for some minutes of virtual time, and ends it.
type Recipe struct {
	Name  string
	Break func(c *Cluster, r *rand.Rand)
}

// Recipes are all that follow.
func Recipes() []Recipe {
	return []Recipe{Calm(), LostUpdates(), LostAcknowledgements(), SlowNetwork(), AgentFlaps(), AgentsLost(), MasterFailover(), ExecutorCrashes()}
}

// Calm is no trouble at all: what goes wrong in it goes wrong always.
func Calm() Recipe {
	return Recipe{"calm", func(c *Cluster, _ *rand.Rand) { c.Advance(5 * time.Minute) }}
}

// LostUpdates loses half of all status updates on their way to schedulers.
func LostUpdates() Recipe { return rules("lost updates", "drop message=Event.UPDATE probability=0.5") }

// LostAcknowledgements loses half of what schedulers acknowledge: updates come again.
func LostAcknowledgements() Recipe {
	return rules("lost acknowledgements", "drop message=Call.ACKNOWLEDGE probability=0.5")
}

// SlowNetwork makes offers and updates come late, and in another order than they were sent.
func SlowNetwork() Recipe {
	return rules("slow network", "delay 1s jitter=20s message=Event.OFFERS probability=0.5\ndelay 1s jitter=5s message=Call.ACCEPT probability=0.3\ndelay 1s jitter=5s message=RunTaskMessage probability=0.3")
}

func rules(name, text string) Recipe {
	return Recipe{name, func(c *Cluster, _ *rand.Rand) {
		parsed, err := fault.Parse(text)
		if err == nil {
			_, err = c.Faults().Add(parsed...)
		}
		if err != nil {
			c.T.Errorf("recipe %s: %v", name, err)
			return
		}
		c.Advance(10 * time.Minute)
		c.Faults().Clear()
	}}
}

// AgentFlaps crashes agents and lets them come back after some seconds, with their tasks.
func AgentFlaps() Recipe {
	return Recipe{"agent flaps", func(c *Cluster, r *rand.Rand) {
		for range 10 {
			a := c.Agents[r.IntN(len(c.Agents))]
			a.Crash()
			c.Advance(time.Duration(r.IntN(30)) * time.Second)
			a.Start()
			c.Advance(time.Duration(r.IntN(60)) * time.Second)
		}
	}}
}

// AgentsLost cuts agents off until they are unreachable, and brings them back; one of them has lost its disk by then.
func AgentsLost() Recipe {
	return Recipe{"agents lost", func(c *Cluster, r *rand.Rand) {
		for i := range 3 {
			a := c.Agents[r.IntN(len(c.Agents))]
			heal := c.Net.Partition([]string{masterAddr}, []string{a.Addr()})
			c.Advance(3 * time.Minute)
			if i == 0 {
				a.Crash()
				a.CrashExecutors()
				a.Disk.Wipe()
				a.Start()
			}
			heal()
			c.Advance(2 * time.Minute)
		}
	}}
}

// MasterFailover crashes the master, three times, and starts another in its place.
func MasterFailover() Recipe {
	return Recipe{"master failover", func(c *Cluster, r *rand.Rand) {
		for range 3 {
			c.Advance(time.Duration(r.IntN(60)) * time.Second)
			c.CrashMaster()
			c.Advance(time.Duration(r.IntN(60)) * time.Second)
			c.StartMaster()
			c.Advance(time.Minute)
		}
	}}
}

// ExecutorCrashes ends all containers of an agent, again and again.
func ExecutorCrashes() Recipe {
	return Recipe{"executor crashes", func(c *Cluster, r *rand.Rand) {
		for range 10 {
			c.Agents[r.IntN(len(c.Agents))].CrashExecutors()
			c.Advance(time.Duration(r.IntN(60)) * time.Second)
		}
	}}
}

// String is the recipe's name.
func (r Recipe) String() string { return fmt.Sprintf("%q", r.Name) }
