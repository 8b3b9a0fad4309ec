package hosts

import (
	"bufio"
	"bytes"
	"debug/elf"
	"encoding/binary"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"strings"
	"syscall"
	"testing"
	"time"
)

// clock sets the clock of one running program, as date -s does that of a machine:
// CLOCK_REALTIME jumps, all other clocks and every timer go on. Nobody else's does:
// the kernel has one such clock, which no namespace divides, so it is the program's
// way to it that is changed, the function clock_gettime of its vDSO.
//
// What is not set is what the kernel stamps itself, times of files, and what the
// program starts later.
type clock struct {
	mem    *os.File
	offset int64 // address of the seconds to add
}

// A clock_gettime that asks the kernel and adds to the seconds of CLOCK_REALTIME:
//
//	 0	mov  $228, %eax
//	 5	syscall
//	 7	test %edi, %edi
//	 9	jnz  21
//	11	mov  24(start), %rcx
//	18	add  %rcx, (%rsi)
//	21	ret
//	24	the seconds
var clockCode = []byte{
	0xb8, 228, 0, 0, 0, 0x0f, 0x05, 0x85, 0xff, 0x75, 10,
	0x48, 0x8b, 0x0d, 6, 0, 0, 0, 0x48, 0x01, 0x0e, 0xc3, 0xcc, 0xcc,
	0, 0, 0, 0, 0, 0, 0, 0,
}

const clockOffset = 24

// clockOf takes hold of the clock of a program, and skips the test where that is not
// known to work.
func clockOf(t testing.TB, pid int) *clock {
	t.Helper()
	if runtime.GOARCH != "amd64" {
		t.Skipf("clocks can be set on amd64, not on %s", runtime.GOARCH)
	}
	mem, err := os.OpenFile(fmt.Sprintf("/proc/%d/mem", pid), os.O_RDWR, 0)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { mem.Close() })
	from, to, err := vdso(pid)
	if err != nil {
		t.Fatal(err)
	}
	at, err := clockFunction(mem, from, to)
	if err != nil {
		t.Fatal(err)
	}
	// No thread may be within what is overwritten.
	for tries := 0; ; tries++ {
		if tries == 1000 {
			t.Fatalf("process %d is always asking for the time", pid)
		}
		if err := syscall.Kill(pid, syscall.SIGSTOP); err != nil {
			t.Fatal(err)
		}
		eventually(t, "the program to stop", func() string { return stopped(pid) })
		if !within(pid, from, to) {
			break
		}
		_ = syscall.Kill(pid, syscall.SIGCONT) // it is there, see above
	}
	_, err = mem.WriteAt(clockCode, at)
	_ = syscall.Kill(pid, syscall.SIGCONT)
	if err != nil {
		t.Skipf("the kernel does not let a vDSO be changed: %v", err)
	}
	return &clock{mem, at + clockOffset}
}

// set makes the clock differ from the machine's by d, in whole seconds.
func (c *clock) set(t testing.TB, d time.Duration) {
	t.Helper()
	var b [8]byte
	binary.LittleEndian.PutUint64(b[:], uint64(d/time.Second))
	if _, err := c.mem.WriteAt(b[:], c.offset); err != nil {
		t.Fatal(err)
	}
}

// vdso is where a program has its vDSO.
func vdso(pid int) (from, to int64, err error) {
	maps, err := os.ReadFile(fmt.Sprintf("/proc/%d/maps", pid))
	if err != nil {
		return 0, 0, err
	}
	for line := range strings.Lines(string(maps)) {
		if strings.HasSuffix(strings.TrimSpace(line), "[vdso]") {
			_, err := fmt.Sscanf(line, "%x-%x", &from, &to)
			return from, to, err
		}
	}
	return 0, 0, fmt.Errorf("process %d has no vDSO", pid)
}

// clockFunction is the address of clock_gettime.
func clockFunction(mem *os.File, from, to int64) (int64, error) {
	image := make([]byte, to-from)
	if _, err := mem.ReadAt(image, from); err != nil {
		return 0, fmt.Errorf("vDSO: %w", err)
	}
	f, err := elf.NewFile(bytes.NewReader(image))
	if err != nil {
		return 0, fmt.Errorf("vDSO: %w", err)
	}
	symbols, err := f.DynamicSymbols()
	if err != nil {
		return 0, fmt.Errorf("vDSO: %w", err)
	}
	for _, s := range symbols {
		if s.Name == "__vdso_clock_gettime" && s.Size >= uint64(len(clockCode)) {
			return from + int64(s.Value), nil
		}
	}
	return 0, fmt.Errorf("vDSO: it has no __vdso_clock_gettime of %d bytes", len(clockCode))
}

// threads reads a file of each thread of a program.
func threads(pid int, file string) (out []string) {
	paths, _ := filepath.Glob(fmt.Sprintf("/proc/%d/task/*/%s", pid, file)) // the pattern is right
	for _, p := range paths {
		if text, err := os.ReadFile(p); err == nil { // else the thread has ended
			out = append(out, string(text))
		}
	}
	return out
}

// stopped says which thread is not, "" if all are.
func stopped(pid int) string {
	for _, stat := range threads(pid, "stat") {
		if state := strings.Fields(stat[strings.LastIndexByte(stat, ')')+1:])[0]; state != "T" {
			return "a thread is in state " + state
		}
	}
	return ""
}

// within says whether a thread of a stopped program is between two addresses, or may be.
func within(pid int, from, to int64) bool {
	for _, line := range threads(pid, "syscall") {
		fields := strings.Fields(line)
		var pc int64
		if _, err := fmt.Sscanf(fields[len(fields)-1], "0x%x", &pc); err != nil || pc >= from && pc < to {
			return true
		}
	}
	return false
}

// tellTime is a program that tells the time, in nanoseconds of the wall clock, and
// how long it has run, whenever it reads a line.
func tellTime() int {
	start := time.Now()
	for in := bufio.NewScanner(os.Stdin); in.Scan(); {
		now := time.Now()
		fmt.Println(now.UnixNano(), int64(now.Sub(start)))
	}
	return 0
}

// The clock of a program is set, its timers go on, and nobody else's clock is set.
func TestClock(t *testing.T) {
	cmd := exec.Command("/proc/self/exe")
	cmd.Env = append(os.Environ(), stageEnv+"="+stageClock)
	in, err := cmd.StdinPipe()
	if err != nil {
		t.Fatal(err)
	}
	out, err := cmd.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		in.Close()
		_ = cmd.Wait() // it ends with its input
	})
	var ran int64
	ahead := func() time.Duration {
		var wall, since int64
		fmt.Fprintln(in)
		if _, err := fmt.Fscan(out, &wall, &since); err != nil {
			t.Fatal(err)
		}
		if since < ran || since > ran+int64(10*time.Minute) {
			t.Errorf("the program has run for %v, after %v", time.Duration(since), time.Duration(ran))
		}
		ran = since
		return time.Until(time.Unix(0, wall)).Round(20 * time.Minute)
	}
	if got := ahead(); got != 0 {
		t.Fatalf("before: got %v ahead, want 0", got)
	}
	c := clockOf(t, cmd.Process.Pid)
	for _, d := range []time.Duration{0, time.Hour, -2 * time.Hour, 0} {
		c.set(t, d)
		if got := ahead(); got != d {
			t.Errorf("set %v ahead: got %v", d, got)
		}
	}
}
