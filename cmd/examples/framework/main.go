// Command framework is a framework to copy from: it counts prime numbers in tasks that its own executor runs (see
// ../executor). With `mesos local` in one terminal, try bin/examples/framework in another.
//
// It launches a task for each part of the numbers, adds up what the last updates carry, and runs failed parts again.
// The driver finds back to a lost master, acknowledges updates, and calls back one at a time: nothing needs a lock.
package main

import (
	"flag"
	"fmt"
	"log"
	"os"
	"path"

	"google.golang.org/protobuf/proto"

	"mesos/actors"
	"mesos/actors/link"
	"mesos/actors/scheduler"
	"mesos/messages/ids"
	v1 "mesos/messages/mesos/v1"
	"mesos/messages/resources"
	"mesos/messages/states"
)

var forTask, forExecutor = resources.MustParse("cpus:0.5;mem:32"), resources.MustParse("cpus:0.1;mem:32")

// primes is the framework. Its parts wait in queue, then run under their task's id.
type primes struct {
	executor      *v1.ExecutorInfo
	queue         []string // "from to", the data of a task
	running       map[string]string
	launched, sum int
	done          chan error
}

func (p *primes) offers(d *scheduler.Driver, offers []*v1.Offer) {
	for _, o := range offers {
		left, _ := resources.FromProto(o.Resources) // the master makes no bad ones
		var tasks []*v1.TaskInfo
		for ; len(p.queue) > 0 && left.Contains(forTask.Add(forExecutor)); left = left.Sub(forTask) {
			id := fmt.Sprintf("part-%d", p.launched)
			p.running[id], p.queue, p.launched = p.queue[0], p.queue[1:], p.launched+1
			t := &v1.TaskInfo{Name: &id, TaskId: ids.Task(id), AgentId: o.AgentId, Executor: p.executor, Resources: forTask.Proto()}
			t.Data, tasks = []byte(p.running[id]), append(tasks, t)
		}
		d.Launch(o.Id, tasks, nil) // declines if there are none
	}
}

func (p *primes) update(d *scheduler.Driver, s *v1.TaskStatus) {
	id, n := s.GetTaskId().GetValue(), 0
	part, ours := p.running[id]
	if !ours || !states.Terminal(s.GetState()) {
		return
	}
	delete(p.running, id)
	if _, err := fmt.Sscan(string(s.Data), &n); err != nil || s.GetState() != v1.TaskState_TASK_FINISHED {
		log.Printf("%s is %s: %s; its part runs again", id, s.GetState(), s.GetMessage())
		p.queue = append(p.queue, part)
		d.Revive() // offers that were declined come again
	}
	if p.sum += n; len(p.queue)+len(p.running) == 0 {
		p.done <- nil
	}
}

func main() {
	self, _ := os.Executable()
	master := flag.String("master", "127.0.0.1:5050", "ip:port of the master")
	program := flag.String("executor", path.Join(path.Dir(self), "executor"), "URI or absolute path that agents fetch the executor from")
	below := flag.Int("below", 1_000_000, "count the primes below this")
	parts := flag.Int("tasks", 10, "number of tasks")
	flag.Parse()
	uris := []*v1.CommandInfo_URI{{Value: program, Executable: proto.Bool(true)}}
	command := &v1.CommandInfo{Uris: uris, Shell: proto.Bool(false), Value: proto.String("./" + path.Base(*program))}
	executor := &v1.ExecutorInfo{ExecutorId: ids.Executor("primes"), Command: command, Resources: forExecutor.Proto()}
	p := &primes{executor: executor, running: map[string]string{}, done: make(chan error, 1)}
	for i := range *parts {
		p.queue = append(p.queue, fmt.Sprint(*below*i / *parts, *below*(i+1) / *parts))
	}
	check := func(err error) {
		if err != nil {
			log.Fatal(err)
		}
	}
	network, err := link.DialOnlyTo(*master, link.Options{})
	check(err)
	system := actors.NewSystem(network)
	info := &v1.FrameworkInfo{Name: proto.String("primes"), User: proto.String("")} // "": as the agent
	driver, err := scheduler.Start(system, "primes", scheduler.Config{Master: actors.UPID{ID: "master", Addr: *master}, Framework: info},
		scheduler.Callbacks{Offers: p.offers, Update: p.update, Error: func(_ *scheduler.Driver, err error) { p.done <- err }})
	check(err)
	check(<-p.done)
	driver.Teardown()
	<-driver.Process().Done() // the teardown is sent
	system.Shutdown()
	fmt.Printf("%d primes below %d, counted in %d tasks\n", p.sum, *below, p.launched)
}
