// Command mesos-shim stands beside one container: it holds its terminal or
// pipes, lets readers and a writer attach, and writes down how it ended, all of
// it through restarts of the agent. The agent starts it.
//
// There is one for each nested container, so it must be small and quick: it
// links no HTTP, no protobuf and no actor library.
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

	"mesos/actors/containerizer/shim"
)

func init() {
	// The container dies with the thread that started it: the main
	// goroutine stays on the main thread.
	runtime.LockOSThread()
	runtime.GOMAXPROCS(1)
	debug.SetGCPercent(50)
	debug.SetMemoryLimit(32 << 20)
}

func main() {
	// What is meant for the container goes to the container, not to its shim.
	// Caught and forgotten, not ignored: a command inherits what is ignored.
	signal.Notify(make(chan os.Signal, 1), syscall.SIGHUP, syscall.SIGINT, syscall.SIGQUIT, syscall.SIGTERM, syscall.SIGPIPE)
	if len(os.Args) > 1 {
		fmt.Fprintf(os.Stderr, "mesos-shim: argument %q: it takes none; agents start it\n", os.Args[1])
		os.Exit(2)
	}
	if err := shim.Run(os.Stdin, os.Stdout, os.Stderr, os.NewFile(3, "ready")); err != nil {
		os.Exit(1) // the agent was told
	}
}
