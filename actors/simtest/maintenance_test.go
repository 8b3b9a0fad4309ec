package simtest

import (
	"net/http"
	"strings"
	"testing"
	"time"

	"mesos/actors/master"
	"mesos/actors/scheduler"
	v1 "mesos/messages/mesos/v1"
	"mesos/registry"
)

// maintain schedules the machine of an agent for maintenance that begins in an hour.
func (c *Cluster) maintain(a *Agent) {
	c.T.Helper()
	c.order("UPDATE_MAINTENANCE_SCHEDULE", windowFor(a.machine(), time.Now().Add(time.Hour)))
}

// Who holds something of a machine that is scheduled is asked to leave, its answer is
// shown, it is asked again when its filter ends, and the asking ends with the schedule.
func TestInverseOffers(t *testing.T) {
	Run(t, Options{Agents: 1}, func(c *Cluster) {
		f := c.Framework("web", FrameworkOptions{Info: aware()})
		c.launched(f, "t")
		status := func() string {
			_, text := c.Operator("GET_MAINTENANCE_STATUS", "")
			return text
		}
		c.maintain(c.Agents[0])
		c.Until(time.Second, "the framework to be asked", func() bool { return len(f.Inverse()) == 1 })
		if !strings.Contains(status(), `"draining_machines":[{"id":{"hostname":"agent.sim"`) || strings.Contains(status(), "statuses") {
			t.Errorf("the status is %s, want one draining machine and no answers", status())
		}
		first := f.Inverse()[0]
		if first.GetAgentId().GetValue() != f.Last("t").GetAgentId().GetValue() || first.GetUnavailability().GetDuration().GetNanoseconds() != int64(time.Hour) {
			t.Errorf("the inverse offer is %v, want the task's agent and one hour", first)
		}
		f.Driver().DeclineInverseOffers(scheduler.RefuseFor(60), first.GetId())
		c.Until(time.Second, "the answer to be shown", func() bool { return strings.Contains(status(), `"status":"DECLINE"`) })
		c.Advance(50 * time.Second)
		if n := len(f.Inverse()); n != 1 {
			t.Errorf("%d inverse offers came within the filter, want 1", n)
		}
		c.Until(20*time.Second, "the framework to be asked again", func() bool { return len(f.Inverse()) == 2 })
		f.Driver().AcceptInverseOffers(scheduler.RefuseFor(60), f.Inverse()[1].GetId())
		c.Until(time.Second, "the answer to be shown", func() bool { return strings.Contains(status(), `"status":"ACCEPT"`) })
		c.Until(2*time.Minute, "the framework to be asked again", func() bool { return len(f.Inverse()) == 3 })
		c.order("UPDATE_MAINTENANCE_SCHEDULE", `"schedule":{}`)
		c.Until(time.Second, "the inverse offer to be taken back", func() bool { return len(f.InverseRescinded()) == 1 })
		c.Advance(5 * time.Minute)
		if n := len(f.Inverse()); n != 3 {
			t.Errorf("%d inverse offers came in all, want 3", n)
		}
		c.Check()
	})
}

// Offers of a machine that is scheduled tell when it goes: older ones are rescinded.
// A new scheduler, and one that finds a new master, is asked anew.
func TestUnavailabilityInOffers(t *testing.T) {
	Run(t, Options{Agents: 1}, func(c *Cluster) {
		f := c.Framework("web", FrameworkOptions{Info: aware(), HoldOffer: true})
		c.launched(f, "t")
		c.Until(time.Minute, "an offer", func() bool { return len(f.Held()) == 1 && f.Held()[0].Unavailability == nil })
		c.maintain(c.Agents[0])
		known := func() bool { return len(f.Held()) == 1 && f.Held()[0].Unavailability != nil }
		c.Until(time.Minute, "an offer with the unavailability", known)
		n := len(f.Inverse())
		f.Crash()
		f.Start()
		c.Until(time.Minute, "the new scheduler to be asked", func() bool { return len(f.Inverse()) == n+1 })
		c.CrashMaster()
		c.StartMaster()
		c.Until(time.Minute, "the new master to ask", func() bool { return len(f.Inverse()) == n+2 && known() })
		c.Agents[0].Crash()
		c.Agents[0].Start()
		c.Advance(time.Minute)
		f.Driver().Kill("t", nil)
		c.Until(time.Minute, "the task to be killed", f.In("t", killed))
		c.Check()
	})
}

// Inverse offers that nobody answers are taken back and made again.
func TestInverseOfferTimesOut(t *testing.T) {
	Run(t, Options{Agents: 1, Master: master.Config{OfferTimeout: time.Minute}}, func(c *Cluster) {
		f := c.Framework("web", FrameworkOptions{Info: aware()})
		c.launched(f, "t")
		c.maintain(c.Agents[0])
		c.Until(5*time.Minute, "a second inverse offer", func() bool { return len(f.Inverse()) == 2 && len(f.InverseRescinded()) == 1 })
	})
}

// A machine that is down has no agent: what ran there is ended, and the agent is
// refused until the machine is up, whoever leads.
func TestMachineDown(t *testing.T) {
	Run(t, Options{Agents: 2}, func(c *Cluster) {
		f := c.Framework("web", FrameworkOptions{Info: aware()})
		id := c.launched(f, "t")
		a := c.Agents[0]
		if c.Agents[1].ID() == id {
			a = c.Agents[1]
		}
		a.ExpectRefusal()
		machines := `"machines":[` + a.machine() + `]`
		if code, _ := c.Operator("START_MAINTENANCE", machines); code != http.StatusBadRequest {
			t.Errorf("a machine that is not scheduled goes down: got %d, want 400", code)
		}
		c.maintain(a)
		if code, text := c.Operator("DRAIN_AGENT", ofAgent(id)); code != http.StatusBadRequest || !strings.Contains(text, "maintenance") {
			t.Errorf("drain of an agent in a window: got %d %q, want 400", code, text)
		}
		c.order("START_MAINTENANCE", machines)
		c.Until(time.Minute, "the task to be out of reach", f.In("t", unreachable))
		c.Until(time.Minute, "what ran there to end", func() bool { return c.Runs("t") == 0 && a.Refused() != nil })
		a.Crash()
		c.CrashMaster()
		c.StartMaster()
		a.Forgive()
		a.Start()
		c.Until(time.Minute, "the agent to be refused", func() bool { return a.Refused() != nil })
		if err := a.Refused(); !strings.Contains(err.Error(), "STOP_MAINTENANCE") {
			t.Errorf("the agent was refused by %q, want what to do about it", err)
		}
		a.Crash()
		c.order("STOP_MAINTENANCE", machines)
		a.Start()
		c.Until(5*time.Minute, "the task's end to be told", func() bool { return f.Over("t") })
		if f.Endings("t") != 1 || c.Starts("t") != 1 {
			t.Errorf("the task was told %v and started %d times, want one ending and one start", f.States("t"), c.Starts("t"))
		}
		f.Launch("u", "true", "cpus:4;mem:32")
		f.Launch("v", "true", "cpus:4;mem:32")
		c.Until(5*time.Minute, "both agents to be used", func() bool { return f.Over("u") && f.Over("v") })
		c.Check()
	})
}

// MESOS-10018: an agent that was parted from the master while its machine was under
// maintenance comes back with its tasks. None of them was told over before, so nobody
// has started it anew in good faith while it still runs; and one that was told lost,
// for its framework knows no better, does not run on.
func TestNoDuplicateTasksAfterMaintenanceAndPartition(t *testing.T) {
	for _, whileDown := range []bool{false, true} {
		Run(t, Options{Agents: 1}, func(c *Cluster) {
			info := aware()
			info.Capabilities = nil
			f, old := c.Framework("web", FrameworkOptions{Info: aware()}), c.Framework("old", FrameworkOptions{Info: info})
			c.launched(f, "t")
			c.launched(old, "o")
			a := c.Agents[0]
			heal := c.Net.Partition([]string{masterAddr}, []string{a.Addr()})
			c.maintain(a)
			machines := `"machines":[` + a.machine() + `]`
			c.order("START_MAINTENANCE", machines)
			c.Until(time.Minute, "the tasks to be out of reach", func() bool { return f.In("t", unreachable)() && old.In("o", lost)() })
			if whileDown {
				a.ExpectRefusal()
				heal()
				c.Until(10*time.Minute, "the agent to be refused", func() bool { return a.Refused() != nil })
				if n := c.Runs("t") + c.Runs("o"); n != 0 {
					t.Errorf("%d tasks run on a machine that is down, want none", n)
				}
				a.Crash()
			}
			c.Advance(time.Minute)
			c.order("STOP_MAINTENANCE", machines)
			if whileDown {
				a.Forgive()
				a.Start()
				c.Until(10*time.Minute, "the task's end to be told", func() bool { return f.Over("t") })
			} else {
				heal()
				c.Until(10*time.Minute, "the task to be back", f.In("t", running))
				c.Until(10*time.Minute, "the lost task to be killed", func() bool { return c.Runs("o") == 0 })
				if n := c.Runs("t"); n != 1 {
					t.Errorf("%d containers run the task, want 1", n)
				}
			}
			if n := f.Endings("t"); n > 1 || c.Starts("t") != 1 || c.Starts("o") != 1 {
				t.Errorf("while down %v: told %v, started %d and %d times, want one ending at most and one start each", whileDown, f.States("t"), c.Starts("t"), c.Starts("o"))
			}
			c.Check()
		})
	}
}

// What runs on an agent that is gone for good ends when it comes back.
func TestTasksOfGoneAgentEnd(t *testing.T) {
	Run(t, Options{Agents: 1}, func(c *Cluster) {
		f := c.Framework("web", FrameworkOptions{Info: aware()})
		agent := c.launched(f, "t")
		c.Agents[0].ExpectRefusal()
		heal := c.Net.Partition([]string{masterAddr}, []string{c.Agents[0].Addr()})
		if code := c.MarkGone(agent); code != http.StatusOK {
			t.Fatalf("MARK_AGENT_GONE: got %d, want 200", code)
		}
		c.Until(time.Second, "the task to be gone", f.In("t", goneByOperator))
		heal()
		c.Until(10*time.Minute, "the agent to be refused", func() bool { return c.Agents[0].Refused() != nil })
		if n := c.Runs("t"); n != 0 {
			t.Errorf("%d containers run a task that was told gone, want none", n)
		}
	})
}

// Agents of other regions are offered to those that asked for them only; agents that
// do not say where they are, and agents whose place cannot be compared, are refused.
func TestRegions(t *testing.T) {
	Run(t, Options{Master: master.Config{Domain: region("here"), RequireAgentDomain: true}}, func(c *Cluster) {
		for _, d := range []*v1.DomainInfo{region("here"), region("there")} {
			c.AddAgentIn(d, "cpus:4;mem:4096")
		}
		lost := c.AddAgentIn(nil, "cpus:4;mem:4096")
		c.Until(time.Minute, "the agent without a domain to be refused", func() bool { return lost.Refused() != nil })
		if err := lost.Refused(); !strings.Contains(err.Error(), "--domain") {
			t.Errorf("the agent was refused by %q, want the flag", err)
		}
		local := c.Framework("local", FrameworkOptions{Info: aware(), HoldOffer: true})
		c.Until(time.Minute, "an offer", func() bool { return len(local.Held()) == 1 })
		far := aware()
		far.Capabilities = append(far.Capabilities, &v1.FrameworkInfo_Capability{Type: v1.FrameworkInfo_Capability_REGION_AWARE.Enum()})
		everywhere := c.Framework("everywhere", FrameworkOptions{Info: far, HoldOffer: true})
		c.Until(time.Minute, "the remote offer", func() bool { return len(everywhere.Held()) == 1 })
		for f, want := range map[*Framework]string{local: "here", everywhere: "there"} {
			if got := f.Held()[0].GetDomain().GetFaultDomain().GetRegion().GetName(); got != want {
				t.Errorf("offered region %q, want %q", got, want)
			}
		}
		if n := c.kept().Len(registry.Agents); n != 2 {
			t.Errorf("%d agents are admitted, want 2", n)
		}
	})
}

func region(name string) *v1.DomainInfo {
	zone := "z"
	return &v1.DomainInfo{FaultDomain: &v1.DomainInfo_FaultDomain{
		Region: &v1.DomainInfo_FaultDomain_RegionInfo{Name: &name}, Zone: &v1.DomainInfo_FaultDomain_ZoneInfo{Name: &zone},
	}}
}
