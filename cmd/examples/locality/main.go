// Command locality is delay scheduling to copy from: its tasks want to run where their data is, which an attribute of
// the agents tells. It takes such agents at once, declines others for a bounded wait, then takes any, and tells the
// locality that it got.
//
//	mesos local --agents=2 --resources='cpus:4;mem:1024' --attributes='rack:r{n}'
//	bin/examples/locality -prefer rack:r1 -wait 3s -tasks 20
//
// With -wait 0s it takes what comes; with a wait a little longer than a task takes, nearly all tasks run locally.
// delay.go decides, stats.go counts.
package main

import (
	"cmp"
	"flag"
	"fmt"
	"log"
	"slices"
	"time"

	"google.golang.org/protobuf/proto"

	"mesos/actors"
	"mesos/actors/link"
	"mesos/actors/scheduler"
	"mesos/messages/ids"
	v1 "mesos/messages/mesos/v1"
	"mesos/messages/resources"
	"mesos/messages/states"
)

var forTask = resources.MustParse("cpus:1;mem:32")

// job is the framework: a number of equal tasks.
type job struct {
	prefer  string // name:value of an attribute
	command string
	waiting int // tasks that are not launched yet
	running map[string]bool
	failed  int
	next    int // number of the next task's id
	delay   delay
	start   time.Time
	stats   stats
	done    chan error
}

func (j *job) offers(d *scheduler.Driver, offers []*v1.Offer) {
	slices.SortStableFunc(offers, func(a, b *v1.Offer) int { return cmp.Compare(j.rank(a), j.rank(b)) })
	for _, o := range offers {
		local := j.rank(o) == 0
		now := time.Now()
		accept, wait := j.delay.accepts(local, now)
		if !accept {
			// Refused for as long as we want to wait: then it comes again by itself.
			d.Decline(scheduler.RefuseFor(wait.Seconds()), o.Id)
			continue
		}
		d.Launch(o.Id, j.fill(o, local, now), scheduler.RefuseFor(1)) // declines if there are no tasks
	}
	if j.waiting == 0 {
		d.Suppress()
	}
}

// fill makes as many tasks as fit.
func (j *job) fill(o *v1.Offer, local bool, now time.Time) (tasks []*v1.TaskInfo) {
	left, err := resources.FromProto(o.GetResources())
	if err != nil {
		log.Fatal(err)
	}
	for ; j.waiting > 0 && left.Contains(forTask); left = left.Sub(forTask) {
		id := fmt.Sprintf("task-%d", j.next)
		j.next, j.waiting, j.running[id] = j.next+1, j.waiting-1, true
		j.delay.launched(local, now)
		j.stats.add(local, now.Sub(j.start))
		tasks = append(tasks, &v1.TaskInfo{
			Name: proto.String(id), TaskId: ids.Task(id), AgentId: o.AgentId, Resources: forTask.Proto(),
			Command: &v1.CommandInfo{Value: proto.String(j.command)},
		})
		fmt.Printf("%s on %s: %s after %.2f s\n", id, o.GetHostname(), map[bool]string{true: "local", false: "other"}[local], now.Sub(j.start).Seconds())
	}
	return tasks
}

// rank is 0 for offers of preferred agents, 1 for others.
func (j *job) rank(o *v1.Offer) int {
	for _, a := range o.GetAttributes() {
		if resources.AttributesString([]*v1.Attribute{a}) == j.prefer {
			return 0
		}
	}
	return 1
}

func (j *job) update(_ *scheduler.Driver, s *v1.TaskStatus) {
	id := s.GetTaskId().GetValue()
	if !j.running[id] || !states.Terminal(s.GetState()) {
		return
	}
	delete(j.running, id)
	if s.GetState() != v1.TaskState_TASK_FINISHED {
		j.failed++
		log.Printf("%s is %s: %s", id, s.GetState(), s.GetMessage())
	}
	if j.waiting == 0 && len(j.running) == 0 {
		j.done <- nil
	}
}

func main() {
	master := flag.String("master", "127.0.0.1:5050", "ip:port of the master")
	j := &job{running: map[string]bool{}, start: time.Now(), done: make(chan error, 1)}
	flag.StringVar(&j.prefer, "prefer", "rack:r1", "attribute (name:value) of the agents that the tasks prefer")
	flag.DurationVar(&j.delay.limit, "wait", 3*time.Second, "how long to wait for them before any agent will do")
	flag.IntVar(&j.waiting, "tasks", 10, "number of tasks, of 1 cpu each")
	flag.StringVar(&j.command, "command", "sleep 1", "what each task runs")
	flag.Parse()
	if j.waiting < 1 {
		log.Fatalf("-tasks=%d: it must be at least 1", j.waiting)
	}
	j.delay.since = j.start

	network, err := link.DialOnlyTo(*master, link.Options{})
	if err != nil {
		log.Fatal(err)
	}
	system := actors.NewSystem(network)
	driver, err := scheduler.Start(system, "locality", scheduler.Config{
		Master:    actors.UPID{ID: "master", Addr: *master},
		Framework: &v1.FrameworkInfo{Name: proto.String("locality"), User: proto.String("")}, // "": as the agent
	}, scheduler.Callbacks{
		Offers: j.offers, Update: j.update,
		Error: func(_ *scheduler.Driver, err error) { j.done <- err },
	})
	if err != nil {
		log.Fatal(err)
	}
	err = <-j.done
	driver.Teardown()
	<-driver.Process().Done()
	system.Shutdown()
	fmt.Println(&j.stats)
	if err != nil || j.failed > 0 {
		log.Fatalf("%d tasks failed; the framework: %v", j.failed, err)
	}
}
