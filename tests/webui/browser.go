package webui

import (
	"bufio"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"os"
	"os/exec"
	"regexp"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/coder/websocket"
)

// patience is how long a page may take for what it is waited for: the machine may be busy with other tests.
const patience = 90 * time.Second

// Browser is one running Chromium with a profile of its own.
type Browser struct {
	t     testing.TB
	ws    *websocket.Conn
	ctx   context.Context
	mu    sync.Mutex
	next  int
	wait  map[int]chan reply
	pages map[string]*Page // by session
	trace *trace           // the newest
}

type reply struct {
	Result json.RawMessage
	Error  *struct{ Message string }
}

// program finds Chromium; a test without it is skipped.
func program(t testing.TB) string {
	for _, name := range []string{"chromium", "chromium-browser", "google-chrome"} {
		if path, err := exec.LookPath(name); err == nil {
			return path
		}
	}
	t.Skip("no Chromium: Debian's package chromium has it")
	return ""
}

var listening = regexp.MustCompile(`DevTools listening on (ws://\S+)`)

// Open starts a browser that ends with the test.
func Open(t testing.TB) *Browser {
	t.Helper()
	profile, err := os.MkdirTemp("", "mesos-browser-")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = os.RemoveAll(profile) })
	cmd := exec.Command(program(t), "--headless", "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking",
		"--disable-component-update", "--disable-sync", "--disable-dev-shm-usage", "--remote-debugging-port=0", "--user-data-dir="+profile, "about:blank")
	out, err := cmd.StderrPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		_ = cmd.Process.Kill() // fails only for one that has ended
		_ = cmd.Wait()
	})
	address := make(chan string, 1)
	go func() { // ends with the browser
		lines := bufio.NewScanner(out)
		for lines.Scan() {
			if m := listening.FindStringSubmatch(lines.Text()); m != nil {
				address <- m[1]
			}
		}
		_, _ = io.Copy(io.Discard, out)
	}()
	var at string
	select {
	case at = <-address:
	case <-time.After(patience):
		t.Fatal("Chromium does not say where it listens")
	}
	ctx, cancel := context.WithCancel(context.Background())
	ws, _, err := websocket.Dial(ctx, at, nil) //nolint:bodyclose // the library closes it
	if err != nil {
		cancel()
		t.Fatal(err)
	}
	ws.SetReadLimit(64 << 20)
	b := &Browser{t: t, ws: ws, ctx: ctx, wait: map[int]chan reply{}, pages: map[string]*Page{}}
	read := make(chan struct{})
	go func() { defer close(read); b.read() }()
	t.Cleanup(func() { cancel(); <-read })
	return b
}

func (b *Browser) read() {
	for {
		_, data, err := b.ws.Read(b.ctx)
		if err != nil {
			return
		}
		var m struct {
			ID        int
			SessionID string `json:"sessionId"`
			Method    string
			Params    json.RawMessage
			reply
		}
		if json.Unmarshal(data, &m) != nil {
			continue
		}
		b.mu.Lock()
		if w := b.wait[m.ID]; w != nil {
			delete(b.wait, m.ID)
			w <- m.reply
		}
		if p := b.pages[m.SessionID]; p != nil && m.Method != "" {
			p.heard(m.Method, m.Params)
		}
		if b.trace != nil {
			b.trace.heard(m.Method, m.Params)
		}
		b.mu.Unlock()
	}
}

// call asks the browser, or a page of it by its session.
func (b *Browser) call(session, method string, params, result any) error {
	b.mu.Lock()
	b.next++
	id, answer := b.next, make(chan reply, 1)
	b.wait[id] = answer
	b.mu.Unlock()
	msg := map[string]any{"id": id, "method": method, "params": params}
	if params == nil {
		msg["params"] = map[string]any{}
	}
	if session != "" {
		msg["sessionId"] = session
	}
	text, err := json.Marshal(msg)
	if err != nil {
		return err
	}
	if err := b.ws.Write(b.ctx, websocket.MessageText, text); err != nil {
		return err
	}
	select {
	case r := <-answer:
		if r.Error != nil {
			return fmt.Errorf("%s: %s", method, r.Error.Message)
		}
		if result == nil {
			return nil
		}
		return json.Unmarshal(r.Result, result)
	case <-time.After(patience):
		return fmt.Errorf("%s: no answer", method)
	}
}

// Page is one tab.
type Page struct {
	t       testing.TB
	b       *Browser
	session string
	mu      sync.Mutex
	errors  []string // of its scripts and its policy
}

// Visit opens a tab of a size at an address.
func (b *Browser) Visit(url string, width, height int) *Page {
	b.t.Helper()
	p := &Page{t: b.t, b: b}
	var target struct{ TargetID string }
	p.must(b.call("", "Target.createTarget", map[string]any{"url": "about:blank"}, &target))
	var session struct{ SessionID string }
	p.must(b.call("", "Target.attachToTarget", map[string]any{"targetId": target.TargetID, "flatten": true}, &session))
	p.session = session.SessionID
	b.mu.Lock()
	b.pages[p.session] = p
	b.mu.Unlock()
	for _, domain := range []string{"Page.enable", "Runtime.enable", "Log.enable"} {
		p.must(p.call(domain, nil, nil))
	}
	p.must(p.call("Emulation.setFocusEmulationEnabled", map[string]any{"enabled": true}, nil)) // keys go to the tab that has the focus
	p.Resize(width, height)
	p.Go(url)
	return p
}

// Resize sets how large the window is, in CSS pixels.
func (p *Page) Resize(width, height int) {
	p.t.Helper()
	p.must(p.call("Emulation.setDeviceMetricsOverride", map[string]any{"width": width, "height": height, "deviceScaleFactor": 1, "mobile": width < 600}, nil))
}

// Go loads an address.
func (p *Page) Go(url string) {
	p.t.Helper()
	p.must(p.call("Page.navigate", map[string]any{"url": url}, nil))
}

func (p *Page) must(err error) {
	p.t.Helper()
	if err != nil {
		p.t.Fatalf("browser: %v", err)
	}
}

func (p *Page) call(method string, params, result any) error {
	return p.b.call(p.session, method, params, result)
}

// heard notes what went wrong in the page.
func (p *Page) heard(method string, params json.RawMessage) {
	p.mu.Lock()
	defer p.mu.Unlock()
	switch method {
	case "Runtime.exceptionThrown", "Log.entryAdded":
		var e struct {
			Entry            struct{ Level, Text, URL string }
			ExceptionDetails struct {
				Text      string
				Exception struct{ Description string }
			}
		}
		if json.Unmarshal(params, &e) != nil || method == "Log.entryAdded" && e.Entry.Level != "error" {
			return
		}
		p.errors = append(p.errors, strings.TrimSpace(e.Entry.Text+" "+e.Entry.URL+" "+e.ExceptionDetails.Text+" "+e.ExceptionDetails.Exception.Description))
	}
}

// Errors are those of scripts, of the policy and of loading, since the page was opened.
func (p *Page) Errors() []string {
	p.mu.Lock()
	defer p.mu.Unlock()
	return append([]string(nil), p.errors...)
}

// Eval runs an expression in the page, waiting for what it promises, and reads its JSON value into result.
func (p *Page) Eval(expression string, result any) error {
	var r struct {
		Result           struct{ Value json.RawMessage }
		ExceptionDetails *struct {
			Text      string
			Exception struct{ Description string }
		}
	}
	if err := p.call("Runtime.evaluate", map[string]any{"expression": expression, "returnByValue": true, "awaitPromise": true, "userGesture": true}, &r); err != nil {
		return err
	}
	if r.ExceptionDetails != nil {
		return fmt.Errorf("%s %s", r.ExceptionDetails.Text, r.ExceptionDetails.Exception.Description)
	}
	if result == nil || r.Result.Value == nil {
		return nil
	}
	return json.Unmarshal(r.Result.Value, result)
}
