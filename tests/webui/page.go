package webui

import (
	"encoding/base64"
	"fmt"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"time"
)

// Wait waits until an expression is true in the page. Loading a page makes
// expressions fail for a moment: that is no reason to give up.
func (p *Page) Wait(what, expression string) {
	p.t.Helper()
	p.WaitWhile(what, expression, func() {})
}

// WaitWhile is Wait, with something that is done again every few seconds until then.
func (p *Page) WaitWhile(what, expression string, again func()) {
	p.t.Helper()
	var err error
	next := time.Now()
	for deadline := time.Now().Add(patience); time.Now().Before(deadline); time.Sleep(50 * time.Millisecond) {
		if !time.Now().Before(next) {
			again()
			next = time.Now().Add(5 * time.Second)
		}
		var is bool
		if err = p.Eval("Boolean("+expression+")", &is); err == nil && is {
			return
		}
	}
	p.t.Fatalf("waiting for %s: %s is not true (%v)\nThe page says:\n%s\nErrors: %v", what, expression, err, p.Text(), p.Errors())
}

// Text is all that the page shows.
func (p *Page) Text() string {
	var text string
	if err := p.Eval("document.body.innerText", &text); err != nil {
		return err.Error()
	}
	return text
}

// WaitText waits until the page shows a text, however it is written in capitals and small letters.
func (p *Page) WaitText(text string) {
	p.t.Helper()
	p.Wait(fmt.Sprintf("the text %q", text), "document.body.innerText.toLowerCase().includes("+strconv.Quote(strings.ToLower(text))+")")
}

// Click presses the first element of a selector whose text or name begins with text; it waits for it. Finding and
// pressing are one step: between two the page may have drawn it anew.
func (p *Page) Click(selector, text string) {
	p.t.Helper()
	p.Wait(fmt.Sprintf("%s %q to press", selector, text), fmt.Sprintf(`(() => {
		const e = [...document.querySelectorAll(%q)].find((e) => !e.disabled && ((e.innerText ?? "").trim().startsWith(%q) || (e.getAttribute("aria-label") ?? "").startsWith(%q)));
		e?.click();
		return e;
	})()`, selector, text, text))
}

// Follow goes where the first link of a selector points whose text begins with text, or to a part of it; it waits for it.
func (p *Page) Follow(selector, text, part string) {
	p.t.Helper()
	p.Wait(fmt.Sprintf("link %s %q", selector, text), fmt.Sprintf(`(() => {
		const a = [...document.querySelectorAll(%q)].find((a) => a.innerText.startsWith(%q));
		if (a) location.hash = a.getAttribute("href") + %q;
		return a;
	})()`, selector, text, part))
}

// Focus gives the focus to the first element of a selector, and waits until it has it: what a dialog covers gets none.
func (p *Page) Focus(selector string) {
	p.t.Helper()
	p.Wait("the focus on "+selector, fmt.Sprintf(`(() => { const e = document.querySelector(%q); e?.focus(); return e && document.activeElement === e; })()`, selector))
}

// Hash goes to another view of the page, as a link in it does.
func (p *Page) Hash(hash string) {
	p.t.Helper()
	p.must(p.Eval("void (location.hash = "+strconv.Quote(hash)+")", nil))
}

// Type types into what has the focus. A newline is Enter.
func (p *Page) Type(text string) {
	p.t.Helper()
	for _, r := range text {
		if r == '\n' {
			p.Key("Enter", "\r")
			continue
		}
		p.must(p.call("Input.insertText", map[string]any{"text": string(r)}, nil))
	}
}

// Key presses a key; text is what it writes, "" for nothing.
func (p *Page) Key(key, text string) {
	p.t.Helper()
	code := map[string]int{"Enter": 13, "Escape": 27, "ArrowDown": 40, "ArrowUp": 38}[key]
	for _, kind := range []string{"keyDown", "keyUp"} {
		event := map[string]any{"type": kind, "key": key, "windowsVirtualKeyCode": code, "code": key}
		if kind == "keyDown" && text != "" {
			event["text"] = text
		}
		p.must(p.call("Input.dispatchKeyEvent", event, nil))
	}
}

// Screenshot writes what the page looks like to the folder that
// MESOS_TEST_SCREENSHOTS names; without that it does nothing. Screenshots are for people.
func (p *Page) Screenshot(name string) {
	p.t.Helper()
	dir := os.Getenv("MESOS_TEST_SCREENSHOTS")
	if dir == "" {
		return
	}
	var shot struct{ Data string }
	var height int
	p.must(p.Eval("document.body.scrollHeight", &height))
	p.must(p.call("Page.captureScreenshot", map[string]any{"format": "png", "captureBeyondViewport": height < 6000}, &shot))
	png, err := base64.StdEncoding.DecodeString(shot.Data)
	p.must(err)
	p.must(os.MkdirAll(dir, 0o755))
	p.must(os.WriteFile(filepath.Join(dir, name+".png"), png, 0o644))
}
