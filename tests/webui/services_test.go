package webui

import (
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"mesos/tests/cluster"
)

// tell runs a command of the CLI until it ends.
func tell(t testing.TB, c *cluster.Cluster, args ...string) {
	t.Helper()
	cmd := exec.Command(cluster.Binary(t, "mesos"), args...)
	cmd.Env = append(os.Environ(), "MESOS_MASTER="+c.Addr())
	if out, err := cmd.CombinedOutput(); err != nil {
		t.Fatalf("mesos %s: %v\n%s", strings.Join(args, " "), err, out)
	}
}

// written is a file with a text.
func written(t testing.TB, name, text string) string {
	t.Helper()
	path := filepath.Join(t.TempDir(), name)
	if err := os.WriteFile(path, []byte(text), 0o644); err != nil {
		t.Fatal(err)
	}
	return path
}

// row is an expression: whether a row of a table that begins with a name has all the texts.
func row(name string, texts ...string) string {
	var has strings.Builder
	for _, text := range texts {
		fmt.Fprintf(&has, " && r.innerText.includes(%q)", text)
	}
	return fmt.Sprintf(`[...document.querySelectorAll(".rows .row")].some((r) => r.querySelector("a.name")?.innerText.startsWith(%q)%s)`, name, has.String())
}

// badge is an expression: the word beside the title.
const badge = `document.querySelector(".page-title .badge")?.innerText`

// TestServices deploys an app elsewhere and sees it appear, scales it by its page beyond what the cluster holds and
// back, and takes it back to an earlier version.
func TestServices(t *testing.T) {
	c := start(t, cluster.Options{Agents: 1, LocalFlags: []string{"--marathon"}})
	b := Open(t)
	p := b.Visit(c.URL("/#/services"), 1440, 900)
	p.WaitText("No service has been deployed yet")
	p.Screenshot("services-empty")
	p.must(p.Eval(`void (window.same = "page")`, nil))
	tell(t, c, "app", "run", written(t, "web.yaml", "id: /shop/web\ncmd: sleep 1000\ninstances: 1\ncpus: 1\nmem: 32\nenv:\n  COLOUR: blue\n"))
	p.Wait("the service and its instance", row("/shop/web", "running", "1 of 1", "sleep 1000"))

	p.Click(".rows a.name", "/shop/web")
	p.Wait("its instance", `document.querySelectorAll(".rows .row").length === 1 && `+badge+` === "running"`)
	p.Click(".page-actions button", "Scale")
	p.Wait("the number", `document.querySelector("dialog input[type=number]")?.value === "1"`)
	scaleTo(p, 40)
	p.Wait("the command line that does the same", `document.querySelector("dialog .cli code").innerText.includes("mesos app scale") && document.querySelector("dialog .cli code").innerText.endsWith("/shop/web 40")`)
	p.Screenshot("service-scale")
	p.Click("dialog button", "Scale")
	p.Wait("the deployment on its way", `document.querySelector(".deployment .steps .now")?.innerText.includes("Scale /shop/web")`)
	p.Wait("why instances wait", badge+` === "waiting" && document.querySelector(".lead")?.innerText.includes("not enough cpus")`)
	p.Screenshot("service-waits")
	p.Hash("#/services")
	p.Wait("it among those that wait", `document.querySelector(".wait-list")?.innerText.includes("not enough cpus")`)
	p.Screenshot("services-waiting")
	p.Click(".deployment a", "/shop/web")
	p.Click(".page-actions button", "Scale")
	p.Wait("the dialog", `document.querySelector("dialog input[type=number]")`)
	scaleTo(p, 2)
	p.Wait("that a deployment ends", `document.querySelector("dialog").innerText.includes("The deployment that changes it now ends") && document.querySelector("dialog .cli code").innerText.includes("--force")`)
	p.Click("dialog button", "Scale")
	p.Wait("the end of the deployment", `!document.querySelector(".deployment") && `+badge+` === "running" && document.querySelectorAll(".rows .row").length === 2`)

	tell(t, c, "app", "run", written(t, "web.yaml", "id: /shop/web\nenv:\n  COLOUR: green\n"))
	p.Wait("the new definition", `document.querySelector(".under").innerText.includes("COLOUR=green")`)
	p.Click(".under button", "Compare with")
	p.Wait("what differs", `[...document.querySelectorAll("dialog .diff tr")].some((r) => /COLOUR\s+green\s+blue/.test(r.innerText))`)
	p.Screenshot("service-compare")
	p.Click("dialog button", "Go back to it")
	p.Wait("the definition of before", `document.querySelector(".under").innerText.includes("COLOUR=blue") && !document.querySelector(".deployment") && `+badge+` === "running"`)
	for _, size := range widths {
		p.Resize(size.width, size.height)
		p.Screenshot("service-" + size.name)
	}
	p.Resize(1440, 900)
	p.Click(".rows a.name", "shop_web")
	p.Wait("the page of its task", `location.hash.startsWith("#/tasks/")`)
	p.Hash("#/services")
	for _, size := range widths {
		p.Resize(size.width, size.height)
		p.Wait("the service", row("/shop/web", "2 of 2"))
		p.Screenshot("services-" + size.name)
	}
	var same string
	p.must(p.Eval("window.same", &same))
	if same != "page" {
		t.Errorf("the page was loaded again: got %q, want what was left in it", same)
	}
	clean(t, p)
}

// scaleTo writes a number of instances into the dialog.
func scaleTo(p *Page, n int) {
	p.t.Helper()
	p.must(p.Eval(fmt.Sprintf(`(() => {
		const i = document.querySelector("dialog input[type=number]");
		i.value = "%d";
		i.dispatchEvent(new Event("input", { bubbles: true }));
	})()`, n), nil))
}

// TestJobs adds jobs elsewhere, runs one by its page and sees its history, and what runs after it.
func TestJobs(t *testing.T) {
	c := start(t, cluster.Options{Agents: 1, LocalFlags: []string{"--chronos"}})
	p := Open(t).Visit(c.URL("/#/jobs"), 1440, 900)
	p.WaitText("No job has been added yet")
	p.Screenshot("jobs-empty")
	tell(t, c, "job", "add", written(t, "backup.json", `{"name": "backup", "command": "echo saved", "schedule": "0 3 1 1 *", "scheduleTimeZone": "Europe/Berlin", "cpus": 0.1, "mem": 32, "disk": 1}`))
	tell(t, c, "job", "add", written(t, "report.json", `{"name": "report", "command": "sleep 1000", "parents": ["backup"], "cpus": 0.1, "mem": 32, "disk": 1}`))
	p.Wait("both jobs", row("backup", "idle", "never ran", "0 3 1 1 * Europe/Berlin", "in ")+" && "+row("report", "after backup"))

	p.Click(".rows a.name", "backup")
	p.Wait("what runs after it", `document.querySelector(".chain ul a")?.innerText === "report"`)
	p.Click(".page-actions button", "Run now")
	p.Wait("the command line that does the same", `document.querySelector("dialog .cli code")?.innerText.includes("mesos job run") && document.querySelector("dialog .cli code").innerText.endsWith("backup")`)
	p.Screenshot("job-run")
	p.Click("dialog button", "Run it")
	p.Wait("its run among the others", `[...document.querySelectorAll(".runs tr")].some((r) => r.innerText.includes("success") && r.innerText.includes("by hand"))`)
	for _, size := range widths {
		p.Resize(size.width, size.height)
		p.Screenshot("job-" + size.name)
	}
	p.Resize(1440, 900)
	p.Click(".chain a", "report")
	p.Wait("that it runs after its parent", badge+` === "running" && document.querySelector(".runs").innerText.includes("after its parents")`)
	p.Click(".page-actions button", "Kill tasks")
	p.Click("dialog button", "Kill them")
	p.Wait("its end", `document.querySelector(".runs .badge")?.innerText === "killed" && `+badge+` === "idle"`)
	p.Click(".page-actions button", "Disable")
	p.Wait("the command line that does the same", `document.querySelector("dialog .cli code")?.innerText.includes("mesos job disable")`)
	p.Click("dialog button", "Disable")
	p.Wait("a job that rests", badge+` === "disabled"`)
	tell(t, c, "job", "enable", "report")
	p.Wait("a job that does not", badge+` === "idle"`)
	p.Hash("#/jobs")
	for _, size := range widths {
		p.Resize(size.width, size.height)
		p.Wait("what became of it", row("backup", "succeeded"))
		p.Screenshot("jobs-" + size.name)
	}
	clean(t, p)
}
