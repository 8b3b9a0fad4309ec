package flags

import (
	"bytes"
	"encoding/json"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/urfave/cli/v2"

	"mesos/messages/units"
)

// run reads a command line as a program would, and returns what the program sees and the user gets.
func run(t testing.TB, s *Set, env map[string]string, args ...string) (code int, stdout, stderr string, ran bool) {
	t.Helper()
	s.SetEnvironment(func(name string) (string, bool) { v, ok := env[name]; return v, ok })
	var out, errs bytes.Buffer
	app := s.AttachApp(&cli.App{
		Name: "mesos-agent", Version: "1.2.3", Writer: &out,
		Action: func(*cli.Context) error { ran = true; return nil },
	})
	code = Run(app, append([]string{"mesos-agent"}, args...), &errs)
	return code, out.String(), errs.String(), ran
}

// agentSet is an agent that acts on a few flags.
func agentSet() *Set {
	s := NewSet(Agent(), []Def{{Name: "share", Kind: Percent, Default: "40%"}, {Name: "rate", Kind: Rate}})
	s.Support("work_dir", "master", "port", "resources", "executor_registration_timeout", "fetcher_cache_size", "switch_user",
		"gc_disk_headroom", "max_completed_executors_per_framework", "logging_level", "effective_capabilities", "credential", "attributes")
	return s
}

var needed = []string{"--work_dir=/w", "--master=m:5050"}

func TestValues(t *testing.T) {
	s := agentSet()
	code, _, stderr, ran := run(t, s, map[string]string{"MESOS_FETCHER_CACHE_SIZE": "512MB", "MESOS_PORT": "1", "MESOS_UNRELATED": "x", "MESOS_VERSION": "1.11.0"},
		"--work_dir=/w", "--master", "m:5050", "-port=5151", "--executor_registration_timeout=2.5mins", "--no-switch_user",
		"--gc_disk_headroom=0.25", "--logging_level", "WARNING", "--share=2.5%", "--rate=1/20mins", "--credential=file:///etc/c")
	if code != 0 || !ran || stderr != "" {
		t.Fatalf("got code %d, ran %v, %q", code, ran, stderr)
	}
	check := func(name string, got, want any) {
		if got != want {
			t.Errorf("%s: got %v, want %v", name, got, want)
		}
	}
	check("work_dir", s.String("work_dir"), "/w")
	check("master", s.String("master"), "m:5050")
	check("port", s.Int("port"), 5151) // the command line goes before the environment
	check("executor_registration_timeout", s.Duration("executor_registration_timeout"), 150*time.Second)
	check("fetcher_cache_size", s.Bytes("fetcher_cache_size"), 512*units.Megabyte)
	check("switch_user", s.Bool("switch_user"), false)
	check("gc_disk_headroom", s.Float("gc_disk_headroom"), 0.25)
	check("share", s.Float("share"), 0.025)
	check("rate", s.Rate("rate"), units.Rate{Events: 1, Per: 20 * time.Minute})
	check("logging_level", s.String("logging_level"), "WARNING")
	check("credential", s.String("credential"), "/etc/c")
	check("max_completed_executors_per_framework", s.Int("max_completed_executors_per_framework"), 150)
	check("resources", s.String("resources"), "")
	check("Has(resources)", s.Has("resources"), false)
	check("Given(port)", s.Given("port"), true)
	check("Given(max_completed…)", s.Given("max_completed_executors_per_framework"), false)
	check("warnings", len(s.Warnings()), 0)
}

func TestBoolForms(t *testing.T) {
	for arg, want := range map[string]bool{
		"--switch_user": true, "--switch_user=true": true, "--switch_user=1": true, "--switch_user=false": false,
		"--switch_user=0": false, "--no-switch_user": false, "-switch_user=false": false,
	} {
		s := agentSet()
		if code, _, stderr, _ := run(t, s, nil, append(needed[:2:2], arg)...); code != 0 || s.Bool("switch_user") != want {
			t.Errorf("%s: got %v, %q, want %v", arg, s.Bool("switch_user"), stderr, want)
		}
	}
}

// TestRefusals checks that each mistake ends in code 1 and one line that says what to do.
func TestRefusals(t *testing.T) {
	tests := []struct {
		args []string
		env  map[string]string
		says []string
	}{
		{[]string{"--prot=1"}, nil, []string{"--prot", "did you mean --port?"}},
		{[]string{"--work-dir=/w"}, nil, []string{"--work-dir", "did you mean --work_dir?"}},
		{[]string{"--no-swich_user"}, nil, []string{"did you mean --no-switch_user?"}},
		{[]string{"--registration_timeout=1secs"}, nil, []string{"did you mean --executor_registration_timeout?"}},
		{[]string{"--zzzzzzzzzzzzzzzz=1"}, nil, []string{"--zzzzzzzzzzzzzzzz", "--help"}},
		{[]string{"--master=m"}, nil, []string{"--work_dir is missing", "MESOS_WORK_DIR"}},
		{[]string{"--work_dir=/w"}, nil, []string{"--master is missing"}},
		{[]string{"--master=", "--work_dir=/w"}, nil, []string{"--master is missing"}},
		{[]string{"--port=65536"}, nil, []string{"--port", "65536", "65535"}},
		{[]string{"--port=-1"}, nil, []string{"--port", "-1"}},
		{[]string{"--port"}, nil, []string{"--port needs a value"}},
		{[]string{"--port=1", "--port=2"}, nil, []string{"--port", "already given"}},
		{[]string{"--switch_user", "--no-switch_user"}, nil, []string{"--no-switch_user", "already given as --switch_user"}},
		{[]string{"--no-switch_user=false"}, nil, []string{"--no-switch_user", "takes no value"}},
		{[]string{"--switch_user=yes"}, nil, []string{"--switch_user", "yes", "true"}},
		{[]string{"--switch_user", "false"}, nil, []string{"unexpected argument", "false"}},
		{[]string{"--executor_registration_timeout=5"}, nil, []string{"--executor_registration_timeout", "15secs"}},
		{[]string{"--fetcher_cache_size=2"}, nil, []string{"--fetcher_cache_size", "2GB"}},
		{[]string{"--gc_disk_headroom=-0.1"}, nil, []string{"--gc_disk_headroom", "-0.1"}},
		{[]string{"--gc_disk_headroom=NaN"}, nil, []string{"--gc_disk_headroom", "NaN"}},
		{[]string{"--share=140%"}, nil, []string{"--share", "140%"}},
		{[]string{"--rate=5"}, nil, []string{"--rate", "1/20mins"}},
		{[]string{"--logging_level=DEBUG"}, nil, []string{"--logging_level", "DEBUG", "INFO, WARNING, ERROR"}},
		{[]string{"--resources=file://relative"}, nil, []string{"--resources", "absolute"}},
		{[]string{"--resources=file:///does/not/exist"}, nil, []string{"--resources", "/does/not/exist"}},
		{nil, map[string]string{"MESOS_PORT": "x"}, []string{"MESOS_PORT", "x"}},
		{[]string{"--isolation=cgroups/cpu"}, nil, []string{"--isolation is not supported", "posix/cpu,posix/mem"}},
		{[]string{"--hooks=h"}, nil, []string{"--hooks is not supported", "no hooks"}},
		{[]string{"--logbufsecs=5"}, nil, []string{"--logbufsecs is not supported", "leave it out"}},
		{nil, map[string]string{"MESOS_CGROUPS_ENABLE_CFS": "true"}, []string{"MESOS_CGROUPS_ENABLE_CFS is not supported"}},
		{[]string{"--allowed_capabilities=x", "--effective_capabilities=y"}, nil, []string{"already given as --allowed_capabilities"}},
	}
	for _, tt := range tests {
		args := tt.args
		if !strings.Contains(tt.says[0], "is missing") {
			args = append(needed[:len(needed):len(needed)], args...)
		}
		code, stdout, stderr, ran := run(t, agentSet(), tt.env, args...)
		if code != 1 || ran || stdout != "" || strings.Count(stderr, "\n") != 1 || !strings.HasPrefix(stderr, "mesos-agent: ") {
			t.Errorf("%q %v: got code %d, ran %v, stdout %q, stderr %q, want code 1 and one line", args, tt.env, code, ran, stdout, stderr)
		}
		for _, want := range tt.says {
			if !strings.Contains(stderr, want) {
				t.Errorf("%q %v: got %q, want it to say %q", args, tt.env, stderr, want)
			}
		}
	}
}

func TestUnsupportedAtDefault(t *testing.T) {
	s := agentSet()
	code, _, stderr, ran := run(t, s, map[string]string{"MESOS_DOCKER_REMOVE_DELAY": "360mins"},
		append(needed[:2:2], "--isolation=posix/cpu,posix/mem", "--gc_delay=7days", "--no-cgroups_enable_cfs", "--strict")...)
	if code != 0 || !ran {
		t.Fatalf("got code %d, %q", code, stderr)
	}
}

func TestAliases(t *testing.T) {
	s := agentSet()
	code, _, stderr, _ := run(t, s, nil, append(needed[:2:2], "--allowed_capabilities=x")...)
	if code != 0 || s.String("effective_capabilities") != "x" {
		t.Fatalf("got %q, %q", s.String("effective_capabilities"), stderr)
	}
	if w := s.Warnings(); len(w) != 1 || !strings.Contains(w[0], "--allowed_capabilities") || !strings.Contains(w[0], "--effective_capabilities") {
		t.Errorf("warnings: got %q", w)
	}
	s = agentSet()
	run(t, s, map[string]string{"MESOS_ALLOWED_CAPABILITIES": "y"}, needed...)
	if w := s.Warnings(); s.String("effective_capabilities") != "y" || len(w) != 1 || !strings.Contains(w[0], "MESOS_ALLOWED_CAPABILITIES") {
		t.Errorf("from the environment: got %q, warnings %q", s.String("effective_capabilities"), w)
	}
}

func TestFiles(t *testing.T) {
	dir := t.TempDir()
	write := func(name, content string) string {
		path := filepath.Join(dir, name)
		if err := os.WriteFile(path, []byte(content), 0o600); err != nil {
			t.Fatal(err)
		}
		return "file://" + path
	}
	s := agentSet()
	code, _, stderr, _ := run(t, s, map[string]string{"MESOS_ATTRIBUTES": write("a", "rack:1\n")},
		"--work_dir=/w", "--master="+write("m", "host:5050\r\n"), "--port="+write("p", "77\n"), "--resources="+write("r", "cpus:4\n"))
	if code != 0 || s.String("master") != "host:5050" || s.Int("port") != 77 || s.String("resources") != "cpus:4" || s.String("attributes") != "rack:1" {
		t.Fatalf("got %v, %q", s.Values(), stderr)
	}
	code, _, stderr, _ = run(t, agentSet(), nil, append(needed[:2:2], "--port="+write("bad", strings.Repeat("x", 10_000)))...)
	if code != 1 || len(stderr) > 300 {
		t.Errorf("a large wrong file: got code %d and a line of %d bytes", code, len(stderr))
	}
	code, _, stderr, _ = run(t, agentSet(), nil, append(needed[:2:2], "--resources="+write("huge", strings.Repeat("x", maxFile+1)))...)
	if code != 1 || !strings.Contains(stderr, "larger") {
		t.Errorf("a huge file: got code %d, %.200q", code, stderr)
	}
}

func TestVersionAndHelp(t *testing.T) {
	code, stdout, stderr, ran := run(t, agentSet(), nil, "--version")
	if code != 0 || stdout != "mesos-agent 1.2.3\n" || stderr != "" || ran {
		t.Errorf("--version: got %d, %q, %q, ran %v", code, stdout, stderr, ran)
	}
	code, stdout, _, ran = run(t, agentSet(), nil, "--help")
	if code != 0 || ran {
		t.Errorf("--help: got code %d, ran %v", code, ran)
	}
	for _, want := range []string{"--work_dir", "--port", "5051", "--switch_user ", "--version"} {
		if !strings.Contains(stdout, want) {
			t.Errorf("--help lacks %q", want)
		}
	}
	for _, hidden := range []string{"--isolation", "--no-switch_user", "--allowed_capabilities", "--switch_user value"} {
		if strings.Contains(stdout, hidden) {
			t.Errorf("--help shows %q", hidden)
		}
	}
}

// TestTablesAreComplete compares the tables with the list of Mesos's flag names, both ways.
func TestTablesAreComplete(t *testing.T) {
	content, err := os.ReadFile("testdata/names.tsv")
	if err != nil {
		t.Fatal(err)
	}
	want := map[string]map[string]string{"master": {}, "agent": {}}
	for _, line := range strings.Split(strings.TrimRight(string(content), "\n"), "\n")[1:] {
		f := strings.Split(line, "\t")
		for daemon, names := range want {
			if f[0] == daemon || f[0] == "both" {
				names[f[1]] = f[2]
			}
		}
	}
	for daemon, table := range map[string][]Def{"master": Master(), "agent": Agent()} {
		if len(want[daemon]) < 70 {
			t.Fatalf("%s: only %d names in the list", daemon, len(want[daemon]))
		}
		NewSet(table) // panics for a bad default or a double name
		got := map[string]bool{}
		for _, d := range table {
			got[d.Name] = true
			if alias, ok := want[daemon][d.Name]; !ok || alias != d.Alias {
				t.Errorf("%s --%s: got alias %q, want %q (known: %v)", daemon, d.Name, d.Alias, alias, ok)
			}
			if d.Usage == "" || !d.Unsupported {
				t.Errorf("%s --%s: got usage %q, unsupported %v", daemon, d.Name, d.Usage, d.Unsupported)
			}
		}
		for name := range want[daemon] {
			if !got[name] {
				t.Errorf("%s --%s is not in the table", daemon, name)
			}
		}
	}
}

func TestJSON(t *testing.T) {
	s := NewSet(Master())
	s.Support("registry", "work_dir")
	s.Default("registry", "in_memory")
	if code, _, stderr, _ := run(t, s, nil, "--work_dir=/w"); code != 0 {
		t.Fatal(stderr)
	}
	var got struct{ Flags map[string]string }
	if err := json.Unmarshal(s.JSON(), &got); err != nil {
		t.Fatal(err)
	}
	for name, want := range map[string]string{
		"registry": "in_memory", "work_dir": "/w", "agent_ping_timeout": "15secs", "offer_constraints_re2_max_mem": "4KB", "registry_max_agent_age": "2weeks",
		"allocator_agent_recovery_factor": "0.8", "recovery_agent_removal_limit": "100%", "max_agent_ping_timeouts": "5", "hostname_lookup": "true", "help": "false", "version": "false",
	} {
		if got.Flags[name] != want {
			t.Errorf("%s: got %q, want %q", name, got.Flags[name], want)
		}
	}
	if _, ok := got.Flags["zk"]; ok {
		t.Error("a flag without a value is told")
	}
	if _, ok := NewSet(Agent()).Values()["xfs_kill_containers"]; ok {
		t.Error("a flag is told of a part that is not there")
	}
}

func TestSubcommand(t *testing.T) {
	s := NewSet([]Def{{Name: "agents", Kind: Int, Default: "1", Usage: "number of agents"}})
	s.SetEnvironment(func(string) (string, bool) { return "", false })
	var got int
	app := &cli.App{Name: "mesos", Commands: []*cli.Command{s.Attach(&cli.Command{
		Name: "local", Action: func(*cli.Context) error { got = s.Int("agents"); return cli.Exit("", 3) },
	})}}
	var errs bytes.Buffer
	if code := Run(app, []string{"mesos", "local", "--agents=3"}, &errs); code != 3 || got != 3 || errs.Len() != 0 {
		t.Errorf("got code %d, agents %d, %q", code, got, &errs)
	}
}

func TestMistakesOfThePrograms(t *testing.T) {
	s := agentSet()
	for name, f := range map[string]func(){
		"unknown name": func() { s.String("nobody") },
		"wrong kind":   func() { s.Int("master_detector"); s.Int("isolation") },
		"bad default":  func() { s.Default("port", "x") },
		"twice":        func() { NewSet(Agent(), Agent()) },
	} {
		func() {
			defer func() {
				if recover() == nil {
					t.Errorf("%s: got no panic", name)
				}
			}()
			f()
		}()
	}
}

func TestSuggest(t *testing.T) {
	known := []string{"port", "ip", "work_dir", "zk", "resources", "log_dir"}
	for wrong, want := range map[string]string{"prot": "port", "poort": "port", "work-dir": "work_dir", "WORK_DIR": "work_dir", "resource": "resources", "workdir": "work_dir", "xyzzyplugh": "", "ipp": "ip", "sk": "zk", "bogus": "", "xx": ""} {
		if got := Suggest(wrong, known); got != want {
			t.Errorf("Suggest(%q): got %q, want %q", wrong, got, want)
		}
	}
	for _, tt := range []struct {
		a, b string
		want int
	}{{"", "", 0}, {"a", "", 1}, {"abc", "acb", 1}, {"abc", "abd", 1}, {"kitten", "sitting", 3}} {
		if got := distance(tt.a, tt.b, 10); got != tt.want {
			t.Errorf("distance(%q, %q): got %d, want %d", tt.a, tt.b, got, tt.want)
		}
	}
}

func FuzzParse(f *testing.F) {
	for k := String; k <= File; k++ {
		for _, text := range []string{"", "15secs", "2GB", "40%", "1/20mins", "true", "0.25", "65535"} {
			f.Add(uint8(k), text)
		}
	}
	f.Fuzz(func(t *testing.T, kind uint8, text string) {
		d := Def{Name: "x", Kind: Kind(kind % uint8(File+1))}
		value, canonical, err := d.parse(text)
		if err != nil {
			return
		}
		again, same, err := d.parse(canonical)
		if err != nil || again != value || same != canonical {
			t.Fatalf("%q as %d: got %v through %q, %v, want %v", text, d.Kind, again, canonical, err, value)
		}
	})
}

func FuzzSuggest(f *testing.F) {
	f.Add("prot")
	known := []string{"port", "ip", "work_dir"}
	f.Fuzz(func(t *testing.T, wrong string) {
		if got := Suggest(wrong, known); got != "" && got != "port" && got != "ip" && got != "work_dir" {
			t.Fatalf("got %q", got)
		}
		if d := distance(wrong, wrong, 1<<30); d != 0 {
			t.Fatalf("distance of %q to itself: got %d", wrong, d)
		}
	})
}

func TestFallback(t *testing.T) {
	for _, tt := range []struct{ given, want string }{{"", "/own"}, {"/given", "/given"}} {
		s := NewSet([]Def{{Name: "launcher_dir", Usage: "where helpers are"}})
		s.Support("launcher_dir")
		if err := s.SetAll(map[string]string{"launcher_dir": tt.given}); err != nil {
			t.Fatal(err)
		}
		if got := s.Fallback("launcher_dir", "/own"); got != tt.want || s.Values()["launcher_dir"] != tt.want {
			t.Errorf("given %q: got %q, /flags tells %q, want %q", tt.given, got, s.Values()["launcher_dir"], tt.want)
		}
	}
}
