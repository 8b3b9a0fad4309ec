package usage

import (
	"os"
	"os/exec"
	"syscall"
	"testing"
	"time"
)

func TestOfCountsTheTree(t *testing.T) {
	// A shell whose child works until it has used some processor time.
	cmd := exec.Command("sh", "-c", "sh -c 'while :; do :; done' & wait")
	cmd.SysProcAttr = &syscall.SysProcAttr{Setpgid: true}
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	defer func() {
		_ = syscall.Kill(-cmd.Process.Pid, syscall.SIGKILL) // the child too
		_ = cmd.Wait()
	}()
	for {
		u, err := Of(cmd.Process.Pid)
		if err != nil {
			t.Fatal(err)
		}
		if u.UserSecs+u.SystemSecs >= 0.05 && u.ResidentBytes > 0 {
			return // the shell alone waits and uses nothing
		}
		time.Sleep(10 * time.Millisecond)
	}
}

func TestOfAProcessThatIsGone(t *testing.T) {
	cmd := exec.Command("true")
	if err := cmd.Run(); err != nil {
		t.Fatal(err)
	}
	if u, err := Of(cmd.Process.Pid); err == nil {
		t.Errorf("got %+v, want an error", u)
	}
	if _, err := Of(os.Getpid()); err != nil {
		t.Errorf("this process: %v", err)
	}
}
