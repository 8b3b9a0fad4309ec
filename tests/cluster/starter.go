package cluster

import (
	"os/exec"
	"runtime"
	"sync"
	"syscall"
)

// starter starts every daemon from one thread that lives as long as the test process. The kernel ties the parent-death
// signal to the thread that forked: from any other thread a daemon could be killed while its test still runs. With it,
// a test process that dies without its cleanups (a timeout, kill -9) takes its daemons along.
var starter = sync.OnceValue(func() chan<- func() {
	work := make(chan func())
	go func() {
		runtime.LockOSThread()
		for f := range work {
			f()
		}
	}()
	return work
})

func start(cmd *exec.Cmd) error {
	cmd.SysProcAttr = &syscall.SysProcAttr{Setpgid: true, Pdeathsig: syscall.SIGKILL}
	done := make(chan error, 1)
	starter() <- func() { done <- cmd.Start() }
	return <-done
}
