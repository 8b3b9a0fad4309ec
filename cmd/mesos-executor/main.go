// Command mesos-executor runs one task that brings a command and no executor
// of its own; started under the name mesos-default-executor it runs task groups
// instead. An agent starts it, with everything it needs in its environment; it
// outlives the agent's process.
//
// There is one for each such task and group, so it must be small and quick: it links no
// HTTP, no TLS and no actor library.
//
// Go's runtime would read the cgroup's cpu limit at each start; how many
// threads this program runs on is fixed below.
//
//go:debug containermaxprocs=0
//go:debug updatemaxprocs=0
package main

import (
	"fmt"
	"log/slog"
	"net"
	"os"
	"path/filepath"
	"runtime"
	"runtime/debug"
	"time"

	"mesos/actors/executor"
	"mesos/actors/executor/command"
	"mesos/actors/executor/pod"
	"mesos/actors/link"
)

func init() {
	// The command dies with the thread that started it (so that it never
	// outlives this program): the main goroutine stays on the main thread.
	runtime.LockOSThread()
	// Little is allocated, and one thing runs at a time: a second processor
	// would only cost threads at each start.
	runtime.GOMAXPROCS(1)
	debug.SetGCPercent(100)
}

func main() {
	if err := run(); err != nil {
		fmt.Fprintln(os.Stderr, "mesos-executor:", err)
		os.Exit(1)
	}
}

func run() error {
	if len(os.Args) > 1 {
		return fmt.Errorf("argument %q: it takes none; agents start it, and its settings are in the environment", os.Args[1])
	}
	// Standard output is the task's.
	log := slog.New(slog.NewTextHandler(os.Stderr, &slog.HandlerOptions{Level: slog.LevelWarn}))
	loop, conf, leave, err := executor.Connect(log)
	if err != nil {
		return err
	}
	defer leave()
	if filepath.Base(os.Args[0]) == defaultExecutor {
		return runGroups(loop, conf)
	}
	tree := command.NewTree(loop.Dispatch, executor.ProbeProgram(), log)
	defer tree.Close()
	e := command.New(loop, tree, loop.Stop, time.Now)
	conf.Expired = e.Expired
	return executor.Serve(loop, conf, e)
}

// defaultExecutor is the name under which this program runs task groups.
const defaultExecutor = "mesos-default-executor"

// runGroups is this program as the default executor.
func runGroups(loop *link.Loop, conf executor.Config) error {
	containers := executor.NewContainers(loop, conf)
	machine := &pod.RealMachine{Dispatch: loop.Dispatch, UUID: executor.RandomUUID, Sandbox: conf.Sandbox, HTTPS: executor.ProbeProgram(), Log: conf.Log}
	defer machine.Close()
	ip, _, _ := net.SplitHostPort(loop.Self().Addr)
	e := pod.New(pod.Options{
		Runtime: loop, Containers: containers, Machine: machine, Leave: loop.Stop, Now: time.Now, Sandbox: conf.Sandbox, IP: ip,
	})
	conf.Expired, conf.Stopped = e.Expired, e.Stopped
	return executor.Serve(loop, conf, e, containers.Receive)
}
