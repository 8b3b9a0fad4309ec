package proctree

import (
	"bytes"
	"os"
	"strconv"
)

// stat gives the fields of /proc/<pid>/stat from the third, the state, on;
// nil when there is no such process.
func stat(pid int) [][]byte {
	b, err := os.ReadFile("/proc/" + strconv.Itoa(pid) + "/stat")
	if err != nil {
		return nil
	}
	// The name in parentheses may itself hold parentheses and spaces.
	return bytes.Fields(b[bytes.LastIndexByte(b, ')')+1:])
}

// Alive tells a process that runs, sleeps or is stopped from one that is gone
// or only waits to be reaped. A process whose first thread has ended looks like
// a zombie while others of its threads run on; it is alive.
func Alive(pid int) bool {
	const threads = 17 // the twentieth field
	f := stat(pid)
	if len(f) == 0 {
		return false
	}
	if f[0][0] != 'Z' && f[0][0] != 'X' {
		return true
	}
	return len(f) > threads && string(f[threads]) != "0" && string(f[threads]) != "1"
}

// StartTime is when a process started, in clock ticks since the machine did:
// with its number it names a process for good. ok is false for one that is
// gone; it is true for one that only waits to be reaped.
func StartTime(pid int) (ticks uint64, ok bool) {
	const started = 19 // the twenty-second field
	f := stat(pid)
	if len(f) <= started {
		return 0, false
	}
	ticks, err := strconv.ParseUint(string(f[started]), 10, 64)
	return ticks, err == nil
}

// Oldest is the process that started first, 0 if none of them is there.
func Oldest(pids []int) (first int) {
	var oldest uint64
	for _, pid := range pids {
		if began, there := StartTime(pid); there && (first == 0 || began < oldest) {
			first, oldest = pid, began
		}
	}
	return first
}

// bare tells a process that has no environment and will have none unless it
// executes another program: a kernel thread, a dead one, or one that was given
// none. One that is just executing another program is not bare, though it has
// no environment for that moment.
func bare(pid int) bool {
	const flags, startCode, envStart, envEnd, kernelThread = 6, 23, 47, 48, 0x00200000
	f := stat(pid)
	if len(f) <= envEnd || f[0][0] == 'Z' || f[0][0] == 'X' {
		return true
	}
	if n, err := strconv.Atoi(string(f[flags])); err == nil && n&kernelThread != 0 {
		return true
	}
	// While exec copies the environment its two ends are the same, too; it
	// tells where the code starts only when that is done.
	return string(f[startCode]) != "0" && string(f[envEnd]) != "0" && string(f[envStart]) == string(f[envEnd])
}

// Parent is the parent of a process, 0 when unknown.
func Parent(pid int) int {
	f := stat(pid)
	if len(f) < 2 {
		return 0
	}
	n, err := strconv.Atoi(string(f[1]))
	if err != nil {
		return 0
	}
	return n
}
