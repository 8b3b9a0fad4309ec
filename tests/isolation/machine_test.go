package isolation

import (
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"mesos/tests/vm"
)

// inside are the tests of the isolators that are run in a machine with cgroup v2 alone and Debian's kernel, by package: a
// choice, as the machine's processor is emulated. Each must pass, not be skipped.
var inside = map[string][]string{
	"cgroups": {
		"TestSuite/kernel/cgroups/all", "TestCPULimitHolds", "TestOutOfMemory", "TestOutOfMemoryWhileAway", "TestForkBomb", "TestCPUSet", "TestDevices/v2[]",
		"TestDiskLimitHolds", "TestStalls", "TestNothingIsLeft", "TestSuite/kernel_v2/cgroups/perf_event", "TestPerfPageFaults/v2", "TestPerfSamples/v2", "TestAround",
	},
	"disk": {"TestLoopGrows"}, // which takes a right that not every container has that tests run in
	"ebpf": {"TestUDPToTheUnit", "TestTCPToTheUnit", "TestDirectIO", "TestProcesses", "TestAround"},
}

// withV1 are run in the end, when the machine has one controller in version 1: where it is, is the same for all programs of a
// machine, so that no test could move it on one that others use.
var withV1 = map[string][]string{"cgroups": {"TestSuite/kernel/cgroups/perf_event", "TestPerfPageFaults/v1", "TestPerfSamples/v1"}}

const mountV1 = "mkdir /sys/fs/cgroup/v1 && mount -t cgroup -o perf_event none /sys/fs/cgroup/v1\n"

// TestOnCgroupV2 runs them.
func TestOnCgroupV2(t *testing.T) {
	t.Parallel()
	files, script := map[string]string{}, "mkdir -p /var/tmp && export TMPDIR=/var/tmp GOTRACEBACK=all\nmodprobe loop\n"
	for _, file := range linked(t, "mkfs.ext4") {
		files[file] = file
	}
	for name, tests := range inside {
		files["/opt/"+name] = built(t, "mesos/isolators/"+name)
		for _, one := range tests {
			script += run(name, one)
		}
	}
	script += mountV1
	for name, tests := range withV1 {
		for _, one := range tests {
			script += run(name, one)
		}
	}
	r := vm.Run(t, vm.Job{Bare: true, Files: files, Script: script + "uname -r\nexit 0\n"})
	for name, tests := range inside {
		log := string(r.Files[name+".log"])
		for _, one := range slices.Concat(tests, withV1[name]) {
			if !regexp.MustCompile(`(?m)^\s*--- PASS: ` + regexp.QuoteMeta(one) + ` `).MatchString(log) {
				t.Errorf("%s: %s did not pass on %s", name, one, strings.TrimSpace(r.Output))
			}
		}
		if t.Failed() {
			t.Logf("log of %s:\n%s\n%s", name, log, r.Output)
		}
	}
}

// run runs one test, or one of its parts; a pattern has a part for each level of a name.
func run(name, test string) string {
	levels := strings.Split(test, "/")
	for i, l := range levels {
		levels[i] = "^" + regexp.QuoteMeta(l) + "$"
	}
	return "/opt/" + name + " -test.v -test.timeout=20m -test.run='" + strings.Join(levels, "/") + "' >>$OUT/" + name + ".log 2>&1 </dev/null\n"
}

// linked are a program of this machine, which runs the same Debian, and the libraries that it is linked with.
func linked(t *testing.T, program string) []string {
	t.Helper()
	path, err := exec.LookPath(program)
	if err != nil {
		t.Skip(err)
	}
	out, err := exec.Command("ldd", path).Output()
	if err != nil {
		t.Fatalf("libraries of %s: %v", path, err)
	}
	return append(regexp.MustCompile(`/\S+\.so\S*`).FindAllString(string(out), -1), path)
}

// built is the test program of a package.
func built(t *testing.T, pkg string) string {
	t.Helper()
	file := filepath.Join(t.TempDir(), filepath.Base(pkg))
	cmd := exec.Command("go", "test", "-c", "-o", file, pkg)
	cmd.Env = append(os.Environ(), "CGO_ENABLED=0")
	if out, err := cmd.CombinedOutput(); err != nil {
		t.Fatalf("test program of %s: %v\n%s", pkg, err, out)
	}
	return file
}
