package hosts

import (
	"fmt"
	"math/rand/v2"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"
)

// every is how far the targets of TestChronosUnderCuts lie apart.
const every = 2 * time.Second

// TestChronosUnderCuts has three programs chronos run a job at its times while hosts are cut off from each other and leaders
// are killed and stopped. The job writes a file when it begins and one when it ends: each target has exactly one run, and
// chronos knows it.
func TestChronosUnderCuts(t *testing.T) {
	span, seed := cronSettings(t)
	dir := t.TempDir()
	rules := filepath.Join(dir, "rules")
	if err := os.WriteFile(rules, nil, 0o600); err != nil {
		t.Fatal(err)
	}
	faulty, slots := "--fault_rules="+rules, int(span/every)+1
	k := startCrons(t, 3, options{
		masterFlags: []string{faulty, "--agent_ping_timeout=1secs", "--max_agent_ping_timeouts=4"},
		agentFlags:  []string{faulty, "--registration_backoff_factor=100ms", "--executor_reregistration_timeout=2mins"},
	}, "--failure_retry=1secs", fmt.Sprintf("--job_history_limit=%d", slots+10))
	x := &targets{dir: filepath.Join(dir, "runs"), start: time.Now().Add(5 * time.Second).Truncate(time.Second).UTC(), slots: slots}
	if err := os.Mkdir(x.dir, 0o755); err != nil {
		t.Fatal(err)
	}
	k.add("/v1/scheduler/iso8601", x.job())
	k.add("/v1/scheduler/dependency", map[string]any{
		"name": "follower", "command": "true", "parents": []string{"target"}, "concurrent": true, "cpus": 0.05, "mem": 16, "disk": 1, "retries": 1000,
	})

	n := newNemesis(k, seed)
	for end := x.start.Add(span); time.Now().Before(end) && !t.Failed(); {
		n.turn()
	}
	n.note("the nemesis rests")
	known := k.allEnded("target", slots)
	k.allEnded("follower", slots)
	t.Logf("\n%s%s\nprograms that were killed or gave up their session, and started again: %d", n.table(), x.judge(t, known), k.restarts)
	k.sound()
	history := settled(k.rec.history())
	lawful(t, "chronos's registry", registryModel, history)
	t.Logf("chronos's registry: %d requests, in a lawful order; writes by host: %v", len(history), k.rec.count(write))
}

func cronSettings(t *testing.T) (span time.Duration, seed uint64) {
	t.Helper()
	span, seed = 40*time.Second, rand.Uint64()
	var err error
	if v := os.Getenv("CHRONOS_FOR"); v != "" {
		if span, err = time.ParseDuration(v); err != nil {
			t.Fatalf("CHRONOS_FOR: %v", err)
		}
	}
	if v := os.Getenv("CHRONOS_SEED"); v != "" {
		if seed, err = strconv.ParseUint(v, 10, 64); err != nil {
			t.Fatalf("CHRONOS_SEED: %v", err)
		}
	}
	t.Logf("CHRONOS_FOR=%s CHRONOS_SEED=%d", span, seed)
	return span, seed
}

// targets are the slots of a job, and the files that its runs write.
type targets struct {
	dir   string
	start time.Time
	slots int
}

func (x *targets) job() map[string]any {
	return map[string]any{
		"name": "target", "command": "f=" + x.dir + "/$CHRONOS_JOB_RUN_TIME.$CHRONOS_JOB_RUN_ATTEMPT; date +%s.%N >>$f.start; sleep 1; date +%s.%N >>$f.end",
		"schedule": fmt.Sprintf("R%d/%s/PT%dS", x.slots, x.start.Format(time.RFC3339), every/time.Second),
		"epsilon":  "P1D", "concurrent": true, "retries": 1000, "cpus": 0.05, "mem": 16, "disk": 1,
	}
}

// marks are the times that the files of one kind hold, by slot: a run that came twice under one name wrote twice.
func (x *targets) marks(t *testing.T, kind string) map[string][]time.Time {
	t.Helper()
	paths, err := filepath.Glob(filepath.Join(x.dir, "*."+kind))
	if err != nil {
		t.Fatal(err)
	}
	out := map[string][]time.Time{}
	for _, path := range paths {
		text, err := os.ReadFile(path)
		if err != nil {
			t.Fatal(err)
		}
		slot, _, _ := strings.Cut(filepath.Base(path), ".")
		for _, line := range strings.Fields(string(text)) {
			seconds, err := strconv.ParseFloat(line, 64)
			if err != nil {
				t.Fatalf("%s: %v", path, err)
			}
			out[slot] = append(out[slot], time.UnixMicro(int64(seconds*1e6)))
		}
	}
	return out
}

// judge wants exactly one run of each target, not before its time, and none of anything else.
func (x *targets) judge(t *testing.T, known map[int64][]ended) string {
	t.Helper()
	begun, over := x.marks(t, "start"), x.marks(t, "end")
	exactly, missing, extra, again := 0, 0, 0, 0
	var lateness []time.Duration
	for i := range x.slots {
		due := x.start.Add(time.Duration(i) * every)
		key, runs := fmt.Sprint(due.UnixMilli()), known[due.UnixMilli()]
		good := len(runs) == 1 && runs[0].Outcome == "success"
		switch b, e := len(begun[key]), len(over[key]); {
		case b == 1 && e == 1 && good && !begun[key][0].Before(due):
			exactly++
			lateness = append(lateness, begun[key][0].Sub(due))
		case b > 1 || e > 1:
			extra++
			t.Errorf("target %d: runs began at %v and ended at %v, chronos knows %+v, want one", i, begun[key], over[key], runs)
		default:
			missing++
			t.Errorf("target %d, due %v: runs began at %v and ended at %v, chronos knows %+v, want one that succeeded", i, due, begun[key], over[key], runs)
		}
		if good && len(runs[0].Tries) > 1 {
			again++
		}
		delete(begun, key)
	}
	for key, at := range begun {
		extra++
		t.Errorf("runs began at %v for %s, which is no target", at, key)
	}
	slices.Sort(lateness)
	if lateness == nil {
		lateness = []time.Duration{0}
	}
	return fmt.Sprintf("%d targets: %d with exactly one run, %d missing, %d extra; %d were launched more than once; late by %v in the middle, %v at most",
		x.slots, exactly, missing, extra, again, round(lateness[len(lateness)/2]), round(lateness[len(lateness)-1]))
}
