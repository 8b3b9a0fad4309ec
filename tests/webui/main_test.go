package webui

import (
	"bytes"
	"context"
	"io"
	"net/http"
	"os"
	"os/exec"
	"strings"
	"sync"
	"testing"
	"time"

	"mesos/tests/cluster"
)

func TestMain(m *testing.M) { os.Exit(cluster.Main(m)) }

// start starts a cluster whose master has the pages; without a browser or pages the test is skipped.
func start(t testing.TB, o cluster.Options) *cluster.Cluster {
	t.Helper()
	program(t)
	c := cluster.Start(t, o)
	if !hasPages(t, c.URL("/")) {
		t.Skip("the programs were built without the pages: make webui build, with Node and npm")
	}
	return c
}

func hasPages(t testing.TB, url string) bool {
	t.Helper()
	resp, err := http.Get(url)
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = resp.Body.Close() }()
	text, err := io.ReadAll(resp.Body)
	if err != nil {
		t.Fatal(err)
	}
	return !strings.Contains(string(text), "make webui build")
}

// job is a `mesos run` that ends with the test.
type job struct {
	mu  sync.Mutex
	out bytes.Buffer
}

func (j *job) Write(p []byte) (int, error) {
	j.mu.Lock()
	defer j.mu.Unlock()
	return j.out.Write(p)
}

func run(t testing.TB, master string, args ...string) *job {
	t.Helper()
	j := &job{}
	cmd := exec.Command(cluster.Binary(t, "mesos"), append([]string{"run", "--master=" + master}, args...)...)
	cmd.Stdout, cmd.Stderr = j, j
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		_ = cmd.Process.Kill() // it may have ended
		_ = cmd.Wait()
		if t.Failed() {
			j.mu.Lock()
			defer j.mu.Unlock()
			t.Logf("mesos run %s: %s", strings.Join(args, " "), j.out.String())
		}
	})
	return j
}

// hoard subscribes a framework that answers no offer.
func hoard(t testing.TB, c *cluster.Cluster) {
	t.Helper()
	ctx, cancel := context.WithCancel(context.Background())
	body := `{"type":"SUBSCRIBE","subscribe":{"framework_info":{"user":"nobody","name":"hoarder","roles":["shelf"],"capabilities":[{"type":"MULTI_ROLE"}]}}}`
	r, err := http.NewRequestWithContext(ctx, http.MethodPost, c.URL("/api/v1/scheduler"), strings.NewReader(body))
	if err != nil {
		t.Fatal(err)
	}
	r.Header.Set("Content-Type", "application/json")
	r.Header.Set("Accept", "application/json")
	resp, err := http.DefaultClient.Do(r)
	if err != nil {
		t.Fatal(err)
	}
	read := make(chan struct{})
	go func() { defer close(read); _, _ = io.Copy(io.Discard, resp.Body) }()
	t.Cleanup(func() { cancel(); <-read; _ = resp.Body.Close() })
	if resp.StatusCode != http.StatusOK {
		t.Fatalf("subscription: got %s, want 200", resp.Status)
	}
}

// clean wants no error of scripts, policy or loading.
func clean(t testing.TB, p *Page) {
	t.Helper()
	for _, e := range p.Errors() {
		t.Errorf("in the browser: %s", e)
	}
}

// toTask goes to the page of the task whose id begins so, or a part of it, and waits until it is in a state.
func (p *Page) toTask(name, part, state string) {
	p.t.Helper()
	p.Hash("#/tasks?state=all")
	p.Follow(`.rows a.name[href^='#/tasks/']`, name, part)
	p.Wait("task "+name+" to be "+state, `document.querySelector("h1")?.innerText.startsWith("`+name+`") && document.querySelector(".page-title .badge")?.innerText === "`+state+`"`)
}

// settled is true once what is loaded for a page is there.
const settled = `!document.querySelector(".loading") && !document.querySelector(".problem")`

// both widths that screenshots are made of.
var widths = []struct {
	name          string
	width, height int
}{{"wide", 1440, 900}, {"narrow", 390, 844}}

// quietly waits a moment for what only screenshots need, like charts with more than one point.
func quietly() {
	if os.Getenv("MESOS_TEST_SCREENSHOTS") != "" {
		time.Sleep(3 * time.Second)
	}
}
