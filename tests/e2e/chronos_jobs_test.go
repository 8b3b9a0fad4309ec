package e2e

import (
	"encoding/json"
	"fmt"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	gcr "github.com/google/go-containerregistry/pkg/v1"

	"mesos/tests/box"
	"mesos/tests/cluster"
)

// post adds a job that is given as fields.
func (k *cron) post(fields map[string]any) {
	k.t.Helper()
	body, err := json.Marshal(fields)
	if err != nil {
		k.t.Fatal(err)
	}
	k.add(string(body))
}

// ended waits until n runs of a job are over, and wants all of them to have ended so.
func (k *cron) ended(job string, n int, outcome string) {
	k.t.Helper()
	var runs map[int64][]string
	eventually(k.t, fmt.Sprintf("%d runs of %s to end", n, job), func() bool { runs = k.outcomes(job); return len(runs) >= n })
	for due, got := range runs {
		if len(got) != 1 || got[0] != outcome {
			k.t.Errorf("%s at %d: got %q, want one %s", job, due, got, outcome)
		}
	}
}

// A job with an executor of its own: that one stays, and runs the next task, too.
func TestChronosCustomExecutor(t *testing.T) {
	t.Parallel()
	c := cluster.Start(t, cluster.Options{Agents: 1, Separate: true})
	k := startCron(t, c, "--work_dir="+t.TempDir())
	k.post(map[string]any{
		"name": "primes", "executor": cluster.Example(t, "executor"), "command": "2 1000", "retries": 0, "cpus": 0.1, "mem": 32, "disk": 1, "epsilon": "P1D",
		"schedule": "R3/" + time.Now().Add(time.Second).UTC().Format(time.RFC3339) + "/PT1S",
	})
	k.ended("primes", 3, "success")
	if dirs, err := filepath.Glob(filepath.Join(c.AgentWorkDir(0), "slaves", "*", "frameworks", "*", "executors", "primes", "runs", "*-*")); err != nil || len(dirs) != 1 {
		t.Errorf("containers of the executor: got %q, %v, want one", dirs, err)
	}
}

// The task of an async job only begins it: whatever goes on tells chronos how it ended.
func TestChronosAsyncJob(t *testing.T) {
	t.Parallel()
	c := cluster.Start(t, cluster.Options{Agents: 1, Separate: true})
	k := startCron(t, c, "--work_dir="+t.TempDir())
	dir := t.TempDir()
	for name, code := range map[string]int{"good": 0, "bad": 3} {
		file := filepath.Join(dir, name)
		k.post(map[string]any{
			"name": name, "async": true, "command": "printf %s $mesos_task_id >" + file + ".tmp && mv " + file + ".tmp " + file, "retries": 0,
			"cpus": 0.1, "mem": 32, "disk": 1, "epsilon": "P1D", "schedule": "R1//PT24H",
		})
		eventually(t, "the task of "+name+" to be over", func() bool {
			_, text := k.ask("GET", "/v1/scheduler/job/history/"+name, "")
			return strings.Contains(text, `"phase":"reporting"`)
		})
		k.kill() // which forgets nothing of it
		k.start()
		if got := k.outcomes(name); len(got) != 0 {
			t.Errorf("%s: got %v before it was reported, want it under way", name, got)
		}
		report := fmt.Sprintf(`{"statusCode": %d}`, code)
		if got, text := k.ask("PUT", "/v1/scheduler/task/"+readFile(file), report); got != http.StatusNoContent {
			t.Errorf("report of %s: got %d %s, want 204", name, got, text)
		}
	}
	k.ended("good", 1, "success")
	if got := k.outcomes("bad"); len(got) != 1 || !strings.Contains(fmt.Sprint(got), "failure") {
		t.Errorf("bad: got %v, want one failure", got)
	}
}

// A job in a container of a Docker engine, with a volume.
func TestChronosDockerJob(t *testing.T) {
	t.Parallel()
	e := startEngine(t, "", "--bridge=none", "--iptables=false", "--ip6tables=false", "--ip-forward=false")
	at := box.Registry(t, map[string]gcr.Image{"plain:1": box.Image(t, gcr.Config{Env: []string{"PATH=/bin"}})})
	c := cluster.Start(t, cluster.Options{
		Agents: 1, Separate: true, AgentFlags: []string{"--containerizers=mesos,docker", "--docker_socket=" + e.socket, "--docker_remove_delay=0secs"},
	})
	k := startCron(t, c, "--work_dir="+t.TempDir())
	data := t.TempDir()
	if err := os.WriteFile(filepath.Join(data, "in"), []byte("of the machine"), 0o644); err != nil {
		t.Fatal(err)
	}
	k.post(map[string]any{
		"name": "boxed", "command": `cat /srv/greeting /data/in >/data/out && echo "$CHRONOS_JOB_NAME" >>/data/out`, "retries": 0,
		"cpus": 0.1, "mem": 32, "disk": 1, "epsilon": "P1D", "schedule": "R1//PT24H",
		"container": map[string]any{
			"type": "DOCKER", "image": at + "/plain:1", "network": "HOST", "volumes": []map[string]string{{"containerPath": "/data", "hostPath": data, "mode": "RW"}},
		},
	})
	k.ended("boxed", 1, "success")
	if got, want := readFile(filepath.Join(data, "out")), "of the image\nof the machineboxed\n"; got != want {
		t.Errorf("the container wrote %q, want %q", got, want)
	}
	eventually(t, "the container to be removed", func() bool { return len(e.agents()) == 0 })
}
