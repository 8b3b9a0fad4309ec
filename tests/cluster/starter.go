package cluster

import (
	"fmt"
	"os"
	"os/exec"
	"runtime"
	"sync"
	"syscall"

	"golang.org/x/sys/unix"
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

// StartIn starts a command as the daemons of a cluster are started: in a process group of its own, and gone when the
// test process is. net is its network namespace, nil for that of the test.
func StartIn(net *os.File, cmd *exec.Cmd) error {
	cmd.SysProcAttr = &syscall.SysProcAttr{Setpgid: true, Pdeathsig: syscall.SIGKILL}
	done := make(chan error, 1)
	starter() <- func() { done <- within(net, cmd.Start) }
	return <-done
}

// InNet runs f in a network namespace, nil for that of the test: sockets and programs that f makes stay there. f must
// make them itself, on its goroutine. A package that calls it locks the main goroutine to its thread in an init.
func InNet(net *os.File, f func() error) error {
	done := make(chan error, 1)
	go func() {
		runtime.LockOSThread() // the thread ends with the goroutine, wherever it is then
		done <- enter(net, f)
	}()
	return <-done
}

func enter(net *os.File, f func() error) error {
	if net != nil {
		if err := unix.Setns(int(net.Fd()), unix.CLONE_NEWNET); err != nil {
			return fmt.Errorf("network namespace of a host: %w", err)
		}
	}
	return f()
}

// within enters a namespace for the time of f and returns to that of the process.
func within(net *os.File, f func() error) error {
	if net == nil {
		return f()
	}
	home, err := os.Open("/proc/thread-self/ns/net")
	if err != nil {
		return err
	}
	defer home.Close()
	defer func() {
		if err := unix.Setns(int(home.Fd()), unix.CLONE_NEWNET); err != nil {
			panic(fmt.Sprintf("back to the network namespace of the test: %v", err)) // every later daemon would be elsewhere
		}
	}()
	return enter(net, f)
}
