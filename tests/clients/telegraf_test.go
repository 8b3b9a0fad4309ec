package clients

import (
	"context"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"testing"

	"mesos/tests/cluster"
)

// buildTelegraf builds telegraf with the one plugin that matters: without tags it is hundreds of them.
var buildTelegraf = sync.OnceValues(func() (string, error) {
	return cluster.BuildModule("tests/clients/telegraf", "-tags", "custom,inputs.mesos,outputs.file,parsers.json,serializers.influx",
		"github.com/influxdata/telegraf/cmd/telegraf")
})

// TestTelegraf has telegraf's mesos input gather all it knows of a master and of an agent.
func TestTelegraf(t *testing.T) {
	t.Parallel()
	bin, err := buildTelegraf()
	if err != nil {
		t.Fatal(err)
	}
	cl := cluster.Start(t, cluster.Options{Separate: true})
	config := filepath.Join(t.TempDir(), "telegraf.conf")
	text := fmt.Sprintf("[agent]\n  omit_hostname = true\n[[inputs.mesos]]\n  timeout = 20000\n  masters = [%q]\n  slaves = [%q]\n[[outputs.file]]\n",
		"http://"+cl.Addr(), "http://"+cl.AgentAddr(0))
	if err := os.WriteFile(config, []byte(text), 0o644); err != nil {
		t.Fatal(err)
	}
	r := run(t, func(ctx context.Context) *exec.Cmd {
		return exec.CommandContext(ctx, filepath.Join(bin, "telegraf"), "--config", config, "--test")
	})
	if r.code != 0 {
		t.Errorf("exit code: got %d, want 0", r.code)
	}
	for role, fields := range map[string][]string{
		"master": {
			"master/elected=1", "master/uptime_secs=", "master/cpus_total=", "master/mem_percent=", "master/slaves_active=1", "master/slaves_connected=1",
			"master/frameworks_active=0", "master/tasks_finished=0", "master/outstanding_offers=0", "system/cpus_total=", "system/load_1min=",
		},
		"slave": {
			"slave/registered=1", "slave/uptime_secs=", "slave/cpus_total=", "slave/executors_running=0", "slave/tasks_running=0", "system/mem_total_bytes=",
		},
	} {
		line := lineWith(r.output, "> mesos,role="+role+",")
		if line == "" {
			t.Errorf("no line of role %s", role)
			continue
		}
		for _, field := range fields {
			if !strings.Contains(line, field) {
				t.Errorf("%s: no field %s in %s", role, field, line)
			}
		}
	}
	if line := lineWith(r.output, " E! "); line != "" {
		t.Errorf("telegraf complains: %s", line)
	}
}

// lineWith is the first line that holds part, "" if none does.
func lineWith(text, part string) string {
	for line := range strings.SplitSeq(text, "\n") {
		if strings.Contains(line, part) {
			return line
		}
	}
	return ""
}
