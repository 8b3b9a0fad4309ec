package webui

import (
	"strconv"
	"testing"

	"mesos/tests/cluster"
)

func itoa(n int) string { return strconv.Itoa(n) }

// TestKill ends a task by its page.
func TestKill(t *testing.T) {
	c := start(t, cluster.Options{Agents: 1})
	run(t, c.Addr(), "--name=victim", "--", "sleep", "1000")
	p := Open(t).Visit(c.URL("/"), 1440, 900)
	p.WaitText("as one computer")
	p.toTask("victim", "", "running")
	p.Click(".page-actions button", "Kill")
	p.Wait("the command line that does the same", `document.querySelector("dialog .cli code")?.innerText.includes("mesos kill")`)
	p.Screenshot("kill")
	p.Click("dialog button", "Kill it")
	p.Wait("its end", `document.querySelector(".page-title .badge")?.innerText === "killed"`)
	p.WaitText("said by executor")
	clean(t, p)
}

// TestDrain empties an agent and takes it back into service.
func TestDrain(t *testing.T) {
	c := start(t, cluster.Options{Agents: 1})
	run(t, c.Addr(), "--name=tenant", "--", "sleep", "1000")
	p := Open(t).Visit(c.URL("/#/agents"), 1440, 900)
	p.Wait("the agent", `document.querySelector(".rows a.name")`)
	p.toTask("tenant", "", "running")
	p.Hash("#/agents")
	p.Follow(`.rows a.name[href^='#/agents/']`, "", "")
	badge := `document.querySelector(".page-title .badge")?.innerText`
	p.Wait("an active agent", badge+` === "active"`)
	p.Click(".page-actions button", "Drain")
	p.Wait("the command line that does the same", `document.querySelector("dialog .cli code")?.innerText.includes("mesos agent drain")`)
	p.Screenshot("drain")
	p.Click("dialog button", "Drain")
	p.Wait("the agent drained", badge+` === "drained"`)
	p.Wait("its task killed", `document.querySelector(".rows")?.innerText.includes("killed")`)
	p.Click(".page-actions button", "Reactivate")
	p.Click("dialog button", "Reactivate")
	p.Wait("an active agent", badge+` === "active"`)
	p.Click(".page-actions button", "Deactivate")
	p.Click("dialog button", "Deactivate")
	p.Wait("a deactivated agent", badge+` === "deactivated"`)
	clean(t, p)
}

// TestWhy asks why a task that no agent can hold does not run.
func TestWhy(t *testing.T) {
	c := start(t, cluster.Options{Agents: 1})
	run(t, c.Addr(), "--name=toobig", "--cpus=64", "--", "true")
	p := Open(t).Visit(c.URL("/"), 1440, 900)
	p.Click(".wait-list button.why", "Why?")
	p.Wait("the explanation", `document.querySelector("dialog .why-body .lead")`)
	p.Wait("that it refuses what there is", `document.querySelector("dialog").innerText.toLowerCase().includes("refuse")`)
	p.Wait("the command line that does the same", `document.querySelector("dialog .cli code").innerText.includes("mesos explain framework")`)
	p.Screenshot("why-dialog")
	p.Key("Escape", "")
	p.Hash("#/why")
	p.Focus(".need input")
	p.Type("64\n")
	p.WaitText("fits now on 0 of 1 agent")
	p.WaitText("lacks 60 cpus")
	clean(t, p)
}

// TestMaintenance schedules a machine, takes it down and brings it up.
func TestMaintenance(t *testing.T) {
	c := start(t, cluster.Options{Agents: 1, Separate: true})
	p := Open(t).Visit(c.URL("/#/maintenance"), 1440, 900)
	p.WaitText("No maintenance is scheduled")
	p.Click(".page-actions button", "Schedule")
	p.Click("dialog .machines input", "")
	p.Click("dialog button", "Schedule")
	p.Wait("the machine drains", `document.querySelector("td .badge")?.innerText === "draining"`)
	p.Screenshot("maintenance-scheduled")
	p.Click("td button", "Down")
	p.Click("dialog button", "Take it down")
	p.Wait("the machine is down", `document.querySelector("td .badge")?.innerText === "down"`)
	p.Click("td button", "Up")
	p.Click("dialog button", "Bring it up")
	p.WaitText("No maintenance is scheduled")
	clean(t, p)
}

// TestOffers takes an offer back from a framework that sits on it.
func TestOffers(t *testing.T) {
	c := start(t, cluster.Options{Agents: 1})
	hoard(t, c)
	p := Open(t).Visit(c.URL("/#/offers"), 1440, 900)
	p.Wait("the offer", `document.querySelector(".rows .row")?.innerText.includes("hoarder")`)
	p.Hash("#/frameworks")
	p.Click(".rows a.name", "hoarder")
	p.Wait("that it holds one", `[...document.querySelectorAll(".split.four div")].some((d) => /held now\s+1/.test(d.innerText))`)
	p.Screenshot("hoarder")
	p.Hash("#/offers")
	p.Click(".rows button", "Rescind")
	p.Wait("the command line that does the same", `document.querySelector("dialog .cli code")?.innerText.includes("mesos offer rescind")`)
	p.Click("dialog button", "Rescind")
	p.WaitText("No offer is outstanding")
	clean(t, p)
}
