package e2e

import (
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/rogpeppe/go-internal/testscript"

	"mesos/tests/cluster"
)

// TestScripts runs the command line as a person does, against a cluster for each script. `mask FILE` writes what the
// last command printed with ids, times and ages masked, for cmp. UPDATE_SCRIPTS=1 writes what is got into the scripts.
func TestScripts(t *testing.T) {
	t.Parallel()
	bin := filepath.Dir(cluster.Binary(t, "mesos"))
	testscript.Run(t, testscript.Params{
		Dir:                 "testdata/script",
		UpdateScripts:       os.Getenv("UPDATE_SCRIPTS") != "",
		RequireExplicitExec: true,
		Setup: func(env *testscript.Env) error {
			tb, o := env.T().(testing.TB), cluster.Options{Resources: "cpus:4;mem:1024;disk:1000;ports:[31000-31010]"}
			if strings.HasSuffix(tb.Name(), "/jobs") {
				o.LocalFlags = []string{"--chronos"}
			}
			c := cluster.Start(tb, o)
			env.Setenv("PATH", bin+string(os.PathListSeparator)+env.Getenv("PATH"))
			env.Setenv("MESOS_MASTER", c.Addr())
			env.Setenv("MESOS_CONTEXTS", filepath.Join(env.WorkDir, "contexts.json"))
			env.Setenv("IP", c.IP())
			return nil
		},
		Cmds: map[string]func(*testscript.TestScript, bool, []string){"mask": mask, "until": until},
	})
}

var masks = []struct {
	find *regexp.Regexp
	put  string
}{
	{regexp.MustCompile(`[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}`), "UUID"},
	{regexp.MustCompile(`\d{4}-\d\d-\d\dT[0-9:.]+Z`), "TIME"},
	{regexp.MustCompile(`\b127\.\d+\.\d+\.\d+:\d+\b`), "ADDRESS"},
	{regexp.MustCompile(`\b127\.\d+\.\d+\.\d+\b`), "IP"},
	{regexp.MustCompile(`\b(\d+d)?(\d+h)?(\d+m)?\d+s\b`), "AGE"},
	{regexp.MustCompile(`\b([a-z]+)-[0-9a-f]{6}\b`), "$1-ID"},
	{regexp.MustCompile(`(\S) {2,}`), "$1  "}, // columns are as wide as what was masked
	{regexp.MustCompile(`(?m) +$`), ""},
}

// mask writes the last stdout, or with ! the last stderr, so that each run of a cluster writes the same.
func mask(ts *testscript.TestScript, neg bool, args []string) {
	if len(args) != 1 {
		ts.Fatalf("usage: [!] mask FILE")
	}
	from := "stdout"
	if neg {
		from = "stderr"
	}
	text := ts.ReadFile(from)
	for _, m := range masks {
		text = m.find.ReplaceAllString(text, m.put)
	}
	ts.Check(os.WriteFile(ts.MkAbs(args[0]), []byte(text), 0o600))
}

// until runs a command again and again until what it prints matches: `until REGEXP COMMAND ...`.
func until(ts *testscript.TestScript, neg bool, args []string) {
	if neg || len(args) < 2 {
		ts.Fatalf("usage: until REGEXP COMMAND [ARGUMENT ...]")
	}
	want, err := regexp.Compile("(?m)" + args[0])
	ts.Check(err)
	for deadline := time.Now().Add(patience); ; time.Sleep(50 * time.Millisecond) {
		err := ts.Exec(args[1], args[2:]...)
		if err == nil && want.MatchString(ts.ReadFile("stdout")) {
			return
		}
		if time.Now().After(deadline) {
			ts.Fatalf("%q does not match what %q prints: %v", args[0], args[1:], err)
		}
	}
}
