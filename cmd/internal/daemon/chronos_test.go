package daemon

import (
	"log/slog"
	"net/http"
	"strings"
	"testing"
	"time"
)

func TestChronosFlags(t *testing.T) {
	f := ChronosFlags()
	if err := f.SetAll(map[string]string{"master": "127.0.0.1:5050", "work_dir": t.TempDir(), "mesos_task_mem": "64", "task_epsilon": "5mins", "user": "nobody"}); err != nil {
		t.Fatal(err)
	}
	s, err := ChronosFrom(f)
	if err != nil {
		t.Fatal(err)
	}
	c := s.Config
	if c.Master.String() != "master@127.0.0.1:5050" || c.Job.Mem != 64 || c.Job.CPUs != 0.1 || c.Job.Epsilon != 5*time.Minute || c.FailoverTimeout != 7*24*time.Hour || c.RetryDelay != time.Minute || c.Job.User != "nobody" {
		t.Errorf("got %+v", c)
	}
	for flag, want := range map[string]string{"": "--work_dir", "both": "leave one of both away"} {
		f := ChronosFlags()
		values := map[string]string{"master": "127.0.0.1:5050"}
		if flag == "both" {
			values["work_dir"], values["consul"] = t.TempDir(), "consul://127.0.0.1:8500/chronos"
		}
		if err := f.SetAll(values); err != nil {
			t.Fatal(err)
		}
		if _, err := ChronosFrom(f); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("got %v, want %q", err, want)
		}
	}
}

// It serves before there is a master, and ends when it is told to.
func TestChronosStartsAndStops(t *testing.T) {
	f := ChronosFlags()
	if err := f.SetAll(map[string]string{"master": "127.0.0.1:1", "work_dir": t.TempDir(), "ip": "127.0.0.1", "port": "0"}); err != nil {
		t.Fatal(err)
	}
	s, err := ChronosFrom(f)
	if err != nil {
		t.Fatal(err)
	}
	c, err := StartChronos(s, slog.New(slog.DiscardHandler))
	if err != nil {
		t.Fatal(err)
	}
	resp, err := http.Get(c.URL + "/v1/scheduler/jobs")
	if err != nil {
		t.Fatal(err)
	}
	if _ = resp.Body.Close(); resp.StatusCode != http.StatusOK {
		t.Errorf("got %s, want 200", resp.Status)
	}
	if h, err := c.Look(); err != nil || !h.Ready || h.Status != "leading; jobs: 0, runs: 0; not subscribed yet" {
		t.Errorf("look: got %+v, %v", h, err)
	}
	if err := c.Stop(); err != nil {
		t.Errorf("stop: %v", err)
	}
}
