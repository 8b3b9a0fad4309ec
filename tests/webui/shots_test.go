package webui

import (
	"os"
	"testing"
	"time"
)

// TestShots is for looking at pages while they are being written.
func TestShots(t *testing.T) {
	url := os.Getenv("SHOT_URL")
	if url == "" {
		t.Skip()
	}
	b := Open(t)
	for _, w := range []int{1440, 390} {
		h := 900
		suffix := ""
		if w == 390 {
			h, suffix = 844, "-n"
		}
		p := b.Visit(url+"/", w, h)
		p.Wait("the cluster", `document.querySelector(".page-head")`)
		if os.Getenv("SHOT_DARK") != "" {
			p.Eval("document.querySelector('.top button[title=\"Light or dark\"]').click()", nil)
		}
		for _, s := range []struct{ name, hash string }{
			{"overview", "#/"}, {"tasks", "#/tasks"}, {"agents", "#/agents"}, {"frameworks", "#/frameworks"}, {"roles", "#/roles"}, {"offers", "#/offers"}, {"maintenance", "#/maintenance"}, {"why", "#/why?cpus=64&mem=100"},
		} {
			p.Hash(s.hash)
			time.Sleep(1500 * time.Millisecond)
			p.Screenshot(s.name + suffix)
		}
		for _, s := range []struct{ name, from, tab string }{{"agent", "#/agents", ""}, {"framework", "#/frameworks", ""}, {"task", "#/tasks", ""}, {"task-logs", "#/tasks", "/logs"}, {"task-files", "#/tasks", "/files"}, {"task-term", "#/tasks", "/terminal"}} {
			p.Hash(s.from)
			time.Sleep(500 * time.Millisecond)
			p.Eval(`location.hash = document.querySelector(".rows .name").getAttribute("href") + "`+s.tab+`"`, nil)
			time.Sleep(3500 * time.Millisecond)
			p.Screenshot(s.name + suffix)
		}
		t.Log(p.Errors())
	}
}
