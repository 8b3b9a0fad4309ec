package scheduler_test

import (
	"testing"
	"testing/synctest"
	"time"

	"google.golang.org/protobuf/proto"

	"mesos/actors"
	"mesos/actors/memnet"
	"mesos/actors/scheduler"
	"mesos/messages/ids"
	v1 "mesos/messages/mesos/v1"
	schedulerv1 "mesos/messages/mesos/v1/scheduler"
)

// masterOn spawns a master at addr that subscribes whoever asks and notes which tasks it is asked for.
func masterOn(t *testing.T, net *memnet.Net, addr string, asked chan<- string) {
	t.Helper()
	sys := actors.NewSystem(net.Node(addr))
	t.Cleanup(sys.Shutdown)
	_, err := sys.Spawn("master", actors.ActorFunc(func(p *actors.Process) {
		actors.Install(p, func(from actors.UPID, c *schedulerv1.Call) {
			switch c.GetType() {
			case schedulerv1.Call_SUBSCRIBE:
				p.Send(from, &schedulerv1.Event{
					Type: schedulerv1.Event_SUBSCRIBED.Enum(), Subscribed: &schedulerv1.Event_Subscribed{FrameworkId: ids.Framework("f")},
				})
			case schedulerv1.Call_RECONCILE:
				for _, task := range c.GetReconcile().GetTasks() {
					asked <- task.GetTaskId().GetValue()
				}
			}
		})
	}))
	if err != nil {
		t.Fatal(err)
	}
}

// TestLaunchWhileDisconnected accepts an offer when the master is already lost. The call goes nowhere; the driver must
// ask for the task when it is subscribed again, or its framework would wait forever.
func TestLaunchWhileDisconnected(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		net, asked := memnet.NewNet(), make(chan string, 100)
		masterOn(t, net, "m:1", asked)
		sys := actors.NewSystem(net.Node("f:1"))
		t.Cleanup(sys.Shutdown)
		d, err := scheduler.Start(sys, "scheduler(1)", scheduler.Config{
			Master: actors.UPID{ID: "master", Addr: "m:1"}, Framework: &v1.FrameworkInfo{Name: proto.String("f"), User: proto.String("u")},
		}, scheduler.Callbacks{
			Disconnected: func(d *scheduler.Driver) {
				d.Launch(ids.Offer("o"), []*v1.TaskInfo{{Name: proto.String("t"), TaskId: ids.Task("t"), AgentId: ids.Agent("a")}}, nil)
			},
		})
		if err != nil {
			t.Fatal(err)
		}
		time.Sleep(time.Second)
		net.Crash("m:1")
		time.Sleep(time.Second)
		masterOn(t, net, "m:1", asked)
		time.Sleep(30 * time.Second)
		synctest.Wait()
		select {
		case task := <-asked:
			if task != "t" {
				t.Errorf("asked for task %q, want t", task)
			}
		default:
			t.Error("asked for no task, want t")
		}
		d.Stop()
		<-d.Process().Done()
	})
}
