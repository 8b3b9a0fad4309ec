package systemd

import (
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
)

// install lays the programs and units out below a folder and returns where the units are.
func install(t *testing.T, prefix string) (dest, units string) {
	t.Helper()
	dest = t.TempDir()
	makeTarget(t, "install", "DESTDIR="+dest, "PREFIX="+prefix)
	return dest, filepath.Join(dest, prefix, "lib/systemd/system")
}

func analyze(t *testing.T) string {
	t.Helper()
	path, err := exec.LookPath("systemd-analyze")
	if err != nil {
		t.Skipf("units cannot be checked here: %v", err)
	}
	return path
}

func TestUnitsAreValid(t *testing.T) {
	t.Parallel()
	program := analyze(t)
	dest, units := install(t, "/opt/mesos")
	for _, d := range withUnits {
		unit := filepath.Join(units, d+".service")
		text, err := os.ReadFile(unit)
		if err != nil {
			t.Fatal(err)
		}
		// It is the units that are verified, not whether this machine has the programs.
		here := strings.ReplaceAll(string(text), "ExecStart=/opt/mesos/", "ExecStart="+dest+"/opt/mesos/")
		if err := os.WriteFile(unit, []byte(here), 0o644); err != nil {
			t.Fatal(err)
		}
		if out, err := exec.Command(program, "verify", "--man=no", "--recursive-errors=no", unit).CombinedOutput(); err != nil || len(out) > 0 {
			t.Errorf("systemd-analyze verify %s: got %v and\n%s\nwant silence", d, err, out)
		}
	}
}

// What a unit leaves open, on systemd's scale from 0 (nothing) to 100. An agent runs other people's programs with their
// rights, and what it cannot do they cannot do; see the unit for what is left to take away.
func TestUnitsAreHardened(t *testing.T) {
	t.Parallel()
	program := analyze(t)
	_, units := install(t, "/usr")
	for d, limit := range map[string]string{"mesos-master": "15", "mesos-agent": "92", "marathon": "15", "chronos": "15"} {
		out, err := exec.Command(program, "security", "--no-pager", "--offline=true", "--threshold="+limit, filepath.Join(units, d+".service")).CombinedOutput()
		if err != nil {
			t.Errorf("exposure of %s: got %v, want at most %s:\n%s", d, err, limit, out)
		}
	}
}

func TestInstall(t *testing.T) {
	t.Parallel()
	dest, units := install(t, "/opt/mesos")
	for _, program := range []string{"mesos", "mesos-master", "mesos-agent", "marathon", "chronos", "mesos-executor", "mesos-logger", "mesos-oci", "mesos-probe", "mesos-shim"} {
		info, err := os.Stat(filepath.Join(dest, "opt/mesos/bin", program))
		if err != nil || info.Mode().Perm() != 0o755 {
			t.Errorf("program %s: got %v, %v, want it with mode 755", program, info, err)
		}
	}
	for _, d := range withUnits {
		text, err := os.ReadFile(filepath.Join(units, d+".service"))
		if want := "\nExecStart=/opt/mesos/bin/" + d + "\n"; err != nil || !strings.Contains(string(text), want) {
			t.Errorf("unit of %s: got %v and\n%s\nwant %q in it", d, err, text, want)
		}
	}
	settings := filepath.Join(dest, "etc/default/mesos-agent")
	if err := os.WriteFile(settings, []byte("MESOS_MASTER=mine:5050\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	makeTarget(t, "install", "DESTDIR="+dest, "PREFIX=/opt/mesos")
	if text, err := os.ReadFile(settings); err != nil || string(text) != "MESOS_MASTER=mine:5050\n" {
		t.Errorf("settings after a second install: got %q, %v, want them as they were", text, err)
	}
}
