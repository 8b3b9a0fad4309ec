// Command mpi runs an Open MPI job on several nodes, which are tasks: it launches them where offers have room, and when
// all run, mpirun in the first.
//
//	mpicc -o /shared/ring cmd/examples/mpi/ring/ring.c
//	bin/examples/mpi -nodes 2 -slots 2 -cpus 2 -- /shared/ring 100 1000000
//
// What mpirun starts on other nodes it would start by ssh. Here launch.go has it do so by `mesos exec`, so no node needs
// a server, a key, or a way in but the agent's: what a job runs is within the limits of its tasks, and goes with them. All
// behind -- is for mpirun. Its output and its exit status are this program's. The agents need Open MPI (Debian's
// openmpi-bin) and the program, at the same path or fetched by -uri, then as sh -c '"$MESOS_SANDBOX"/ring 100 1000000'.
// Each node is on a machine of its own, or has, with -network, an address of its own.
package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"log"
	"os"
	"os/exec"
	"os/signal"
	"path/filepath"
	"strings"
	"syscall"

	"google.golang.org/protobuf/proto"

	"mesos/actors"
	"mesos/actors/link"
	"mesos/actors/scheduler"
	v1 "mesos/messages/mesos/v1"
	"mesos/messages/resources"
)

func main() {
	self, _ := os.Executable()
	j := &job{agents: map[string]bool{}, running: map[string]string{}, ready: make(chan launcher, 1), failed: make(chan error, 1)}
	master := flag.String("master", "127.0.0.1:5050", "ip:port of the master, which the agents must be able to reach")
	flag.StringVar(&j.network, "network", "", "network that gives each node an address (network_infos.name); \"\": that of the machine")
	program := flag.String("mesos", filepath.Join(filepath.Dir(self), "..", "mesos"), "path of the command line mesos, here and on the agents")
	nodes := flag.Int("nodes", 2, "number of nodes, each a task")
	slots := flag.Int("slots", 1, "number of processes on a node")
	cpus := flag.Float64("cpus", 1, "cpus of a node")
	mem := flag.Float64("mem", 256, "MB of memory of a node")
	uri := flag.String("uri", "", "URI of a file that is fetched into the sandbox of each node, and may be executed")
	flag.Parse()
	if *nodes < 1 || *slots < 1 || flag.NArg() == 0 {
		log.Fatal("usage: mpi [-nodes N] [-slots N] [flags] -- [arguments of mpirun] PROGRAM [ARGUMENT ...]; N is at least 1")
	}
	amounts, err := resources.Parse(fmt.Sprintf("cpus:%v;mem:%v", *cpus, *mem), "*")
	check(err)
	j.need, j.command = amounts, node(*uri)
	j.launcher = launcher{mesos: *program, master: *master, slots: *slots, arguments: flag.Args()}
	for n := range *nodes {
		j.waiting = append(j.waiting, fmt.Sprintf("mpi-%d", n))
	}

	network, err := link.DialOnlyTo(*master, link.Options{})
	check(err)
	system := actors.NewSystem(network)
	info := &v1.FrameworkInfo{Name: proto.String("mpi: " + strings.Join(flag.Args(), " ")), User: proto.String("")} // "": as the agent
	driver, err := scheduler.Start(system, "mpi", scheduler.Config{Master: actors.UPID{ID: "master", Addr: *master}, Framework: info},
		scheduler.Callbacks{Subscribed: j.subscribed, Offers: j.offers, Update: j.update, Error: func(_ *scheduler.Driver, err error) { j.fail(err) }})
	check(err)
	status, err := j.run()
	driver.Teardown() // ends the nodes
	<-driver.Process().Done()
	system.Shutdown()
	check(err)
	os.Exit(status)
}

// run waits for the nodes and runs mpirun, until that or a node ends, or somebody does not want it any more.
func (j *job) run() (status int, err error) {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer stop()
	var l launcher
	select {
	case l = <-j.ready:
	case err := <-j.failed:
		return 1, err
	case <-ctx.Done():
		return 1, errors.New("interrupted")
	}
	ctx, end := context.WithCancelCause(ctx)
	defer end(nil)
	over := make(chan struct{})
	defer close(over)
	go func() {
		select {
		case err := <-j.failed:
			end(err)
		case <-over:
		}
	}()
	err = l.command(ctx).Run()
	var exited *exec.ExitError
	switch {
	case ctx.Err() != nil:
		return 1, context.Cause(ctx)
	case errors.As(err, &exited) && exited.Exited():
		return exited.ExitCode(), nil
	}
	return 0, err
}

func check(err error) {
	if err != nil {
		log.Fatal(err)
	}
}
