// Command executor is an executor to copy from: it runs the tasks of ../framework. Agents start it; by hand it only
// says what is missing in its environment.
//
// A task's data names a range of numbers, "from to"; the executor counts the primes in it, beside the loop that speaks
// with the agent, and sends the count with the update that the task is finished. The driver keeps updates until the
// agent has acknowledged them.
package main

import (
	"context"
	"fmt"
	"log"
	"log/slog"
	"os"

	"google.golang.org/protobuf/proto"

	"mesos/actors/executor"
	"mesos/actors/link"
	v1 "mesos/messages/mesos/v1"
	executorv1 "mesos/messages/mesos/v1/executor"
)

// counter is the executor. All its methods run on the loop.
type counter struct {
	loop    *link.Loop
	running map[string]context.CancelFunc
	leaving bool
}

func (c *counter) Launch(d *executor.Driver, t *v1.TaskInfo) {
	var from, to int
	if _, err := fmt.Sscan(string(t.GetData()), &from, &to); err != nil {
		c.end(d, t.TaskId, v1.TaskState_TASK_FAILED, fmt.Sprintf("data %q: want two numbers", t.GetData()), nil)
		return
	}
	ctx, cancel := context.WithCancel(context.Background())
	c.running[t.GetTaskId().GetValue()] = cancel
	d.Update(&v1.TaskStatus{TaskId: t.TaskId, State: v1.TaskState_TASK_RUNNING.Enum()})
	go func() {
		n, err := countPrimes(ctx, from, to)
		c.loop.Dispatch(func() {
			if err != nil {
				c.end(d, t.TaskId, v1.TaskState_TASK_KILLED, err.Error(), nil)
				return
			}
			c.end(d, t.TaskId, v1.TaskState_TASK_FINISHED, "", fmt.Append(nil, n))
		})
	}()
}

func (c *counter) end(d *executor.Driver, id *v1.TaskID, s v1.TaskState, text string, data []byte) {
	delete(c.running, id.GetValue())
	d.Update(&v1.TaskStatus{TaskId: id, State: s.Enum(), Message: proto.String(text), Data: data})
	c.leave(d)
}

func (c *counter) LaunchGroup(d *executor.Driver, g *v1.TaskGroupInfo) {
	for _, t := range g.GetTasks() {
		c.Launch(d, t)
	}
}

func (c *counter) Kill(_ *executor.Driver, id *v1.TaskID, _ *v1.KillPolicy) {
	if cancel := c.running[id.GetValue()]; cancel != nil {
		cancel() // the counting goroutine answers
	}
}

// Shutdown leaves when all tasks have ended and the agent knows how.
func (c *counter) Shutdown(d *executor.Driver) {
	for _, cancel := range c.running {
		cancel()
	}
	c.leaving = true
	c.leave(d)
}

func (c *counter) leave(d *executor.Driver) {
	if c.leaving && len(c.running) == 0 {
		d.WhenAcknowledged(c.loop.Stop)
	}
}

func (c *counter) Subscribed(*executor.Driver, *executorv1.Event_Subscribed) {}
func (c *counter) Message(*executor.Driver, []byte)                          {}
func (c *counter) Disconnected(*executor.Driver)                             {}

func countPrimes(ctx context.Context, from, to int) (n int, err error) {
	for i := max(from, 2); i < to; i++ {
		if i%1024 == 0 && ctx.Err() != nil {
			return 0, ctx.Err()
		}
		prime := true
		for f := 2; f*f <= i && prime; f++ {
			prime = i%f != 0
		}
		if prime {
			n++
		}
	}
	return n, nil
}

func main() {
	conf, err := executor.FromEnv(os.Getenv)
	if err != nil {
		log.Fatal(err)
	}
	t, err := executor.Dial(conf, os.Getenv("LIBPROCESS_IP"), slog.Default())
	if err != nil {
		log.Fatal(err)
	}
	c := &counter{loop: link.NewLoop("executor(1)", t), running: map[string]context.CancelFunc{}}
	d := executor.New(c.loop, conf, c)
	c.loop.OnMessage(d.Receive)
	c.loop.OnExited(d.Exited)
	c.loop.Dispatch(d.Start)
	if err := c.loop.Run(context.Background()); err != nil {
		log.Fatal(err)
	}
	if err := t.Close(); err != nil {
		log.Fatal(err)
	}
}
