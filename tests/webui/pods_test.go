package webui

import (
	"testing"

	"mesos/tests/cluster"
)

// TestPods deploys a pod elsewhere, finds it and a job by the search of the pages, goes to the pod's page, scales it
// there and takes it back to an earlier version.
func TestPods(t *testing.T) {
	c := start(t, cluster.Options{Agents: 1, LocalFlags: []string{"--marathon", "--chronos"}})
	tell(t, c, "job", "add", written(t, "backup.json", `{"name": "backup", "command": "echo saved", "schedule": "0 3 1 1 *", "cpus": 0.1, "mem": 32, "disk": 1}`))
	tell(t, c, "app", "run", written(t, "duo.yaml", `id: /shop/duo
environment: {COLOUR: blue}
networks: [{mode: host}]
containers:
- {name: front, resources: {cpus: 0.1, mem: 32}, exec: {command: {shell: sleep 1000}}, endpoints: [{name: http, hostPort: 0}]}
- {name: side, resources: {cpus: 0.1, mem: 32}, exec: {command: {shell: sleep 1000}}}
`))
	p := Open(t).Visit(c.URL("/"), 1440, 900)
	p.Wait("the overview", `document.querySelector(".search-button")`)
	p.Click(".search-button", "")
	p.Wait("services and jobs to be found", `document.querySelector(".palette")?.innerText.includes("1 service, 1 job")`)
	p.Type("backup")
	p.Wait("the job", `document.querySelector("#hits li")?.innerText.startsWith("job") && document.querySelector("#hits li").innerText.includes("backup")`)
	p.Key("Enter", "\r")
	p.Wait("the page of the job", `document.querySelector("h1")?.innerText === "backup"`)
	p.Click(".search-button", "")
	p.Wait("services to be found", `document.querySelector(".palette")?.innerText.includes("1 service")`)
	p.Type("duo")
	p.Wait("the pod", `document.querySelector("#hits li")?.innerText.startsWith("pod")`)
	p.Screenshot("search-pod")
	p.Key("Enter", "\r")
	p.Wait("the page of the pod", `document.querySelector("h1")?.innerText === "/shop/duo" && `+badge+` === "running"`)
	p.Wait("its instance and containers", `document.querySelectorAll(".rows .row").length === 1 && [...document.querySelectorAll(".rows a.name")].map((a) => a.innerText).join() === "front,side" && document.querySelector(".rows .row").innerText.includes("http 31")`)
	p.Wait("its definition", `document.querySelector(".under").innerText.includes("COLOUR=blue")`)
	p.Wait("that it stands among services", `document.querySelector(".places [aria-current]")?.innerText.startsWith("Services")`)

	p.Click(".page-actions button", "Scale")
	p.Wait("the dialog", `document.querySelector("dialog input[type=number]")?.value === "1"`)
	scaleTo(p, 2)
	p.Wait("the command line that does the same", `document.querySelector("dialog .cli code").innerText.includes("mesos app scale") && document.querySelector("dialog .cli code").innerText.endsWith("/shop/duo 2")`)
	p.Click("dialog button", "Scale")
	p.Wait("another instance", `document.querySelectorAll(".rows .row").length === 2 && !document.querySelector(".deployment") && `+badge+` === "running"`)
	for _, size := range widths {
		p.Resize(size.width, size.height)
		p.Screenshot("pod-" + size.name)
	}
	p.Resize(1440, 900)
	p.Click(".under button", "Compare with")
	p.Wait("what differs", `[...document.querySelectorAll("dialog .diff tr")].some((r) => /scaling.instances\s+2\s+1/.test(r.innerText))`)
	p.Click("dialog button", "Go back to it")
	p.Wait("one instance again", `document.querySelectorAll(".rows .row").length === 1 && !document.querySelector(".deployment") && `+badge+` === "running"`)
	p.Click(".icon-button", "")
	for _, size := range widths {
		p.Resize(size.width, size.height)
		p.Screenshot("pod-dark-" + size.name)
	}
	p.Resize(1440, 900)
	p.Click(".rows a.name", "front")
	p.Wait("the page of its task", `location.hash.startsWith("#/tasks/")`)
	p.Hash("#/services")
	p.Wait("it among services", row("/shop/duo", "pod", "running", "1 of 1"))
	p.Click(".rows a.name", "/shop/duo")
	clean(t, p) // now: while it goes its page may ask for it once more, and the browser calls the answer an error
	p.Click(".page-actions button", "Remove")
	p.Wait("the dialog", `document.querySelector("dialog .cli code")?.innerText.includes("mesos app remove")`)
	p.Click("dialog button", "Remove")
	p.Hash("#/services")
	p.WaitText("No service has been deployed yet")
}
