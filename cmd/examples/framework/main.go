// Command framework is a framework to copy from: it counts prime numbers on the cluster, in tasks that its own executor
// runs (see ../executor).
//
//	mesos local                                  in one terminal
//	bin/examples/framework -below 2000000        in another
//
// It takes offers, launches one task for each part of the numbers, adds up what the tasks' last updates carry, and
// runs the parts again whose tasks did not finish. The driver sees to the rest: it finds back to a master that
// restarts and acknowledges updates. All callbacks run one after the other, so nothing needs a lock.
package main

import (
	"flag"
	"fmt"
	"log"
	"os"
	"path/filepath"
	"strings"

	"google.golang.org/protobuf/proto"

	"mesos/actors"
	"mesos/actors/link"
	"mesos/actors/scheduler"
	"mesos/messages/ids"
	v1 "mesos/messages/mesos/v1"
	"mesos/messages/resources"
	"mesos/messages/states"
)

var (
	forTask     = resources.MustParse("cpus:0.5;mem:32")
	forExecutor = resources.MustParse("cpus:0.1;mem:32")
)

// primes is the framework: its parts wait in queue, then run under their task's id.
type primes struct {
	executor *v1.ExecutorInfo
	queue    []string // "from to", the data of a task
	running  map[string]string
	launched int
	sum      int
	done     chan error
}

func (p *primes) offers(d *scheduler.Driver, offers []*v1.Offer) {
	for _, o := range offers {
		left, err := resources.FromProto(o.GetResources())
		if err != nil {
			log.Fatal(err)
		}
		var tasks []*v1.TaskInfo
		for need := forTask.Add(forExecutor); len(p.queue) > 0 && left.Unallocate().Contains(need); left = left.Unallocate().Sub(forTask) {
			id := fmt.Sprintf("part-%d", p.launched)
			p.running[id], p.queue, p.launched = p.queue[0], p.queue[1:], p.launched+1
			tasks = append(tasks, &v1.TaskInfo{
				Name: proto.String(id), TaskId: ids.Task(id), AgentId: o.AgentId, Executor: p.executor,
				Resources: forTask.Proto(), Data: []byte(p.running[id]),
			})
		}
		d.Launch(o.Id, tasks, nil) // without tasks it declines
	}
}

func (p *primes) update(d *scheduler.Driver, s *v1.TaskStatus) {
	id := s.GetTaskId().GetValue()
	part, ours := p.running[id]
	if !ours || !states.Terminal(s.GetState()) {
		return
	}
	delete(p.running, id)
	var n int
	if _, err := fmt.Sscan(string(s.GetData()), &n); err != nil || s.GetState() != v1.TaskState_TASK_FINISHED {
		log.Printf("%s (%s) is %s, so it runs again: %s", id, part, s.GetState(), s.GetMessage())
		p.queue = append(p.queue, part)
		d.Revive()
		return
	}
	if p.sum += n; len(p.queue)+len(p.running) == 0 {
		p.done <- nil
	}
}

func main() {
	self, _ := os.Executable()
	master := flag.String("master", "127.0.0.1:5050", "the master's ip:port")
	program := flag.String("executor", filepath.Join(filepath.Dir(self), "executor"), "the executor: its path on the agents, or a URI to fetch it from")
	below := flag.Int("below", 1_000_000, "count the primes below this")
	parts := flag.Int("tasks", 10, "number of tasks")
	flag.Parse()

	command := &v1.CommandInfo{Value: program, Shell: proto.Bool(false)}
	if strings.Contains(*program, "://") {
		command.Uris = []*v1.CommandInfo_URI{{Value: program, Executable: proto.Bool(true)}}
		command.Value = proto.String("./" + filepath.Base(*program))
	}
	p := &primes{running: map[string]string{}, done: make(chan error, 1)}
	p.executor = &v1.ExecutorInfo{ExecutorId: ids.Executor("primes"), Name: proto.String("primes"), Command: command, Resources: forExecutor.Proto()}
	for i := range *parts {
		p.queue = append(p.queue, fmt.Sprint(*below*i / *parts, *below*(i+1) / *parts))
	}

	network, err := link.DialOnlyTo(*master, link.Options{})
	if err != nil {
		log.Fatal(err)
	}
	system := actors.NewSystem(network)
	driver, err := scheduler.Start(system, "primes", scheduler.Config{
		Master:    actors.UPID{ID: "master", Addr: *master},
		Framework: &v1.FrameworkInfo{Name: proto.String("primes"), User: proto.String("")},
	}, scheduler.Callbacks{
		Offers: p.offers, Update: p.update,
		Error: func(_ *scheduler.Driver, err error) { p.done <- err },
	})
	if err == nil {
		err = <-p.done
		driver.Teardown()
		<-driver.Process().Done()
	}
	system.Shutdown()
	if err != nil {
		log.Fatal(err)
	}
	fmt.Printf("%d primes below %d, counted in %d tasks\n", p.sum, *below, p.launched)
}
