package e2e

import (
	"archive/tar"
	"bytes"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"net/url"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync/atomic"
	"testing"

	"google.golang.org/protobuf/proto"

	v1 "mesos/messages/mesos/v1"
	"mesos/tests/cluster"
)

// fetching is a task with one URI.
func fetching(id, command, uri string, cache bool) *v1.TaskInfo {
	t := smallTask(id, command)
	t.Command.Uris = []*v1.CommandInfo_URI{{Value: proto.String(uri), Cache: proto.Bool(cache)}}
	return t
}

// last is the newest status of a task, nil if there is none.
func (b *batch) last(id string) *v1.TaskStatus {
	b.mu.Lock()
	defer b.mu.Unlock()
	if all := b.told[id]; len(all) > 0 {
		return all[len(all)-1]
	}
	return nil
}

// toldReason says that some status of a task had a reason.
func (b *batch) toldReason(id string, reason v1.TaskStatus_Reason) bool {
	b.mu.Lock()
	defer b.mu.Unlock()
	return slices.ContainsFunc(b.told[id], func(s *v1.TaskStatus) bool { return s.GetReason() == reason })
}

func (b *batch) endsIn(t *testing.T, state v1.TaskState, tasks ...string) {
	t.Helper()
	eventually(t, fmt.Sprintf("%d tasks to be over", len(tasks)), func() bool { return b.over() >= len(tasks) })
	for _, id := range tasks {
		if s := b.last(id); s.GetState() != state {
			t.Errorf("%s: got %v %v %q, want %v", id, s.GetState(), s.GetReason(), s.GetMessage(), state)
		}
	}
}

// metric reads one number of a daemon.
func metric(t *testing.T, daemon, name string) float64 {
	t.Helper()
	resp, err := http.Get(daemon + "/metrics/snapshot")
	if err != nil {
		t.Fatal(err)
	}
	defer resp.Body.Close()
	all := map[string]float64{}
	if err := json.NewDecoder(resp.Body).Decode(&all); err != nil {
		t.Fatal(err)
	}
	return all[name]
}

func separate(t *testing.T, flags ...string) *cluster.Cluster {
	t.Helper()
	return cluster.Start(t, cluster.Options{
		Agents: 1, Resources: "cpus:2;mem:512;disk:64", Separate: true, AgentFlags: append([]string{
			"--registration_backoff_factor=100ms", "--executor_reregistration_timeout=10secs",
		}, flags...),
	})
}

func TestManyTasksFetchOnce(t *testing.T) {
	t.Parallel()
	var requests atomic.Int32
	s := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		requests.Add(1)
		io.WriteString(w, "the file")
	}))
	defer s.Close()
	c := separate(t, "--fetcher_cache_dir="+t.TempDir())
	var tasks []*v1.TaskInfo
	var names []string
	for i := range 20 {
		names = append(names, fmt.Sprint("t", i))
		tasks = append(tasks, fetching(names[i], `[ "$(cat file)" = "the file" ]`, s.URL+"/file", true))
	}
	startTasks(t, c, tasks...).endsIn(t, v1.TaskState_TASK_FINISHED, names...)
	if n := requests.Load(); n != 1 {
		t.Errorf("got %d requests for 20 tasks, want 1", n)
	}
	agent := "http://" + c.AgentAddr(0)
	if n := metric(t, agent, "containerizer/fetcher/task_fetches_succeeded"); n != 20 {
		t.Errorf("got %v tasks fetched for, want 20", n)
	}
	if n := metric(t, agent, "containerizer/fetcher/cache_size_used_bytes"); n != 8 {
		t.Errorf("got %v bytes in the cache, want 8", n)
	}
}

// What cannot be fetched is told in the task's message and in its stderr.
func TestFailedFetchIsTold(t *testing.T) {
	t.Parallel()
	evil := filepath.Join(t.TempDir(), "evil.tar")
	var b bytes.Buffer
	w := tar.NewWriter(&b)
	if err := w.WriteHeader(&tar.Header{Name: "../../out", Mode: 0o644, Typeflag: tar.TypeReg}); err != nil {
		t.Fatal(err)
	}
	w.Close()
	if err := os.WriteFile(evil, b.Bytes(), 0o644); err != nil {
		t.Fatal(err)
	}
	c := separate(t)
	words := map[string]string{
		"missing": "/no/such/file", "climbs": "upwards", "differs": "sha256", "scheme": "gopher",
	}
	batch := startTasks(t, c,
		fetching("missing", "true", "/no/such/file", false), fetching("climbs", "true", evil, true),
		fetching("differs", "true", evil+"#sha256="+strings.Repeat("0", 64), false), fetching("scheme", "true", "gopher://h/x", false))
	batch.endsIn(t, v1.TaskState_TASK_FAILED, "missing", "climbs", "differs", "scheme")
	for id, word := range words {
		s := batch.last(id)
		if s.GetReason() != v1.TaskStatus_REASON_CONTAINER_LAUNCH_FAILED || !strings.Contains(s.GetMessage(), word) {
			t.Errorf("%s: got %v %q, want a failed launch that says %q", id, s.GetReason(), s.GetMessage(), word)
		}
		stderr := filepath.Join(sandboxOf(t, c.AgentWorkDir(0), id), "stderr")
		code, body := get(t, "http://"+c.AgentAddr(0)+"/files/download?path="+url.QueryEscape(stderr))
		if code != http.StatusOK || !strings.Contains(body, word) {
			t.Errorf("%s: got %d %q as stderr, want it to say %q", id, code, body, word)
		}
	}
}

// sandboxOf is the sandbox of the only run of a task.
func sandboxOf(t *testing.T, workDir, task string) string {
	t.Helper()
	found, err := filepath.Glob(filepath.Join(workDir, "slaves/*/frameworks/*/executors", task, "runs/*-*"))
	if err != nil || len(found) != 1 {
		t.Fatalf("got sandboxes %q of task %s, %v, want one", found, task, err)
	}
	return found[0]
}

func get(t *testing.T, url string) (int, string) {
	t.Helper()
	resp, err := http.Get(url)
	if err != nil {
		t.Fatal(err)
	}
	defer resp.Body.Close()
	b, err := io.ReadAll(resp.Body)
	if err != nil {
		t.Fatal(err)
	}
	return resp.StatusCode, string(b)
}

// A task that is killed while its files come ends at once, and so does the download.
func TestKillWhileFilesCome(t *testing.T) {
	t.Parallel()
	begun, gone := make(chan struct{}), make(chan struct{})
	s := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		w.(http.Flusher).Flush()
		close(begun)
		<-r.Context().Done()
		close(gone)
	}))
	defer s.Close()
	c := separate(t)
	b := startTasks(t, c, fetching("t", "true", s.URL+"/never", false))
	<-begun
	b.mu.Lock()
	b.driver.Kill("t", nil)
	b.mu.Unlock()
	b.endsIn(t, v1.TaskState_TASK_KILLED, "t")
	<-gone
}
