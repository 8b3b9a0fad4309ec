package faults

import (
	"fmt"
	"path/filepath"
	"strconv"
	"time"

	"google.golang.org/protobuf/proto"

	"mesos/messages/ids"
	v1 "mesos/messages/mesos/v1"
	"mesos/messages/resources"
)

const perTask = "cpus:0.05;mem:16"

// daemon leaves a process behind that nobody is the parent of and that is in no session of the task's.
const daemon = "(setsid sleep 1000 >/dev/null 2>&1 </dev/null &)"

// next makes the next task, or the tasks of the next executor, and their records. l.mu is held.
func (l *load) next() []*v1.TaskInfo {
	id := fmt.Sprintf("t%04d", len(l.records))
	seconds := func(from, to float64) string {
		return "sleep " + strconv.FormatFloat(from+l.rng.Float64()*(to-from), 'f', 2, 64)
	}
	r := &record{id: id}
	kind := l.rng.IntN(10)
	switch {
	case kind == 0:
		return l.group(id, seconds)
	case l.calm || kind <= 4:
		return l.add(r, seconds(0, 1))
	case kind <= 6:
		return l.add(r, seconds(3, 12))
	case kind == 7:
		r.fails = true
		return l.add(r, seconds(0, 2)+"; false")
	case kind == 8:
		l.killLater(r, time.Duration(l.rng.Int64N(int64(3*time.Second))))
		return l.add(r, "sleep 1000")
	}
	return l.add(r, daemon+"; "+seconds(0, 2))
}

// add makes a task without executor.
func (l *load) add(r *record, what string) []*v1.TaskInfo {
	l.records[r.id] = r
	t := task(r.id)
	t.Command = &v1.CommandInfo{Value: proto.String(l.command(r.id, what))}
	return []*v1.TaskInfo{t}
}

// group makes an executor with some tasks, over an actor link or HTTP; one of them leaves a daemon behind.
func (l *load) group(id string, seconds func(from, to float64) string) (out []*v1.TaskInfo) {
	n := 1 + l.rng.IntN(3)
	e := l.executorInfo("x-"+id, n, l.rng.IntN(2) == 0)
	for i := range n {
		r := &record{id: fmt.Sprintf("%s.%d", id, i), executor: e.GetExecutorId().GetValue()}
		l.records[r.id] = r
		t := task(r.id)
		t.Executor = e
		what := seconds(0, 4)
		if i == 0 {
			what = daemon + "; " + what
		}
		t.Data = []byte(l.command(r.id, what))
		out = append(out, t)
	}
	return out
}

// killLater has a task killed some time after now, again and again until it is over: a kill can get lost on its way.
func (l *load) killLater(r *record, after time.Duration) {
	l.driver.Dispatch(func() {
		l.driver.Delay(after, func() {
			l.mu.Lock()
			over := r.over()
			r.killed = true
			l.mu.Unlock()
			if !over {
				l.driver.Kill(r.id, nil)
				l.killLater(r, 2*time.Second)
			}
		})
	})
}

// command is a shell command that leaves its marks around what it does.
func (l *load) command(id, what string) string {
	mark := filepath.Join(l.marks, id)
	return fmt.Sprintf("echo start >> %s; echo out; %s; s=$?; echo end >> %s; exit $s", mark, what, mark)
}

// task is a task that says nothing yet of what it does.
func task(id string) *v1.TaskInfo {
	return &v1.TaskInfo{Name: proto.String(id), TaskId: ids.Task(id), Resources: resources.MustParse(perTask).Proto()}
}
