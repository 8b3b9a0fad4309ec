package isolation

import (
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"mesos/tests/cluster"
)

// guest is what a machine is given to run tests: its files, by path there, and its script.
type guest struct {
	t      *testing.T
	files  map[string]string
	script string
}

// helpers are the programs of ours that tests in the machine need, daemons those that only whole clusters do: they are large.
var (
	helpers = []string{"mesos-docker-executor", "mesos-executor", "mesos-init", "mesos-logger", "mesos-oci", "mesos-probe", "mesos-shim"}
	daemons = []string{"mesos", "mesos-agent", "mesos-master"}
)

func newGuest(t *testing.T) *guest {
	t.Helper()
	g := &guest{t: t, files: map[string]string{}}
	g.ours(helpers)
	g.files["/opt/bin/escape"] = g.build([]string{"build"}, "mesos/actors/containerizer/testdata/escape", "CGO_ENABLED=0") // for images that have nothing else
	g.script = "for n in 0:stdin 1:stdout 2:stderr; do ln -s /proc/self/fd/${n%:*} /dev/${n#*:}; done\n" +                 // as udev would
		"mkdir -p /var/tmp && export TMPDIR=/var/tmp GOTRACEBACK=all MESOS_TEST_BIN=/opt/bin TEST_HELPERS=/opt/bin\ncd /opt\n"
	return g
}

// ours gives the machine programs of ours.
func (g *guest) ours(names []string) {
	g.t.Helper()
	for _, p := range names {
		g.files["/opt/bin/"+p] = cluster.Binary(g.t, p)
	}
}

// add has the tests of a suite run, which write one log.
func (g *guest) add(n int, s suite) {
	g.t.Helper()
	for _, p := range s.needs {
		for _, file := range linked(g.t, p) {
			g.files[file] = file
		}
	}
	if s.pkg == "tests/e2e" {
		g.ours(daemons)
	}
	program := "/opt/" + filepath.Base(s.pkg)
	if g.files[program] == "" {
		g.files[program] = g.build([]string{"test", "-c"}, "mesos/"+s.pkg)
	}
	g.script += s.before + "\n"
	for _, tests := range patterns(s.tests) {
		g.script += fmt.Sprintf("%s -test.v -test.timeout=20m -test.run='%s' >>$OUT/%s 2>&1 </dev/null\n", program, tests, logOf(n))
	}
}

// logOf names the log of a suite.
func logOf(n int) string { return fmt.Sprintf("%d.log", n) }

// patterns are those of tests that one run of their program takes: all that are whole, and each that is a part of one.
func patterns(tests []string) (out []string) {
	var whole []string
	for _, t := range tests {
		levels := strings.Split(t, "/")
		for i, l := range levels {
			levels[i] = "^" + regexp.QuoteMeta(l) + "$"
		}
		if len(levels) == 1 {
			whole = append(whole, levels[0])
		} else {
			out = append(out, strings.Join(levels, "/"))
		}
	}
	if len(whole) > 0 {
		out = append(out, strings.Join(whole, "|"))
	}
	return out
}

// linked are a program of this machine, which runs the same Debian, and the libraries that it is linked with.
func linked(t *testing.T, program string) []string {
	t.Helper()
	path, err := exec.LookPath(program)
	if err != nil {
		t.Fatal(err)
	}
	out, err := exec.Command("ldd", path).CombinedOutput()
	if err != nil && !strings.Contains(string(out), "not a dynamic executable") {
		t.Fatalf("libraries of %s: %v: %s", path, err, out)
	}
	return append(regexp.MustCompile(`/\S+\.so\S*`).FindAllString(string(out), -1), path)
}

// build makes a package's program, or that of its tests. What other tests have compiled is linked again, no more: it runs
// with the libraries of the same Debian.
func (g *guest) build(kind []string, pkg string, env ...string) string {
	g.t.Helper()
	file := filepath.Join(g.t.TempDir(), filepath.Base(pkg))
	cmd := exec.Command("go", slices.Concat(kind, []string{"-ldflags=-s -w", "-o", file, pkg})...)
	cmd.Env = append(os.Environ(), env...)
	if out, err := cmd.CombinedOutput(); err != nil {
		g.t.Fatalf("program of %s: %v\n%s", pkg, err, out)
	}
	return file
}
