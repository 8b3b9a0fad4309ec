package proctree

import (
	"fmt"
	"syscall"
)

// Describe words a wait(2) status the way Mesos users know it: "exited with
// status 4", "terminated with signal Killed".
func Describe(ws syscall.WaitStatus) string {
	switch {
	case ws.Exited():
		return fmt.Sprintf("exited with status %d", ws.ExitStatus())
	case ws.Signaled() && ws.CoreDump():
		return "terminated with signal " + SignalName(ws.Signal()) + " (core dumped)"
	case ws.Signaled():
		return "terminated with signal " + SignalName(ws.Signal())
	}
	return fmt.Sprintf("ended with wait status %d", int(ws))
}

// SignalName is the name that C libraries print for a signal.
func SignalName(s syscall.Signal) string {
	if int(s) > 0 && int(s) < len(signals) {
		return signals[s]
	}
	if s >= 34 && s <= 64 {
		return fmt.Sprintf("Real-time signal %d", int(s)-34)
	}
	return fmt.Sprintf("Unknown signal %d", int(s))
}

var signals = [...]string{
	1: "Hangup", 2: "Interrupt", 3: "Quit", 4: "Illegal instruction", 5: "Trace/breakpoint trap",
	6: "Aborted", 7: "Bus error", 8: "Floating point exception", 9: "Killed", 10: "User defined signal 1",
	11: "Segmentation fault", 12: "User defined signal 2", 13: "Broken pipe", 14: "Alarm clock",
	15: "Terminated", 16: "Stack fault", 17: "Child exited", 18: "Continued", 19: "Stopped (signal)",
	20: "Stopped", 21: "Stopped (tty input)", 22: "Stopped (tty output)", 23: "Urgent I/O condition",
	24: "CPU time limit exceeded", 25: "File size limit exceeded", 26: "Virtual timer expired",
	27: "Profiling timer expired", 28: "Window changed", 29: "I/O possible", 30: "Power failure",
	31: "Bad system call",
}
