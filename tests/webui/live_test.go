package webui

import (
	"testing"

	"mesos/tests/cluster"
)

// TestTasksAppear launches a task elsewhere and has it appear without the page being loaded again.
func TestTasksAppear(t *testing.T) {
	c := start(t, cluster.Options{Agents: 1})
	p := Open(t).Visit(c.URL("/#/tasks"), 1440, 900)
	p.WaitText("No task was ever launched")
	p.must(p.Eval(`void (window.same = "page")`, nil))
	run(t, c.Addr(), "--name=newcomer", "--", "sleep", "1000")
	p.Wait("the task", `[...document.querySelectorAll(".rows .row")].some((r) => r.innerText.includes("newcomer-") && r.innerText.includes("running"))`)
	var same string
	p.must(p.Eval("window.same", &same))
	if same != "page" {
		t.Errorf("the page was loaded again: got %q, want what was left in it", same)
	}
	clean(t, p)
}

// TestLogsStream watches a file grow.
func TestLogsStream(t *testing.T) {
	c := start(t, cluster.Options{Agents: 1})
	run(t, c.Addr(), "--name=talker", "--", "sh", "-c", "i=0; while :; do i=$((i+1)); echo line $i of many; echo oops $i >&2; sleep 0.3; done")
	p := Open(t).Visit(c.URL("/"), 1440, 900)
	p.WaitText("as one computer")
	p.toTask("talker", "/logs", "running")
	p.Wait("its first lines", `document.querySelector(".logs pre")?.innerText.includes("line 3 of many")`)
	var lines int
	p.must(p.Eval(`document.querySelector(".logs pre").innerText.split("\n").length`, &lines))
	p.Wait("more lines", `document.querySelector(".logs pre").innerText.split("\n").length > `+itoa(lines+3))
	p.Wait("its end in sight", `(() => { const e = document.querySelector(".logs pre"); return e.scrollHeight - e.scrollTop - e.clientHeight < 30; })()`)
	p.Click(".card .tabs a", "stderr")
	p.Wait("the other file", `document.querySelector(".logs pre")?.innerText.includes("oops 3")`)
	p.toTask("talker", "/files", "running")
	p.Click("a.file-name", "stdout")
	p.Wait("the file of the sandbox", `document.querySelector(".logs pre")?.innerText.includes("line 3 of many")`)
	clean(t, p)
}

// TestTerminal types into a shell beside a task.
func TestTerminal(t *testing.T) {
	c := start(t, cluster.Options{Agents: 1})
	run(t, c.Addr(), "--name=host", "--env", "SEEN=beside", "--", "sleep", "1000")
	p := Open(t).Visit(c.URL("/"), 1440, 900)
	p.WaitText("as one computer")
	p.toTask("host", "/terminal", "running")
	screen := `(document.querySelector(".xterm-rows")?.innerText ?? "")`
	p.Wait("a prompt", screen+`.trim().length > 0 && document.activeElement?.closest(".terminal-screen")`)
	p.Type("echo $SEEN-$((40+2)); stty size\n")
	p.Wait("the answer", screen+`.includes("beside-42")`)
	p.Wait("the size of the terminal", `/\n\s*[1-9]\d \d+/.test("\n" + `+screen+`)`)
	p.Screenshot("terminal-used")
	p.Type("exit 7\n")
	p.WaitText("ended with status 7")
	p.Click("button", "Open another")
	p.Wait("another prompt", screen+`.trim().length > 0 && !document.querySelector(".terminal-end")`)
	clean(t, p)
}
