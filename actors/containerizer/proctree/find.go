package proctree

import (
	"os"
	"strconv"
	"syscall"
)

// Session gives the living processes whose session or process group is sid.
// The number cannot have been reused as long as its leader is not reaped.
func Session(sid int) []int {
	var found []int
	for _, pid := range pids() {
		if (getsid(pid) == sid || getpgid(pid) == sid) && Alive(pid) {
			found = append(found, pid)
		}
	}
	return found
}

// Leads says that a process is the leader of its session.
func Leads(pid int) bool { return getsid(pid) == pid }

// pids lists every process of the machine.
func pids() []int {
	entries, err := names("/proc")
	if err != nil {
		return nil
	}
	out := make([]int, 0, len(entries))
	for _, e := range entries {
		if n, err := strconv.Atoi(e); err == nil {
			out = append(out, n)
		}
	}
	return out
}

func names(dir string) ([]string, error) {
	f, err := os.Open(dir)
	if err != nil {
		return nil, err
	}
	defer f.Close()
	return f.Readdirnames(-1)
}

func getsid(pid int) int {
	sid, _, errno := syscall.RawSyscall(syscall.SYS_GETSID, uintptr(pid), 0, 0)
	if errno != 0 {
		return -1
	}
	return int(sid)
}

func getpgid(pid int) int {
	pgid, err := syscall.Getpgid(pid)
	if err != nil {
		return -1
	}
	return pgid
}
