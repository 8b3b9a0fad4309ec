package main

import (
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"reflect"
	"strings"
	"testing"
	"time"

	"github.com/urfave/cli/v2"

	"mesos/cmd/flags"
	"mesos/cmd/mesos/internal/client"
	"mesos/cmd/mesos/internal/contexts"
	"mesos/cmd/mesos/internal/job"
)

const stateText = `{"leader":"master@10.0.0.1:5050",
"slaves":[
 {"id":"S1","hostname":"h2","pid":"slave(1)@10.0.0.3:5051","active":false,"resources":{"cpus":4,"mem":1024,"disk":0,"gpus":0},"used_resources":{"cpus":0,"mem":0},"attributes":{}},
 {"id":"S0","hostname":"h1","pid":"slave(1)@10.0.0.2:5051","active":true,"registered_time":1000.5,"resources":{"cpus":4,"mem":4096,"disk":10240,"gpus":0},"used_resources":{"cpus":0.3,"mem":64,"disk":0,"gpus":0},"attributes":{"rack":"r1","n":3}}],
"frameworks":[{"id":"F-0001","name":"web","active":true,"connected":true,"registered_time":1000.5,"user":"me","roles":["a","b"],"used_resources":{"cpus":0.3,"mem":64},
  "tasks":[{"id":"web-12","name":"web","framework_id":"F-0001","slave_id":"S0","state":"TASK_RUNNING","role":"a","resources":{"cpus":0.1,"mem":32},"statuses":[{"state":"TASK_RUNNING","timestamp":2000.25}]},
           {"id":"web-1","name":"web","framework_id":"F-0001","slave_id":"S0","state":"TASK_STAGING","role":"a","resources":{"cpus":0.2,"mem":32},"statuses":[]}],
  "completed_tasks":[{"id":"old-1","framework_id":"F-0001","slave_id":"S9","state":"TASK_FINISHED","role":"a","resources":{"cpus":1,"mem":1},"statuses":[{"state":"TASK_FINISHED","timestamp":1500}]}]},
 {"id":"F-0002","name":"batch","active":false,"connected":false,"user":"me","role":"*","used_resources":{},
  "tasks":[{"id":"web-12","framework_id":"F-0002","slave_id":"S0","state":"TASK_RUNNING","role":"*","resources":{},"statuses":[]}]}],
"completed_frameworks":[{"id":"F-0000","name":"gone","registered_time":10,"unregistered_time":20,"user":"me","role":"*","used_resources":{},"tasks":[],
  "completed_tasks":[{"id":"done","framework_id":"F-0000","slave_id":"S0","state":"TASK_FAILED","role":"*","resources":{},"statuses":[{"timestamp":15}]}]}]}`

// fakeMaster serves stateText and notes what is to be killed.
func fakeMaster(t *testing.T) (addr string, killed *[]string) {
	t.Helper()
	killed = new([]string)
	s := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		switch r.URL.Path {
		case "/state":
			_, _ = io.WriteString(w, stateText)
		case "/tasks/kill":
			*killed = append(*killed, r.PostFormValue("frameworkId")+"/"+r.PostFormValue("taskId"))
			w.WriteHeader(http.StatusAccepted)
		default:
			http.NotFound(w, r)
		}
	}))
	t.Cleanup(s.Close)
	return strings.TrimPrefix(s.URL, "http://"), killed
}

// run runs the program as a shell would.
func run(t *testing.T, args ...string) (code int, stdout, stderr string) {
	t.Helper()
	t.Setenv("MESOS_MASTER", "")
	if os.Getenv(contexts.Variable) == "" {
		t.Setenv(contexts.Variable, filepath.Join(t.TempDir(), "none"))
	}
	var out, err strings.Builder
	app := &cli.App{Name: "mesos", Writer: &out, Commands: commands()}
	code = flags.Run(app, append([]string{"mesos"}, args...), &err)
	return code, out.String(), err.String()
}

func TestTables(t *testing.T) {
	addr, _ := fakeMaster(t)
	for _, tt := range []struct {
		args string
		want []string // words of each line; AGE is left out
	}{
		{"ps", []string{
			"TASK STATE AGE CPUS MEM AGENT ROLE FRAMEWORK",
			"web-1 staging - 0.2 32 h1 a web",
			"web-12 running - 0 0 h1 * batch",
			"web-12 running AGE 0.1 32 h1 a web",
		}},
		{"ps -a", []string{
			"TASK STATE AGE CPUS MEM AGENT ROLE FRAMEWORK",
			"web-1 staging - 0.2 32 h1 a web",
			"web-12 running - 0 0 h1 * batch",
			"done failed AGE 0 0 h1 * gone",
			"old-1 finished AGE 1 1 S9 a web",
			"web-12 running AGE 0.1 32 h1 a web",
		}},
		{"agents", []string{
			"HOST ADDRESS STATE AGE CPUS MEM DISK GPUS ATTRIBUTES AGENT",
			"h1 10.0.0.2:5051 active AGE 0.3/4 64/4096 0/10240 0/0 n:3;rack:r1 S0",
			"h2 10.0.0.3:5051 disconnected - 0/4 0/1024 0/0 0/0 - S1",
		}},
		{"frameworks", []string{
			"FRAMEWORK NAME STATE AGE TASKS CPUS MEM ROLES USER",
			"F-0002 batch disconnected - 1 0 0 * me",
			"F-0001 web active AGE 2 0.3 64 a,b me",
		}},
		{"frameworks --all", []string{
			"FRAMEWORK NAME STATE AGE TASKS CPUS MEM ROLES USER",
			"F-0002 batch disconnected - 1 0 0 * me",
			"F-0000 gone completed AGE 0 0 0 * me",
			"F-0001 web active AGE 2 0.3 64 a,b me",
		}},
	} {
		code, out, stderr := run(t, append(strings.Fields(tt.args), "--master", addr)...)
		if code != 0 {
			t.Errorf("%s: got exit code %d, %s", tt.args, code, stderr)
			continue
		}
		lines := strings.Split(strings.TrimSuffix(out, "\n"), "\n")
		if len(lines) != len(tt.want) {
			t.Errorf("%s: got\n%s\nwant %d lines", tt.args, out, len(tt.want))
			continue
		}
		for i, line := range lines {
			got, want := strings.Fields(line), strings.Fields(tt.want[i])
			for c := range want {
				if want[c] == "AGE" && i > 0 && strings.HasSuffix(got[c], "h") {
					got[c] = "AGE"
				}
			}
			if strings.Join(got, " ") != tt.want[i] {
				t.Errorf("%s: got %q, want %q", tt.args, strings.Join(got, " "), tt.want[i])
			}
		}
	}
}

func TestJSON(t *testing.T) {
	addr, _ := fakeMaster(t)
	for args, want := range map[string]string{
		"ps -o json":                   `"started": "1970-01-01T00:33:20.25Z"`,
		"ps --output=json":             `"agent_hostname": "h1"`,
		"agents -o json":               `"address": "10.0.0.2:5051"`,
		"frameworks -o json":           `"unregistered": null`,
		"frameworks -o json -a":        `"state": "completed"`,
		"frameworks -a --output json":  `"unregistered": "1970-01-01T00:00:20Z"`,
		"agents --master=ADDR -o json": `"active": false`,
		"agents --output=json -m ADDR": `"rack": "r1"`,
	} {
		words := strings.Fields(strings.ReplaceAll(args, "ADDR", addr))
		if !strings.Contains(args, "ADDR") {
			words = append(words, "-m", addr)
		}
		code, out, stderr := run(t, words...)
		if code != 0 || !strings.Contains(out, want) || !strings.HasPrefix(out, "[\n") {
			t.Errorf("%s: got %d, %s%s, want %s", args, code, out, stderr, want)
		}
	}
}

func TestKill(t *testing.T) {
	addr, killed := fakeMaster(t)
	for _, tt := range []struct {
		args string
		code int
		want string // killed, or part of the complaint
	}{
		{"web-1", 0, "[F-0001/web-1]"}, // the whole id of one, though it begins others
		{"web-12 --framework F-0002", 0, "[F-0002/web-12]"},
		{"--framework=F-0001 web-12 web-1", 0, "[F-0001/web-12 F-0001/web-1]"},
		{"web-12", 1, "2 frameworks have a task web-12: name one by --framework: F-0001, F-0002"},
		{"web", 1, `3 tasks begin with "web": write more of the id: web-12, web-1, web-12`},
		{"web-1 nope", 1, `no task that runs has an id beginning with "nope"`},
		{"old", 1, "task old-1 does not run any more: it is finished"},
		{"web-1 -f F-0002", 0, "[F-0002/web-12]"},
		{"old -f X", 1, `no task of a framework whose id begins with "X"`},
		{"", 2, "which task?"},
		{"web-1 --framwork=x", 2, "unknown flag --framwork=x"},
		{"web-1 --framework", 2, "flag --framework needs a value"},
	} {
		*killed = nil
		code, out, stderr := run(t, append([]string{"kill", "-m", addr}, strings.Fields(tt.args)...)...)
		got := stderr
		if code == 0 {
			got = fmt.Sprint(*killed)
		} else if len(*killed) > 0 {
			t.Errorf("%s: killed %v beside the error", tt.args, *killed)
		}
		if code != tt.code || !strings.Contains(got, tt.want) {
			t.Errorf("%s: got %d, %q %q, want %d, %q", tt.args, code, got, out, tt.code, tt.want)
		}
	}
}

// TestRunOptions reads a command line of `mesos run`; flags behind the command's first word are the command's.
func TestRunOptions(t *testing.T) {
	t.Setenv("MESOS_MASTER", "")
	cmd := runCommand()
	var got job.Options
	lists := func(name string) []string {
		for _, f := range cmd.Flags {
			if g, ok := f.(*cli.GenericFlag); ok && g.Name == name {
				return *g.Value.(*list)
			}
		}
		return nil
	}
	cmd.Action = func(c *cli.Context) error {
		got = options(c, lists("env"), lists("uri"), lists("share"))
		return nil
	}
	app := &cli.App{Name: "mesos", Commands: []*cli.Command{cmd}}
	line := []string{"mesos", "run", "-n", "2", "--cpus=0.5", "-e", "A=1,2", "--env", "B=", "-u", "x", "--user", "u", "-q", "--timeout=90s", "--", "cmd", "-q", "--", "x"}
	if code := flags.Run(app, line, io.Discard); code != 0 {
		t.Fatalf("got exit code %d", code)
	}
	got.Stdout, got.Stderr = nil, nil
	want := job.Options{
		Args: []string{"cmd", "-q", "--", "x"}, Instances: 2, CPUs: 0.5, MemMB: 32, Env: []string{"A=1,2", "B="}, URIs: []string{"x"},
		Role: "*", User: "u", Timeout: 90 * time.Second, Quiet: true,
	}
	if !reflect.DeepEqual(got, want) {
		t.Errorf("got %+v, want %+v", got, want)
	}
}

func TestUsageErrors(t *testing.T) {
	for _, tt := range []struct {
		args []string
		want string
	}{
		{[]string{"ps", "extra"}, `unexpected argument "extra" (`},
		{[]string{"ps", "--al"}, "unknown flag --al (`mesos ps --help` tells more)"},
		{[]string{"agents", "-o", "xml"}, "--output=xml is not known: it is table, wide, json or yaml"},
		{[]string{"frameworks", "--master", "http://m/x"}, "write host:port"},
		{[]string{"run"}, "which command?"},
		{[]string{"run", "--cpus", "0", "--", "true"}, "--cpus=0"},
		{[]string{"run", "--cpus", "few", "true"}, "few"},
		{[]string{"run", "--env", "A", "--", "true"}, "write KEY=VALUE"},
		{[]string{"run", "--instances=0", "--", "true"}, "at least 1"},
	} {
		code, out, stderr := run(t, tt.args...)
		if code != 2 || !strings.HasPrefix(stderr, "mesos: ") || !strings.Contains(stderr, tt.want) {
			t.Errorf("%v: got %d, %q %q, want 2 and %q", tt.args, code, stderr, out, tt.want)
		}
	}
}

func TestNoMaster(t *testing.T) {
	s := httptest.NewServer(nil)
	addr := strings.TrimPrefix(s.URL, "http://")
	s.Close()
	for _, args := range [][]string{{"ps"}, {"agents"}, {"frameworks"}, {"kill", "x"}, {"run", "--", "true"}} {
		code, _, stderr := run(t, append([]string{args[0], "--master=" + addr}, args[1:]...)...)
		want := "mesos: no master at " + addr + ": start one with `mesos local`, or name it with --master or MESOS_MASTER"
		if code != 1 || !strings.HasPrefix(stderr, want) {
			t.Errorf("%v: got %d, %q, want 1, %q", args, code, stderr, want)
		}
	}
}

// TestEveryCommandHasAnExample keeps the help useful.
func TestEveryCommandHasAnExample(t *testing.T) {
	var look func(line string, list []*cli.Command)
	look = func(line string, list []*cli.Command) {
		for _, c := range list {
			name := line + " " + c.Name
			if _, example, ok := strings.Cut(c.UsageText, "Example"); !ok || !strings.Contains(example, name) {
				t.Errorf("%s --help has no example: %q", name, c.UsageText)
			}
			if c.Name != "local" && !strings.Contains(c.Description, "Exit codes:") {
				t.Errorf("%s --help tells no exit codes", name)
			}
			if c.Usage == "" {
				t.Errorf("%s says not what it does", name)
			}
			look(name, c.Subcommands)
		}
	}
	look("mesos", commands())
}

func TestSince(t *testing.T) {
	now := time.Unix(1_000_000, 0)
	for _, tt := range []struct {
		ago  time.Duration
		want string
	}{
		{0, "0s"}, {-time.Second, "0s"}, {59900 * time.Millisecond, "59s"}, {61 * time.Second, "1m1s"}, {3*time.Hour + 5*time.Minute, "3h5m"}, {50 * time.Hour, "2d2h"},
	} {
		if got := since(now.Add(-tt.ago), now); got != tt.want {
			t.Errorf("%v ago: got %s, want %s", tt.ago, got, tt.want)
		}
	}
	if got := since(client.Time(0), now); got != "" {
		t.Errorf("never: got %q, want nothing", got)
	}
}
