package job

import (
	"strconv"
	"strings"
	"syscall"

	v1 "mesos/messages/mesos/v1"
)

// Exit codes of a job beside those of its command.
const (
	ExitFailed      = 1   // the task did not end by itself and left no status
	ExitTimeout     = 124 // as timeout(1)
	ExitInterrupted = 130 // as a shell after Ctrl-C
)

// ExitCode is what a job exits with because of a task's last status: 0 for a finished task, the command's own status,
// 128 and the number of the signal that ended it, or 1.
func ExitCode(s *v1.TaskStatus) int {
	if s.GetState() == v1.TaskState_TASK_FINISHED {
		return 0
	}
	text := strings.ToLower(s.GetMessage())
	if n, ok := numberAfter(text, "exited with status "); ok && n > 0 && n < 256 {
		return n
	}
	if _, name, ok := strings.Cut(text, "terminated with signal "); ok {
		if n := signalNumber(name); n > 0 {
			return 128 + n
		}
	}
	return ExitFailed
}

func numberAfter(text, words string) (int, bool) {
	_, rest, ok := strings.Cut(text, words)
	if !ok {
		return 0, false
	}
	end := 0
	for end < len(rest) && rest[end] >= '0' && rest[end] <= '9' {
		end++
	}
	n, err := strconv.Atoi(rest[:end])
	return n, err == nil
}

// signalNumber finds a signal by number or by the words that the system has for it. Where one name begins another,
// the longer one is meant.
func signalNumber(name string) int {
	if n, ok := numberAfter(name, ""); ok && n < 65 {
		return n
	}
	best, length := 0, 0
	for n := 1; n < 32; n++ {
		words := strings.ToLower(syscall.Signal(n).String())
		if strings.HasPrefix(name, words) && len(words) > length {
			best, length = n, len(words)
		}
	}
	return best
}
