// Command mesos-docker-executor stands beside one container of a Docker engine: it
// makes it, writes what it says to the sandbox, and stays until it ends. For tasks
// with a command it is the executor. An agent starts it, with everything it needs
// in its environment; it outlives the agent's process.
//
// It runs outside of the container, so that it reaches the agent whatever network
// that has. Go's runtime would read the cgroup's cpu limit at each start; how many
// threads this program runs on is fixed below.
//
//go:debug containermaxprocs=0
//go:debug updatemaxprocs=0
package main

import (
	"context"
	"fmt"
	"log/slog"
	"os"
	"runtime"
	"time"

	"mesos/actors/containerizer/docker"
	"mesos/actors/containerizer/docker/engine"
	"mesos/actors/executor"
	"mesos/actors/executor/command"
	"mesos/actors/executor/dockertask"
)

func main() {
	runtime.GOMAXPROCS(1)
	code, err := run()
	if err != nil {
		fmt.Fprintln(os.Stderr, "mesos-docker-executor:", err)
		code = 1
	}
	os.Exit(code)
}

func run() (code int, err error) {
	if len(os.Args) > 1 {
		return 1, fmt.Errorf("argument %q: it takes none; agents start it, and its settings are in the environment", os.Args[1])
	}
	order, err := docker.OrderFrom(os.Environ())
	if err != nil {
		return 1, err
	}
	e := engine.New(order.Socket)
	defer e.Close()
	switch {
	case order.Task:
		return 0, runTask(order, e)
	case order.Exec != nil:
		return dockertask.Exec(context.Background(), order, e)
	}
	return dockertask.Run(context.Background(), order, e)
}

// runTask is this program as the executor of one task.
func runTask(order *docker.Order, e *engine.Client) error {
	// Standard output is the task's.
	log := slog.New(slog.NewTextHandler(os.Stderr, &slog.HandlerOptions{Level: slog.LevelWarn}))
	loop, conf, leave, err := executor.Connect(log)
	if err != nil {
		return err
	}
	defer leave()
	task := dockertask.NewTask(order, e, loop.Dispatch, executor.ProbeProgram(), log)
	defer task.Close()
	x := command.New(loop, task, loop.Stop, time.Now)
	conf.Expired = x.Expired
	return executor.Serve(loop, conf, x)
}
