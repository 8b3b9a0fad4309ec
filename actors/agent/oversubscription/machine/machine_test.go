package machine

import (
	"os"
	"path/filepath"
	"testing"

	"mesos/actors/agent/oversubscription"
)

func TestMeasure(t *testing.T) {
	proc := t.TempDir()
	files := map[string]string{
		"loadavg": "1.50 2.25 3.00 2/345 6789\n",
		"stat":    "cpu  100 50 150 9000 500 20 30 50 70 80\ncpu0 1 2 3\n",
	}
	write := func() {
		t.Helper()
		for name, text := range files {
			if err := os.MkdirAll(filepath.Dir(filepath.Join(proc, name)), 0o755); err != nil {
				t.Fatal(err)
			}
			if err := os.WriteFile(filepath.Join(proc, name), []byte(text), 0o644); err != nil {
				t.Fatal(err)
			}
		}
	}
	write()
	got, err := measure(proc)
	want := oversubscription.Machine{CPUs: got.CPUs, Busy: 4, Load5: 2.25, Load15: 3}
	if err != nil || got != want || got.CPUs < 1 {
		t.Errorf("without pressure: got %+v, %v, want %+v", got, err, want)
	}
	for _, r := range []string{"cpu", "memory", "io"} {
		files["pressure/"+r] = "some avg10=1.00 avg60=2.00 avg300=3.00 total=2500000\nfull avg10=0.00 avg60=0.00 avg300=0.00 total=1000\n"
	}
	write()
	got, err = measure(proc)
	want.Stalls = oversubscription.Stalls{Known: true, CPU: 2.5, Memory: 2.5, IO: 2.5}
	if err != nil || got != want {
		t.Errorf("with pressure: got %+v, %v, want %+v", got, err, want)
	}
	files["stat"] = "cpu 1 2 x 4 5 6 7 8\n"
	write()
	if _, err := measure(proc); err == nil {
		t.Error("a number that is none: got no error")
	}
}

// TestThisMachine reads what the kernel really writes.
func TestThisMachine(t *testing.T) {
	m, err := Measure()
	if err != nil || m.Busy <= 0 {
		t.Errorf("got %+v, %v, want times", m, err)
	}
	if _, err := os.Stat("/proc/pressure/cpu"); err == nil && !m.Stalls.Known {
		if _, err := os.ReadFile("/proc/pressure/cpu"); err == nil {
			t.Error("the kernel tells pressure, and it is not known")
		}
	}
}
