package webui

import (
	"testing"

	"mesos/tests/cluster"
)

// TestEveryPage opens every page at two widths, in light and in dark, and wants what belongs there, and no error.
func TestEveryPage(t *testing.T) {
	c := start(t, cluster.Options{Agents: 3, LocalFlags: []string{"--attributes=rack:r{n}"}})
	run(t, c.Addr(), "--name=clock", "--role=eng/web", "--", "sh", "-c", "while sleep 1; do date; done")
	run(t, c.Addr(), "--name=toobig", "--cpus=64", "--", "true")
	run(t, c.Addr(), "--name=fails", "--", "sh", "-c", "echo broken; exit 3")
	b := Open(t)
	for _, size := range widths {
		p := b.Visit(c.URL("/"), size.width, size.height)
		p.WaitText("3 agents as one computer")
		for _, view := range []struct{ name, hash, says string }{
			{"overview", "#/", "run toobig"},
			{"tasks", "#/tasks", "clock-"},
			{"tasks-ended", "#/tasks?state=ended", "fails-"},
			{"agents", "#/agents", "rack r2"},
			{"frameworks", "#/frameworks", "run clock"},
			{"roles", "#/roles", "eng"},
			{"role", "#/roles/eng%2Fweb", "run clock"},
			{"offers", "#/offers", "offer"},
			{"no-services", "#/services", "No marathon is subscribed"},
			{"no-jobs", "#/jobs", "No chronos is subscribed"},
			{"no-service", "#/services/a/b", "does not know this marathon"},
			{"no-job", "#/jobs/a/b", "does not know this chronos"},
			{"maintenance", "#/maintenance", "No maintenance is scheduled"},
			{"why", "#/why?cpus=64&mem=128", "fits now on 0 of 3 agents"},
			{"nowhere", "#/nowhere", "There is no such page"},
			{"no-task", "#/tasks/a/b", "does not know this task"},
			{"no-agent", "#/agents/a", "not registered"},
			{"no-framework", "#/frameworks/a", "does not know this framework"},
		} {
			p.Hash(view.hash)
			p.WaitText(view.says)
			p.Wait("what is loaded", settled)
			p.Screenshot(view.name + "-" + size.name)
		}
		for _, part := range []struct{ name, says string }{{"", "Health check"}, {"/logs", "following"}, {"/files", "stdout"}, {"/terminal", "A shell beside the task"}} {
			p.toTask("clock", part.name, "running")
			p.WaitText(part.says)
			quietly()
			p.Screenshot("task" + part.name[min(1, len(part.name)):] + "-" + size.name)
		}
		p.Hash("#/agents")
		p.Follow(`.rows a.name[href^='#/agents/']`, "", "")
		p.WaitText("Containers")
		p.Wait("what is loaded", settled)
		quietly()
		p.Screenshot("agent-" + size.name)
		p.Hash("#/frameworks")
		p.Click(".rows a.name", "run toobig")
		p.WaitText("Why no more?")
		p.Wait("the explanation", `document.querySelector(".why-body .lead")`)
		quietly()
		p.Screenshot("framework-" + size.name)
		p.Click(".top button", "Dark colours")
		p.Hash("#/")
		p.WaitText("as one computer")
		quietly()
		p.Screenshot("overview-dark-" + size.name)
		p.Click(".top button", "Light colours")
		clean(t, p)
	}
}

// TestKeys goes about without a mouse.
func TestKeys(t *testing.T) {
	c := start(t, cluster.Options{Agents: 1})
	run(t, c.Addr(), "--name=needle", "--", "sleep", "1000")
	p := Open(t).Visit(c.URL("/"), 1440, 900)
	p.WaitText("1 live task")
	p.Key("?", "?")
	p.WaitText("find a task, service, job, agent, framework or role")
	p.Screenshot("help")
	p.Key("Escape", "")
	p.Wait("the dialog to close", `!document.querySelector("dialog").open`)
	p.Key("/", "/")
	p.Wait("the search", `document.activeElement?.getAttribute("aria-label") === "What to find"`)
	p.Type("nedle")
	p.Wait("a hit in spite of the missing letter", `[...document.querySelectorAll("#hits li")].some((l) => l.innerText.includes("needle-"))`)
	p.Screenshot("search")
	p.Type("\n")
	p.Wait("what was chosen", `location.hash.includes("needle") || document.querySelector("h1").innerText.includes("needle")`)
	p.Key("g", "g")
	p.Key("a", "a")
	p.Wait("the agents", `location.hash === "#/agents"`)
	p.Key("g", "g")
	p.Key("j", "j")
	p.Wait("the jobs", `location.hash === "#/jobs" && document.querySelector("h1")?.innerText === "Jobs"`)
	clean(t, p)
}

// TestKeysAtOnce presses keys faster than the browser tells of what it did: of the end of a dialog, of the step to
// another view. None is lost, and word of what is over ends nothing that came after it.
func TestKeysAtOnce(t *testing.T) {
	c := start(t, cluster.Options{Agents: 1})
	run(t, c.Addr(), "--name=needle", "--", "sleep", "1000")
	p := Open(t).Visit(c.URL("/"), 1440, 900)
	p.WaitText("1 live task")
	p.must(p.Eval(`void (window.press = (key, on = document.body) => on.dispatchEvent(new KeyboardEvent("keydown", { key, bubbles: true, cancelable: true })))`, nil))
	searching := `document.activeElement?.getAttribute("aria-label") === "What to find" && document.querySelector("dialog").open`
	// The element closes as by Escape; its close event comes after the next key.
	p.Key("?", "?")
	p.Wait("the help", `document.querySelector("dialog .help")`)
	p.must(p.Eval(`new Promise((done) => {
		const d = document.querySelector("dialog");
		d.addEventListener("close", () => setTimeout(done, 0), { once: true });
		d.close();
		press("/");
	})`, nil))
	p.Wait("the search, though the help closed late", searching)
	// Nothing is waited for between opening, typing and choosing.
	p.Key("Escape", "")
	p.Key("/", "/")
	p.Type("needle-\n")
	p.Wait("what was chosen", `location.hash.includes("needle")`)
	// A step to another view, and the search before the browser tells of the step.
	p.must(p.Eval(`new Promise((done) => {
		addEventListener("hashchange", () => setTimeout(done, 0), { once: true });
		press("g"); press("a"); press("/");
	})`, nil))
	p.Wait("the search over the agents", `location.hash === "#/agents" && `+searching)
	clean(t, p)
}

// TestEmptyCluster wants an answer to what is not there, in words.
func TestEmptyCluster(t *testing.T) {
	c := start(t, cluster.Options{Agents: cluster.None})
	p := Open(t).Visit(c.URL("/"), 1440, 900)
	for hash, says := range map[string]string{
		"#/": "No agent has registered yet", "#/tasks": "No task was ever launched", "#/agents": "mesos-agent --master=", "#/frameworks": "No framework has subscribed yet",
		"#/roles": "No role is known", "#/offers": "No offer is outstanding",
	} {
		p.Hash(hash)
		p.WaitText(says)
	}
	p.Hash("#/")
	p.WaitText("No agent has registered yet")
	p.Screenshot("empty")
	clean(t, p)
}
