// Command mesos-logger writes what a container says to files that it rotates.
// An agent with --container_logger starts one beside each container, with the
// pipes of its stdout and stderr as descriptors 0 and 1, in the sandbox, as the
// container's user; it outlives the agent and ends with the container.
//
//go:debug containermaxprocs=0
//go:debug updatemaxprocs=0
package main

import (
	"fmt"
	"os"
	"os/signal"
	"runtime"
	"runtime/debug"
	"syscall"

	"mesos/actors/containerizer/logrotate"
)

func init() {
	// There is one for each container: small is better than quick.
	runtime.GOMAXPROCS(1)
	debug.SetGCPercent(50)
}

func main() {
	// It ends when the container does, and not with the machine's sessions: the
	// last words count most.
	signal.Ignore(syscall.SIGHUP, syscall.SIGINT, syscall.SIGTERM, syscall.SIGPIPE)
	if err := run(os.Args[1:]); err != nil {
		fmt.Fprintln(os.Stderr, "mesos-logger:", err)
		os.Exit(1)
	}
}

func run(args []string) error {
	if len(args) != 2 {
		return fmt.Errorf("want two arguments, the limits of stdout and of stderr, as agents give them: bytes,files,compress")
	}
	var streams []logrotate.Stream
	for fd, name := range []string{"stdout", "stderr"} {
		l, err := logrotate.Parse(args[fd])
		if err != nil {
			return fmt.Errorf("argument for %s: %w", name, err)
		}
		streams = append(streams, logrotate.Stream{From: os.NewFile(uintptr(fd), name), Path: name, Limits: l})
	}
	logrotate.Copy(streams...)
	return nil
}
