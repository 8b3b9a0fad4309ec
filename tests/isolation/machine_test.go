package isolation

import (
	"fmt"
	"os"
	"os/exec"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	"mesos/tests/vm"
)

// suite is what is run of a package's tests in a machine with cgroup v2 alone and Debian's kernel: a choice, as the machine's
// processor is emulated. Each must pass there, not be skipped.
type suite struct {
	pkg    string
	needs  []string // programs of this machine that it finds in that one; where they are not, it is skipped
	before string   // what the shell does first
	long   bool     // only with ISOLATION_LONG=1: all of these take some minutes more
	tests  []string
}

// inside is what each machine runs, one suite after the other. There are two, as that is what one takes beside the
// other where there are two processors: a machine uses a single one.
var inside = map[string][]suite{"limits": limits, "clusters": clusters}

// limits are tests of what holds containers.
var limits = []suite{
	{pkg: "isolators/cgroups", before: weighedDisk, tests: []string{
		"TestSuite/kernel/cgroups/all", "TestCPULimitHolds", "TestQuarterOfACore", "TestOutOfMemory", "TestOutOfMemoryWhileAway", "TestMemoryHolds",
		"TestForkBomb", "TestCPUSet", "TestDevices/v2[]", "TestSetDevices/v2", "TestDiskLimitHolds", "TestDiskLimitIsExact", "TestWeight", "TestWeightHolds",
		"TestStalls", "TestNothingIsLeft", "TestSuite/kernel_v2/cgroups/perf_event", "TestPerfPageFaults/v2", "TestPerfSamples/v2", "TestAround",
	}},
	// It takes a right that not every container has that tests run in.
	{pkg: "isolators/disk", needs: []string{"mkfs.ext4"}, before: "modprobe loop", tests: []string{"TestLoopGrows"}},
	{pkg: "actors/containerizer", tests: []string{"TestNobodyEscapes", "TestEscapesCanSucceed", "TestOutOfMemoryIsTold", "TestRecoverIsolated"}},
	{pkg: "isolators/cgroups", long: true, tests: []string{"TestMemoryInUseIsNotTaken"}},
	{pkg: "actors/containerizer", long: true, needs: []string{"mkfs.ext4"}, before: "modprobe loop", tests: []string{"TestNothingIsLeft", "TestDiskOfFixedSize"}},
	// In the end, when the machine has one controller in version 1: where it is, is the same for all programs of a machine,
	// so that no test could move it on one that others use.
	{pkg: "isolators/cgroups", before: mountV1, tests: []string{"TestSuite/kernel/cgroups/perf_event", "TestPerfPageFaults/v1", "TestPerfSamples/v1"}},
}

// clusters are tests of whole clusters, and of what counts.
var clusters = []suite{
	{pkg: "isolators/ebpf", before: "modprobe loop", tests: []string{"TestUDPToTheUnit", "TestTCPToTheUnit", "TestDirectIO", "TestBufferedIO", "TestPorts", "TestProcesses", "TestAround"}},
	{pkg: "tests/e2e", needs: crun, tests: []string{"TestPrograms/crun"}},
	{pkg: "tests/e2e", needs: shim, tests: []string{"TestPrograms/shim"}},
	{pkg: "tests/e2e", long: true, tests: []string{"TestIsolation", "TestPressureEndsWhoBorrowed", "TestLentIsShown"}},
	{pkg: "tests/e2e", long: true, needs: []string{"busybox", "runc"}, tests: []string{"TestPrograms/runc"}},
	{pkg: "tests/e2e", long: true, needs: []string{"busybox", "lxc-execute", "lxc-attach"}, before: lxcRoot, tests: []string{"TestPrograms/lxc"}},
	{pkg: "tests/e2e", long: true, needs: engine, before: "modprobe -a overlay veth bridge", tests: []string{"TestDocker"}},
	{pkg: "isolators/ebpf", long: true, before: "modprobe loop", tests: []string{
		"TestSuite", "TestNothingIsLeft", "TestAgentRestarts", "TestDrops", "TestRetransmits", "TestRate", "TestNestedCounts", "TestOOM",
	}},
}

var (
	crun   = []string{"busybox", "crun"}
	shim   = []string{"busybox", "containerd-shim-runc-v2", "runc"}
	engine = []string{"busybox", "dockerd", "containerd", "containerd-shim-runc-v2", "docker", "docker-init", "docker-proxy", "iptables", "runc", "unshare"}
)

const (
	// A disk that serves one request after the other, 2 ms each, and whose scheduler favours none that is new.
	weighedDisk = "modprobe bfq; modprobe null_blk queue_mode=2 irqmode=2 completion_nsec=2000000 hw_queue_depth=1 submit_queues=1 gb=1; echo bfq >/sys/block/nullb0/queue/scheduler; echo 0 >/sys/block/nullb0/queue/iosched/low_latency"
	lxcRoot     = "mkdir -p /usr/lib/$(uname -m)-linux-gnu/lxc/rootfs"
	mountV1     = "mkdir /sys/fs/cgroup/v1 && mount -t cgroup -o perf_event none /sys/fs/cgroup/v1"
)

// TestOnCgroupV2 runs them, those of a machine in one: the start of another takes as long as many of the tests.
func TestOnCgroupV2(t *testing.T) {
	t.Parallel()
	for name, suites := range inside {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			onMachine(t, slices.DeleteFunc(slices.Clone(suites), func(s suite) bool { return s.long && os.Getenv("ISOLATION_LONG") == "" }))
		})
	}
}

// onMachine runs suites in a machine.
func onMachine(t *testing.T, suites []suite) {
	g := newGuest(t)
	for n, s := range suites {
		if s.missing() == "" {
			g.add(n, s)
		}
	}
	r := vm.Run(t, vm.Job{Bare: true, Memory: 3072, Limit: 40 * time.Minute, Files: g.files, Script: g.script + "echo $(uname -r), $(cut -d' ' -f1 /proc/uptime) s\nexit 0\n"})
	t.Logf("kernel and time of the machine: %s", r.Output)
	for n, s := range suites {
		t.Run(s.pkg, func(t *testing.T) {
			if missing := s.missing(); missing != "" {
				t.Skip(missing)
			}
			log := string(r.Files[logOf(n)])
			for _, one := range s.tests {
				if !regexp.MustCompile(`(?m)^\s*--- PASS: ` + regexp.QuoteMeta(one) + ` `).MatchString(log) {
					t.Errorf("%s did not pass on %s", one, strings.TrimSpace(r.Output))
				}
			}
			if t.Failed() || testing.Verbose() {
				t.Log(log)
			}
		})
	}
}

// missing says which of the programs that it needs is not here.
func (s suite) missing() string {
	n := slices.IndexFunc(s.needs, func(program string) bool {
		_, err := exec.LookPath(program)
		return err != nil
	})
	if n < 0 {
		return ""
	}
	return fmt.Sprintf("no %s here: tests/setup.sh installs what it can", s.needs[n])
}
